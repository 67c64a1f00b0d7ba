"""Which temperatures more samples could still decide about.

The pick is shown once no temperature that may be the best can lie more than the margin ahead of it. So only the pick itself and those
that still may lie so far ahead get more: a temperature that a guard-rail rules out, that is shown to be behind another, or that
cannot lead by more than the margin gets nothing. This is successive elimination (E. Even-Dar, S. Mannor and Y. Mansour, Journal of
Machine Learning Research 7, 2006) with the bounds of multiple comparisons with the best in place of single confidence intervals.

Dropping costs no confidence of its own. Whether a temperature is dropped is read from bounds that hold together at all looks
announced, each with its share of alpha; where all of them hold, the true best is never shown to be behind, and a temperature that is left
where it is keeps the bound that it had.
"""

import math
from collections.abc import Sequence

import numpy as np

from tempkit.decision import Judgement
from tempkit.statistics import LeadBounds

__all__ = ["contenders"]

_WAITS = 0.7
"""Standard errors behind from which a rival waits."""


def contenders(found: Judgement, *, margin: float, items: float = math.inf) -> tuple[int, ...]:
    """Return the columns to sample further; none where the pick is shown or nothing was compared.

    Args:
        found: The judgement so far.
        margin: The smallest difference that matters.
        items: How many more can be asked, over all columns. Where they will not do, those that lead are told apart first.
    """
    if found.pick is None or found.grade == "shown":
        return ()
    if found.leads is None or found.differences is None or len(found.compared) < 2:
        return found.compared
    if found.upper[found.pick] <= margin:  # what is open there is whether it keeps its guard-rails
        return (found.pick,)
    rivals = {
        place: _rivals(found, found.leads, place, margin)
        for place, column in enumerate(found.compared)
        if column in found.may_be_best and found.inside[column] is not False
    }
    if not rivals:
        return found.compared
    # That which could be shown with the fewest samples; of several, that with the best mean.
    wanted = {place: _items(found, place, rivals[place], margin) for place in rivals}
    best = min(rivals, key=lambda place: (wanted[place], _behind(found, place)))
    first = rivals[best]
    if wanted[best] > items:
        first = _near(found, best, first) or first
    return tuple(sorted(found.compared[place] for place in (best, *first)))


def _near(found: Judgement, place: int, rivals: Sequence[int]) -> list[int]:
    """Return the rivals that a single test would not call behind: which of these is best is to be known first.

    Nothing is claimed by it. The others wait, and get more once they are all that stands in the way.
    """
    differences = found.differences
    if differences is None:
        return list(rivals)
    lead = differences.mean[:, place] + _WAITS * differences.error[:, place]
    return [other for other in rivals if not lead[other] < 0]  # one whose error is not known is near, too


def _rivals(found: Judgement, leads: LeadBounds, place: int, margin: float) -> list[int]:
    """Return the places that may be best and may lead one by more than the margin."""
    return [
        other
        for other, column in enumerate(found.compared)
        if other != place and column in found.may_be_best and leads.most[other, place] > margin
    ]


def _behind(found: Judgement, place: int) -> float:
    return float(np.nan_to_num(found.mean[found.compared[place]], nan=math.inf))


def _items(found: Judgement, place: int, rivals: Sequence[int], margin: float) -> float:
    """Return about how many more items, over all that would be asked, bring every lead over one within the margin.

    Bounds shrink with the root of the items. A lead observed counts as it looks: whoever leads by more than the margin would have to
    lose it first, which no number of items can be counted on to do.
    """
    differences, leads = found.differences, found.leads
    if differences is None or leads is None:
        return 0.0
    wanted = []
    for other in rivals:
        lead, most = float(differences.mean[other, place]), float(leads.most[other, place])
        there = float(differences.counts[other, place])
        if not math.isfinite(most) or not lead < margin:
            return math.inf
        wanted.append(there * ((most - lead) / (margin - lead)) ** 2)
    own = max(wanted, default=0.0)
    have = float(differences.counts[place].max())
    return max(0.0, own - have) + sum(
        max(0.0, each - float(differences.counts[other].max()))
        for each, other in zip(wanted, rivals, strict=True)
    )
