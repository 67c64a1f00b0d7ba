"""promptfoo's test files as a prompt's data: what stands in them beside variables, and what of it cannot be kept.

In CSV a column whose name begins with `__` is no variable there. Assertions in `__expected` and `__expected1`, ... become checks
where tempkit has a check of that name; one that it has not is refused, since an item without it would pass for good. In YAML and JSON Lines variables stand under `vars`, and
assertions under `assert`.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.prompts.data_rows import DataRow, parse_json
from tempkit.prompts.expectations import CHECK_TYPES

__all__ = ["expected_as_assertions", "expected_checks", "is_theirs", "texts_between_commas", "unfolded"]

_EXPECTED = re.compile(r"__expected\d*")
_NOTES = re.compile(r"__(description|metric|metadata:.*)")
_PASSED_OVER = ("description", "metadata")
_NAME = r"((?:similar:(?:cosine|dot|euclidean)|trajectory:[a-z-]+|[a-z]+(?:-[a-z0-9]+)*))"
_ASSERTION = re.compile(rf"{_NAME}(\([^()]*\))?(?::|$)")
_ANY_ASSERTION = re.compile(rf"{_NAME}(?:\(([^()]*)\))?(?::|$)")
_SIMILAR = "(0.75)"
"""What a text must reach here to be similar."""
_SIMILAR_IN_TABLES = 0.8
"""What it must reach in promptfoo where a table of tests says no number."""
_THRESHOLD = re.compile(r"__config:__expected(\d*):threshold")
_ALSO = {"grade": "llm-rubric"}
_THEIRS = (
    *(
        "agent-rubric",
        "answer-relevance",
        "bleu",
        "classifier",
        "contains-any",
        "contains-html",
        "contains-json",
    ),
    *("contains-sql", "contains-xml", "context-faithfulness", "context-recall", "context-relevance"),
    *(
        "conversation-relevance",
        "cost",
        "eval",
        "factuality",
        "file",
        "finish-reason",
        "fn",
        "g-eval",
        "gleu",
    ),
    *(
        "guardrails",
        "icontains-all",
        "icontains-any",
        "is-html",
        "is-refusal",
        "is-sql",
        "is-valid-function-call",
    ),
    *("is-valid-openai-function-call", "is-valid-openai-tools-call", "is-xml", "javascript", "latency"),
    *(
        "levenshtein",
        "meteor",
        "model-graded-closedqa",
        "model-graded-factuality",
        "moderation",
        "perplexity",
    ),
    *(
        "perplexity-score",
        "pi",
        "python",
        "rouge-n",
        "ruby",
        "search-rubric",
        "select-best",
        "similar:cosine",
    ),
    *("similar:dot", "similar:euclidean", "skill-used", "starts-with", "tool-call-f1", "trace-error-spans"),
    *("trace-span-count", "trace-span-duration", "trajectory:goal-success", "trajectory:step-count"),
    *(
        "trajectory:tool-args-match",
        "trajectory:tool-sequence",
        "trajectory:tool-used",
        "webhook",
        "word-count",
    ),
)
"""Assertions of theirs that are not checks here; a text that begins otherwise is one to be equal to."""


def is_theirs(column: str) -> bool:
    """Say whether a column is promptfoo's and no variable."""
    return column.startswith("__")


def unfolded(row: DataRow) -> DataRow:
    """Return a test that has its variables under `vars` as a row of data like any other.

    Raises:
        PromptError: It says what tempkit does not do; names `file:line`.
    """
    values = row.values.get("vars")
    if isinstance(values, str) and values.lstrip().startswith("{"):
        values = parse_json(values, f"{row.where}: vars", "not a JSON object")
    if not isinstance(values, dict):
        return row
    rest = {key: value for key, value in row.values.items() if key not in ("vars", "assert", *_PASSED_OVER)}
    twice = next((key for key in values if key in rest), None)
    if twice is not None:
        raise PromptError(f"{row.where}: {one_line(twice, 40)!r} stands under vars and beside it")
    asserted = {} if row.values.get("assert") is None else {"checks": row.values["assert"]}
    return DataRow({**rest, **values, **asserted}, row.where)


