"""The addresses at which one model is asked: each with a limiter of its own, and each set aside for a while when it fails.

A request goes to an address with much room, and each temperature to all of them. One that fails somewhere is asked elsewhere at once, at each address once before it waits
as it would at a single one. So an address that is down costs a request for each time that it is tried again, and no sample.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.limiter import Limiter, Ticket
from tempkit.backends.urls import asked_at, short_addresses, written_addresses
from tempkit.errors import one_line
from tempkit.text import without_secrets
from tempkit.types import ModelSpec

__all__ = ["Address", "Fleet"]

_FIRST_REST_S = 0.5
_LONGEST_REST_S = 30.0
"""How long an address is set aside after a failure; twice as long after each further one in a row."""

_WINDOW = 64
"""How many that wait are looked at for a place."""

_CONFIRMED = 3
"""Refusals in a row that are of the whole model, before an address that has answered is given up."""


@dataclass(eq=False, slots=True)
class Address:
    """One address, and how it fares."""

    model: ModelSpec
    """As it is asked here."""
    name: str | None
    """What an answer's record calls it; None where the model has no other."""
    limiter: Limiter
    answered: int = 0
    asked: Counter[float] = field(default_factory=Counter)
    """Requests by temperature."""
    rests: int = 0
    """How often it was set aside."""
    failed: Counter[str] = field(default_factory=Counter)
    """Requests that failed here and were asked elsewhere, or again, by kind."""
    last: str = ""
    """What the last of them said."""
    rests_in_a_row: int = 0
    rests_until: float = 0.0
    refused_in_a_row: int = 0
    given_up: RequestError | None = None

    @property
    def room(self) -> int:
        """How many more requests may begin here at once; after a failure one, until it is answered."""
        room = self.limiter.room
        return min(room, 1 - self.limiter.under_way) if self.rests_in_a_row else room

    @property
    def resting(self) -> bool:
        """Whether it is set aside, or may be asked one request and has that under way."""
        return self.rests_in_a_row > 0 and self.room < 1


