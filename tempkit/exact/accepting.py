"""Whether an answer is accepted: the one rule for answers that were drawn and for those that are only possible.

An answer is accepted when it is complete, holds no thoughts, and passes every check of its question; where a question has
no checks, when it gives every fact. A truncated answer is not accepted, so every answer counts and nothing is left out.
"""

from collections.abc import Sequence

from tempkit.measures import INCOMPLETE_ENDS, CheckCosts, Missing, check_passes, facts_found
from tempkit.text import split_thinking
from tempkit.types import Completion, Item

__all__ = ["accepted", "accepts", "unanswerable"]

_NEEDS = {"llm-rubric": "a judge", "similar": "an embedder"}


def unanswerable(item: Item) -> str | None:
    """Return why nothing here can say whether an answer to a question is accepted, as a clause; None where it can."""
    if not item.checks and not item.facts:
        return "it has neither checks nor facts"
    lacks = [_NEEDS[check.type] for check in item.checks if check.type in _NEEDS]
    return f"one of its checks needs {lacks[0]}" if lacks else None


def accepts(item: Item, texts: Sequence[str], costs: CheckCosts | None = None) -> list[bool | None]:
    """Return for each text, as the model wrote it to its end, whether it is accepted; None where that cannot be decided.

    Args:
        item: The question.
        texts: Complete answers; one with thoughts in it is not accepted.
        costs: What the checks have cost before.
    """
    plain = [text for text in texts if split_thinking(text) is None]
    if item.checks:
        shares = check_passes(plain, item.checks, costs=costs)
        found = [None if isinstance(share, Missing) else share == 1.0 for share in shares]
    else:
        found = [all(facts_found(text, item.facts)) for text in plain]
    by_text: dict[str, bool | None] = dict(zip(plain, found, strict=True))
    return [by_text.get(text, False) for text in texts]


def accepted(
    item: Item, completions: Sequence[Completion], costs: CheckCosts | None = None
) -> list[bool | None]:
    """Return for each drawn answer to a question whether it is accepted; None where that cannot be decided."""
    whole = [c for c in completions if c.finish_reason not in INCOMPLETE_ENDS and not c.thinking]
    texts = list(dict.fromkeys(c.text for c in whole))
    by_text = dict(zip(texts, accepts(item, texts, costs), strict=True))
    complete = {c.key for c in whole}
    return [by_text[c.text] if c.key in complete else False for c in completions]
