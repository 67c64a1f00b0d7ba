"""The top-k alternatives of all tokens of a completion, as one compact blob.

A row per alternative would make a database some ten times larger for data that is nearly always read whole, and a blob per
token cannot be compressed. Together, the texts of the alternatives repeat and the beginnings of their logprobs are alike.
What was packed comes back exactly: a double as the same double, also where it takes half of its bytes. The layout, version 2:

    1 byte   version
    1 byte   how the logprobs are written: see `logprob_packing`
    varint   tokens
    section  for each token how many alternatives it has, little-endian uint32
    section  the texts, UTF-8, one after another with NUL between them
    section  the part of the logprobs that compresses
    ...      the part that does not

A section is a varint, twice its length in bytes and one more where these are compressed (zlib), and then the bytes. Texts get the replacements
of `tempkit.store.text`, so that none has a NUL, and an alternative still equals the stored text of its token.
"""

import zlib
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from tempkit.errors import StoreError
from tempkit.store.logprob_packing import pack_logprobs, unpack_logprobs
from tempkit.store.text import storable
from tempkit.store.varints import read_varint, varint

__all__ = ["pack_tops", "unpack_tops"]

Top = tuple[tuple[str, float], ...]

_VERSION = 2
_LEVEL = 1
"""Of zlib: level 6 makes 4 % less of the bundled model's alternatives, and packing them takes a third more time."""
_MOST = 1 << 24
"""Bytes that a section may have to be compressed: so a blob of somebody else's cannot grow without bounds when it is read."""


def pack_tops(tops: Sequence[Sequence[tuple[str, float]]]) -> bytes | None:
    """Pack the alternatives of a completion's tokens, each most probable first; None where no token has any."""
    counts = np.fromiter(map(len, tops), dtype="<u4", count=len(tops))
    if not counts.any():
        return None
    pairs = list(chain.from_iterable(tops))
    numbers = np.fromiter(map(itemgetter(1), pairs), dtype=np.float64, count=len(pairs))
    mode, high, low = pack_logprobs(numbers, counts)
    head = bytes((_VERSION, mode)) + varint(len(tops))
    return b"".join((head, _section(counts.tobytes()), _section(_texts(pairs)), _section(high), low))


def unpack_tops(blob: bytes) -> list[Top]:
    """Unpack what `pack_tops` made: for each token its alternatives.

    Raises:
        StoreError: The blob is damaged, or of a version that this tempkit does not know.
    """
    if not blob or blob[0] != _VERSION:
        raise StoreError(
            f"an answer's alternatives are in format {blob[0] if blob else 'none'}, this tempkit knows {_VERSION}: "
            "the database is damaged, or a newer tempkit wrote it (pip install -U tempkit)"
        )
    try:
        return _unpack(blob)
    except (IndexError, ValueError, zlib.error) as error:
        raise StoreError(
            f"an answer's alternatives are damaged ({error}): restore the database from a backup"
        ) from error


def _unpack(blob: bytes) -> list[Top]:
    tokens, at = read_varint(blob, 2)
    sizes, at = _read_section(blob, at)
    if len(sizes) != 4 * tokens:
        raise ValueError("wrong number of tokens")
    counts: NDArray[np.uint32] = np.frombuffer(sizes, dtype="<u4")
    total = int(counts.sum(dtype=np.uint64))
    joined, at = _read_section(blob, at)
    high, at = _read_section(blob, at)
    texts = joined.decode().split("\0")
    if len(texts) != total:
        raise ValueError("wrong number of texts")
    pairs = list(zip(texts, unpack_logprobs(blob[1], high, blob[at:], counts).tolist(), strict=True))
    ends = np.cumsum(counts).tolist()
    return [tuple(pairs[end - count : end]) for end, count in zip(ends, counts.tolist(), strict=True)]


def _texts(pairs: Sequence[tuple[str, float]]) -> bytes:
    try:
        joined = "\0".join(map(itemgetter(0), pairs)).encode()
    except UnicodeEncodeError:
        joined = b"\0" * len(pairs)
    if joined.count(b"\0") < len(pairs):
        return joined
    return "\0".join(storable(text) for text, _ in pairs).encode()


def _section(content: bytes) -> bytes:
    packed = zlib.compress(content, _LEVEL) if len(content) <= _MOST else content
    if len(packed) < len(content):
        return varint(2 * len(packed) + 1) + packed
    return varint(2 * len(content)) + content


def _read_section(blob: bytes, at: int) -> tuple[bytes, int]:
    size, at = read_varint(blob, at)
    size, compressed = size // 2, size % 2
    content = blob[at : at + size]
    if len(content) != size:
        raise ValueError("too short")
    at += size
    if not compressed:
        return content, at
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(content, _MOST)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("an incomplete section")
    return content, at
