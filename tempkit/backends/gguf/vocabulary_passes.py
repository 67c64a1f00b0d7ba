"""What the sampler asks of a whole vocabulary at once, in as few passes over it as can be."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest", "mean"]

Array = NDArray[np.float32]
Ints = NDArray[np.int64]


def mean(weights: Array, x: Array) -> float:
    """Return the sum of weight times logit; a logit of -inf adds nothing."""
    with np.errstate(invalid="ignore", over="ignore"):
        value = float(weights @ x)
    if not math.isfinite(
        value
    ):  # 0 * -inf, or a sum of logits that mean "never" at a temperature where it does not
        some = weights > 0
        value = float(weights[some].astype(np.float64) @ x[some].astype(np.float64))
    return value


def largest(x: Array, peaks: Array, count: int) -> Ints:
    """Return each row's ids of the `count` largest entries, largest first, lower ids first among equals.

    Args:
        x: Shape (rows, block length, blocks), ids running along the block length first.
        peaks: Shape (rows, blocks): each block's maximum.
        count: At most the vocabulary.
    """
    rows, _, blocks = x.shape
    if blocks > count:
        # `count` blocks reach this far up, so the entries wanted do too; only such blocks can hold one.
        least = np.partition(peaks, blocks - count, axis=1)[:, blocks - count]
        at, column = np.nonzero(peaks >= least[:, None])
        candidates = x[at, :, column]
        which, place = np.nonzero(candidates >= least[at][:, None])
        row, ids, values = at[which], place * blocks + column[which], candidates[which, place]
    else:
        row, ids = np.divmod(np.arange(x.size), x[0].size)
        values = x.reshape(-1)
    order = np.lexsort((ids, -values, row))
    starts = np.searchsorted(row[order], np.arange(rows))
    return np.asarray(ids[order[starts[:, None] + np.arange(count)]], dtype=np.int64)
