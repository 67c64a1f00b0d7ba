"""Read an Embeddings answer: one vector for each text, in whatever order the server lists them."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from tempkit.backends.remote import RequestError
from tempkit.backends.remote.content_parts import count as as_count
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.errors_in_answers import error_in, no_answer

__all__ = ["read_embeddings"]


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: Any = None


class _Answer(msgspec.Struct):
    data: list[_Vector] | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Answer)


def read_embeddings(content: bytes, count: int) -> Sequence[Sequence[float]]:
    """Return the vectors of an answer to `count` texts, in the order of the texts.

    Raises:
        RequestError: It is none, or not of these texts.
    """
    body = decode(_decoder, content, "embeddings")
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if body.data is None:
        raise no_answer(content, "data that is vectors")
    rows = body.data
    places = [as_count(row.index) for row in rows]
    if not any(isinstance(row.index, int) for row in rows) and set(places) == {None}:
        places = list(range(len(rows)))  # listed as they were asked for
    found = {place: row.embedding for place, row in zip(places, rows, strict=True) if place is not None}
    if len(rows) != count or set(found) != set(range(count)):
        raise RequestError(
            "bad_answer",
            f"{len(rows)} vectors came for {count} texts, with {len(found)} different indices",
        )
    if not all(math.isfinite(sum(x * x for x in vector)) for vector in found.values()):
        raise RequestError("bad_answer", "a vector that came holds what is no number, or one too large")
    return [found[i] for i in range(count)]
