"""Checks on a text, with the names and the meaning that promptfoo gave them.

A pattern comes from the user's own prompt file and the text from a model, so neither may hang the tool: patterns run
under a time limit, which Python's own `re` does not have. A JSON schema never makes the tool fetch anything.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tempkit.errors import one_line
from tempkit.measures.base import Missing
from tempkit.phrases import N_, Phrase
from tempkit.types import Check

__all__ = ["LEAST_SIMILARITY", "Similarity", "passes"]

Similarity = Callable[[str, str], float | None]
"""Returns the cosine of two texts; None where one of them is blank."""

LEAST_SIMILARITY = 0.75
"""From which cosine on `similar` passes: promptfoo's default."""

_PATTERN_SECONDS = 1.0

_UNKNOWN = Phrase(N_("unknown check %(type)s"))
_SLOW = Phrase(N_("the check's pattern %(pattern)s took longer than %(seconds)g s on this text: simplify it"))
_NO_PATTERN = Phrase(N_("the check's pattern %(pattern)s cannot be used: %(why)s"))
_NO_SCHEMA = Phrase(N_("the schema of the check 'is-json' cannot be used: %(why)s"))
_LONGEST_INTEGER = 4000
"""Digits: Python refuses to read more as an integer."""


def passes(check: Check, text: str, similarity: Similarity | None = None) -> bool | Missing:
    """Return whether `text` passes `check`.

    `equals`, `contains`: character by character. `icontains`: in lower case. `contains-all`: every one of a list.
    `regex`: the pattern is found anywhere in the text. `is-json`: the whole text is JSON, and agrees with the schema when
    one is given. `similar`: the cosine of the sentence embeddings is at least .75.

    Args:
        check: Of one of these types; `llm-rubric` cannot be decided without a judge.
        text: A whole completion.
        similarity: For `similar`; None where there is no embedder.

    Returns:
        Missing, with the reason, when this cannot be decided.
    """
    match check.type:
        case "equals":
            return text == str(check.value)
        case "contains":
            return str(check.value) in text
        case "icontains":
            return str(check.value).lower() in text.lower()
        case "contains-all":
            return all(str(value) in text for value in check.value)
        case "regex":
            return _matches(str(check.value), text)
        case "is-json":
            return _is_json(text, check.value)
        case "similar":
            return _is_similar(text, str(check.value), similarity)
        case "llm-rubric":
            return Missing(N_("the check 'llm-rubric' needs a judge"))
        case _:
            return Missing(_UNKNOWN(type=repr(check.type)))


def _matches(pattern: str, text: str) -> bool | Missing:
    compiled = _compiled(pattern)
    if isinstance(compiled, Missing):
        return compiled
    try:
        return compiled.search(text, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        shown = one_line(pattern, 60)
        return Missing(_SLOW(pattern=repr(shown), seconds=_PATTERN_SECONDS))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import regex  # loaded late, like a schema's checks

    try:
        return regex.compile(pattern, regex.VERSION0)
    except regex.error as e:
        return Missing(_NO_PATTERN(pattern=repr(one_line(pattern, 60)), why=one_line(e)))


def _is_json(text: str, schema: Any) -> bool | Missing:
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_integer)
    except ValueError:
        return False
    except RecursionError:
        return Missing(N_("its JSON is nested too deeply to be read"))
    return True if schema is None else _agrees(value, schema)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _agrees(value: Any, schema: Any) -> bool | Missing:
    # Few checks have a schema, and these take a fifth of a second to load.
    import jsonschema  # type: ignore[import-untyped]
    import referencing
    import referencing.exceptions
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    try:
        schema = json.loads(schema) if isinstance(schema, str) else schema
        kind = validator_for(schema)
        kind.check_schema(schema)
        # An empty registry: what the schema refers to beyond itself is not fetched.
        return bool(kind(schema, registry=referencing.Registry()).is_valid(value))
    except (ValueError, TypeError, jsonschema.SchemaError, referencing.exceptions.Unresolvable) as e:
        return Missing(_NO_SCHEMA(why=one_line(e, 120)))
    except RecursionError:
        return Missing(N_("its JSON is nested too deeply to be checked"))


def _is_similar(text: str, wanted: str, similarity: Similarity | None) -> bool | Missing:
    if similarity is None:
        return Missing(N_("the check 'similar' needs an embedder"))
    cosine = similarity(text, wanted)
    return False if cosine is None else cosine >= LEAST_SIMILARITY
