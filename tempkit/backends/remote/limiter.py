"""How many requests may be under way to one model: found by trying, because no provider tells.

It starts low, grows with every round of clean answers as TCP does, and halves when the server says that this is too much. Each
request remembers how many were under way when it went out; a refused one tells that fewer than that would have been
right, so after a burst of refusals the limiter stands at the server's own limit, and from there asks for one more only
now and then, ever more seldom while that is refused.
"""

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Limiter", "Ticket"]

_FIRST = 16
"""Requests at once before anything is known."""

_LONGEST_PAUSE_S = 0.25
"""After this it is looked again whether a request may begin: an answer may have been shorter than expected."""

_FIRST_PROBE = 2
_LONGEST_PROBE = 16
"""A request more than the known ceiling is tried after so many rounds of clean answers at first, and at the latest."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave for one request."""

    under_way: int
    """How many there were, itself included."""
    flight: int
    """How often the limiter had been halved by then."""


class Limiter:
    """Leave for requests to one model; used from one event loop.

    Args:
        most: Requests at once at most.
        per_minute: Requests begun in a minute at most, evenly spaced; None: no limit.
        tokens_per_minute: Tokens of prompts and answers in a minute at most, spaced likewise; None: no limit.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        most: int,
        *,
        per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most = most
        self.limit = float(min(most, _FIRST))
        self.under_way = 0
        self._ceiling = self._half = most
        self._clean = 0
        self._probing = False
        self._probe_after = _FIRST_PROBE
        """Rounds of clean answers at the ceiling before one request more is tried."""
        self._flight = 0
        self._held_until = 0.0
        self._interval_s = 60 / per_minute if per_minute else 0.0
        self._next_start = 0.0
        self._token_s = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._tokens_free_at = 0.0
        """When the tokens of all requests so far have had their time."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._opened = asyncio.Event()
        self._clock = clock

    async def acquire(self, tokens: float = 0.0) -> Ticket:
        """Wait for leave to send one request.

        Args:
            tokens: How many it may come to; `used` corrects it.
        """
        while True:
            if wait_s := self.opens_in_s:
                await self.pause(wait_s)
            elif self.under_way >= int(self.limit):
                await self._turn()
            else:
                return self.take(tokens)

    @property
    def opens_in_s(self) -> float:
        """After how long it is to be looked whether a request may begin, for its time; 0 where it may at once."""
        if self._opened.is_set():
            return 0.0
        begin = max(self._held_until, self._next_start, self._tokens_free_at)
        return max(0.0, min(begin - self._clock(), _LONGEST_PAUSE_S if self._token_s else math.inf))

    @property
    def room(self) -> int:
        """How many more requests may begin at once; that they are spaced in time is not looked at."""
        return 0 if self.opens_in_s else max(0, int(self.limit) - self.under_way)

    def take(self, tokens: float = 0.0) -> Ticket:
        """Give leave for one request, whether there is room or not.

        Args:
            tokens: As in `acquire`.
        """
        now = self._clock()
        self._next_start = max(now, self._next_start) + self._interval_s
        self._tokens_free_at = max(now, self._tokens_free_at) + tokens * self._token_s
        self.under_way += 1
        return Ticket(self.under_way, self._flight)

    def used(self, expected: float, tokens: float) -> None:
        """Note what a request came to, of which so much was expected."""
        self._tokens_free_at += (tokens - expected) * self._token_s

    async def pause(self, seconds: float) -> None:
        """Sleep, but not beyond `open`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._opened.wait()

    def open(self) -> None:
        """Let nobody wait for a moment any more: nothing will be sent."""
        self._opened.set()

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake()  # the turn was given to one that no longer wants it
            raise

    def done(self) -> None:
        """Give a request's place back, however it ended."""
        self.under_way -= 1
        self._wake()

    def clean(self) -> None:
        """Note an answer that shows no sign of strain."""
        if self.limit < self._ceiling:
            # Never refused so far: fourfold with every round. Later the way back is a known one.
            self.limit = min(self.limit + (1 if self._flight else 3), self._ceiling)
        elif self._ceiling < self.most:
            self._clean += 1
            if self._clean >= self._probe_after * self._ceiling:
                self._clean = 0
                if self._probing:  # the last one more was welcome
                    self._probe_after = _FIRST_PROBE
                self._probing = True
                self._ceiling += 1
                self.limit = self._ceiling
        self._wake()

    def refused(self, ticket: Ticket) -> None:
        """Note that the server said it was too much."""
        most_right, ceiling = ticket.under_way - 1, self._ceiling
        if ticket.flight == self._flight:
            self._flight += 1
            self._half = max(1, int(self.limit) // 2)
            self._ceiling = max(self._half, most_right)
            self._clean = 0
            # Refused below what was taken before: then their number is not what the server minds, and it soon tries again.
            failed_probe = self._probing and ticket.under_way >= ceiling
            self._probe_after = min(4 * self._probe_after, _LONGEST_PROBE) if failed_probe else _FIRST_PROBE
            self._probing = False
            self.limit = self._half
        else:  # a sister request of one that has halved it already
            self._ceiling = max(self._half, min(self._ceiling, most_right))
            self.limit = min(self.limit, self._ceiling)

    def hold(self, seconds: float) -> None:
        """Begin nothing for so long; what is under way goes on."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    def _wake(self) -> None:
        free = int(self.limit) - self.under_way
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
