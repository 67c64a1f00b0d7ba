"""promptfoo's assertions as checks: those that there are here, and those that a pattern says as well.

`starts-with`, `contains-any` and the negations of texts have no check of their own; as patterns they pass and fail on the same answers. An
assertion that cannot be had is left out and named: an answer is then judged by the others.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tempkit.errors import PromptError
from tempkit.prompts.expectations import CHECK_TYPES, checks
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo import texts_between_commas
from tempkit.text import javascript_text
from tempkit.types import Check

__all__ = ["Assertion", "checks_of"]

_SIMILAR = 0.75
_OWN = (
    "type",
    "value",
    "threshold",
    "weight",
    "metric",
    "transform",
    "assert",
    "provider",
    "rubricPrompt",
    "contextTransform",
)
_PLAIN = re.compile(r"\{\{[-\s]*([A-Za-z_]\w*)[-\s]*\}\}", re.ASCII)
_MOST = 1_000
"""Texts of one assertion."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """One of a test's, as it is written, and where that is."""

    given: Mapping[str, Any]
    where: str


def checks_of(assertions: Sequence[Assertion], values: Mapping[str, Any], left: LeftOut) -> tuple[Check, ...]:
    """Return the checks of a test's assertions.

    Args:
        assertions: The test's, those of the default test before them.
        values: The test's variables, which stand in assertions too.
        left: Is told of what is left out.

    Raises:
        PromptError: An assertion is none; the message begins with `file:line`.
    """
    return tuple(check for each in assertions for check in _of_one(each, values, left))


def _of_one(assertion: Assertion, values: Mapping[str, Any], left: LeftOut) -> Iterator[Check]:
    given, where = assertion.given, assertion.where
    kind = given.get("type")
    if not isinstance(kind, str):
        raise PromptError(f"{where}: an assertion needs a type, such as {{type: contains, value: Paris}}")
    if kind == "assert-set":
        yield from _of_set(assertion, values, left)
        return
    if given.get("transform") is not None or given.get("contextTransform") is not None:
        left.add(f"the assertion {kind} on a transformed answer", where)
        return
    weight = given.get("weight")
    if weight == 0:
        left.add(f"the assertion {kind} of weight 0, which passes whatever it finds", where)
        return
    found = _checks(kind, given.get("value"), given.get("threshold"), values)
    if isinstance(found, str):
        left.add(found, where)
        return
    try:
        made = [check for each in found for check in checks([each], where)]
    except PromptError as e:
        left.add(f"the assertion {kind}: {str(e).removeprefix(f'{where}: ')}", where)
        return
    if weight not in (None, 1):
        left.add("an assertion's weight; every check counts alike", where)
    for key in given:
        if key == "metric":
            left.add("the name of an assertion's metric; all checks are one pass rate", where)
        elif key in ("provider", "rubricPrompt"):
            left.add(f"an assertion's {key}; a judge is named with --judge", where)
        elif key not in _OWN:
            left.add(f"an assertion's {key}", where)
    yield from made


def _of_set(assertion: Assertion, values: Mapping[str, Any], left: LeftOut) -> Iterator[Check]:
    given, where = assertion.given, assertion.where
    members = given.get("assert")
    if not isinstance(members, list) or not all(isinstance(each, Mapping) for each in members):
        raise PromptError(f"{where}: assert-set needs a list of assertions under assert")
    if given.get("threshold") not in (None, 1):
        left.add("an assert-set with a threshold: its assertions need not all pass", where)
        return
    if given.get("weight") not in (None, 1) or given.get("metric") is not None:
        left.add("an assert-set's weight or metric; every check counts alike", where)
    for each in members:
        if each.get("type") == "assert-set":
            left.add("an assert-set in another", where)
        else:
            yield from _of_one(Assertion(each, where), values, left)


