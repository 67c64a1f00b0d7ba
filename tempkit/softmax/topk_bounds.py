"""What the most probable tokens at a position say of its whole distribution at another temperature.

An API lists k tokens of some hundred thousand. Renormalising these k as if they were all is wrong exactly where
temperature matters, so everything here is an interval that holds the truth: the unseen tokens share a known mass, and none
is more probable than the last one listed. The effective temperature needs no interval: given that a drawn token is
among those listed, its probability depends on the listed ones alone.

With l the raw log-probabilities and b = 1/T, a token weighs exp(b l); Z is the sum of all weights.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tempkit.softmax.tempering import inverse_temperature

__all__ = [
    "MOST_TOKENS",
    "EffectiveTemperature",
    "Interval",
    "effective_temperature",
    "entropy_bounds",
    "leakage_bounds",
    "n95_bounds",
    "share_bounds",
    "tempered_entropy_bounds",
    "unseen_weight_bounds",
]

Floats = NDArray[np.floating[Any]]
Interval = tuple[Floats, Floats]
"""Lower and upper ends, which may be equal or infinite."""

MOST_TOKENS = 300_000
"""No model has a larger vocabulary (the largest known have some 260,000 tokens): the bounds hold for any smaller one."""

_ROUNDING = 1e-12
_COLDEST = 1e3
"""The greatest inverse temperature that is looked for."""
_NEAR_ONE = 1e-6
"""Closer to temperature 1 than this, a bound that divides by 1 - T is rounding noise; one that holds for any T is used."""
_TINY = 1e-300
"""A weight that no sum notices."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class EffectiveTemperature:
    """The temperature at which drawn tokens are most likely."""

    value: float
    se: float
    """Standard error, from the Fisher information."""
    tokens: int
    """Drawn tokens that it rests on: those among the listed ones."""


def unseen_weight_bounds(top: Floats, temperature: float, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on the weight of all unlisted tokens together, shape (n, k) to two of (n,).

    Relative to the weight of each row's most probable token, so that no temperature makes it too small to tell from 0.
    The unlisted mass r = 1 - P is spread somewhere between two extremes: over as few tokens as the last listed p_k
    allows (m = floor(r / p_k) of p_k and one of the rest), and evenly over all V - k. A sum of powers p^b takes its
    extremes there, because it is concave in p for b < 1 and convex for b > 1.

    Args:
        top: Raw log-probabilities, most probable first; rows with fewer than k are filled up with -inf.
        temperature: Above 0.
        vocabulary: Its size, or a larger number where it is not known.

    Example:
        At temperature 1 the weight is the mass: what is left of 1, in units of the most probable token's.

        >>> low, high = unseen_weight_bounds(np.log([[0.5, 0.3]]), 1.0)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.4], [0.4])
    """
    beta = inverse_temperature(temperature)
    rest, last, listed = _unlisted(top, vocabulary)
    few = np.floor(rest / last)
    over = np.maximum(rest - few * last, 0.0)
    first = np.exp(top[:, 0])
    # With r = 0 there is no unlisted mass and no weight; 0 ** 0 would count tokens.
    with np.errstate(divide="ignore"):
        packed = few * (last / first) ** beta + np.where(over > 0, (over / first) ** beta, 0.0)
        even = np.exp((1 - beta) * np.log(np.maximum(vocabulary - listed, 1)) + beta * np.log(rest / first))
    packed, even = (np.where(rest > 0, end, 0.0) for end in (packed, even))
    return np.minimum(packed, even), np.maximum(packed, even)


def entropy_bounds(top: Floats, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on the raw distribution's entropy in nats, shape (n, k) to two of (n,): by the same two extremes.

    Example:
        With one token unlisted everything is known: 1/2 ln 2 + 2 · 1/4 ln 4.

        >>> low, high = entropy_bounds(np.log([[0.5, 0.25]]), vocabulary=3)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([1.0397], [1.0397])
    """
    rest, last, listed = _unlisted(top, vocabulary)
    p = np.exp(top)
    known = -(p * np.where(np.isfinite(top), top, 0.0)).sum(axis=1)
    few = np.floor(rest / last)
    over = np.maximum(rest - few * last, 0.0)
    packed = -few * last * np.log(last) - over * np.log(np.where(over > 0, over, 1.0))
    even = -rest * np.log(np.where(rest > 0, rest, 1.0) / np.maximum(vocabulary - listed, 1))
    packed = np.where(rest > 0, packed, 0.0)
    return known + np.minimum(packed, even), known + np.maximum(packed, even)


