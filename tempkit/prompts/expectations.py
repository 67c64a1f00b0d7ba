"""What an item's author expects of an answer: reference facts and checks, as they stand in a row or in front matter."""

from functools import lru_cache
from typing import Any

from tempkit.errors import PromptError, nearest, one_line
from tempkit.files import kind
from tempkit.prompts.data_rows import DataRow
from tempkit.sandbox import Fault, compiling, helper, why
from tempkit.types import Check

__all__ = ["CHECK_TYPES", "checks", "facts"]

CHECK_TYPES = ("equals", "contains", "icontains", "contains-all", "regex", "is-json", "similar", "llm-rubric")
_SHORT = 500
"""Characters of a pattern."""


def facts(row: DataRow) -> tuple[tuple[str, ...], ...]:
    """Reference facts: a list of texts, or one text with `;` between facts (CSV); `|` parts accepted wordings."""
    given = row.values.get("facts")
    if isinstance(given, str):
        given = [part for part in given.split(";") if part.strip()]
    if given is None:
        return ()
    if not isinstance(given, list):
        raise PromptError(f"{row.where}: facts must be a list of texts, not {kind(given)}")
    found = []
    for fact in given:
        if isinstance(fact, bool) or not isinstance(fact, (str, int, float)):
            raise PromptError(f"{row.where}: a fact must be text, not {kind(fact)}")
        wordings = tuple(w.strip() for w in str(fact).split("|") if w.strip())
        if not wordings:
            raise PromptError(f"{row.where}: a fact is empty")
        found.append(wordings)
    return tuple(found)


def checks(given: Any, where: str) -> tuple[Check, ...]:
    if given is None or given == "":
        return ()
    if not isinstance(given, list):
        raise PromptError(f"{where}: checks must be a list of {{type, value}}, not {kind(given)}")
    found = []
    for entry in given:
        if not isinstance(entry, dict) or not set(entry) <= {"type", "value"}:
            raise PromptError(f"{where}: a check has the keys type and value only")
        if entry.get("type") not in CHECK_TYPES:
            name = str(entry.get("type"))
            raise PromptError(
                f"{where}: unknown check {name!r}{nearest(name, CHECK_TYPES)}; known: {', '.join(CHECK_TYPES)}"
            )
        _check_value(entry["type"], entry.get("value"), where)
        found.append(Check(entry["type"], entry.get("value")))
    return tuple(found)


def _check_value(name: str, value: Any, where: str) -> None:
    if name == "is-json":
        return
    if value is None:
        raise PromptError(f"{where}: check {name!r} needs a value")
    words = value if name == "contains-all" and isinstance(value, list) else [value]
    if (name == "contains-all") != isinstance(value, list) or not words or not all(map(_is_word, words)):
        raise PromptError(
            f"{where}: check {name!r} needs {'a list of texts' if name == 'contains-all' else 'a text'}"
        )
    if name == "regex" and (wrong := _pattern_fault(str(value))):
        raise PromptError(f"{where}: check 'regex': {wrong}")


@lru_cache(maxsize=4096)
def _pattern_fault(pattern: str) -> str | None:
    """Return what is wrong with a pattern. A few nested counts can ask for gigabytes, so most are compiled under limits."""
    if len(pattern) <= _SHORT and "{" not in pattern:  # what has no counts grows with its length alone
        try:
            compiling(None)(pattern)
        except Fault as e:
            return one_line(e)
        return None
    answer = helper().run("tempkit.sandbox.patterns:compiling", None, [pattern])[0]
    return answer.fault if answer.over is None else f"the pattern {why(answer.over)} to read; simplify it"


def _is_word(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value) != ""
