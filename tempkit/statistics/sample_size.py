"""How much more data would decide: more samples of the same items, or more items.

The variance of an item's paired difference has two parts. Samples shrink the part within items; the part between items
(a temperature suits some items and not others) shrinks only with more items. So "N more samples" is only sometimes an
answer, and this module says when it is not. The critical value is the one of `best_set`, so a plan that came true is a
bound reached. The parts are estimates: with few items they are rough.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from tempkit.phrases import N_
from tempkit.statistics.arrays import Floats, checked, is_constant, item_means
from tempkit.statistics.contrasts import paired_differences
from tempkit.statistics.intervals import NO_SPREAD, check_level, check_span, too_few, unseen_share
from tempkit.statistics.simultaneous import critical_value

__all__ = ["Components", "Needed", "minimum_detectable_effect", "paired_components", "samples_needed"]

_PER_CELL = N_("one value per cell: only more items can make it more exact")
_ITEMS_DIFFER = N_("more samples cannot do it, items are needed: temperatures suit items differently")
_ALL_AGREE = N_("all items agree: only more items can show that others do too")


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The two parts of the variance of a paired difference between two temperatures."""

    between: float
    """Variance over items of their true differences, 0 or more; shrinks with items only."""
    within: float | None
    """Variance of one replicate's paired difference inside an item; None when no item has two replicates."""
    total: float
    """Observed variance over items of the difference of means, which is what an interval rests on."""
    replicates: float
    """Harmonic mean over items of how many replicates they have at both temperatures."""
    n_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What would bring every pair's simultaneous interval to a target half-width."""

    target: float
    half_width: float | None
    """Of the widest pair now; None when it cannot be known."""
    more_samples: int | None
    """More replicates per item and temperature, items as they are; 0: none needed; None: samples cannot do it."""
    items: int | None
    """Items in all, replicates as they are; None: cannot be known."""
    reason: str | None
    """Why one of them is None; None when neither is."""