def share_bounds(top: Floats, temperature: float, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on probabilities at `temperature` >= 0, shape (n, k) to two of (n, k + 1).

    The last column is of all unlisted tokens together. At temperature 0 the most probable token has everything, and equals
    share it.

    Example:
        At temperature 1 the unlisted tokens have what is left.

        >>> low, high = share_bounds(np.log([[0.5, 0.25]]), 1.0)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([[0.5, 0.25, 0.25]], [[0.5, 0.25, 0.25]])
    """
    weights, reached, (least, most) = _weighed(top, temperature, vocabulary)
    total = reached[:, -1:]
    least, most = least[:, None], most[:, None]
    return (
        np.hstack([weights / (total + most), least / (total + least)]),
        np.hstack([weights / (total + least), most / (total + most)]),
    )


def tempered_entropy_bounds(top: Floats, temperature: float, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on the entropy in nats at `temperature` >= 0, shape (n, k) to two of (n,).

    With W and A the listed sums of w and w ln w, U the unlisted weight and B its sum of w ln w, the entropy is
    ln(W + U) - (A + B) / (W + U). Least: B is at most that of U packed into as few tokens as w_k allows, and the entropy then
    grows with U. Most, for T >= 1: B is at least U ln(U / N) over N = V - k tokens, and the entropy grows with U. Most, for
    T < 1: the unlisted masses add up to R p_1, which is their Rényi entropy of order T, never below Shannon's; so
    B >= U ln(U / R) / (1 - T), and the entropy has one maximum in U, found by bisection. At T = 1 these are `entropy_bounds`.

    Example:
        Where all is listed, 4 to 1 is 2 to 1 at temperature 2: 2/3 ln 3/2 + 1/3 ln 3.

        >>> low, high = tempered_entropy_bounds(np.log([[0.8, 0.2]]), 2.0, vocabulary=2)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.6365], [0.6365])
    """
    weights, reached, (least, most) = _weighed(top, temperature, vocabulary)
    beta = inverse_temperature(temperature)
    rest, _, listed = _unlisted(top, vocabulary)
    total = reached[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(weights > 0, weights * beta * (top - top[:, :1]), 0.0).sum(axis=1)
    low = _entropy(total, known, least, _packed(least, _smallest(weights)))
    if temperature > 1 - _NEAR_ONE:
        high = _entropy(total, known, most, _xlogy(most, most / np.maximum(vocabulary - listed, 1)))
        return low, np.maximum(low, high)
    ratio = np.where(rest > 0, rest, 1.0) / np.exp(top[:, 0])
    left, right = (np.log(np.maximum(end, _TINY)) for end in (least, most))
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        rises = (
            known * (1 - temperature) - temperature * (total + np.exp(middle))
            > (middle - np.log(ratio)) * total
        )
        left, right = np.where(rises, middle, left), np.where(rises, right, middle)
    best = np.clip(np.exp((left + right) / 2), least, most)
    return low, np.maximum(low, _entropy(total, known, best, _xlogy(best, best / ratio) / (1 - temperature)))


def n95_bounds(top: Floats, temperature: float, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on how many tokens hold 95 % of the mass at `temperature` >= 0, shape (n, k) to two of (n,).

    The upper end is infinite where the listed tokens may hold less than that.

    Example:
        0.9 are too few, 0.9 + 0.06 are enough.

        >>> low, high = n95_bounds(np.log([[0.9, 0.06]]), 1.0)
        >>> low.tolist(), high.tolist()
        ([2.0], [2.0])
    """
    if temperature == 0:
        return np.ones(len(top)), np.ones(len(top))
    weights, reached, (least, most) = _weighed(top, temperature, vocabulary)
    total = reached[:, -1]
    last = _smallest(weights)
    wanted = 0.95 * (total + least) * (1 - _ROUNDING)
    beyond = np.ceil(np.maximum(wanted - total, 0.0) / last)
    listed = np.isfinite(top)
    short = ((reached < wanted[:, None]) & listed).sum(axis=1)
    low = np.minimum(short + 1, listed.sum(axis=1)) + beyond
    wanted = 0.95 * (total + most) * (1 - _ROUNDING)
    inside = (reached < wanted[:, None]).sum(axis=1) + 1
    return low, np.where(wanted <= total, inside, np.inf)


def leakage_bounds(top: Floats, temperature: float, vocabulary: int = MOST_TOKENS) -> Interval:
    """Return bounds on the leakage at `temperature` >= 0, in [0, 1], shape (n, k) to two of (n,).

    The mass at `temperature` outside the smallest set of tokens that holds 90 % at T = 1 (arXiv 2606.01451).

    Example:
        One token holds 90 %, and what is outside of it at temperature 1 is 0.05.

        >>> low, high = leakage_bounds(np.log([[0.95, 0.03]]), 1.0)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.05], [0.05])
    """
    if temperature == 0:
        return np.zeros(len(top)), np.zeros(len(top))
    _, reached, (least, most) = _weighed(top, temperature, vocabulary)
    mass = np.cumsum(np.exp(top), axis=1)
    short = mass < 0.9 * (1 - _ROUNDING)
    listed = ~short[:, -1]
    edge = np.minimum(short.sum(axis=1), top.shape[1] - 1)
    inside = reached[np.arange(len(top)), edge]
    total = reached[:, -1]
    low = np.where(listed, 1 - inside / (total + least), 0.0)
    # Where the set goes beyond the listed tokens, at most all of the unlisted ones are outside it.
    high = np.where(listed, 1 - inside / (total + most), most / (total + most))
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def effective_temperature(top: Floats, drawn: Floats) -> EffectiveTemperature | None:
    """Return the temperature at which the drawn tokens are most likely, by maximum likelihood.

    The b with sum l_y = sum E_b[l] over the listed tokens (arXiv 2601.02320; earlier arXiv 2303.04729), by Newton's
    method with the information I = sum Var_b(l); SE(T) = T^2 / sqrt(I). Positions whose drawn token is not among the
    listed are left out: given that it is, the likelihood of the listed alone is exact for any softmax. A sampler that
    also cuts the distribution off draws improbable tokens less often and so has an effective temperature below its nominal one.

    Args:
        top: Raw log-probabilities, shape (n, k), most probable first, the same k for all or filled up with -inf.
        drawn: The drawn tokens' raw log-probabilities, shape (n,); -inf for one that is not listed and not known.

    Returns:
        None where no temperature above 0 is most likely: every drawn token was the most probable one, which any low
        temperature may do, or they were less probable on average than even chances would make them.

    Example:
        Of two tokens of 0.8 and 0.2, the first was drawn two times of three, which is what temperature 2 makes of them.

        >>> top, drawn = np.log([[0.8, 0.2]] * 300), np.log([0.8, 0.8, 0.2] * 100)
        >>> round(effective_temperature(top, drawn).value, 4)
        2.0
    """
    last = np.min(np.where(np.isfinite(top), top, np.inf), axis=1)
    among = drawn >= last - 1e-9
    spread = top[:, 0] > last
    rows, values = top[among & spread], drawn[among & spread]
    known = np.isfinite(rows)
    finite = np.where(known, rows, 0.0)
    target = float(values.sum())
    if not len(rows) or target >= float(rows[:, 0].sum()) - 1e-9:
        return None
    low, high, beta = 0.0, _COLDEST, 1.0
    information = 0.0
    for _ in range(100):
        weights = np.exp(beta * (rows - rows[:, :1])) * known
        weights /= weights.sum(axis=1, keepdims=True)
        means = (weights * finite).sum(axis=1)
        information = float((weights * (finite - means[:, None]) ** 2).sum())
        slope = target - float(means.sum())
        low, high = (beta, high) if slope > 0 else (low, beta)
        step = beta + slope / information if information > 0 else high
        after = step if low < step < high else (low + high) / 2
        if abs(after - beta) <= 1e-10 * beta:
            break
        beta = after
    if information <= 0 or beta <= 1e-6 or beta >= _COLDEST * (1 - 1e-6):
        return None
    return EffectiveTemperature(1 / beta, 1 / beta**2 / information**0.5, len(rows))


def _unlisted(top: Floats, vocabulary: int) -> tuple[Floats, Floats, Floats]:
    """Return for each row the mass of the tokens it does not list, the last listed probability, and how many it lists."""
    p = np.exp(top)
    known = np.isfinite(top)
    listed = known.sum(axis=1)
    last = np.maximum(np.min(np.where(known, p, np.inf), axis=1), np.finfo(np.float64).tiny)
    rest = np.maximum(1 - p.sum(axis=1), 0.0)
    # None of the others exceeds the last listed one: what more seems to be left is rounding.
    rest = np.minimum(np.where(rest <= _ROUNDING, 0.0, rest), np.maximum(vocabulary - listed, 0) * last)
    return rest, last, listed


def _weighed(top: Floats, temperature: float, vocabulary: int) -> tuple[Floats, Floats, Interval]:
    """Return the weights relative to each row's largest, their running sums, and bounds on the unlisted ones' sum."""
    weights = np.exp(inverse_temperature(temperature) * (top - top[:, :1]))
    return weights, np.cumsum(weights, axis=1), unseen_weight_bounds(top, temperature, vocabulary)


def _smallest(weights: Floats) -> Floats:
    """Return each row's smallest weight above 0."""
    return np.asarray(np.min(np.where(weights > 0, weights, np.inf), axis=1))


def _xlogy(x: Floats, y: Floats) -> Floats:
    """Return x ln y, 0 where x is 0."""
    return np.asarray(np.where(x > 0, x * np.log(np.where(x > 0, y, 1.0)), 0.0))


def _packed(weight: Floats, largest: Floats) -> Floats:
    """Return the sum of w ln w of a weight packed into as few tokens as can hold it."""
    few = np.floor(weight / largest)
    over = np.maximum(weight - few * largest, 0.0)
    return np.asarray(few * _xlogy(largest, largest) + _xlogy(over, over))


def _entropy(total: Floats, known: Floats, unlisted: Floats, sums: Floats) -> Floats:
    return np.asarray(np.maximum(np.log(total + unlisted) - (known + sums) / (total + unlisted), 0.0))
