"""How strong each temperature is when its answers meet those of the others: Bradley and Terry's model, with intervals over items.

A share of wins depends on whom one met; a strength does not: temperature i beats j with probability 1 / (1 + exp(s_j - s_i)).
A tie counts as half a win for each. A temperature that never lost would have an infinite strength, so strengths are drawn
towards each other, by about as much as half a comparison between equals would. What is shown is the probability of winning
against the average other temperature, which a person can read, and not the strength itself.

The fit is small (Newton's method on at most a few dozen unknowns) but is made for thousands of bootstrap draws at once, so it
is written here for arrays of draws. Items are drawn, not comparisons: what a judge says of one item's answers hangs together.

Which interval was decided by simulation: 5 temperatures, every two of them compared once per item, strengths that differ
between items with a standard deviation of 0.5, three ties in ten, 300 data sets, aiming at 95 %. Percentiles of the draws
covered 84 % with 5 items, 90 % with 10, 92 % with 20; Student's t times the draws' standard deviation, enlarged by
sqrt(n / (n - 1)), covered 94 %, 95 % and 95 %. So it is the latter, cut to the range of a probability.

A judge that contradicts itself draws every strength towards the others': a win becomes a tie. Each item's comparisons have errors
of their own, so that the interval covers what the judge says on average by itself; for what it would say without error, its ends are
drawn away from one half by as much as the judge may have drawn them towards it (`benchmarks/judges.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tempkit.statistics import MIN_ITEMS
from tempkit.types import Reason

__all__ = ["Strength", "fit", "strengths", "win_chances"]

Floats = NDArray[np.float64]

_PULL = 0.1
"""The precision of the normal prior on each strength; a comparison between equals tells 0.25."""

_DRAWS = 2_000
_STEPS = 60
_LONGEST_STEP = 2.0
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """One temperature among the others."""

    chance: float | None
    """Of winning against the average other temperature, in [0, 1]; None when it was in no comparison."""
    low: float | None
    high: float | None
    reason: Reason | None
    """Why there is no interval; None when there is one."""


def strengths(
    wins: Floats, *, level: float = 0.95, seed: int = 0, shrinks: float | None = 1.0
) -> tuple[Strength, ...]:
    """Return how each temperature stands against the others.

    Args:
        wins: (items, temperatures, temperatures): how often the row's answers were preferred to the column's, ties as halves.
        level: Confidence in (0, 1) of each interval by itself.
        seed: Of the bootstrap.
        shrinks: What the judge's errors multiply differences by at worst, in (0, 1]; None: nothing is known of it, so there
            are no intervals.
    """
    total = wins.sum(axis=0)
    met = (total + total.T).sum(axis=1) > 0
    if met.sum() < 2:
        return tuple(Strength(chance=None, low=None, high=None, reason=Reason("not_compared")) for _ in met)
    kept = np.flatnonzero(met)
    chances = win_chances(fit(total[np.ix_(kept, kept)][np.newaxis]))[0]
    items = wins[(wins.sum(axis=(1, 2)) > 0)][:, kept][:, :, kept]
    low, high, reasons = _interval(items, chances, level, seed)
    if shrinks is None:
        low, high = [None] * len(kept), [None] * len(kept)
        reasons = [reason or Reason("judge_not_shown") for reason in reasons]
    else:
        low = [None if end is None else max(0.0, min(end, 0.5 + (end - 0.5) / shrinks)) for end in low]
        high = [None if end is None else min(1.0, max(end, 0.5 + (end - 0.5) / shrinks)) for end in high]
    found = dict(zip(kept.tolist(), range(len(kept)), strict=True))
    return tuple(
        Strength(chance=float(chances[i]), low=low[i], high=high[i], reason=reasons[i])
        if (i := found.get(column, -1)) >= 0
        else Strength(chance=None, low=None, high=None, reason=Reason("not_compared"))
        for column in range(len(met))
    )


def _interval(
    items: Floats, chances: Floats, level: float, seed: int
) -> tuple[list[float | None], list[float | None], list[Reason | None]]:
    n, k = len(items), len(chances)
    nothing: list[float | None] = [None] * k
    if n < MIN_ITEMS:
        return nothing, nothing, [Reason("few_items", least=MIN_ITEMS, n=n)] * k
    rng = np.random.default_rng(seed)
    picks = rng.multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    drawn = win_chances(fit(np.tensordot(picks.astype(float), items, axes=1)))
    half = special.stdtrit(n - 1, (1 + level) / 2) * drawn.std(axis=0) * np.sqrt(n / (n - 1))
    shown = half > _CLOSE
    reasons = [None if there else Reason("no_spread_of_pairs") for there in shown]
    low = [
        max(0.0, float(c - h)) if there else None for c, h, there in zip(chances, half, shown, strict=True)
    ]
    high = [
        min(1.0, float(c + h)) if there else None for c, h, there in zip(chances, half, shown, strict=True)
    ]
    return low, high, reasons


def fit(wins: Floats) -> Floats:
    """Return strengths by penalised maximum likelihood, (draws, temperatures), with mean 0 in each draw.

    R. A. Bradley and M. E. Terry, "Rank analysis of incomplete block designs", Biometrika 39, 1952; ties as half wins,
    a normal prior of precision 0.1 on each strength.

    Args:
        wins: (draws, temperatures, temperatures), as for `strengths`; the diagonal is 0.
    """
    draws, k, _ = wins.shape
    games = wins + wins.transpose(0, 2, 1)
    won = wins.sum(axis=2)
    found = np.zeros((draws, k))
    diagonal = np.arange(k)
    for _ in range(_STEPS):
        chance = _logistic(found[:, :, np.newaxis] - found[:, np.newaxis, :])
        slope = won - (games * chance).sum(axis=2) - _PULL * found
        spread = games * chance * (1 - chance)
        curve = -spread
        curve[:, diagonal, diagonal] += spread.sum(axis=2) + _PULL
        step = np.linalg.solve(curve, slope[:, :, np.newaxis])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        found += step * np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, _CLOSE))
        if longest.max() < _CLOSE:
            break
    return np.asarray(found - found.mean(axis=1, keepdims=True))


def win_chances(found: Floats) -> Floats:
    """Return the probability of winning against the average other temperature, (draws, temperatures)."""
    k = found.shape[1]
    chance = _logistic(found[:, :, np.newaxis] - found[:, np.newaxis, :])
    return np.asarray((chance.sum(axis=2) - 0.5) / (k - 1))


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))
