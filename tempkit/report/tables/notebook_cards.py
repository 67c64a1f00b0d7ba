"""Decisions as a notebook shows them: HTML for the cell of a page that is not ours, with every text escaped."""

from collections.abc import Sequence

from tempkit.decision import Decision, Here, named, words
from tempkit.i18n import current
from tempkit.report.tables.standings_table import standing
from tempkit.report.theme import draw

__all__ = ["notebook_cards"]


def notebook_cards(found: Sequence[Decision], here: Here | str) -> str:
    """Return a card for each decision as HTML, without scripts.

    Args:
        found: The decisions.
        here: As `tempkit.decision.words` takes it.
    """
    cards = []
    for each in found:
        said = words(each, here)
        ends = (each, each.variety)
        cards.append(
            {
                "title": named(each),
                "model": each.model,
                "verdict": said.verdict,
                "marks": said.marks,
                "word": said.grade,
                "first": said.first,
                "because": said.because,
                "risk": said.risk,
                "next": said.next,
                "standing": [
                    table for end in ends if end is not None and (table := standing(end)) is not None
                ],
            }
        )
    return draw("notebook.html.j2", None, {"lang": current().code, "cards": cards})
