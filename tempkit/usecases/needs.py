"""What would decide an undecided case: how many more samples of the same items, or how many more items.

A decision needs the leading temperature shown to be within the margin of every other, and besides either one other shown to
be worse or all of them shown to be within the margin. Each of these asks for an interval of a certain width, and the
narrowest one that is asked for decides. The leader leads partly by luck, so a gap counts for one standard error less than
it looks: planned on the gaps as they look, the next round would often fall short. Estimates from few items are rough; they
say "about twice as many", not "57".
"""

import math

import numpy as np
from numpy.typing import NDArray

from tempkit.statistics.arrays import item_means
from tempkit.statistics.best import BestSet
from tempkit.statistics.contrasts import paired_differences
from tempkit.statistics.intervals import MIN_ITEMS
from tempkit.statistics.sample_size import samples_needed
from tempkit.usecases.result import Needs

__all__ = ["needs"]

_TOO_MANY = 100_000


def needs(
    values: NDArray[np.float64], best: BestSet, *, margin: float, span: float | None, per_item: bool
) -> Needs | None:
    """Return what would decide; None when it cannot be estimated.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        best: The standings that left it undecided.
        margin: The difference that begins to matter.
        span: The measure's range, where it has one.
        per_item: The measure has one value per cell, so more samples change the value itself and not only its error.
    """
    leader = best.leader
    others = [s for s in best.standings if s.compared and s.column != leader]
    if not others:
        return None
    if leader is None or best.n_items < MIN_ITEMS:
        return Needs(samples=None, items=max(1, MIN_ITEMS - best.n_items), at_least=True)
    compared = len(others) + 1
    level = 1 - (1 - best.level) / (compared * (compared - 1) / 2)

    def wanted(column: int, width: float) -> tuple[float, float]:
        """Return more samples and more items until the pair with the leader is known to `width`."""
        if width <= 0:
            return math.inf, math.inf
        found = samples_needed(values, width, candidates=[leader, column], level=level, span=span)
        if found.half_width is None:
            return math.inf, math.inf
        items = math.inf if found.items is None else max(0, found.items - len(values))
        return math.inf if found.more_samples is None else found.more_samples, items

    means = item_means(values)
    gaps = {s.column: _sober_gap(means, leader, s.column) for s in others}
    leads = [wanted(column, margin + gap) for column, gap in gaps.items()]
    alike = [wanted(column, margin - gap) for column, gap in gaps.items()]
    apart = [wanted(column, gap) for column, gap in gaps.items()]
    totals = []
    for kind in (0, 1):
        ways = min(max(pair[kind] for pair in alike), min(pair[kind] for pair in apart))
        totals.append(max(ways, *(pair[kind] for pair in leads)))
    samples = None if per_item else _whole(totals[0])
    items = _whole(totals[1])
    return None if samples is None and items is None else Needs(samples=samples, items=items)


def _sober_gap(means: NDArray[np.float64], leader: int, column: int) -> float:
    """Return how far two temperatures are apart, less one standard error, at least 0."""
    differences, _ = paired_differences(means, leader, column)
    error = float(differences.std(ddof=1)) / math.sqrt(differences.size)
    return max(0.0, abs(float(differences.mean())) - error)


def _whole(number: float) -> int | None:
    """Return a number worth telling: at least one more, and none that nobody would draw."""
    return max(1, math.ceil(number)) if number < _TOO_MANY else None
