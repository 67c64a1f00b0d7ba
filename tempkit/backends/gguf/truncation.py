"""Where top_k, top_p and min_p cut a distribution, without sorting the vocabulary.

Each of the three keeps a first part of the tokens in order of probability (the lower id first among equals), so all three
together do too: the shortest of the parts. It is named by its last token, a `Cut`.

The order is that of OpenAI-compatible servers such as vLLM: the temperature first, then top_k, then top_p over what
top_k left, then min_p. llama.cpp's own chain truncates the raw distribution and applies the temperature last, which makes
a high temperature act like a much lower one; `before_temperature` does that.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tempkit.types import SamplingParams

__all__ = ["NEUTRAL", "Cut", "Truncation", "Weigh", "find_cut"]

Floats = NDArray[np.floating[Any]]

_PER_NAT = 64
_BUCKETS = 4096
"""Tokens are counted in this many buckets, `_PER_NAT` to a nat; the last one holds everything further down."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """What may be drawn at all."""

    top_k: int = 0
    """The most probable k; 0 is no limit."""
    top_p: float = 1.0
    """The fewest most probable tokens that hold this much of the probability; 1 is no limit."""
    min_p: float = 0.0
    """Tokens at least this probable relative to the most probable one; 0 is no limit."""
    before_temperature: bool = False
    """Cut the raw distribution, as llama.cpp does, instead of the one at the sample's temperature."""

    @classmethod
    def of(cls, sampling: SamplingParams, *, before_temperature: bool) -> "Truncation":
        return cls(sampling.top_k, sampling.top_p, sampling.min_p, before_temperature)

    @property
    def neutral(self) -> bool:
        """Whether it keeps everything."""
        return not self.top_k and self.top_p >= 1 and not self.min_p


NEUTRAL = Truncation()


@dataclass(frozen=True, slots=True)
class Cut:
    """The last token that is kept: kept are the more probable ones and, among equals, those up to its id."""

    value: float
    """Its logit, the largest being 0."""
    token: int

    def keeps(self, x: Floats, ids: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """Say which are kept of logits `x`, shape (n,), with the given ids (by default 0 to n - 1)."""
        kept = x > self.value
        equal = np.flatnonzero(x == self.value)
        kept[equal] = (equal if ids is None else ids[equal]) <= self.token
        return np.asarray(kept)


class Weigh(Protocol):
    """A distribution as find_cut needs to know it: weights are exp(beta * x)."""

    beta: float

    def head(self, cut: Cut | None) -> NDArray[np.float64]:
        """Return the weights of the most probable tokens, most probable first, 0 where cut."""
        ...

    def tail(self, cut: Cut | None) -> tuple[Floats, Floats]:
        """Return the weights by id of all others, 0 where cut, shape (at least vocabulary,), and sums that add up to theirs."""
        ...


def find_cut(x: Floats, head: NDArray[np.int64], truncation: Truncation, weigh: Weigh) -> Cut | None:
    """Return the last token kept, None when nothing is cut.

    Args:
        x: Logits, shape (vocabulary,), the largest 0.
        head: Ids of the most probable tokens, most probable first.
        truncation: What to keep.
        weigh: The distribution that is cut.
    """
    cuts = []
    if 0 < truncation.top_k < len(x):
        cuts.append(_kth(x, head, truncation.top_k))
    if truncation.top_p < 1:
        cuts.append(_nucleus(x, head, truncation.top_p, weigh, cuts[0] if cuts else None))
    if truncation.min_p > 0:
        with np.errstate(over="ignore"):  # what falls below the smallest number falls to -inf
            least = float(np.float32(math.log(truncation.min_p) / weigh.beta))
        # The last id: all tokens that are exactly min_p times as probable as the best one are kept.
        cuts.append(Cut(least, len(x)))
    return max(cuts, key=lambda cut: (cut.value, -cut.token), default=None)


def _kth(x: Floats, head: NDArray[np.int64], k: int) -> Cut:
    if k <= len(head):
        return Cut(float(x[head[k - 1]]), int(head[k - 1]))
    value = np.partition(x, len(x) - k)[len(x) - k]
    above = int(np.count_nonzero(x > value))
    return Cut(float(value), int(np.flatnonzero(x == value)[k - above - 1]))


def _nucleus(x: Floats, head: NDArray[np.int64], p: float, weigh: Weigh, within: Cut | None) -> Cut:
    """Return the last token of the smallest first part that holds `p` of the mass that `within` leaves."""
    reach = np.cumsum(weigh.head(within))
    if within is not None and not within.keeps(x[head], head).all():
        target = p * float(reach[-1])
    else:
        tail, sums = weigh.tail(within)
        target = p * (float(reach[-1]) + float(sums.sum(dtype=np.float64)))
        if reach[-1] < target:
            return _beyond(x, tail[: len(x)], target - float(reach[-1]), weigh.beta)
    last = int(head[int(np.searchsorted(reach, target))])
    return Cut(float(x[last]), last)


def _beyond(x: Floats, tail: Floats, target: float, beta: float) -> Cut:
    """Return the token at which the tail's mass, added up from the most probable token on, reaches the target.

    The mass is counted by how far down a token is; only the bucket in which the target is reached needs an order.
    """
    ids = np.flatnonzero(tail)
    bucket = np.minimum(x[ids] * np.float32(-beta * _PER_NAT), _BUCKETS - 1).astype(np.int64)
    mass = np.cumsum(np.bincount(bucket, tail[ids], minlength=_BUCKETS))
    reached = min(int(np.searchsorted(mass, target)), int(bucket.max()))
    inside = ids[bucket == reached]
    inside = inside[np.lexsort((inside, -x[inside]))]
    sums = (mass[reached - 1] if reached else 0.0) + np.cumsum(tail[inside], dtype=np.float64)
    last = int(inside[min(int(np.searchsorted(sums, target)), len(inside) - 1)])
    return Cut(float(x[last]), last)
