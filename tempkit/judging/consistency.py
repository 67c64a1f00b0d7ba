"""Does the judge go by the texts? It is asked everything twice, in two forms that leave the texts as they are.

A judge that goes by the texts gives both answers alike. One that goes by the place of an answer, or by the look of a number,
does not, and what it says is no measurement at all. So a judge has to be *shown* to do better than that before its scores
count; one whose answers are all the same was not shown to, whether its texts deserve it or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["Consistency", "of_grades", "of_pairs"]

_ALPHA = 0.05
_DRAWS = 2_000
_NEAR = 1.0
_POOR = 0.75
"""Below this share of agreement a judge is called inconsistent even where it was shown to go by the texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How far a judge's two answers to everything agree."""

    compared: int
    """Different texts, or pairs of texts, of which both answers could be read."""
    alike: int
    """Grades at most 1 apart; for pairs, both orders with the same result."""
    equal: int | None
    """Grades that are equal; None for pairs."""
    decided: int | None
    """Pairs of which a winner was named in both orders; None for grades."""
    first: float | None
    """The share of wins that went to the answer shown first; None for grades, and without any win."""
    p_value: float | None
    """How probable so much agreement is for a judge that does not go by the texts; None without an answer."""
    shown: bool
    """Whether that is below 5 %, or nothing had to be asked."""
    warnings: tuple[str, ...]
    """What to know before trusting the judge, the most important first."""


def of_grades(grades: Sequence[tuple[float, float]], *, asked: int, seed: int = 0) -> Consistency:
    """Return how consistent grades are.

    The test permutes which second grade belongs to which first one: grades that do not depend on the text are as far apart
    then as they were before. One-sided, by the mean distance, 2,000 permutations (B. Phipson and G. K. Smyth, "Permutation
    p-values should never be zero", Statistical Applications in Genetics and Molecular Biology 9, 2010).

    Args:
        grades: Of each text, both from 1 to 5 with 5 as the best: with the scale upwards, and downwards.
        asked: How many texts it was asked about.
        seed: Of the permutations.
    """
    up, down = np.array(grades, dtype=float).reshape(-1, 2).T
    apart = np.abs(up - down)
    p_value = None
    if len(up):
        rng = np.random.default_rng(seed)
        drawn = [np.abs(up - rng.permutation(down)).mean() for _ in range(_DRAWS)]
        p_value = (1 + int((np.array(drawn) <= apart.mean() + 1e-12).sum())) / (1 + _DRAWS)
    shown = asked == 0 or (p_value is not None and p_value < _ALPHA)
    warnings = []
    if not shown:
        if p_value is None:
            why = "none of its grades can be read"
        elif np.ptp(up) == 0 and np.ptp(down) == 0:
            why = f"it gives all of {len(up)} different texts the same grade"
        else:
            why = f"its two grades of a text agree no better than those of different texts would (p = {p_value:.2f})"
        warnings.append(
            f"the judge was not shown to go by the texts: {why}; its grades are not used as scores"
        )
    elif len(up) and (apart <= _NEAR).mean() < _POOR:
        warnings.append(
            f"the judge often contradicts itself: its two grades are more than 1 apart for {int((apart > _NEAR).sum())} of "
            f"{len(up)} texts, so there is much noise in its scores"
        )
    return Consistency(
        compared=len(up),
        alike=int((apart <= _NEAR).sum()),
        equal=int((apart == 0).sum()),
        decided=None,
        first=None,
        p_value=p_value,
        shown=shown,
        warnings=tuple(warnings),
    )


def of_pairs(results: Sequence[tuple[float, float]], *, asked: int) -> Consistency:
    """Return how consistent comparisons are.

    A judge that does not go by the texts names the same winner in both orders in at most half of the cases (2 p (1 - p), if
    it names the first with probability p): an exact one-sided binomial test. Whether it favours a place: an exact two-sided
    one over those cases in which the place won both times.

    Args:
        results: Of each pair of different texts, both for the same text: 1 where it won, 0 where it lost, 0.5 for a tie;
            shown first, and shown second.
        asked: How many pairs it was asked about.
    """
    alike = sum(first == second for first, second in results)
    winners = [(first, second) for first, second in results if 0.5 not in (first, second)]
    agreed = sum(first == second for first, second in winners)
    by_first = sum(first == 1 for first, _ in results) + sum(second == 0 for _, second in results)
    wins = sum(value != 0.5 for pair in results for value in pair)
    p_value = (
        float(stats.binomtest(agreed, len(winners), 0.5, alternative="greater").pvalue) if winners else None
    )
    shown = asked == 0 or (p_value is not None and p_value < _ALPHA)
    warnings = []
    if not shown:
        if not results:
            why = "none of its comparisons can be read"
        elif p_value is None:
            why = "it named no winner in both orders of any pair"
        else:
            why = f"it names the same winner in both orders in {agreed} of {len(winners)} pairs (p = {p_value:.2f})"
        warnings.append(
            f"the judge was not shown to go by more than the order: {why}; its preferences are not used as scores"
        )
    elif results and alike / len(results) < _POOR:
        warnings.append(
            f"the judge often contradicts itself: the orders disagree on {len(results) - alike} of {len(results)} pairs, which "
            "count as ties, so differences look smaller than they are"
        )
    always_first = sum(pair == (1, 0) for pair in winners)
    always_second = len(winners) - agreed - always_first
    if (
        always_first + always_second
        and stats.binomtest(always_first, always_first + always_second).pvalue < _ALPHA
    ):
        place = "first" if always_first > always_second else "second"
        warnings.append(
            f"it favours the answer shown {place}: of {always_first + always_second} pairs in which its winner changed "
            f"with the order, that one won {max(always_first, always_second)}"
        )
    return Consistency(
        compared=len(results),
        alike=alike,
        equal=None,
        decided=len(winners),
        first=by_first / wins if wins else None,
        p_value=p_value,
        shown=shown,
        warnings=tuple(warnings),
    )
