"""Whether a measure moves with temperature, and how fast.

Three views, each on items: Page's test asks for an order and no shape; the slope says how much, as the mean of every
item's own straight line, so that the items' spread is its uncertainty; the rank correlation says how steadily. Only items
with a value at every temperature take part, and the others are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from tempkit.phrases import N_
from tempkit.statistics.arrays import Floats, is_constant, item_means, items_with_all
from tempkit.statistics.intervals import (
    NO_SPREAD,
    Interval,
    check_level,
    check_span,
    student,
    too_few,
    unseen_bounds,
)

__all__ = ["Trend", "check_temperatures", "trend"]

_TWO = N_("an order needs at least 3 temperatures; two are a contrast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How a measure goes with temperature over the items that have every temperature."""

    slope: float | None
    """Change of the measure per unit of temperature: the mean of the items' least-squares slopes."""
    interval: Interval | None
    """Of the slope."""
    interval_reason: str | None
    """Why the slope has no interval; None when it has one."""
    p_value: float | None
    """Page's test, two-sided: twice the smaller of the p-values for a rise and for a fall, at most 1."""
    p_reason: str | None
    """Why there is no p-value; None when there is one."""
    spearman: float | None
    """Rank correlation with temperature within items, pooled, in [-1, 1]; None when no item's values differ."""
    n_items: int
    dropped_items: int
    """Items that lack a value at some temperature."""


def trend(
    values: ArrayLike, temperatures: Sequence[float], *, level: float = 0.95, span: float | None = None
) -> Trend:
    """Return the trend of a measure over temperature.

    Page's test: E. B. Page, Journal of the American Statistical Association 58, 1963; with ties it is conservative. The
    rank correlation adds up, over items, the products of centred ranks of value and temperature, and divides by the root
    of the summed squares: the mean of the items' Spearman correlations, each weighted by how much its values differ.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        temperatures: Strictly rising, one per column.
        level: Confidence of the slope's interval, in (0, 1).
        span: The measure's largest minus its smallest possible value, where it has them.

    Raises:
        ValueError: As in `checked`, fewer than two temperatures, or ones that do not rise or fit the columns.
    """
    check_level(level)
    means = item_means(values)
    grid = check_temperatures(temperatures, means.shape[1], at_least=2)
    check_span(span, means)
    whole = means[items_with_all(means)]
    n = len(whole)
    centred = grid - grid.mean()
    weights = centred / (centred**2).sum()
    slopes = whole @ weights
    interval, interval_reason = _slope_interval(slopes, whole, weights, level, span)
    p_value, p_reason = _page(whole)
    return Trend(
        slope=float(slopes.mean()) if n else None,
        interval=interval,
        interval_reason=interval_reason,
        p_value=p_value,
        p_reason=p_reason,
        spearman=_spearman(whole),
        n_items=n,
        dropped_items=len(means) - n,
    )


def check_temperatures(temperatures: Sequence[float], columns: int, *, at_least: int) -> Floats:
    """Return the temperatures as an array.

    Raises:
        ValueError: They are fewer than `at_least`, not one per column, not finite, or not strictly rising.
    """
    grid = np.asarray(temperatures, dtype=np.float64)
    if grid.ndim != 1 or grid.size != columns:
        raise ValueError(f"{grid.size} temperatures for {columns} columns of values")
    if grid.size < at_least:
        raise ValueError(f"needs at least {at_least} temperatures, has {grid.size}")
    if not np.isfinite(grid).all() or (np.diff(grid) <= 0).any():
        raise ValueError("temperatures must be finite and strictly rising; sort the columns with them")
    return grid


def _slope_interval(
    slopes: Floats, whole: Floats, weights: Floats, level: float, span: float | None
) -> tuple[Interval | None, str | None]:
    reason = too_few(slopes.size)
    if reason is not None:
        return None, reason
    if not is_constant(slopes, float(np.abs(whole).max() * np.abs(weights).sum())):
        return Interval(*student(slopes, level), level, "student"), None
    if span is None:
        return None, NO_SPREAD
    # Values inside a span, whose weights sum to 0, give at most half the weights' total times the span either way.
    steepest = span * float(np.abs(weights).sum()) / 2
    slope = float(slopes[0])
    low, high = unseen_bounds(slope, slopes.size, 1 - level, steepest + abs(slope))
    return Interval(low, high, level, "unseen items"), None


def _page(whole: Floats) -> tuple[float | None, str | None]:
    n, temperatures = whole.shape
    if temperatures < 3:
        return None, _TWO
    reason = too_few(n)
    if reason is not None:
        return None, reason
    # Rounding must not break ties that equal answers made: 1/3 + 1/3 + 1/3 and 1 are one value.
    rounded = np.round(whole, 12)
    rise = stats.page_trend_test(rounded).pvalue
    fall = stats.page_trend_test(rounded[:, ::-1]).pvalue
    return min(1.0, 2 * float(min(rise, fall))), None


def _spearman(whole: Floats) -> float | None:
    if not len(whole):
        return None
    ranks = stats.rankdata(np.round(whole, 12), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    order = np.arange(whole.shape[1]) - (whole.shape[1] - 1) / 2
    squares = float((ranks**2).sum()) * float((order**2).sum()) * len(whole)
    return float((ranks @ order).sum() / np.sqrt(squares)) if squares > 0 else None
