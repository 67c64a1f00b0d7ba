"""How likely drawn tokens are under what a server may do with the temperature.

With l the raw log-probabilities and b = 1/T, a token is drawn with probability exp(b l) over the sum of that over all. Given that it is
among the listed tokens, the listed ones alone decide (`tempkit.softmax.effective_temperature` says why). A server that truncates before the temperature draws
from the tokens that its cut leaves, which is a softmax over those.
"""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from tempkit.probing.rows import Rows
from tempkit.softmax import Floats, inverse_temperature, share_bounds

__all__ = [
    "best_beta",
    "cut_by_mass",
    "cut_by_rank",
    "cut_by_share",
    "expected_surprise",
    "log_likelihood",
    "mass_before",
    "separation",
    "surprise_of_listed",
    "surprise_of_unlisted",
]

_DEEPEST = 50.0
"""In nats: logits of language models span less."""
_HOTTEST, _COLDEST = 1e-2, 1e3
"""Inverse temperatures between which one is looked for."""


def log_likelihood(rows: Rows, beta: float, kept: NDArray[np.bool_] | None = None) -> float:
    """Return the log-likelihood, in nats, of the drawn tokens among those listed.

    Args:
        rows: The positions.
        beta: 1/T.
        kept: Which of the listed tokens a cut leaves, shape (n, k); None: all. -inf where a drawn token is not left.
    """
    among = rows.listed
    top, drawn = rows.top[among], rows.drawn[among]
    if not len(drawn):
        return 0.0
    weights = np.where(np.isfinite(top), beta * (top - top[:, :1]), -np.inf)
    if kept is not None:
        left = kept[among]
        lowest = np.min(np.where(left, top, np.inf), axis=1)
        if (drawn < lowest - 1e-3).any():
            return -math.inf
        weights = np.where(left, weights, -np.inf)
    total = np.log(np.exp(weights).sum(axis=1))
    return float((beta * (drawn - top[:, 0]) - total).sum())


def best_beta(parts: list[tuple[Rows, float]]) -> tuple[float, float]:
    """Return the b, and the log-likelihood there, that makes draws most likely when each part is drawn at b times its factor."""

    def loss(log_beta: float) -> float:
        return -sum(log_likelihood(rows, math.exp(log_beta) * factor) for rows, factor in parts)

    found = scipy.optimize.minimize_scalar(  # loaded at its first use: it takes long
        loss, bounds=(math.log(_HOTTEST), math.log(_COLDEST)), method="bounded", options={"xatol": 1e-4}
    )
    return math.exp(float(found.x)), -float(found.fun)


def separation(rows: Rows, true: float, said: float) -> float:
    """Return what the likelihood ratio is to be expected to reach, 2 ln, where draws are at `true` and are held to be at `said`, both above 0.

    Twice the Kullback-Leibler divergence between the listed tokens' distributions, at each position times the least probability that a
    listed token is drawn there.
    """
    if not len(rows):
        return 0.0
    _low, high = share_bounds(rows.top, true)
    listed = 1 - high[:, -1]
    offsets = np.where(np.isfinite(rows.top), rows.top - rows.top[:, :1], -np.inf)

    def logs(temperature: float) -> Floats:
        scaled = offsets * inverse_temperature(temperature)
        return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))

    p, q = logs(true), logs(said)
    with np.errstate(invalid="ignore"):
        divergence = np.where(np.isfinite(p), np.exp(p) * (p - q), 0.0).sum(axis=1)
    return 2 * float((listed * divergence).sum())


def expected_surprise(rows: Rows, true: float, said: float) -> float:
    """Return what `surprise_of_unlisted` is to be expected to return, or a little more, where draws are at `true`, below `said`."""
    if not len(rows):
        return 1.0
    expected = float(share_bounds(rows.top, said)[0][:, -1].sum())
    most = float(share_bounds(rows.top, true)[1][:, -1].sum())
    return _tail(most + 1.645 * math.sqrt(most), expected)


def surprise_of_unlisted(rows: Rows, temperature: float) -> float:
    """Return a bound on the probability that so few drawn tokens are unlisted ones, at this temperature; 1 where that is no surprise.

    The share of the unlisted tokens has a lower bound at each position (`share_bounds`), so their number is at least as large as that of
    independent trials with these; Chernoff's bound on its lower tail.
    """
    if not len(rows):
        return 1.0
    low, _ = share_bounds(rows.top, temperature)
    expected = float(low[:, -1].sum())
    seen = float((~rows.listed).sum())
    return _tail(seen, expected)


def surprise_of_listed(rows: Rows, temperature: float, vocabulary: int) -> float:
    """Return a bound on the probability that so many drawn tokens are listed ones, at a temperature far above 1; 1 where that is no surprise.

    Where the temperature is so high that nearly all tokens are alike, the k listed ones have about k / V of the mass. Every token that
    was seen anywhere is one of the V, and none lies further than `_DEEPEST` nats below the best.
    """
    if not len(rows):
        return 1.0
    weights = np.exp(inverse_temperature(temperature) * (rows.top - rows.top[:, :1]))
    listed = np.isfinite(rows.top).sum(axis=1)
    rest = np.maximum(vocabulary - listed, 0) * math.exp(-_DEEPEST / temperature)
    total = np.where(np.isfinite(rows.top), weights, 0.0).sum(axis=1)
    expected, seen = float((total / (total + rest)).sum()), float(rows.listed.sum())
    if seen <= expected or not seen:
        return 1.0
    return math.exp(-(expected - seen + seen * math.log(seen / expected)))


def _tail(seen: float, expected: float) -> float:
    """Return Chernoff's bound on the probability of `seen` or fewer events, where `expected` are to be expected at least."""
    if seen >= expected or expected <= 0:
        return 1.0
    return math.exp(-(expected - seen - (seen * math.log(expected / seen) if seen else 0.0)))


def cut_by_share(rows: Rows, log_share: float) -> NDArray[np.bool_]:
    """Return which listed tokens are at least so probable beside the most probable one (a `min_p` before the temperature)."""
    return np.asarray(rows.top >= rows.top[:, :1] + log_share - 1e-6)


def cut_by_rank(rows: Rows, count: int) -> NDArray[np.bool_]:
    """Return which listed tokens are among the first `count` (a `top_k` before the temperature)."""
    return np.asarray(np.broadcast_to(np.arange(rows.top.shape[1]) < count, rows.top.shape))


def cut_by_mass(rows: Rows, mass: float) -> NDArray[np.bool_]:
    """Return which listed tokens are in the smallest set that holds `mass` (a `top_p` before the temperature)."""
    before = np.cumsum(np.exp(rows.top), axis=1) - np.exp(rows.top)
    return np.asarray(before < mass)


def mass_before(rows: Rows) -> Floats:
    """Return the probability of all tokens above each drawn one, shape (n,)."""
    above = np.where(rows.top > rows.drawn[:, None] + 1e-6, np.exp(rows.top), 0.0)
    return np.asarray(above.sum(axis=1))
