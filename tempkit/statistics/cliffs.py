"""Where a guard-rail breaks: the lowest temperature from which a measure is worse than its limit, with confidence.

A single bad mean is no cliff, and a cliff that recovers at a higher temperature is none either: the data then say that
the fall came from elsewhere. So the verdict needs a bound at the cliff itself, and means no better than the limit at every
measured temperature above it. Between the two verdicts lies "unknown", which is where few items leave most temperatures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tempkit.statistics.arrays import item_means
from tempkit.statistics.intervals import Interval, check_level, check_span, mean_interval
from tempkit.statistics.turning import check_temperatures

__all__ = ["Cliff", "GuardRail", "Verdict", "cliff"]

Verdict = Literal["holds", "broken", "unknown"]
"""`holds`: shown to be no worse than the limit. `broken`: shown to be worse. `unknown`: neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRail:
    """A guard-rail measure at one temperature against its limit."""

    temperature: float
    verdict: Verdict
    mean: float | None
    interval: Interval | None
    """Its two ends are the two one-sided bounds, so its level is 1 - 2 alpha / temperatures."""
    n_items: int
    reason: str | None
    """Why there is no interval; None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """The cliff, if there is one, and the verdict at every temperature."""

    temperature: float | None
    """The lowest broken temperature above which no measured mean is better than the limit; None when there is none."""
    rails: tuple[GuardRail, ...]
    """One per temperature, rising."""
    limit: float
    level: float
    """Confidence that no verdict is wrong."""


def cliff(
    values: ArrayLike,
    temperatures: Sequence[float],
    limit: float,
    *,
    higher_is_better: bool,
    level: float = 0.95,
    span: float | None = None,
) -> Cliff:
    """Return from which temperature on a measure is worse than `limit`.

    Each temperature gets a one-sided bound below and one above, from `mean_interval`. Only one of its two verdicts can be
    wrong, whatever the truth, so each bound takes alpha / temperatures (Bonferroni) and all verdicts are right together
    with confidence `level`.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        temperatures: Strictly rising, one per column.
        limit: The worst value that is still good enough, in the measure's unit.
        higher_is_better: The measure's direction.
        level: Confidence that no verdict is wrong, in (0, 1).
        span: The measure's largest minus its smallest possible value, where it has them.

    Raises:
        ValueError: As in `checked`, or a limit, level, span or grid that makes no sense.
    """
    check_level(level)
    if not math.isfinite(limit):
        raise ValueError(f"a limit is a finite number, not {limit}")
    means = item_means(values)
    check_span(span, means)
    grid = check_temperatures(temperatures, means.shape[1], at_least=1)
    two_sided = 1 - 2 * (1 - level) / grid.size
    if two_sided <= 0:
        raise ValueError(f"a level of {level} is too low for {grid.size} temperatures")
    rails = tuple(
        _rail(float(temperature), column, limit, higher_is_better, two_sided, span)
        for temperature, column in zip(grid, means.T, strict=True)
    )
    found = None
    for rail in reversed(rails):
        if rail.mean is not None and (rail.mean > limit if higher_is_better else rail.mean < limit):
            break
        if rail.verdict == "broken":
            found = rail.temperature
    return Cliff(temperature=found, rails=rails, limit=limit, level=level)


def _rail(
    temperature: float,
    column: ArrayLike,
    limit: float,
    higher_is_better: bool,
    level: float,
    span: float | None,
) -> GuardRail:
    estimate = mean_interval(np.asarray(column), level=level, span=span)
    verdict: Verdict = "unknown"
    if estimate.interval is not None:
        low, high = estimate.interval.low, estimate.interval.high
        if high < limit:
            verdict = "broken" if higher_is_better else "holds"
        elif low > limit:
            verdict = "holds" if higher_is_better else "broken"
    return GuardRail(
        temperature=temperature,
        verdict=verdict,
        mean=estimate.mean,
        interval=estimate.interval,
        n_items=estimate.n_items,
        reason=estimate.reason,
    )
