"""TURN: a temperature from token entropies alone, without any labels.

As temperature rises the logarithm of the mean entropy first bends downwards; where it begins to bend upwards the model
starts to fall apart, and the best accuracy over many samples was found just there (arXiv 2502.05234, for mathematics and
code answered many times; say so where it is shown). A bend is a second difference, which noise disturbs easily: two
consecutive positives are asked for, and prompts are redrawn to see how far the answer moves.

Where entropies are known within bounds only, a bend is too: it is a sum of logarithms with fixed factors, so its own bounds
follow. A turning point is then given only where every curve within the bounds turns at the same temperature. Factors that
depend on the temperatures' distances also take care of an uneven grid; how fine it is limits how fine the answer can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tempkit.statistics.intervals import MIN_ITEMS, check_level
from tempkit.statistics.values import Floats
from tempkit.types import Reason

__all__ = ["MIN_TEMPERATURES", "Turn", "TurnInterval", "check_temperatures", "turn", "turn_interval"]

_Places = np.ndarray[tuple[int], np.dtype[np.intp]]
_Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

_NO_CHOICE = 1e-12
"""Nats; in place of 0, which has no logarithm."""


MIN_TEMPERATURES = 5
"""Fewer leave no interior point whose second difference uses neighbours on both sides only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where the logarithm of entropy begins to bend upwards."""

    temperature: float
    """The turning point; the last interior temperature when there is none."""
    found: bool
    """Whether the second difference is positive there and at the next interior temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnInterval:
    """The turning point of the mean over prompts, and how it moves when prompts are redrawn."""

    turn: Turn | None
    """None when no prompt has every temperature, or when the bounds of the entropies leave it open."""
    possible: tuple[float, float] | None
    """The lowest and the highest turning point that the bounds of the mean entropies allow; equal where `turn` is known."""
    low: float | None
    high: float | None
    """Percentiles of the redrawn turning points; both are temperatures of the grid. None: too few prompts, or open bounds."""
    share_found: float | None
    """Share of redraws with a turning point; the others stand at the last interior temperature."""
    level: float
    n_prompts: int
    """Prompts with an entropy at every temperature."""
    reason: Reason | None
    """Why there is no interval; None when there is one."""


def turn(temperatures: Sequence[float], entropies: ArrayLike) -> Turn:
    """Return the first interior temperature where the second difference of ln(entropy) turns positive and stays so once.

    Args:
        temperatures: Strictly rising, at least 5.
        entropies: Mean token entropy at each, above 0: averaged over tokens, then over prompts, in any one unit.

    Raises:
        ValueError: The temperatures do not qualify, or an entropy is not a positive number.

    Example:
        ln(entropy) rises by 4, 3, 2, 1, and then by 2 and 3: the second difference is positive at 4 and at 5.

        >>> turn(range(7), np.exp([0, 4, 7, 9, 10, 12, 15]))
        Turn(temperature=4.0, found=True)
    """
    means = np.asarray(entropies, dtype=np.float64)
    if means.ndim != 1:
        raise ValueError(
            "entropies must be one per temperature; for prompts x temperatures use turn_interval"
        )
    grid = check_temperatures(temperatures, means.size, at_least=MIN_TEMPERATURES)
    _check_means(means)
    made, _ = _turn_within(grid, means, means)
    if made is None:
        raise AssertionError("one curve has one turning point")
    return made


