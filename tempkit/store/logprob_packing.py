"""Logprobs of tokens' alternatives in few bytes, and back to the same doubles, bit by bit.

Where they come from, nearly all of them are single-precision numbers: as such, less a row's first one (a local model's own, where
the logarithm of the softmax's denominator was taken off in double precision), or printed with as few digits as tell it from its
neighbours (most APIs). Which of these holds for all of a completion's is tried in turn; else they stay doubles.

Of the numbers that remain, 32 bits or 64, each is written as the difference of its bits to those of the one before in its row, as they
are in order; the two highest bytes of these are alike and go into one part, the others are as good as random and go into another.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["pack_logprobs", "unpack_logprobs"]

Doubles = NDArray[np.float64]
Counts = NDArray[np.uint32]

_SINGLE, _OFFSET, _SHORTEST, _DOUBLE = 1, 2, 3, 4
_BYTES = {_SINGLE: 4, _OFFSET: 4, _SHORTEST: 4, _DOUBLE: 8}
_HIGH = 2
"""Bytes of a number that compress."""
_DIGITS = range(6, 10)
"""Decimal digits that single-precision numbers may need; fewer than 6 always tell one from its neighbours."""


def pack_logprobs(values: Doubles, counts: Counts) -> tuple[int, bytes, bytes]:
    """Return how the values are written, the part of them that compresses, and the part that does not.

    Args:
        values: All logprobs, row after row.
        counts: Their number in each row.
    """
    rows = counts[counts > 0].astype(np.int64)
    with np.errstate(all="ignore"):  # whatever a server sent: what does not come back is written otherwise
        for mode, (shrink, grow) in _WAYS.items():
            small, firsts = shrink(values, rows)
            if np.array_equal(grow(small, firsts, rows).view(np.uint64), values.view(np.uint64)):
                return (mode, *_parts(small, rows, firsts))
    return (_DOUBLE, *_parts(values, rows, values[:0]))


def unpack_logprobs(mode: int, high: bytes, low: bytes, counts: Counts) -> Doubles:
    """Return the values that `pack_logprobs` wrote so.

    Raises:
        ValueError: The parts do not go with one another.
    """
    if mode not in _BYTES:
        raise ValueError(f"logprobs of kind {mode}")
    rows = counts[counts > 0].astype(np.int64)
    total, size = int(rows.sum()), _BYTES[mode]
    firsts = 8 * len(rows) if mode == _OFFSET else 0
    if len(high) != _HIGH * total or len(low) != firsts + (size - _HIGH) * total:
        raise ValueError("wrong number of logprobs")
    bytes_of = np.empty((total, size), dtype=np.uint8)
    bytes_of[:, size - _HIGH :] = np.frombuffer(high, dtype=np.uint8).reshape(_HIGH, total).T
    bytes_of[:, : size - _HIGH] = np.frombuffer(low, dtype=np.uint8, offset=firsts).reshape(total, -1)
    bits = _summed(bytes_of.view(f"<u{size}").reshape(-1), rows)
    if mode == _DOUBLE:
        return np.asarray(bits.view("<f8"), dtype=np.float64)
    with np.errstate(all="ignore"):
        return _WAYS[mode][1](bits.view("<f4"), np.frombuffer(low[:firsts], dtype="<f8"), rows)


def _parts(small: NDArray[Any], rows: NDArray[np.int64], firsts: Doubles) -> tuple[bytes, bytes]:
    size = small.dtype.itemsize
    bits = small.astype(f"<f{size}").view(f"<u{size}")
    differences = bits.copy()
    differences[1:] -= bits[:-1]
    starts = _starts(rows)
    differences[starts] = bits[starts]
    bytes_of = differences.view(np.uint8).reshape(-1, size)
    low = np.ascontiguousarray(bytes_of[:, : size - _HIGH]).tobytes()
    return np.ascontiguousarray(bytes_of[:, size - _HIGH :].T).tobytes(), firsts.astype("<f8").tobytes() + low


def _summed(differences: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Add differences up again, in each row by itself; what is too large begins again at 0."""
    total = np.cumsum(differences, dtype=differences.dtype)
    starts = _starts(rows)
    return np.asarray(total - np.repeat(total[starts] - differences[starts], rows))


def _starts(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(rows) - rows


def _as_single(values: Doubles, _rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], Doubles]:
    return values.astype(np.float32), values[:0]


def _from_single(small: NDArray[np.float32], _firsts: Doubles, _rows: NDArray[np.int64]) -> Doubles:
    return small.astype(np.float64)


def _as_offsets(values: Doubles, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], Doubles]:
    firsts = values[_starts(rows)]
    return (values - np.repeat(firsts, rows)).astype(np.float32), firsts


def _from_offsets(small: NDArray[np.float32], firsts: Doubles, rows: NDArray[np.int64]) -> Doubles:
    return small.astype(np.float64) + np.repeat(firsts, rows)


def _from_shortest(small: NDArray[np.float32], _firsts: Doubles, _rows: NDArray[np.int64]) -> Doubles:
    """Return the doubles that one reads where single-precision numbers were printed with as few digits as tell them apart."""
    exact = small.astype(np.float64)
    size = np.abs(exact)
    lead = np.floor(np.log10(size))
    found = exact.copy()
    open_ = np.isfinite(lead)
    for digits in _DIGITS:
        power = digits - 1 - lead
        # Powers of ten are exact up to 22, and a whole number divided by one is what a reader makes of the digits.
        up, down = 10.0 ** np.clip(power, 0, 22), 10.0 ** np.clip(-power, 0, 22)
        printed = np.copysign(np.rint(size * up / down) * down / up, exact)
        hit = open_ & (printed.astype(np.float32) == small)
        found[hit] = printed[hit]
        open_ &= ~hit
    return found


_Shrink = Callable[[Doubles, NDArray[np.int64]], tuple[NDArray[np.float32], Doubles]]
_Grow = Callable[[NDArray[np.float32], Doubles, NDArray[np.int64]], Doubles]

_WAYS: dict[int, tuple[_Shrink, _Grow]] = {
    _SINGLE: (_as_single, _from_single),
    _OFFSET: (_as_offsets, _from_offsets),
    _SHORTEST: (_as_single, _from_shortest),
}
