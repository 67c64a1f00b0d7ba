"""Draw tokens at many temperatures from one batch of logits, and keep what the raw distribution said.

The chain is neutral: softmax(logits / T) and nothing else; T = 0 takes the most probable token, the lowest id among
equals. Everything is vectorised over the rows of the batch and nothing sorts the vocabulary.

A draw inverts the cumulative distribution at one uniform number, walking the most probable tokens first and the rest in
order of their ids. For a given number, a lower temperature therefore ends at the same or a more probable token nearly
always: samples that share a random stream across temperatures stay together as long as the distributions let them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tempkit.tempering import entropy, inverse_temperature

__all__ = ["Draw", "Rows"]

Array = NDArray[np.float32]

_HEAD = 32
"""Tokens walked in order of probability before the rest; fixed, so that a draw does not depend on what is recorded."""

_BLOCK = 64
"""The vocabulary is searched for its largest entries block by block."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A token drawn from one row."""

    token: int
    logprob: float
    """Raw: natural log of the probability at T = 1."""
    rank: int
    """How many tokens are more probable."""


class Rows:
    """The raw distributions of one batch of logits.

    Args:
        logits: Shape (rows, vocabulary), 32-bit; not changed.
        keep: How many of the most probable tokens to know per row.
    """

    def __init__(self, logits: Array, keep: int) -> None:
        self._x: Array = logits - logits.max(axis=1, keepdims=True)
        self._scratch: Array = np.exp(self._x)
        total = self._scratch.sum(axis=1, dtype=np.float64)
        self.log_total: NDArray[np.float64] = np.log(total)
        """Shape (rows,): the log of the softmax's denominator, over shifted logits."""
        with np.errstate(invalid="ignore"):
            mean = np.matmul(self._scratch[:, None, :], self._x[:, :, None])[:, 0, 0] / total
        self.entropy: NDArray[np.float64] = self.log_total - mean
        """Shape (rows,): entropy of the raw distribution over the whole vocabulary, in nats; good to 1e-4."""
        # A logit of -inf adds nothing, but 0 * -inf is NaN.
        for row in np.flatnonzero(np.isnan(self.entropy)):
            self.entropy[row] = entropy(self._scratch[row] / total[row])
        self._head = _largest(self._x, min(max(keep, _HEAD), self._x.shape[1]))

    def top(self, row: int, count: int) -> list[tuple[int, float]]:
        """Return the `count` most probable tokens of a row with their raw logprobs, most probable first."""
        ids = self._head[row, :count]
        logprobs = self._x[row, ids].astype(np.float64) - self.log_total[row]
        return list(zip(ids.tolist(), logprobs.tolist(), strict=True))

    def draw(self, row: int, temperatures: Sequence[float], uniforms: Sequence[float]) -> list[Draw]:
        """Draw one token per (temperature, uniform number in [0, 1)) from a row."""
        tokens = [0] * len(temperatures)
        for temperature in set(temperatures):
            where = [i for i, t in enumerate(temperatures) if t == temperature]
            if temperature == 0:
                chosen = [int(self._x[row].argmax())] * len(where)  # the first of equals
            else:
                chosen = self._invert(row, temperature, [uniforms[i] for i in where])
            for i, token in zip(where, chosen, strict=True):
                tokens[i] = token
        return [self._describe(row, token) for token in tokens]

    def _invert(self, row: int, temperature: float, uniforms: list[float]) -> list[int]:
        x, weights = self._x[row], self._scratch[row]
        with np.errstate(over="ignore"):  # what falls below the smallest number falls to -inf
            np.multiply(x, np.float32(inverse_temperature(temperature)), out=weights)
        np.exp(weights, out=weights)
        total = float(weights.sum(dtype=np.float64))
        head = self._head[row, :_HEAD]
        reach = np.cumsum(weights[head], dtype=np.float64)
        targets = [u * total for u in uniforms]
        chosen = np.searchsorted(reach, targets, side="right")
        beyond = chosen == len(head)
        # Rounding may leave a target a hair past the end: the last token with any weight is meant then, here and below.
        edge = int(np.searchsorted(reach, reach[-1], side="left"))
        tokens = [int(head[min(int(c), edge)]) for c in chosen]
        if beyond.any():
            weights[head] = 0
            tail = np.cumsum(weights, dtype=np.float64)
            last = int(np.searchsorted(tail, tail[-1], side="left"))
            for i in np.flatnonzero(beyond):
                if tail[-1] > 0:
                    tokens[i] = min(int(np.searchsorted(tail, targets[i] - reach[-1], side="right")), last)
        return tokens

    def _describe(self, row: int, token: int) -> Draw:
        value = self._x[row, token]
        head = self._x[row, self._head[row]]
        rank = int(((head if value >= head[-1] else self._x[row]) > value).sum())
        return Draw(token, float(value) - float(self.log_total[row]), rank)


def _largest(x: Array, count: int) -> NDArray[Any]:
    """Return the ids of the `count` largest entries of each row, largest first, lower ids first among equals.

    The largest entries all lie in the blocks with the largest maxima (the first such blocks, among equals), so only those
    are searched.
    """
    rows, size = x.shape
    blocks = -(-size // _BLOCK)
    if blocks * _BLOCK != size:
        x = np.pad(x, ((0, 0), (0, blocks * _BLOCK - size)), constant_values=-np.inf)
    blocked = x.reshape(rows, blocks, _BLOCK)
    ids = np.arange(blocks * _BLOCK, dtype=np.int64).reshape(blocks, _BLOCK)
    if blocks > count:
        best = np.argsort(-blocked.max(axis=2), axis=1, kind="stable")[:, :count]
        best.sort(axis=1)  # so that candidates stand in the order of their ids
        values = np.take_along_axis(blocked, best[:, :, None], axis=1).reshape(rows, -1)
        candidates = ids[best].reshape(rows, -1)
    else:
        values, candidates = x, np.broadcast_to(ids.reshape(1, -1), x.shape)
    places = _first_largest(values, count)
    values, candidates = (
        np.take_along_axis(values, places, axis=1),
        np.take_along_axis(candidates, places, axis=1),
    )
    order = np.lexsort((candidates, -values), axis=1)
    return np.take_along_axis(candidates, order, axis=1)


def _first_largest(values: Array, count: int) -> NDArray[Any]:
    """Return the places of the `count` largest entries of each row, the first ones among equals, in any order."""
    if values.shape[1] <= count:
        return np.broadcast_to(np.arange(values.shape[1]), values.shape)
    places = np.argpartition(-values, count - 1, axis=1)[:, :count]
    least = np.take_along_axis(values, places, axis=1).min(axis=1, keepdims=True)
    # Partitioning takes any of several equals at the edge; that is rare, and only then the row is sorted.
    for row in np.flatnonzero((values >= least).sum(axis=1) > count):
        places[row] = np.argsort(-values[row], kind="stable")[:count]
    return places
