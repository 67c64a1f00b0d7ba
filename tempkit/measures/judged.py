"""What judges say of a completion: measures that are not computed from it, but asked for: of a model with `tempkit judge`, of people with `tempkit rate`."""

from tempkit.i18n import N_
from tempkit.measures.base import Measure, Need

__all__ = ["HUMAN_PREFERENCE", "PREFERENCE", "RUBRIC"]


def _judged(name: str, title: str, by: Need, definition: str) -> Measure:
    """Return a share that somebody has to be asked for, of answers that are complete."""
    return Measure(
        name=name,
        title=title,
        family="judged",
        version=1,
        unit="share",
        low=0.0,
        high=1.0,
        direction="higher",
        min_n=1,
        needs=frozenset({"text", by}),
        needs_complete=True,
        definition=definition,
    )


RUBRIC = _judged(
    "rubric",
    N_("Judge's grade"),
    "judge",
    N_(
        "A model's grade of an answer by the rubric: the mean of two grades from 1 to 5, one asked for with 5 as the best "
        "and one with 1 as the best, moved to 0 to 1. The judge sees the request, the answer and the rubric, nothing else. "
        "Grades of a judge that was not shown to agree with itself are missing."
    ),
)

PREFERENCE = _judged(
    "preference",
    N_("Preferred by the judge"),
    "judge",
    N_(
        "The share of comparisons with answers at other temperatures that an answer won, ties as halves. A model judges "
        "each pair in both orders; a win counts only when both orders agree, anything else is a tie. "
        "Preferences of a judge that was not shown to agree with itself are missing."
    ),
)

HUMAN_PREFERENCE = _judged(
    "human_preference",
    N_("Preferred by people"),
    "people",
    N_(
        "The share of comparisons with answers at other temperatures that an answer won, ties as halves, as an average over "
        "raters. People saw each pair without its temperatures, in an order drawn by lot. Equal texts are ties that nobody was asked about."
    ),
)
