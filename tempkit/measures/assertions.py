"""Checks on a text, with the names and the meaning that promptfoo gave them.

A pattern or a schema comes from somebody's prompt file and the text from a model, so neither may hang the tool or fill the
memory: both are tried in a process of their own, under limits (see `tempkit.sandbox`). What takes no time by its nature is
decided here.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from tempkit.errors import one_line
from tempkit.measures.missing import Missing
from tempkit.sandbox import MEMORY, SECONDS, TOTAL_SECONDS, Answer, helper, read_json
from tempkit.types import Check, Reason

__all__ = ["LEAST_SIMILARITY", "CheckCosts", "Similarity", "decided", "passes"]

Similarity = Callable[[str, str], float | None]
"""Returns the cosine of two texts; None where one of them is blank."""

LEAST_SIMILARITY = 0.75
"""From which cosine on `similar` passes: promptfoo's default."""

_MOST_OVERS = 3
"""So often a check may go over its limits before the other texts are not tried: each time takes a second or two."""

_UNCHECKED = {
    "unread": Reason("json_too_deep_to_read"),
    "unchecked": Reason("json_too_deep_to_check"),
    "number": Reason("json_number_too_large"),
}


class CheckCosts:
    """What each check has cost so far, as long as one thing is measured."""

    def __init__(self) -> None:
        self._overs = Counter[str]()
        self._seconds: dict[str, float] = defaultdict(float)

    def tried(self, task: str, check: Check, common: Any, texts: Sequence[str]) -> list[Answer]:
        """Do a check's task on texts, as long as it has not cost too much."""
        name = repr(check)
        began = time.monotonic()
        answers = helper().run(
            f"tempkit.sandbox.{task}",
            common,
            texts,
            total=TOTAL_SECONDS - self._seconds[name],
            give_up_after=_MOST_OVERS - self._overs[name],
        )
        self._seconds[name] += time.monotonic() - began
        self._overs[name] += sum(answer.over not in (None, "untried") for answer in answers)
        return answers


def passes(check: Check, text: str, similarity: Similarity | None = None) -> bool | Missing:
    """Return whether `text` passes `check`; see `decided`."""
    return decided(check, [text], similarity)[0]


def decided(
    check: Check, texts: Sequence[str], similarity: Similarity | None = None, costs: CheckCosts | None = None
) -> list[bool | Missing]:
    """Return for each text whether it passes `check`.

    `equals`, `contains`: character by character. `icontains`: in lower case. `contains-all`: every one of a list.
    `regex`: the pattern is found anywhere in the text. `is-json`: the whole text is JSON, and agrees with the schema when
    one is given. `similar`: the cosine of the sentence embeddings is at least .75.

    Args:
        check: Of one of these types; `llm-rubric` cannot be decided without a judge.
        texts: Whole completions.
        similarity: For `similar`; None where there is no embedder.
        costs: What the check has cost before.

    Returns:
        Missing, with the reason, where this cannot be decided.
    """
    costs = costs or CheckCosts()
    match check.type:
        case "regex":
            return _matched(check, texts, costs)
        case "is-json" if check.value is not None:
            return _agreed(check, texts, costs)
        case _:
            return [_decided_here(check, text, similarity) for text in texts]


def _decided_here(check: Check, text: str, similarity: Similarity | None) -> bool | Missing:
    match check.type:
        case "equals":
            return text == str(check.value)
        case "contains":
            return str(check.value) in text
        case "icontains":
            return str(check.value).lower() in text.lower()
        case "contains-all":
            return all(str(value) in text for value in check.value)
        case "is-json":
            return _is_json(text)
        case "similar":
            return _is_similar(text, str(check.value), similarity)
        case "llm-rubric":
            return Missing(Reason("check_needs_judge"))
        case _:
            return Missing(Reason("check_unknown", type=repr(check.type)))


def _matched(check: Check, texts: Sequence[str], costs: CheckCosts) -> list[bool | Missing]:
    pattern = str(check.value)
    shown = repr(one_line(pattern, 60))

    def said(answer: Answer) -> bool | Missing:
        if answer.fault is not None:
            return Missing(Reason("pattern_unusable", pattern=shown, why=answer.fault))
        if answer.over == "time":
            return Missing(Reason("pattern_slow", pattern=shown, seconds=SECONDS))
        if answer.over == "memory":
            return Missing(Reason("pattern_large", pattern=shown, megabytes=MEMORY // 2**20))
        return _said(check, answer)

    return [said(answer) for answer in costs.tried("patterns:searching", check, pattern, texts)]


def _agreed(check: Check, texts: Sequence[str], costs: CheckCosts) -> list[bool | Missing]:
    def said(answer: Answer) -> bool | Missing:
        if answer.fault is not None:
            reason = _UNCHECKED.get(answer.kind)
            return Missing(reason or Reason("schema_unusable", why=one_line(answer.fault, 120)))
        if answer.over == "time":
            return Missing(Reason("schema_slow", seconds=SECONDS))
        if answer.over == "memory":
            return Missing(Reason("schema_large", megabytes=MEMORY // 2**20))
        return _said(check, answer)

    return [said(answer) for answer in costs.tried("schemas:agreeing", check, check.value, texts)]


def _said(check: Check, answer: Answer) -> bool | Missing:
    if answer.over == "crash":
        return Missing(Reason("check_crashed", check=repr(check.type)))
    if answer.over == "untried":
        return Missing(Reason("check_untried", check=repr(check.type)))
    return bool(answer.value)


def _is_json(text: str) -> bool | Missing:
    try:
        read_json(text)
    except ValueError:
        return False
    except RecursionError:
        return Missing(Reason("json_too_deep_to_read"))
    return True


def _is_similar(text: str, wanted: str, similarity: Similarity | None) -> bool | Missing:
    if similarity is None:
        return Missing(Reason("check_needs_embedder"))
    cosine = similarity(text, wanted)
    return False if cosine is None else cosine >= LEAST_SIMILARITY
