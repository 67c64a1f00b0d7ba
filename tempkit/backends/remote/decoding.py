"""Answers decoded straight into the few fields that are wanted, checked on the way: a server may send anything."""

from typing import TypeVar

import msgspec

from tempkit.backends.remote.exchange import RequestError
from tempkit.errors import one_line

__all__ = ["decode"]

T = TypeVar("T")


def decode(decoder: "msgspec.json.Decoder[T]", content: bytes | str, what: str) -> T:
    """Decode a JSON answer.

    Args:
        decoder: Of what is expected.
        content: What came.
        what: What it should be, with an article.

    Raises:
        RequestError: It is something else; the message repeats how it begins.
    """
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        head = content[:80]
        start = one_line(head if isinstance(head, str) else head.decode("utf-8", "replace"), 60)
        raise RequestError("bad_answer", f"not {what} ({one_line(e, 120)}): {start}") from e
