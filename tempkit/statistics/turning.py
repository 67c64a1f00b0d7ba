"""TURN: a temperature from token entropies alone, without any labels.

As temperature rises the logarithm of the mean entropy first bends downwards; where it begins to bend upwards the model
starts to fall apart, and the best accuracy over many samples was found just there (arXiv 2502.05234, for mathematics and
code answered many times; say so where it is shown). A bend is a second difference, which noise disturbs easily: two
consecutive positives are asked for, and prompts are redrawn to see how far the answer moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tempkit.phrases import N_, Phrase
from tempkit.statistics.arrays import Floats
from tempkit.statistics.intervals import MIN_ITEMS, check_level
from tempkit.statistics.trends import check_temperatures

__all__ = ["MIN_TEMPERATURES", "Turn", "TurnInterval", "turn", "turn_interval"]

_FEW = Phrase(N_("needs at least %(least)d prompts that have every temperature, has %(n)d"))

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
    """None when no prompt has every temperature."""
    low: float | None
    high: float | None
    """Percentiles of the redrawn turning points; both are temperatures of the grid. None: too few prompts."""
    share_found: float | None
    """Share of redraws with a turning point; the others stand at the last interior temperature."""
    level: float
    n_prompts: int
    """Prompts with an entropy at every temperature."""
    reason: str | None
    """Why there is no interval; None when there is one."""


def turn(temperatures: Sequence[float], entropies: ArrayLike) -> Turn:
    """Return the first interior temperature where the second difference of ln(entropy) turns positive and stays so once.

    Args:
        temperatures: Strictly rising, at least 5.
        entropies: Mean token entropy at each, above 0: averaged over tokens, then over prompts, in any one unit.

    Raises:
        ValueError: The temperatures do not qualify, or an entropy is not a positive number.
    """
    means = np.asarray(entropies, dtype=np.float64)
    if means.ndim != 1:
        raise ValueError(
            "entropies must be one per temperature; for prompts x temperatures use turn_interval"
        )
    grid = check_temperatures(temperatures, means.size, at_least=MIN_TEMPERATURES)
    _check_entropies(means)
    index, found = _turning(grid, means[np.newaxis])
    return Turn(temperature=float(grid[index[0]]), found=bool(found[0]))


def turn_interval(
    temperatures: Sequence[float],
    by_prompt: ArrayLike,
    *,
    seed: int,
    level: float = 0.95,
    draws: int = 2000,
) -> TurnInterval:
    """Return the turning point of the mean entropy over prompts, with a percentile bootstrap interval over prompts.

    Args:
        temperatures: Strictly rising, at least 5.
        by_prompt: Mean token entropy, (prompts, temperatures), above 0; NaN drops the prompt.
        seed: Of the redraws.
        level: Confidence in (0, 1).
        draws: How many redraws.

    Raises:
        ValueError: The temperatures do not qualify, or an entropy is not a positive number.
    """
    check_level(level)
    entropies = np.asarray(by_prompt, dtype=np.float64)
    if entropies.ndim != 2:
        raise ValueError("entropies must have the axes (prompts, temperatures)")
    grid = check_temperatures(temperatures, entropies.shape[1], at_least=MIN_TEMPERATURES)
    entropies = entropies[~np.isnan(entropies).any(axis=1)]
    _check_entropies(entropies)
    n = len(entropies)
    if n < MIN_ITEMS:
        return TurnInterval(
            turn=turn(temperatures, entropies.mean(axis=0)) if n else None,
            low=None,
            high=None,
            share_found=None,
            level=level,
            n_prompts=n,
            reason=_FEW(least=MIN_ITEMS, n=n),
        )
    picks = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    index, found = _turning(grid, picks @ entropies / n)
    low, high = np.quantile(grid[index], [(1 - level) / 2, (1 + level) / 2], method="closest_observation")
    return TurnInterval(
        turn=turn(temperatures, entropies.mean(axis=0)),
        low=float(low),
        high=float(high),
        share_found=float(found.mean()),
        level=level,
        n_prompts=n,
        reason=None,
    )


def _check_entropies(entropies: Floats) -> None:
    if not (np.isfinite(entropies) & (entropies > 0)).all():
        raise ValueError("entropies must be positive numbers; leave out temperature 0, where there is none")


def _turning(grid: Floats, curves: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Floats]:
    """Return for each curve, (curves, temperatures), the column of its turning point and whether there is one."""
    bend = np.gradient(np.gradient(np.log(curves), grid, axis=1), grid, axis=1)
    interior = bend[:, 1:-1] > 0
    starts = interior[:, :-1] & interior[:, 1:]
    found = starts.any(axis=1)
    return np.where(found, starts.argmax(axis=1) + 1, grid.size - 2), found
