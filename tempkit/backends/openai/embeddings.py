"""Read an Embeddings answer: one vector for each text, in whatever order the server lists them."""

from collections.abc import Sequence

import msgspec

from tempkit.backends.remote import RequestError
from tempkit.backends.remote.decoding import decode

__all__ = ["read_embeddings"]


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Answer(msgspec.Struct):
    data: list[_Vector]


_decoder = msgspec.json.Decoder(_Answer)


def read_embeddings(content: bytes, count: int) -> Sequence[Sequence[float]]:
    """Return the vectors of an answer to `count` texts, in the order of the texts.

    Raises:
        RequestError: It is none, or not of these texts.
    """
    rows = decode(_decoder, content, "embeddings").data
    found = {row.index: row.embedding for row in rows}
    if len(rows) != count or set(found) != set(range(count)):
        raise RequestError("bad_answer", f"{len(rows)} vectors came for {count} texts")
    return [found[i] for i in range(count)]
