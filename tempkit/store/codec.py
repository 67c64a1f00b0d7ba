"""A token's top-k alternatives as databases from before revision 0013 hold them: a blob in the token's own row.

They are read as they are, and never written any more: `packing` takes half of the bytes. The layout, version 1:

    1 byte   version
    varint   n, the number of alternatives
    n x 4    logprobs, little-endian float32, to which they were rounded
    n        varints: byte lengths of the texts
    ...      the texts, UTF-8, one after another

Texts get the replacements of `tempkit.store.text`, so an alternative still equals the stored text of its token.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise

from tempkit.errors import StoreError
from tempkit.store.varints import read_varint

__all__ = ["unpack"]

_VERSION = 1


def unpack(blob: bytes | None) -> tuple[tuple[str, float], ...]:
    """Unpack a token's alternatives.

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
    count, at = read_varint(blob, 1)
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
            length, at = read_varint(blob, at)
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
