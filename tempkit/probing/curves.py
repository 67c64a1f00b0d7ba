"""From draws with raw logprobs to a verdict: what explains them best among what servers are known to do.

Each explanation says which distribution is drawn from at each nominal temperature T, and has one parameter at most: T itself (honoured),
one temperature for all (ignored), T up to a limit (clamped), T times a factor (remapped), T after a truncation. Only where
T itself is refuted by a likelihood-ratio test are the others looked at; the likeliest is named.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tempkit.probing.likelihood import (
    best_beta,
    cut_by_mass,
    cut_by_rank,
    cut_by_share,
    expected_surprise,
    log_likelihood,
    mass_before,
    separation,
    surprise_of_listed,
    surprise_of_unlisted,
)
from tempkit.probing.rows import Rows
from tempkit.softmax import effective_temperature, inverse_temperature

__all__ = ["Curve", "Effective", "Explanation", "explained"]

Explanation = Literal[
    "honoured", "ignored", "clamped", "factor", "other", "min_p", "top_k", "top_p", "cut", "cuts", "unknown"
]

ALPHA = 0.001
"""Probability of refuting a temperature that is honoured, by each of the two tests."""
_SEEN = float(special.ndtri(1 - ALPHA / 2) + special.ndtri(0.95)) ** 2
"""What 2 ln of the likelihood ratio is to be expected to reach, for a difference to be found 95 times in 100."""
_HOT = 20.0
"""A temperature at which all tokens are nearly alike."""
_MOST_OF_IT = 0.95
"""Share of what any curve at all would explain: an explanation that reaches it is named, though the rest may be no chance."""
_CLEARLY = 3.0
"""In nats of log-likelihood: what an explanation must be better by than the temperatures' being honoured."""
_COARSEST = 0.5
"""A probe that could miss a difference of this share of every temperature tells nothing."""


@dataclass(frozen=True, slots=True)
class Effective:
    """How a nominal temperature behaves."""

    temperature: float
    value: float | None
    """None: every drawn token was the most probable one, or nothing could be told."""
    se: float | None
    tokens: int
    detectable: float | None
    """By which share less than what was sent it must be to be found 95 times in 100; None: none that was tried."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What explains the draws."""

    explanation: Explanation
    value: float | None = None
    """The explanation's parameter: the one temperature, the limit, the factor, or the truncation's."""
    effective: tuple[Effective, ...] = ()
    p_value: float = 1.0
    """Of the temperatures' being honoured."""


def explained(drawn: Mapping[float, Rows], shown: float = math.inf, vocabulary: int = 0) -> Curve:
    """Say what explains draws.

    Args:
        drawn: By nominal temperature above 0: what was drawn from which raw log-probabilities.
        shown: The highest temperature whose own estimate is wanted; those above it count for the explanation alone.
        vocabulary: So many different tokens were seen at least.
    """
    drawn = {t: rows for t, rows in sorted(drawn.items()) if t > 0 and rows.listed.any()}
    effective = tuple(_effective(t, rows) for t, rows in drawn.items() if t <= shown)
    if not drawn:
        return Curve("unknown")
    honoured = sum(log_likelihood(rows, inverse_temperature(t)) for t, rows in drawn.items())
    free = [best_beta([(rows, 1.0)]) for rows in drawn.values()]
    each = [
        2 * (best - log_likelihood(rows, inverse_temperature(t)))
        for (t, rows), (_, best) in zip(drawn.items(), free, strict=True)
    ]
    together = float(special.chdtrc(len(each), max(0.0, sum(each))))
    single = min(1.0, len(each) * float(special.chdtrc(1, max(0.0, *each, 0.0))))
    surprises = [surprise_of_unlisted(rows, t) for t, rows in drawn.items()]
    surprises += [surprise_of_listed(rows, t, vocabulary) for t, rows in drawn.items() if t >= _HOT]
    unlisted = min(1.0, len(each) * min(surprises))
    p_value = min(together, single, unlisted)
    if p_value > ALPHA:
        seen = any(e.detectable is not None and e.detectable < _COARSEST for e in effective)
        return Curve("honoured" if seen else "unknown", None, effective, p_value)
    candidates = [candidate for make in _CANDIDATES for candidate in make(drawn)]
    name, value, likelihood = max(candidates, key=lambda found: found[2])
    best = sum(found for _, found in free)
    spare = float(special.chdtri(max(1, len(each) - 1), ALPHA)) / 2
    gained = likelihood - honoured
    if (likelihood < best - spare and gained < _MOST_OF_IT * (best - honoured)) or gained < _CLEARLY:
        name, value = "other", None
    if honoured > likelihood - 1e-9 or (unlisted <= ALPHA < min(together, single)):
        name, value = "cut", None
    return Curve(name, value, effective, p_value)


