"""A token's top-k alternatives as one compact blob, in the token's own row.

A row per alternative would make a database some ten times larger and slower for data that is nearly always read whole;
JSON would take three times the space. The layout, version 1:

    1 byte   version
    varint   n, the number of alternatives
    n x 4    logprobs, little-endian float32 (7 digits: more than any engine's own arithmetic holds)
    n        varints: byte lengths of the texts
    ...      the texts, UTF-8, one after another

Texts get the replacements of `tempkit.store.text`, so an alternative still equals the stored text of its token.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise

from tempkit.errors import StoreError
from tempkit.store.text import storable_utf8

__all__ = ["pack", "unpack"]

_VERSION = 1


def pack(top: Sequence[tuple[str, float]]) -> bytes:
    """Pack alternatives, most probable first; no alternatives are no bytes."""
    if not top:
        return b""
    lengths, packed = _texts([text for text, _ in top])
    try:
        numbers = struct.pack(f"<{len(top)}f", *[logprob for _, logprob in top])
    except OverflowError:  # beyond float32: a server's -1e300 for "impossible"
        numbers = b"".join(_float32(logprob) for _, logprob in top)
    return b"".join((bytes((_VERSION,)), _varint(len(top)), numbers, lengths, packed))


def unpack(blob: bytes | None) -> tuple[tuple[str, float], ...]:
    """Unpack what `pack` made; logprobs come back rounded to float32.

    Raises:
        StoreError: The blob is damaged, or of a version that this tempkit does not know.
    """
    if not blob:
        return ()
    if blob[0] != _VERSION:
        raise StoreError(
            f"a token's alternatives are in format {blob[0]}, this tempkit knows {_VERSION}: "
            "the database is damaged, or a newer tempkit wrote it (pip install -U tempkit)"
        )
    try:
        return _unpack(blob)
    except (IndexError, ValueError, struct.error) as error:
        raise StoreError(
            f"a token's alternatives are damaged ({error}): restore the database from a backup"
        ) from error


def _unpack(blob: bytes) -> tuple[tuple[str, float], ...]:
    count, at = _read_varint(blob, 1)
    if count * 5 > len(blob) - at:  # before a damaged count asks for gigabytes
        raise ValueError("too short")
    numbers = struct.unpack_from(f"<{count}f", blob, at)
    at += 4 * count
    lengths: Sequence[int] = blob[at : at + count]
    if max(lengths) < 0x80:  # one byte each, as texts of tokens nearly always have
        at += count
    else:
        lengths = []
        for _ in range(count):
            length, at = _read_varint(blob, at)
            lengths.append(length)
    body, ends = blob[at:], list(accumulate(lengths, initial=0))
    if ends[-1] != len(body):
        raise ValueError("wrong length")
    if body.isascii():  # as most are: decoded in one go
        joined = body.decode("ascii")
        texts = [joined[start:end] for start, end in pairwise(ends)]
    else:
        texts = [body[start:end].decode() for start, end in pairwise(ends)]
    return tuple(zip(texts, numbers, strict=True))


def _texts(texts: list[str]) -> tuple[bytes, bytes]:
    """Return the texts' lengths in bytes, packed, and the texts."""
    joined = "".join(texts)
    if joined.isascii() and "\0" not in joined:  # as most are: no need to encode each by itself
        lengths, packed = list(map(len, texts)), joined.encode()
    else:
        encoded = [storable_utf8(text) for text in texts]
        lengths, packed = list(map(len, encoded)), b"".join(encoded)
    return bytes(lengths) if max(lengths) < 0x80 else b"".join(map(_varint, lengths)), packed


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | (number & 0x7F))
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(blob: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = blob[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("bad length")


def _float32(number: float) -> bytes:
    try:
        return struct.pack("<f", number)
    except OverflowError:
        return struct.pack("<f", float("inf") if number > 0 else float("-inf"))
