"""How large an answer may be: what was asked for, written out at length, and no more, however small it was packed."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tempkit.backends.remote.adapter_types import RequestError

__all__ = ["Room", "room_for"]

_LEAST_BYTES = 16 * 2**20
"""What any answer may have: an answer that thinks writes more than its tokens' limit."""
_BYTES_PER_TOKEN = 8192
_BYTES_PER_ALTERNATIVE = 1024
"""Written as JSON: a long token, its bytes as numbers."""

_most: ContextVar[int] = ContextVar("most", default=16 * _LEAST_BYTES)
"""By default that of answers of unknown length, such as lists of vectors."""


@contextmanager
def room_for(max_tokens: int, logprobs: int, choices: int = 1) -> Iterator[None]:
    """Let answers to the requests inside be as large as so many tokens can be."""
    size = choices * max_tokens * (_BYTES_PER_TOKEN + logprobs * _BYTES_PER_ALTERNATIVE)
    token = _most.set(max(_LEAST_BYTES, math.ceil(size)))
    try:
        yield
    finally:
        _most.reset(token)


class Room:
    """What is left for one answer."""

    def __init__(self) -> None:
        self._most = self._left = _most.get()

    def take(self, size: int) -> None:
        """Take some of it.

        Raises:
            RequestError: There is not so much.
        """
        self._left -= size
        if self._left < 0:
            raise RequestError(
                "bad_answer",
                f"the answer is longer than {self._most:,} bytes, and nothing so long was asked for",
            )
