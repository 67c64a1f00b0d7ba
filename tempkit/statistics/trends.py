"""Whether a measure moves with temperature, and how fast.

Three views, each on items: Page's test asks for an order and no shape; the slope says how much, as the mean of every
item's own straight line, so that the items' spread is its uncertainty; the rank correlation says how steadily. Only items
with a value at every temperature take part, and the others are counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tempkit.statistics.intervals import Interval, check_level, student, too_few, unseen_bounds
from tempkit.statistics.nonparametric import average_ranks, page_test
from tempkit.statistics.values import SMALLEST, Floats, Values, is_constant
from tempkit.types import Reason

__all__ = ["Trend", "trend"]


_DIGITS = 12
"""Values of an item that agree in so many decimal places of its largest one are ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How a measure goes with temperature over the items that have every temperature."""

    slope: float | None
    """Change of the measure per unit of temperature: the mean of the items' least-squares slopes; None when no item has every
    temperature, or when the temperatures lie too close together for a number."""
    interval: Interval | None
    """Of the slope."""
    interval_reason: Reason | None
    """Why the slope has no interval; None when it has one."""
    p_value: float | None
    """Page's test, two-sided: twice the smaller of the p-values for a rise and for a fall, at most 1."""
    p_reason: Reason | None
    """Why there is no p-value; None when there is one."""
    spearman: float | None
    """Rank correlation with temperature within items, pooled, in [-1, 1]; None when no item's values differ."""
    n_items: int
    dropped_items: int
    """Items that lack a value at some temperature."""


def trend(values: Values, columns: Sequence[int] | None = None, *, level: float = 0.95) -> Trend:
    """Return the trend of a measure over temperature.

    Page's test: E. B. Page, Journal of the American Statistical Association 58, 1963; with ties it is conservative. The
    rank correlation adds up, over items, the products of centred ranks of value and temperature, and divides by the root
    of the summed squares: the mean of the items' Spearman correlations, each weighted by how much its values differ.

    Args:
        values: Of one measure.
        columns: Of the temperatures to look at, rising; None for all.
        level: Confidence of the slope's interval, in (0, 1).

    Raises:
        ValueError: The level is not between 0 and 1, there are fewer than two temperatures, or they do not rise.

    Example:
        Five items rise in a straight line, by 0.1, 0.2, ... 0.5 per unit of temperature.

        >>> found = trend(Values([[[0.0], [slope / 10], [slope / 5]] for slope in range(1, 6)]))
        >>> round(found.slope, 3), found.spearman
        (0.3, 1.0)
    """
    check_level(level)
    chosen = values if columns is None else values.select(columns)
    if len(chosen.temperatures) < 2:
        raise ValueError(f"a trend needs at least 2 temperatures, has {len(chosen.temperatures)}")
    complete = chosen.means[chosen.items_with()]
    n = len(complete)
    grid = np.array(chosen.temperatures)
    reach = float(grid[-1] - grid[0])
    centred = (grid - grid[0]) / reach
    centred -= centred.mean()
    weights = centred / (centred**2).sum()
    slopes = (
        complete @ weights
    )  # over the whole reach of the temperatures, so that no square leaves the range of a float
    slope = float(slopes.mean()) / reach if n else None
    interval, interval_reason = _slope_interval(slopes, complete, weights, level, values.span)
    if interval is not None:
        interval = replace(interval, low=interval.low / reach, high=interval.high / reach)
    known = [] if slope is None else [slope] if interval is None else [slope, interval.low, interval.high]
    if not all(map(math.isfinite, known)):
        slope, interval, interval_reason = None, None, Reason("temperatures_too_close")
    p_value, p_reason = _page(complete)
    return Trend(
        slope=slope,
        interval=interval,
        interval_reason=interval_reason,
        p_value=p_value,
        p_reason=p_reason,
        spearman=_spearman(complete),
        n_items=n,
        dropped_items=values.n_items - n,
    )


def _slope_interval(
    slopes: Floats, complete: Floats, weights: Floats, level: float, span: float | None
) -> tuple[Interval | None, Reason | None]:
    reason = too_few(slopes.size)
    if reason is not None:
        return None, reason
    if not is_constant(slopes, float(np.abs(complete).max() * np.abs(weights).sum())):
        return Interval(*student(slopes, level), level, "student"), None
    if span is None:
        return None, Reason("no_spread")
    # Values inside a span, whose weights sum to 0, give at most half the weights' total times the span either way.
    steepest = span * float(np.abs(weights).sum()) / 2
    slope = float(slopes.mean())
    low, high = unseen_bounds(slope, slopes.size, 1 - level, steepest + abs(slope))
    return Interval(low, high, level, "unseen items"), None


def _page(complete: Floats) -> tuple[float | None, Reason | None]:
    n, temperatures = complete.shape
    if temperatures < 3:
        return None, Reason("two_temperatures")
    reason = too_few(n)
    if reason is not None:
        return None, reason
    rounded = _rounded(complete)
    return min(1.0, 2 * min(page_test(rounded), page_test(rounded[:, ::-1]))), None


def _spearman(complete: Floats) -> float | None:
    if not len(complete):
        return None
    ranks = average_ranks(_rounded(complete))
    ranks -= ranks.mean(axis=1, keepdims=True)
    order = np.arange(complete.shape[1]) - (complete.shape[1] - 1) / 2
    squares = float((ranks**2).sum()) * float((order**2).sum()) * len(complete)
    return float((ranks @ order).sum() / np.sqrt(squares)) if squares > 0 else None


def _rounded(complete: Floats) -> Floats:
    """Return values without what rounding made: it must not break ties of equal answers, 1/3 + 1/3 + 1/3 and 1."""
    largest = np.abs(complete).max(axis=1, keepdims=True, initial=0.0)
    unit = 10.0 ** np.ceil(np.log10(np.maximum(largest, SMALLEST * 10**_DIGITS)))
    return np.asarray(np.round(complete / unit, _DIGITS))
