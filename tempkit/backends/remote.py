"""What all remote backends share: many requests under way at once, and one policy for trying again.

SDKs retry in their own ways and count nothing; theirs are turned off, so that the number of attempts on an outcome is
the number of requests that went out.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tempkit.types import FailureKind, Outcome

__all__ = ["RequestError", "fan_out", "with_retries"]

T = TypeVar("T")
Job = TypeVar("Job")

_ATTEMPTS = 4
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 60.0
_PASSING: frozenset[FailureKind] = frozenset({"connection", "timeout", "rate_limit", "server", "bad_answer"})


@dataclass
class RequestError(Exception):
    """One request that brought no completion. Backends raise it; it never leaves them."""

    kind: FailureKind
    message: str
    retry_after_s: float | None = None
    attempts: int = 1


async def with_retries(attempt: Callable[[], Awaitable[T]]) -> tuple[T, int]:
    """Make a request until it succeeds or trying again makes no sense: at most 4 times.

    Waits what the server asks for when it asks for at most a minute, else 0.5 s doubling each time, with jitter.

    Returns:
        The result and the number of attempts.

    Raises:
        RequestError: The last one, with its attempts counted.
    """
    for number in range(1, _ATTEMPTS + 1):
        try:
            return await attempt(), number
        except RequestError as e:
            e.attempts = number
            asked = e.retry_after_s or 0.0
            if e.kind not in _PASSING or number == _ATTEMPTS or asked > _LONGEST_DELAY_S:
                raise
            delay = min(_FIRST_DELAY_S * 2 ** (number - 1), _LONGEST_DELAY_S) * random.uniform(0.5, 1.5)  # noqa: S311
            await asyncio.sleep(max(asked, delay))
    raise AssertionError("unreachable: the last attempt returns or raises")


async def fan_out(
    jobs: Iterable[Job], do: Callable[[Job], Awaitable[Outcome]], concurrency: int
) -> AsyncGenerator[Outcome, None]:
    """Do jobs, at most `concurrency` at once, and yield outcomes as they come.

    Jobs are taken from the iterable only when there is room for them. Closing the generator cancels what is under way.
    """
    source = iter(jobs)
    running: set[asyncio.Task[Outcome]] = set()
    try:
        while True:
            while len(running) < concurrency:
                job = next(source, None)
                if job is None:
                    break
                running.add(asyncio.ensure_future(do(job)))
            if not running:
                return
            finished, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