def _checks(kind: str, value: Any, threshold: Any, values: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    """Return an assertion as checks, or why it is left out."""
    negated, name = kind.startswith("not-"), kind.removeprefix("not-")
    if name in ("is-json", "similar", "llm-rubric") and negated:
        return f"the assertion {kind}"
    if name == "is-json":
        return (
            f"the assertion {kind} with a schema that is no mapping"
            if value is not None and not isinstance(value, Mapping)
            else [{"type": name, "value": value}]
        )
    if name == "llm-rubric" and threshold is not None:
        return f"the assertion {kind} with a threshold"
    if name == "similar" and threshold not in (None, _SIMILAR):
        return f"the assertion {kind} with a threshold other than {_SIMILAR}"
    if name not in (*CHECK_TYPES, *_PATTERNS):
        return f"the assertion {kind}"
    several = name.endswith(("-all", "-any"))
    if name == "equals" and value == "":
        return [{"type": "regex", "value": r"\A(?!\Z)" if negated else r"\A\Z"}]
    texts = _texts(value, values, several=several)
    if texts is None:
        return f"the assertion {kind} with a value that is no text or has a template in it"
    if name in CHECK_TYPES and not negated:
        return [{"type": name, "value": texts if several else texts[0]}]
    if name == "icontains-all" and not negated:
        return [{"type": "icontains", "value": text} for text in texts]
    return [{"type": "regex", "value": (_NEGATED if negated else _PATTERNS)[name](texts)}]


def _texts(value: Any, values: Mapping[str, Any], *, several: bool) -> list[str] | None:
    """Return an assertion's texts, with variables filled in; None where they cannot be known here."""
    given = value if several and isinstance(value, list) else [value]
    if several and isinstance(value, str):
        try:
            given = texts_between_commas(value)
        except csv.Error:
            return None
    if not given or len(given) > _MOST:
        return None
    texts = []
    for each in given:
        if isinstance(each, bool) or not isinstance(each, (str, int, float)):
            return None
        text = _PLAIN.sub(lambda m: _put(values, m), javascript_text(each))
        if "{{" in text or "{%" in text or text.startswith("file://") or not text:
            return None
        texts.append(text)
    return texts


def _put(values: Mapping[str, Any], found: re.Match[str]) -> str:
    """Return what stands for a variable in an assertion; itself where no test gives it."""
    value = values.get(found[1], found[0])
    return "" if value is None else javascript_text(value)


def _any(texts: Sequence[str]) -> str:
    return "|".join(map(re.escape, texts))


_PATTERNS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "starts-with": lambda texts: rf"\A{re.escape(texts[0])}",
    "contains-any": _any,
    "icontains-any": lambda texts: f"(?i){_any(texts)}",
    "icontains-all": lambda texts: "(?i)" + "".join(rf"(?=.*{re.escape(text)})" for text in texts),
}
"""What a pattern says as well, by the assertion's name."""

_NEGATED: Mapping[str, Callable[[Sequence[str]], str]] = {
    "equals": lambda texts: rf"\A(?!{re.escape(texts[0])}\Z)",
    "contains": lambda texts: rf"(?s)\A(?!.*(?:{re.escape(texts[0])}))",
    "icontains": lambda texts: rf"(?si)\A(?!.*(?:{re.escape(texts[0])}))",
    "contains-any": lambda texts: rf"(?s)\A(?!.*(?:{_any(texts)}))",
    "icontains-any": lambda texts: rf"(?si)\A(?!.*(?:{_any(texts)}))",
    "contains-all": lambda texts: r"(?s)\A(?!" + "".join(rf"(?=.*{re.escape(t)})" for t in texts) + ")",
    "icontains-all": lambda texts: r"(?si)\A(?!" + "".join(rf"(?=.*{re.escape(t)})" for t in texts) + ")",
    "starts-with": lambda texts: rf"\A(?!{re.escape(texts[0])})",
    "regex": lambda texts: rf"\A(?!(?s:.*?)(?:{texts[0]}))",
}
