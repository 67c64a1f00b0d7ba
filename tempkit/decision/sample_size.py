"""How much more data would do: items or answers until the pick's bound lies within the margin.

The pick leads partly by luck, so a lead counts for one standard error less than it looks: planned on the leads as they look,
the next look would often fall short. The critical value is that of the next look, which more data will be. Estimates from few
items are rough: they say "about twice as many", not "57".
"""

import math
from collections.abc import Callable

from tempkit.decision.error_budget import ALPHA_UPPER, share_at
from tempkit.decision.rule import Judgement
from tempkit.statistics import Differences, critical_value

__all__ = ["MOST_ITEMS", "answers_needed", "items_needed", "spotless_items"]

MOST_ITEMS = 100_000
"""More than this nobody would ask."""

_ROUNDS = 20


def items_needed(found: Judgement, *, margin: float, looks: int, planned_looks: int = 0) -> int | None:
    """Return how many items in all would bring the pick's bound within the margin; None: no number anybody would ask.

    Args:
        found: The judgement for items like these.
        margin: The difference that begins to matter.
        looks: Which look at the data it was made at.
        planned_looks: How many were announced before the first sample was drawn.
    """
    times = _worst(found, margin, share_at(looks + 1, planned_looks), lambda _error, _other, _place: 0.0)
    total = None if times is None else math.ceil(times * found.n)
    return total if total is not None and total <= MOST_ITEMS else None


def answers_needed(
    found: Judgement, these: Judgement, *, margin: float, looks: int, planned_looks: int = 0
) -> float | None:
    """Return how many times the present answers per cell would bring the pick's bound within the margin; None: no number does.

    More answers shrink the sampling noise inside cells only; that items differ in which temperature suits them stays.

    Args:
        found: The judgement in the scope that grades.
        these: The judgement for these items, which knows the noise inside cells.
        margin: The difference that begins to matter.
        looks: Which look at the data it was made at.
        planned_looks: How many were announced before the first sample was drawn.
    """
    if found.differences is None or these.differences is None or found.compared != these.compared:
        return None
    noise = these.differences.error

    def between(error: float, other: int, place: int) -> float:
        inside = float(noise[other, place])
        return max(0.0, error**2 - inside**2) if math.isfinite(inside) else error**2

    return _worst(found, margin, share_at(looks + 1, planned_looks), between)


def spotless_items(limit: float, alpha: float) -> int | None:
    """Return how many items without any event show a share to be at most `limit`: 1 - alpha^(1/n) <= limit; None: no number does."""
    if limit <= 0:
        return None
    total = math.ceil(math.log(alpha) / math.log1p(-limit)) if limit < 1 else 1
    return total if total <= MOST_ITEMS else None


def _worst(
    found: Judgement, margin: float, share: float, stays: Callable[[float, int, int], float]
) -> float | None:
    """Return how many times the data every pair with the pick needs at most; `stays` is the variance that more cannot shrink."""
    differences, pick = found.differences, found.pick
    if differences is None or pick is None or differences.size < 2:
        return None
    place, alpha = found.compared.index(pick), ALPHA_UPPER * share
    times = [
        _times(differences, other, place, margin, alpha, stays)
        for other in range(differences.size)
        if other != place
    ]
    known = [each for each in times if each is not None]
    return max(known) if len(known) == len(times) else None


def _times(
    found: Differences,
    other: int,
    place: int,
    margin: float,
    alpha: float,
    stays: Callable[[float, int, int], float],
) -> float | None:
    """Return how many times the present data bring one pair's bound within the margin; None: no number does."""
    lead, comparisons = float(found.mean[other, place]), found.size - 1
    error, unseen = float(found.error[other, place]), float(found.unseen[other, place])
    least = 0.0
    if math.isfinite(unseen):
        room = (margin - lead) / unseen if unseen > 0 else 1.0
        if room <= 0:
            return None
        count = max(1, int(found.counts[other, place]))
        least = 0.0 if room >= 1 else math.log(alpha / comparisons) / math.log1p(-room) / count
        if not math.isfinite(error):
            return least
    room = margin - min(lead + error, max(lead, 0.0)) if math.isfinite(error) else 0.0
    if room <= 0:
        return None
    kept, times = stays(error, other, place), 1.0
    for _ in range(
        _ROUNDS
    ):  # the critical value falls as data grow, so this comes down from above in a few rounds
        freedom = max(1.0, float(found.freedom[other, place]) * times)
        width = critical_value(comparisons, freedom, float(found.correlation[other]), alpha)
        left = (room / width) ** 2 - kept
        if left <= 0:
            return None
        changed = min(max((error**2 - kept) / left, 1.0), float(MOST_ITEMS))
        if abs(changed - times) <= 1e-3 * times:
            break
        times = changed
    return max(times, least)