def turn_interval(
    temperatures: Sequence[float],
    by_prompt: ArrayLike,
    *,
    upper: ArrayLike | None = None,
    seed: int,
    level: float = 0.95,
    draws: int = 2000,
) -> TurnInterval:
    """Return the turning point of the mean entropy over prompts, with a percentile bootstrap interval over prompts.

    Args:
        temperatures: Strictly rising, at least 5.
        by_prompt: Mean token entropy, (prompts, temperatures), 0 or more; NaN drops the prompt.
        upper: The greatest that it may be, where `by_prompt` is the least; None: it is known.
        seed: Of the redraws.
        level: Confidence in (0, 1).
        draws: How many redraws.

    Raises:
        ValueError: The temperatures do not qualify, an entropy is below 0 or infinite, a mean is 0, or bounds are not in order.

    Example:
        Prompts that are alike turn at one place, however they are redrawn.

        >>> found = turn_interval(range(7), [np.exp([0, 4, 7, 9, 10, 12, 15])] * 5, seed=1)
        >>> found.low, found.high, found.share_found
        (4.0, 4.0, 1.0)
    """
    check_level(level)
    least = np.asarray(by_prompt, dtype=np.float64)
    most = least if upper is None else np.asarray(upper, dtype=np.float64)
    if least.ndim != 2 or most.shape != least.shape:
        raise ValueError("entropies must have the axes (prompts, temperatures)")
    grid = check_temperatures(temperatures, least.shape[1], at_least=MIN_TEMPERATURES)
    complete = ~(np.isnan(least) | np.isnan(most)).any(axis=1)
    least, most = least[complete], most[complete]
    if not (np.isfinite(most) & (least >= 0) & (least <= most)).all():
        raise ValueError("entropies must be numbers of 0 or more, and upper ends no lower than lower ones")
    n = len(least)
    found, possible = None, None
    if n:
        _check_means(least.mean(axis=0))
        found, possible = _turn_within(grid, least.mean(axis=0), most.mean(axis=0))
    if n < MIN_ITEMS or found is None:
        return TurnInterval(
            turn=found,
            possible=possible,
            low=None,
            high=None,
            share_found=None,
            level=level,
            n_prompts=n,
            reason=Reason("few_items_everywhere", least=MIN_ITEMS, n=n)
            if n < MIN_ITEMS
            else Reason("several_turning_points"),
        )
    picks = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    # Prompts without any choice may be drawn alone; a logarithm so far down cannot begin an upward bend.
    lower, upper_means = (np.maximum(picks @ ends / n, _NO_CHOICE) for ends in (least, most))
    first, _, last, surely = _turning(grid, lower, upper_means)
    low = np.quantile(grid[first], (1 - level) / 2, method="closest_observation")
    high = np.quantile(grid[last], (1 + level) / 2, method="closest_observation")
    return TurnInterval(
        turn=found,
        possible=possible,
        low=float(low),
        high=float(high),
        share_found=float(surely.mean()),
        level=level,
        n_prompts=n,
        reason=None,
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


def _check_means(means: Floats) -> None:
    if not (np.isfinite(means) & (means > 0)).all():
        raise ValueError(
            "mean entropies must be positive numbers; leave out temperature 0, where there is none"
        )


def _turn_within(grid: Floats, least: Floats, most: Floats) -> tuple[Turn | None, tuple[float, float]]:
    """Return the turning point of every curve within the bounds, (temperatures,), None where they differ; and the extremes."""
    first, maybe, last, surely = _turning(grid, least[np.newaxis], most[np.newaxis])
    possible = (float(grid[first[0]]), float(grid[last[0]]))
    if first[0] != last[0] or maybe[0] != surely[0]:
        return None, possible
    return Turn(temperature=possible[0], found=bool(surely[0])), possible


def _turning(grid: Floats, least: Floats, most: Floats) -> tuple[_Places, _Flags, _Places, _Flags]:
    """Return for bounds of curves, (curves, temperatures), where they turn at the earliest and at the latest.

    Both as the column of the turning point, the last interior one where there is none, and whether there is one.
    """
    factors = np.gradient(np.gradient(np.eye(grid.size), grid, axis=0), grid, axis=0).T
    up, down = np.maximum(factors, 0.0), np.minimum(factors, 0.0)
    low, high = np.log(least), np.log(most)
    ends = []
    for bend in (high @ up + low @ down, low @ up + high @ down):
        interior = bend[:, 1:-1] > 0
        starts = interior[:, :-1] & interior[:, 1:]
        found = starts.any(axis=1)
        ends += [np.where(found, starts.argmax(axis=1) + 1, grid.size - 2), found]
    return ends[0], ends[1], ends[2], ends[3]