_Candidate = tuple[Explanation, float | None, float]


def _constant(drawn: Mapping[float, Rows]) -> list[_Candidate]:
    beta, found = best_beta([(rows, 1.0) for rows in drawn.values()])
    return [("ignored", 1 / beta, found)]


def _factor(drawn: Mapping[float, Rows]) -> list[_Candidate]:
    beta, found = best_beta([(rows, 1 / t) for t, rows in drawn.items()])
    return [("factor", 1 / beta, found)]


def _clamped(drawn: Mapping[float, Rows]) -> list[_Candidate]:
    """Try every pair of neighbours as where the limit lies, and all that is above them as drawn at one temperature."""
    temperatures = list(drawn)
    found: list[_Candidate] = []
    for count in range(1, len(temperatures)):
        below, above = temperatures[:count], temperatures[count:]
        beta, _likelihood = best_beta([(drawn[t], 1.0) for t in above])
        free = float(np.clip(1 / beta, below[-1], above[0]))
        rest = sum(log_likelihood(drawn[t], 1 / t) for t in below)
        at = {
            limit: rest + sum(log_likelihood(drawn[t], 1 / limit) for t in above) for limit in (free, *_ROUND)
        }
        # A limit that somebody set is a round number, and what an estimate is beside that is noise.
        plain = [
            limit for limit in _ROUND if below[-1] <= limit <= above[0] and at[limit] > at[free] - _NOISE
        ]
        limit = max(plain, key=lambda each: at[each], default=free)
        found.append(("clamped", limit, at[limit]))
    return found


_ROUND = (0.5, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 5.0)
"""Limits that servers have."""
_NOISE = 2.0
"""In nats of log-likelihood: two standard errors."""


def _truncated(drawn: Mapping[float, Rows]) -> list[_Candidate]:
    """Put each kind of cut where the least probable drawn token just passes it: a tighter one is impossible, a looser one less likely.

    A drawn token that is not listed lies behind the last one that is. Servers have several cuts at once, too.
    """
    share, rank, mass = 0.0, 1, 0.0
    for rows in drawn.values():
        behind = np.where(
            rows.listed, rows.drawn, rows.top.min(axis=1, where=np.isfinite(rows.top), initial=0.0)
        )
        share = min(share, -float((rows.top[:, 0] - behind).max()))
        above = (rows.top > behind[:, None] + 1e-6).sum(axis=1) + ~rows.listed
        rank = max(rank, 1 + int(above.max()))
        before = np.where(rows.listed, mass_before(rows), np.exp(rows.top).sum(axis=1))
        mass = max(mass, float(before.max()) + 1e-9)
    cuts: dict[Explanation, tuple[Callable[[Rows], NDArray[np.bool_]], float]] = {
        "min_p": (lambda rows: cut_by_share(rows, share), math.exp(share)),
        "top_k": (lambda rows: cut_by_rank(rows, rank), float(rank)),
        "top_p": (lambda rows: cut_by_mass(rows, mass), mass),
    }
    found: list[_Candidate] = []
    for name, (cut, value) in cuts.items():
        likelihood = sum(log_likelihood(rows, 1 / t, cut(rows)) for t, rows in drawn.items())
        found.append((name, value, likelihood))
    together = sum(
        log_likelihood(rows, 1 / t, np.logical_and.reduce([cut(rows) for cut, _ in cuts.values()]))
        for t, rows in drawn.items()
    )
    found.append(("cuts", None, together - _NOISE))
    return found


_CANDIDATES: tuple[Callable[[Mapping[float, Rows]], list[_Candidate]], ...] = (
    _constant,
    _factor,
    _clamped,
    _truncated,
)


def _effective(temperature: float, rows: Rows) -> Effective:
    among = rows.listed
    found = effective_temperature(rows.top[among], rows.drawn[among])
    detectable = _detectable(temperature, rows)
    if found is None:
        return Effective(temperature, None, None, int(among.sum()), detectable)
    return Effective(temperature, found.value, found.se, found.tokens, detectable)


def _detectable(temperature: float, rows: Rows) -> float | None:
    """Return by which share less the temperature at work must be than the one that is sent, for that to be found 95 times in 100."""

    def found(share: float) -> bool:
        true = temperature * (1 - share)
        return (
            separation(rows, true, temperature) >= _SEEN
            or expected_surprise(rows, true, temperature) <= ALPHA / 5
        )

    return next((share for share in _SHARES if found(share)), None)


_SHARES = tuple(n / 100 for n in range(5, 96, 5))
