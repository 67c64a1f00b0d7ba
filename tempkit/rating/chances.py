"""How strong each temperature is by what people prefer: the chance of winning against the average other one, with an interval.

The strengths are those of a judge's pairs (`tempkit.judging`): R. A. Bradley and M. E. Terry, "Rank analysis of incomplete block
designs", Biometrika 39, 1952, with a tie as half a win for each, drawn towards each other by a weak prior, so that a temperature
that never lost has a finite one. The interval is another, because people compare few pairs, often one or two of a question, and a
bootstrap over questions is too narrow there: it knows nothing of the loss that a temperature without one may still have.

It is a quasi-likelihood's. The variance of the fit is as the model has it, times a dispersion that is estimated from questions
as clusters, over all temperatures together (P. McCullagh and J. A. Nelder, Generalized Linear Models, 1989, ch. 9; K.-Y. Liang and
S. L. Zeger, Biometrika 73, 1986): ties and several raters of one pair make it smaller, pairs of a question that hang together
make it larger. Taken over all temperatures, it stays known where one of them won everything; `_PRIOR` comparisons' worth of the
model's own variance are added for where all did. The interval is symmetric in the logit, so it ends before 0 and 1.

It holds for these raters: so few say nothing about others. How often it holds: `benchmarks/rating.py`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from tempkit.judging import fit, win_chances
from tempkit.statistics import MIN_ITEMS, Floats

__all__ = ["Chances", "chances"]

_PULL = 0.1
"""The precision of the prior on each strength, as `fit` has it."""

_PRIOR = 1.5
"""Comparisons between equals, times a quarter each, that the dispersion is drawn to 1 by."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chances:
    """Of winning against the average other temperature, all (draws, temperatures)."""

    chance: Floats
    low: Floats
    """NaN where there are too few questions for an interval."""
    high: Floats


def chances(wins: Floats, *, level: float = 0.95) -> Chances:
    """Return how each temperature stands against the others; every one of them must have met another.

    Args:
        wins: (draws, questions, temperatures, temperatures): how often the row's answer was preferred to the column's, ties as
            halves, each pair counting once however many people rated it. A single data set is one draw; many are for simulations.
        level: Confidence in (0, 1) of each interval by itself.
    """
    draws, _, k, _ = wins.shape
    wins = wins[:, wins.sum(axis=(0, 2, 3)) > 0]
    n = wins.shape[1]
    total = wins.sum(axis=1)
    found = fit(total)
    middle = win_chances(found)
    if n < MIN_ITEMS:
        nothing = np.full((draws, k), np.nan)
        return Chances(chance=middle, low=nothing, high=nothing)
    games = total + total.transpose(0, 2, 1)
    beats = np.asarray(0.5 * (1 + np.tanh((found[:, :, np.newaxis] - found[:, np.newaxis, :]) / 2)))
    information = games * beats * (1 - beats)
    curve = -information
    each = np.arange(k)
    curve[:, each, each] += information.sum(axis=2)
    spread = np.linalg.inv(curve + _PULL * np.eye(k))
    variance = np.einsum("dti,dij,dtj->dt", *_slopes(beats, middle, spread)) * _dispersion(
        wins, beats, information, curve, spread
    )
    freedom = (n - 1) * (k - 1)
    half = special.stdtrit(freedom, (1 + level) / 2) * np.sqrt(variance)
    at = np.log(middle) - np.log1p(-middle)
    return Chances(chance=middle, low=_share(at - half), high=_share(at + half))


def _slopes(beats: Floats, middle: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Return what the logit of each chance changes by with each strength, (draws, chances, strengths), about the variance between."""
    k = middle.shape[1]
    each = np.arange(k)
    slopes = -beats * (1 - beats)
    slopes[:, each, each] = 0.0
    slopes[:, each, each] = -slopes.sum(axis=2)
    slopes = slopes / ((k - 1) * (middle * (1 - middle))[:, :, np.newaxis])
    return slopes, spread, slopes


def _dispersion(wins: Floats, beats: Floats, information: Floats, curve: Floats, spread: Floats) -> Floats:
    """Return what the model's variance is multiplied by, (draws, 1)."""
    n = wins.shape[1]
    scores = (wins - (wins + wins.transpose(0, 1, 3, 2)) * beats[:, np.newaxis]).sum(axis=3)
    fitted = np.einsum("dij,dji->d", spread, curve)
    seen = np.einsum("dni,dij,dnj->d", scores, spread, scores) / np.maximum(fitted, 1e-9)
    seen *= n / (n - 1)
    weight = information.sum(axis=(1, 2)) / 2
    prior = _PRIOR / 4
    return np.asarray((seen * weight + prior) / (weight + prior))[:, np.newaxis]


def _share(logit: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(logit / 2)))
