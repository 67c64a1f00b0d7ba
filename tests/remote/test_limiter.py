"""The limiter on a clock of its own: what it asks of a server that takes so many at once and no more."""

import asyncio
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.backends.remote.limiter import Limiter

Result = TypeVar("Result")


class Clock:
    """Monotonic seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Hurry(selectors.DefaultSelector):
    """Has the seconds pass at once that its event loop would sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout is not None:
            self.now += timeout
        return ready


def hurried(go: Callable[[Callable[[], float]], Coroutine[object, object, Result]]) -> Result:
    """Run `go` with the clock of an event loop whose sleeps take no time, so that no machine is too slow for them."""
    hurry = Hurry()

    def loop() -> asyncio.AbstractEventLoop:
        made = asyncio.SelectorEventLoop(hurry)
        made.time = lambda: hurry.now  # type: ignore[method-assign]
        return made

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(go(lambda: hurry.now))


async def drive(limiter: Limiter, capacity: int, requests: int) -> tuple[Counter[str], list[int]]:
    """Send requests to a server that refuses those beyond its capacity; return what came, and the limits."""
    came: Counter[str] = Counter()
    at_once = 0
    widths: list[int] = []

    async def one() -> None:
        nonlocal at_once
        while True:
            ticket = await limiter.acquire()
            at_once += 1
            widths.append(int(limiter.limit))
            refused = at_once > capacity
            await asyncio.sleep(0 if refused else 0.001)
            at_once -= 1
            came["refused" if refused else "clean"] += 1
            if refused:
                limiter.refused(ticket)
            else:
                limiter.clean()
            limiter.done()
            if not refused:
                return
            await asyncio.sleep(0.001)

    await asyncio.gather(*(one() for _ in range(requests)))
    return came, widths


def test_it_finds_the_servers_limit_and_wastes_little() -> None:
    came, widths = hurried(lambda clock: drive(Limiter(64, clock=clock), capacity=8, requests=800))
    assert came["clean"] == 800
    assert came["refused"] < 0.1 * came.total()
    settled = widths[len(widths) // 2 :]
    assert 7 <= sum(settled) / len(settled) <= 9
    assert max(settled) <= 9


def test_with_room_enough_it_uses_all_that_it_may() -> None:
    came, widths = hurried(lambda clock: drive(Limiter(64, clock=clock), capacity=1000, requests=800))
    assert came == {"clean": 800}
    assert max(widths) == 64
    assert widths.index(64) < 8 + 16 + 32 + 64 + 64  # doubling, not one by one


@given(
    most=st.integers(1, 100),
    events=st.lists(st.sampled_from(["acquire", "clean", "refused", "hold"]), max_size=300),
)
@settings(max_examples=200, deadline=None)
def test_it_never_exceeds_what_it_may_nor_locks_itself_out(most: int, events: list[str]) -> None:
    async def go() -> None:
        clock = Clock()
        limiter = Limiter(most, clock=clock)
        tickets = []
        for event in events:
            if event == "acquire" and limiter.under_way < int(limiter.limit):
                tickets.append(await limiter.acquire())
            elif event == "hold":
                limiter.hold(1.0)
                clock.now += 1.0
            elif tickets:
                ticket = tickets.pop(0)
                if event == "refused":
                    limiter.refused(ticket)
                else:
                    limiter.clean()
                limiter.done()
            assert 1 <= limiter.limit <= most
            assert 0 <= limiter.under_way <= most

    asyncio.run(go())


def test_a_burst_of_refusals_tells_the_servers_limit() -> None:
    async def go() -> tuple[float, float]:
        limiter = Limiter(64)
        limiter.limit = 16
        tickets = [await limiter.acquire() for _ in range(16)]
        for ticket in tickets[8:]:
            limiter.refused(ticket)
            limiter.done()
        halved = limiter.limit
        for _ in range(8):
            limiter.clean()
            limiter.done()
        return halved, limiter.limit

    assert asyncio.run(go()) == (8, 8)


def test_nothing_begins_while_it_is_held() -> None:
    async def go(clock: Callable[[], float]) -> float:
        limiter = Limiter(4, clock=clock)
        limiter.hold(0.05)
        await limiter.acquire()
        return clock()

    assert hurried(go) == pytest.approx(0.05)


def test_requests_per_minute_are_spaced() -> None:
    async def go(clock: Callable[[], float]) -> list[float]:
        limiter, began = Limiter(8, per_minute=6000, clock=clock), []
        for _ in range(6):
            await limiter.acquire()
            began.append(clock())
        return began

    assert hurried(go) == pytest.approx([0, 0.01, 0.02, 0.03, 0.04, 0.05])


@given(
    per_minute=st.integers(60, 60_000),
    requests=st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500), st.floats(0, 5)), max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_tokens_per_minute_are_kept_in_every_window(
    per_minute: int, requests: list[tuple[int, int, float]]
) -> None:
    """Whatever was expected: what begins between two moments comes to no more than their distance allows, and one request."""
    began: list[tuple[float, int]] = []

    async def go() -> None:
        clock = Clock()
        limiter = Limiter(1, tokens_per_minute=per_minute, clock=clock)

        async def sleep(seconds: float) -> None:
            assert seconds > 0
            clock.now += seconds

        limiter.pause = sleep  # type: ignore[method-assign]
        for expected, tokens, latency_s in requests:
            await limiter.acquire(expected)
            began.append((clock.now, tokens))
            clock.now += latency_s
            limiter.used(expected, tokens)
            limiter.done()

    asyncio.run(go())
    for first in range(len(began)):
        for last in range(first, len(began)):
            allowed = (began[last][0] - began[first][0]) * per_minute / 60
            assert sum(tokens for _, tokens in began[first:last]) <= allowed + 1e-6


def test_tokens_that_were_not_needed_are_given_back() -> None:
    async def go() -> list[float]:
        clock = Clock()
        limiter = Limiter(8, tokens_per_minute=600, clock=clock)  # ten a second
        began = []

        async def sleep(seconds: float) -> None:
            clock.now += seconds

        limiter.pause = sleep  # type: ignore[method-assign]
        for tokens in (20, 20, 100):
            await limiter.acquire(100)
            began.append(clock.now)
            limiter.used(100, tokens)
            limiter.done()
        await limiter.acquire(100)
        return [*began, clock.now]

    assert asyncio.run(go()) == pytest.approx([0, 2, 4, 14])


def test_a_shorter_answer_than_expected_is_noticed_by_those_who_wait() -> None:
    async def go(clock: Callable[[], float]) -> float:
        limiter = Limiter(8, tokens_per_minute=600, clock=clock)
        await limiter.acquire(10_000)  # a thousand seconds' worth
        waiting = asyncio.create_task(limiter.acquire(1))
        await asyncio.sleep(0)
        limiter.used(10_000, 1)
        await waiting
        return clock()

    assert hurried(go) == pytest.approx(0.25)  # when it looked the next time


def test_a_cancelled_wait_gives_its_turn_to_the_next() -> None:
    async def go(clock: Callable[[], float]) -> None:
        limiter = Limiter(1, clock=clock)
        await limiter.acquire()
        first, second = asyncio.create_task(limiter.acquire()), asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        limiter.done()
        first.cancel()
        async with asyncio.timeout(1):  # by that clock: when nothing else can happen
            await second
        with pytest.raises(asyncio.CancelledError):
            await first

    hurried(go)