def expected_checks(row: DataRow) -> list[dict[str, Any]]:
    """Return a row's assertions as checks, in the order of their columns.

    Raises:
        PromptError: One of promptfoo's columns, or an assertion, says what tempkit does not do; names `file:line`.
    """
    return list(_checks(row))


def _checks(row: DataRow) -> Iterator[dict[str, Any]]:
    for column, value in row.values.items():
        if not is_theirs(column) or value in (None, ""):
            continue
        if _EXPECTED.fullmatch(column):
            yield _check(str(value).strip(), f"{row.where}: {column}")
        elif not _NOTES.fullmatch(column):
            raise PromptError(
                f"{row.where}: {one_line(column, 40)!r} is a column of promptfoo's that changes the test, and tempkit does not know it; leave it out"
            )


def expected_as_assertions(row: Mapping[str, str], where: str) -> list[dict[str, Any]]:
    """Return the assertions in a row of a test table as they would be written out, whether tempkit has a check for them or not.

    Raises:
        PromptError: A schema is no JSON; the message begins with `where`.
    """
    found: list[dict[str, Any]] = []
    for column, cell in row.items():
        if not _EXPECTED.fullmatch(column) or not cell.strip():
            continue
        match = _ANY_ASSERTION.match(cell.strip())
        name = match[1] if match else ""
        positive = name.removeprefix("not-")
        if match is None or (positive not in (*_THEIRS, *CHECK_TYPES, *_ALSO)):
            found.append({"type": "equals", "value": cell.strip()})
            continue
        value: Any = cell.strip()[match.end() :].strip() or None
        if name == "is-json" and value is not None and value.startswith("{"):
            value = parse_json(value, f"{where}: {column}", "not a JSON schema")
        entry: dict[str, Any] = {"type": _ALSO.get(name, name), "value": value}
        if match[2] is not None:
            entry["threshold"] = _as_number(match[2])
        elif positive == "similar":
            entry["threshold"] = _SIMILAR_IN_TABLES
        found.append(entry)
    for column, cell in row.items():
        numbered = _THRESHOLD.fullmatch(column)
        place = int(numbered[1] or 1) - 1 if numbered is not None else -1
        if cell.strip() and 0 <= place < len(found):
            found[place]["threshold"] = _as_number(cell.strip())
    return found


def _as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _check(text: str, where: str) -> dict[str, Any]:
    found = _ASSERTION.match(text)
    name = found[1] if found else ""
    positive = name.removeprefix("not-")
    kind = _ALSO.get(name, name)
    if found is None or (positive not in _THEIRS and positive not in CHECK_TYPES and kind not in CHECK_TYPES):
        return {"type": "equals", "value": text}
    value: Any = text[found.end() :].strip()
    if kind not in CHECK_TYPES or found[2] not in (None, _SIMILAR):
        also = " with a threshold" if found[2] is not None and kind in CHECK_TYPES else ""
        raise PromptError(
            f"{where}: tempkit has no check {one_line(name, 40)!r}{also}; it has {', '.join(CHECK_TYPES)}: leave this one out"
        )
    if kind == "contains-all":
        value = _texts(value, where)
    elif kind == "is-json":
        value = parse_json(value, where, "not a JSON schema") if value else None
    return {"type": kind, "value": value}


def _texts(value: str, where: str) -> list[str]:
    """Read the texts of `contains-all`: a JSON list, or texts between commas."""
    if value.startswith("["):
        found = parse_json(value, where, "not a list of texts")
        return found if isinstance(found, list) else [json.dumps(found)]
    try:
        return texts_between_commas(value)
    except csv.Error as e:
        raise PromptError(f"{where}: not a list of texts: {e}") from e


def texts_between_commas(value: str) -> list[str]:
    """Return the texts of a list as promptfoo has it in one text: between commas, and in double quotes where a comma is in one.

    Raises:
        csv.Error: One is too long to be a text between commas.
    """
    rows = csv.reader(io.StringIO(value), skipinitialspace=True) if '"' in value else [value.split(",")]
    return [part.strip() for row in rows for part in row if part.strip()]