def minimum_detectable_effect(se_paired: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the difference found with probability `power` by a two-sided test: (z_(1-alpha/2) + z_power) SE.

    Source: the normal approximation of any text on sample size, e.g. S. C. Chow, J. Shao and H. Wang, Sample Size
    Calculations in Clinical Research, 2008, chapter 3.

    Args:
        se_paired: Standard error of the mean paired difference, 0 or more.
        alpha: Of the test, in (0, 1); divide by the number of contrasts first when there are several.
        power: In (0, 1).

    Raises:
        ValueError: An argument is out of its range.
    """
    if not (se_paired >= 0 and math.isfinite(se_paired) and 0 < alpha < 1 and 0 < power < 1):
        raise ValueError("needs a standard error of 0 or more, and alpha and power between 0 and 1")
    return float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * se_paired)


def paired_components(values: ArrayLike, a: int, b: int) -> Components | None:
    """Return the variance parts of temperature `b` minus `a`; None when fewer than 2 items have both.

    One-way analysis of variance on the replicates' own differences: replicate r of an item shares its random stream
    across temperatures, so what they have in common cancels. Only replicates present at both temperatures count.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        a: Column number of the first temperature.
        b: Column number of the second.

    Raises:
        ValueError: As in `checked`.
    """
    array = checked(values)
    differences = array[:, b] - array[:, a]
    counts = (~np.isnan(differences)).sum(axis=1)
    differences, counts = differences[counts > 0], counts[counts > 0]
    if counts.size < 2:
        return None
    middles = np.nanmean(differences, axis=1)
    freedom = int((counts - 1).sum())
    squares = float(np.nansum((differences - middles[:, np.newaxis]) ** 2))
    within = squares / freedom if freedom else None
    total = float(middles.var(ddof=1))
    return Components(
        between=max(0.0, total - (within or 0.0) * float((1 / counts).mean())),
        within=within,
        total=total,
        replicates=float(stats.hmean(counts)),
        n_items=counts.size,
    )


def samples_needed(
    values: ArrayLike,
    target: float,
    *,
    candidates: Sequence[int] | None = None,
    level: float = 0.95,
    span: float | None = None,
) -> Needed:
    """Return how much more data brings all pairs' simultaneous half-widths down to `target`.

    To show a temperature within a margin m of the best when it is d behind, the target is m - d; to show it worse than
    the margin, d - m.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        target: Half-width to reach, above 0, in the measure's unit.
        candidates: Columns to compare; None for all. At least two.
        level: Simultaneous confidence, in (0, 1).
        span: The measure's largest minus its smallest possible value, where it has them.

    Raises:
        ValueError: As in `checked`, or a target, level, span or candidates that make no sense.
    """
    array = checked(values)
    check_level(level)
    if not (target > 0 and math.isfinite(target)):
        raise ValueError(f"a target half-width is a positive number, not {target}")
    columns = sorted(set(range(array.shape[1]) if candidates is None else candidates))
    if len(columns) < 2:
        raise ValueError("a comparison needs at least two temperatures")
    means = item_means(array)
    check_span(span, means)
    return _widest(
        [_pair(array, a, b, target, len(columns), level, span) for a, b in combinations(columns, 2)]
    )


def _pair(
    array: Floats,
    a: int,
    b: int,
    target: float,
    temperatures: int,
    level: float,
    span: float | None,
) -> Needed:
    differences, scale = paired_differences(item_means(array), a, b)
    parts = paired_components(array, a, b)
    reason = too_few(differences.size)
    if reason is not None or parts is None:
        return Needed(target=target, half_width=None, more_samples=None, items=None, reason=reason)
    if is_constant(differences, scale):
        return _identical(float(differences[0]), differences.size, target, temperatures, level, span)

    def half_width(n_items: int, variance: float) -> float:
        return critical_value(n_items, temperatures, level) * math.sqrt(variance / n_items)

    now = half_width(parts.n_items, parts.total)
    more: int | None = None
    if now <= target:
        more = 0
    elif parts.within is None:
        reason = _PER_CELL
    else:
        affordable = (target / half_width(parts.n_items, 1.0)) ** 2
        if affordable > parts.between:
            more = max(1, math.ceil(parts.within / (affordable - parts.between) - parts.replicates))
        else:
            reason = _ITEMS_DIFFER
    return Needed(
        target=target,
        half_width=now,
        more_samples=more,
        items=_fewest(parts.n_items, lambda n: half_width(n, parts.total) <= target),
        reason=reason,
    )


def _identical(
    offset: float, n_items: int, target: float, temperatures: int, level: float, span: float | None
) -> Needed:
    if span is None:
        return Needed(target=target, half_width=None, more_samples=None, items=None, reason=NO_SPREAD)
    alpha = (1 - level) / (temperatures * (temperatures - 1) / 2)
    reach = span + abs(offset)
    now = unseen_share(n_items, alpha) * reach
    return Needed(
        target=target,
        half_width=now,
        more_samples=0 if now <= target else None,
        items=_fewest(n_items, lambda n: unseen_share(n, alpha) * reach <= target),
        reason=None if now <= target else _ALL_AGREE,
    )


def _fewest(start: int, enough: Callable[[int], bool]) -> int:
    """Return the smallest number from `start` up that is enough; more never turns enough into too few."""
    if enough(start):
        return start
    low, high = start, 2 * start
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _widest(pairs: Sequence[Needed]) -> Needed:
    """Return what satisfies every pair; one that cannot be answered decides."""
    for pair in pairs:
        if pair.half_width is None:
            return pair
    stuck = next((pair for pair in pairs if pair.more_samples is None), None)
    return Needed(
        target=pairs[0].target,
        half_width=max(pair.half_width for pair in pairs if pair.half_width is not None),
        more_samples=None if stuck else max(pair.more_samples or 0 for pair in pairs),
        items=max(pair.items or 0 for pair in pairs),
        reason=stuck.reason if stuck else None,
    )
