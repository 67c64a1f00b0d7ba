"""How far two answers of a judge to the same agree beyond chance: kappa, with bounds that hold at small numbers.

Each pair of answers (x, y) gives u and v: 1, 0 or -1 for a comparison (the same text won, a tie, it lost), a grade less the mean of
all grades. Kappa with quadratic weights is then sum(2 u v) / sum(u^2 + v^2): 1 where every two answers are alike, 0 where the second
tells nothing of the first, below 0 where they contradict each other. It is also the share of the variance of one answer that comes from
the texts (J. L. Fleiss and J. Cohen, "The equivalence of weighted kappa and the intraclass correlation coefficient", Educational
and Psychological Measurement 33, 1973), with the margins of both answers pooled as in W. A. Scott's pi (Public Opinion Quarterly
19, 1955). Which of two texts stands first in the data is arbitrary, so a comparison counts from both sides: the margins are then
symmetric, and a judge that rightly prefers one temperature throughout is not punished for having only one kind of answer.

Since |2 u v| is at most u^2 + v^2, kappa is 2 p - 1 for a weighted share p of agreement. Its bounds are those of Clopper and Pearson
at the effective number of pairs: E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 24, 1998. Pairs of one question hang together, so questions are the
clusters; that they hang together by `_WITHIN` at least is taken for granted, because few questions cannot show that they do not, and
answers that all agree show nothing of it. Coverage: `benchmarks/judges.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["CONFIDENCE", "Kappa", "kappa_of"]

CONFIDENCE = 0.95
"""Of each bound by itself."""

_WITHIN = 0.1
"""The least correlation of agreement within a question that is reckoned with."""

_MOST_NEEDED = 100_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance."""

    value: float
    """From -1 to 1."""
    low: float
    """It is at least this, at `CONFIDENCE` where nothing else was asked for."""
    high: float
    """It is at most this, likewise."""
    effective: float
    """The number of independent pairs of answers that tell as much."""

    def needed(self, least: float, asked: int) -> int | None:
        """Return how many pairs of answers in all would show that kappa is at least `least`, were it as found here; None where no number would.

        Args:
            least: What is to be shown.
            asked: How many pairs this is from, those that tell nothing included.
        """
        share = (1 + self.value) / 2
        if self.value <= least or self.effective <= 0:
            return None
        low, high = 1, _MOST_NEEDED
        while low < high:
            middle = (low + high) // 2
            reached = 2 * _below(share, middle * self.effective / asked) - 1 >= least
            low, high = (low, middle) if reached else (middle + 1, high)
        return low if low < _MOST_NEEDED else None


def kappa_of(
    first: Sequence[float],
    second: Sequence[float],
    questions: Sequence[object],
    *,
    middle: float | None,
    confidence: float = CONFIDENCE,
) -> Kappa | None:
    """Return how far two answers to each of n things agree; None where nothing tells: no answers, or all the same middle.

    Args:
        first: The first answers, (n,).
        second: The second answers to the same things, (n,).
        questions: What each thing belongs to, (n,); things of one question hang together.
        middle: What an answer that tells nothing says, where that is known; None: the mean of all answers.
        confidence: Of each bound by itself.
    """
    x, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not x.size:
        return None
    centre = np.concatenate([x, y]).mean() if middle is None else middle
    u, v = x - centre, y - centre
    weights = u**2 + v**2
    total = float(weights.sum())
    if total <= 1e-12:
        return None
    agreement = np.divide(2 * u * v, weights, out=np.zeros_like(u), where=weights > 0) / 2 + 0.5
    share = min(1.0, max(0.0, float((weights * agreement).sum()) / total))
    effective = _effective(weights, agreement, share, _clusters(questions), confidence)
    return Kappa(
        value=2 * share - 1,
        low=2 * _below(share, effective, confidence) - 1,
        high=1 - 2 * _below(1 - share, effective, confidence),
        effective=effective,
    )


def _clusters(questions: Sequence[object]) -> NDArray[np.int64]:
    places = {question: place for place, question in enumerate(dict.fromkeys(questions))}
    if len(places) == 1:  # nothing is said of other questions then, so there is nothing to hang together
        return np.arange(len(questions))
    return np.array([places[question] for question in questions], dtype=np.int64)


def _effective(
    weights: Floats, agreement: Floats, share: float, clusters: NDArray[np.int64], confidence: float
) -> float:
    """Return how many independent pairs of equal weight tell as much."""
    sums = np.bincount(clusters, weights=weights)
    alone = float((weights**2).sum())
    total = float(weights.sum())
    most = total**2 / (alone + _WITHIN * (float((sums**2).sum()) - alone))
    clusters_seen = np.count_nonzero(sums)
    off = np.bincount(clusters, weights=weights * (agreement - share))
    if clusters_seen < 2 or not 0 < share < 1 or not off.any():
        return most
    variance = clusters_seen / (clusters_seen - 1) * float((off**2).sum()) / total**2
    # Korn and Graubard: as few clusters tell little of the variance, t in the place of the normal.
    pairs = np.count_nonzero(weights)
    heavier = (
        float(special.stdtrit(pairs - 1, confidence) / special.stdtrit(clusters_seen - 1, confidence)) ** 2
    )
    return min(most, share * (1 - share) / variance * heavier)


def _below(share: float, n: float, confidence: float = CONFIDENCE) -> float:
    """Return Clopper and Pearson's lower bound of a share found in n cases; n may be any number above 0."""
    hits = share * n
    return float(special.betaincinv(hits, n - hits + 1, 1 - confidence)) if hits > 0 else 0.0
