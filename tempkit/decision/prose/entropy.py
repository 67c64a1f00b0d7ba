"""What token entropies alone make of the temperature (TURN), and how little that is.

It stands beside a decision and is no part of it: an entropy knows nothing of what an answer is worth. So what is said of it ends
with what it was validated for, and where it has no answer nothing is said: a method that was not asked for is no news.
"""

from tempkit.analysis import MIN_ITEMS, SectionTurn
from tempkit.decision.prose.amounts import at, questions
from tempkit.i18n import gettext as _

__all__ = ["by_entropy"]


def by_entropy(found: SectionTurn) -> tuple[str, ...]:
    """Return what TURN says and what it is worth; nothing where it says nothing."""
    if found.status not in ("found", "open"):
        return ()
    note = _(
        "TURN was validated only for mathematics and code with many answers to each question, and knows nothing of the quality "
        "of answers."
    )
    return _main(found), note


def _main(found: SectionTurn) -> str:
    if found.temperature is None:
        low, high = found.possible or (found.entropies[0].temperature, found.entropies[-1].temperature)
        return _(
            "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature may be anything from %(low)s to %(high)s: "
            "only the most probable tokens are known, and they do not settle it."
        ) % {"low": at(low), "high": at(high)}
    parts = {"t": at(found.temperature), "questions": questions(found.items)}
    if found.low is None or found.high is None:
        return _(
            "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be %(t)s, without an interval: that "
            "needs at least %(least)d questions with an entropy at every temperature."
        ) % {**parts, "least": MIN_ITEMS}
    return _(
        "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be %(t)s (%(level)d %% interval over "
        "%(questions)s: %(low)s to %(high)s)."
    ) % {**parts, "level": round(found.level * 100), "low": at(found.low), "high": at(found.high)}
