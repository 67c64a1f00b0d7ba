"""Whether an answer is good enough to count at all: what ideas and new answers are counted among."""

from tempkit.measures.block import View
from tempkit.measures.checks import checked
from tempkit.measures.degeneration import is_empty, is_refusal, language_switches, loops
from tempkit.measures.missing import INCOMPLETE_ENDS, Missing
from tempkit.types import Completion, FinishReason

__all__ = ["quality"]


def quality(view: View, completion: Completion) -> bool | Missing:
    """Return whether a completion is complete, not degenerate, and passes all checks of its item."""
    text, end = completion.text, completion.finish_reason
    return view.once(("quality", text, end), lambda: _passes(view, text, end))


def _passes(view: View, text: str, end: FinishReason) -> bool | Missing:
    if end in INCOMPLETE_ENDS or is_empty(text) or loops(view)[text] or language_switches(view)[text]:
        return False
    if is_refusal(text, end):
        return False
    if not view.item.checks:
        return True
    passed = checked(view)[text]
    return passed if isinstance(passed, Missing) else passed == 1.0
