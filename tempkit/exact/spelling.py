"""What tokens spell, and which of a vocabulary's tokens lead on to a text that is still wanted."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tempkit.text import stop_at
from tempkit.types import Vocabulary

__all__ = ["Spelling", "Step"]

Ints = NDArray[np.int64]

Open = Callable[[Sequence[bytes]], list[bool]]
"""Returns for each beginning of an answer, as bytes, whether something may still come of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A beginning of an answer after one more token."""

    data: bytes
    """All that was written; at a stop, what comes before it."""
    end: Literal["stop", "length"] | None
    """Why it ends with this token, as a sample would; None: it goes on."""


class Spelling:
    """A vocabulary, in the order of what its tokens spell.

    Args:
        vocabulary: The model's.
        stops: What ends an answer and is not a part of it.
    """

    def __init__(self, vocabulary: Vocabulary, stops: Sequence[str] = ()) -> None:
        self._pieces = vocabulary.pieces
        self._stops = [stop.encode("utf-8", "surrogatepass") for stop in stops]
        self.ends: Ints = np.array(sorted(vocabulary.ends), dtype=np.int64)
        """Ids of the tokens that end an answer."""
        order = sorted(
            (i for i in range(len(self._pieces)) if i not in vocabulary.ends), key=self._pieces.__getitem__
        )
        self._ids: Ints = np.array(order, dtype=np.int64)
        self.others: Ints = np.sort(self._ids)
        """Ids of all others."""
        self._sorted = [self._pieces[i] for i in order]

    @property
    def stoppable(self) -> bool:
        """Whether there are stop texts."""
        return bool(self._stops)

    def step(self, data: bytes, token: int, tokens: int, limit: int) -> Step:
        """Return what a beginning becomes with one more token that ends no answer by itself.

        Args:
            data: What was written.
            token: Its id.
            tokens: How many there are then.
            limit: The most that an answer may have.
        """
        grown = data + self._pieces[token]
        cut = stop_at(grown, self._stops, len(data))
        if cut is not None:
            return Step(grown[:cut], "stop")
        return Step(grown, "length" if tokens >= limit else None)

    def leading_on(self, data: bytes, still: Open) -> Ints:
        """Return the ids of the tokens behind `data` with which something may still come of it, those that end it left out.

        The vocabulary is walked letter by letter, and what begins with a lost letter is not looked at.
        """
        found: list[Ints] = []
        ranges = [(0, 0, len(self._sorted))]
        while ranges:
            wanted: list[tuple[int, int, int]] = []
            for length, low, high in ranges:
                own = self._run(low, high, length)
                if own > low:  # these tokens end here
                    found.append(self._ids[low:own])
                wanted += self._parts(length, own, high)
            beginnings = [data + self._sorted[low][:length] for length, low, _ in wanted]
            ranges = [part for part, good in zip(wanted, still(beginnings), strict=True) if good]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def _run(self, low: int, high: int, length: int) -> int:
        """Return where those of a range that have just this length end; they come first."""
        at = low
        while at < high and len(self._sorted[at]) == length:
            at += 1
        return at

    def _parts(self, length: int, low: int, high: int) -> list[tuple[int, int, int]]:
        """Cut a range that shares its first `length` bytes by the next byte; a token alone is taken whole."""
        parts = []
        while low < high:
            start = self._sorted[low][: length + 1]
            stop = (
                high
                if start[-1] == 255
                else bisect_left(self._sorted, start[:-1] + bytes([start[-1] + 1]), low, high)
            )
            parts.append((len(self._sorted[low]) if stop == low + 1 else length + 1, low, stop))
            low = stop
        return parts
