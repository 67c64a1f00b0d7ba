"""All pairs of temperatures at once: bounds that hold together.

With T temperatures there are T(T-1)/2 differences, and picking the best of them after the fact is exactly what makes a
naive interval too narrow. Each pair keeps its own Student t on item differences (spreads differ between temperatures, and
items may be missing), and one critical value covers the largest |t| of all pairs: Bonferroni's.

Simulation chose it (5 temperatures; share of data sets without effect in which some pair was wrongly called different, at
most 5 % wanted). The critical value of the largest |t| under the observed correlation gave 6-7 % with 5 to 10 normal
items; under the least favourable correlation 5 % on normal items, but up to 6 % on answers that are right or wrong, whose
item means take few values; the studentised bootstrap has draws without spread on few items, so its bounds have no limit.
Bonferroni's gave 4-5 % from 10 items up, at most 5.5 % from 6, and lies only 2-4 % above the least favourable one; it
needs no random numbers, and plans are made with the very same value. With exactly 5 items and right-or-wrong answers it
gave 6 %: nothing repairs that.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from tempkit.statistics.arrays import Floats, is_constant
from tempkit.statistics.contrasts import paired_differences
from tempkit.statistics.intervals import MIN_ITEMS, unseen_bounds

__all__ = ["PairBounds", "critical_value", "pair_bounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBounds:
    """Differences between all pairs of temperatures, (temperatures, temperatures); row minus column, 0 on the diagonal."""

    estimate: Floats
    """NaN where no item has both."""
    low: Floats
    """-inf where nothing bounds the difference from below."""
    high: Floats
    """+inf where nothing bounds the difference from above."""
    n_items: int
    """The fewest items behind any pair."""
    unbounded: int
    """Pairs without bounds: too few items in common, or identical items and no known span."""


def pair_bounds(means: Floats, *, level: float, span: float | None) -> PairBounds:
    """Return simultaneous two-sided bounds for the differences of all pairs of columns.

    Every pair gets the same share of alpha. One whose items all differ by the same amount has no t: it gets the bound of
    `unseen_bounds` at its share.

    Args:
        means: Item means, (items, temperatures), NaN for none; at least two columns.
        level: Confidence that all bounds hold, in (0, 1).
        span: The measure's largest minus its smallest possible value, where it has them.
    """
    size = means.shape[1]
    pairs = list(combinations(range(size), 2))
    found = {(a, b): paired_differences(means, a, b) for a, b in pairs}
    estimate, low, high = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    unbounded = 0
    for (a, b), (d, scale) in found.items():
        middle = float(d.mean()) if d.size else math.nan
        bounds = (-math.inf, math.inf)
        if d.size >= MIN_ITEMS and not is_constant(d, scale):
            half = critical_value(d.size, size, level) * float(d.std(ddof=1)) / math.sqrt(d.size)
            bounds = (middle - half, middle + half)
        elif d.size >= MIN_ITEMS and span is not None:
            bounds = unseen_bounds(middle, d.size, (1 - level) / len(pairs), span + abs(middle))
        unbounded += bounds[1] == math.inf
        estimate[b, a], low[b, a], high[b, a] = middle, *bounds
        estimate[a, b], low[a, b], high[a, b] = -middle, -bounds[1], -bounds[0]
    return PairBounds(
        estimate=estimate,
        low=low,
        high=high,
        n_items=min(d.size for d, _ in found.values()),
        unbounded=unbounded,
    )


def critical_value(n_items: int, temperatures: int, level: float) -> float:
    """Return Student's quantile at 1 - alpha / (2 pairs): what the largest |t| of all pairs exceeds at most so often.

    Args:
        n_items: Behind the pair at hand, at least 2.
        temperatures: Compared together, at least 2.
        level: Confidence that all pairs' bounds hold, in (0, 1).
    """
    pairs = temperatures * (temperatures - 1) // 2
    return float(stats.t.ppf(1 - (1 - level) / (2 * pairs), n_items - 1))