class Fleet:
    """All addresses of one model; used from one event loop.

    Args:
        model: The model.
        limiter: Makes the limiter of an address.
        clock: Monotonic seconds, the limiters' own.
    """

    def __init__(
        self, model: ModelSpec, limiter: Callable[[], Limiter], clock: Callable[[], float] = time.monotonic
    ) -> None:
        urls, several = written_addresses(model.options), isinstance(model.options.get("base_url"), list)
        self.addresses = (
            [Address(asked_at(model, url), name, limiter()) for url, name in short_addresses(urls).items()]
            if several
            else [Address(model, None, limiter())]
        )
        self._waiting: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._opened = False
        self._clock = clock

    @property
    def under_way(self) -> int:
        """How many requests are being answered, at all addresses together."""
        return sum(each.limiter.under_way for each in self.addresses)

    def others(self, tried: Collection[Address]) -> bool:
        """Whether an address is left for a request that has failed at some."""
        return any(self._is_fit(each, tried) for each in self.addresses)

    async def acquire(
        self, tokens: float, temperature: float = 0.0, tried: Collection[Address] = ()
    ) -> tuple[Address, Ticket]:
        """Wait for leave to send one request, and return where to.

        Args:
            tokens: How many it may come to.
            temperature: Its temperature; each is spread over the addresses as evenly as their room allows.
            tried: Where it has failed, so that any other is better.
        """
        if len(self.addresses) == 1:
            return self.addresses[0], await self.addresses[0].limiter.acquire(tokens)
        waiting = _Waiting(asyncio.get_running_loop().create_future(), tokens, temperature, tried)
        self._waiting.append(waiting)
        self._serve()
        try:
            return await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self.done(waiting.turn.result()[0])  # leave for a request that nobody makes any more
            raise

    def done(self, at: Address) -> None:
        """Give a request's place back, however it ended."""
        at.limiter.done()
        self._serve()

    def clean(self, at: Address) -> None:
        """Note an answer."""
        at.answered += 1
        at.rests_in_a_row = at.refused_in_a_row = 0
        at.limiter.clean()
        self._serve()

    def failed(self, at: Address, error: RequestError) -> None:
        """Note a request that brought no answer for reasons of the address: set it aside, or give it up."""
        at.failed[error.kind] += 1
        at.last = one_line(without_secrets(error.message), 200)
        if error.gives_up:
            at.refused_in_a_row += 1
            if not at.answered or at.refused_in_a_row >= _CONFIRMED:
                at.given_up = at.given_up or error
        elif (now := self._clock()) >= at.rests_until:  # else it went out with the one that told
            at.rests += 1
            at.rests_in_a_row += 1
            own = _FIRST_REST_S * 2.0 ** min(at.rests_in_a_row - 1, 60)
            rest_s = min(max(own, error.retry_after_s or 0.0), _LONGEST_REST_S)
            at.rests_until = now + rest_s
            at.limiter.hold(rest_s)
        self._serve()

    @property
    def is_given_up(self) -> bool:
        """Whether no address is left."""
        return all(each.given_up for each in self.addresses)

    def open(self) -> None:
        """Let nobody wait any more: nothing will be sent."""
        self._opened = True
        for each in self.addresses:
            each.limiter.open()
        self._serve()

    def remarks(self) -> Iterator[str]:
        """Say of each address that failed what came of it."""
        for each in self.addresses if len(self.addresses) > 1 else ():
            if not each.failed:
                continue
            total, last = each.failed.total(), f"; the last: {each.last}" if each.last else ""
            requests = f"{total:,} request{'s' * (total != 1)} failed at {each.name}"
            if each.given_up is not None:
                yield f"warning: {each.model.label}: {requests}, which was given up{last}"
            elif each.rests:
                times = f"{each.rests:,} time{'s' * (each.rests != 1)}"
                yield f"warning: {each.model.label}: {requests}, which was set aside {times}{last}"

    def _is_fit(self, each: Address, tried: Collection[Address]) -> bool:
        return each.given_up is None and each not in tried and not each.resting

    def _serve(self) -> None:
        """Give leave to those that wait, as far as there is room; look again when a time is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        passed: list[_Waiting] = []
        while self._waiting:
            waiting = self._waiting.popleft()
            if waiting.turn.done():
                continue
            free = self._free(waiting)
            if not free:
                passed.append(waiting)
                if not any(each.room > 0 for each in self.addresses):
                    break
                continue
            if len(free) == 1:
                waiting = self._swapped(waiting, free[0])
            at = min(free, key=lambda each: (each.asked[waiting.temperature], -each.room))
            at.asked[waiting.temperature] += 1
            waiting.turn.set_result((at, at.limiter.take(waiting.tokens)))
        self._waiting.extendleft(reversed(passed))
        if self._waiting:
            times = [each.limiter.opens_in_s for each in self.addresses if each.given_up is None]
            if soon := [seconds for seconds in times if seconds > 0]:
                self._timer = asyncio.get_running_loop().call_later(min(soon), self._serve)

    def _free(self, waiting: "_Waiting") -> list[Address]:
        """Return where a request may go now: the address with the most room, and those with at least half of that."""
        if self._opened:
            return self.addresses[:1]
        fit = [each for each in self.addresses if self._is_fit(each, waiting.tried)]
        left = fit or [each for each in self.addresses if each.given_up is None] or self.addresses
        most = max(each.room for each in left)
        return [each for each in left if 2 * each.room >= most > 0]

    def _swapped(self, first: "_Waiting", at: Address) -> "_Waiting":
        """Return which of those that wait is to have the only place: one at the temperature that was asked here least.

        Temperatures follow each other in one order and answers come in step, so that else each could get an address of its own, and what
        differs between servers would look like the temperature's doing.
        """
        others = [
            each for each in islice(self._waiting, _WINDOW) if not each.turn.done() and at in self._free(each)
        ]
        best = min([first, *others], key=lambda each: at.asked[each.temperature])
        if best is not first:
            self._waiting.remove(best)
            self._waiting.appendleft(first)
        return best


@dataclass(eq=False, slots=True)
class _Waiting:
    """A request that waits for leave."""

    turn: asyncio.Future[tuple[Address, Ticket]]
    tokens: float
    temperature: float
    tried: Collection[Address]
