"""The producers of a run: each takes outcomes from one model and puts them into the queue, until it is done or told to stop."""

import asyncio
import contextlib
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from tempkit.backends import Backend, Remarker, Stoppable
from tempkit.errors import BackendError, TempkitError, one_line
from tempkit.running.display.progress import Progress
from tempkit.running.missing_logprobs import Unseen
from tempkit.running.spending import Spending
from tempkit.running.who_answered import Watcher
from tempkit.types import Outcome, Sweep

__all__ = ["Production", "Queue"]

Queue = asyncio.Queue[Outcome | None]
"""None: no more will come."""


class Production:
    """What is being produced in one call, and why it was ended early."""

    def __init__(self, queue: Queue, spending: Spending, progress: Progress, watcher: Watcher) -> None:
        self._queue, self._spending, self._progress = queue, spending, progress
        self._watcher = watcher
        self._unseen = Unseen()
        self._on_this_machine = asyncio.Lock()
        self._live: list[tuple[asyncio.Task[None], Backend]] = []
        self._batches: list[asyncio.Task[None]] = []
        self.stopped: Literal["user", "budget", "time", "model"] | None = None
        """The first reason to end early."""

    @property
    def why_model(self) -> str | None:
        """Why no model is asked further, where another one answers in its place."""
        return self._watcher.stops

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [*(task for task, _ in self._live), *self._batches]

    def ask(self, backend: Backend, work: Iterator[Sweep]) -> None:
        """Begin to ask for samples, each by itself."""
        made = _explained(backend, partial(self._produce, backend, work))
        self._live.append((asyncio.create_task(made), backend))

    def wait_for(self, backend: Backend, batches: Callable[[], Awaitable[None]]) -> None:
        """Begin to follow a backend's batches, whose outcomes `put` is given."""
        self._batches.append(asyncio.create_task(_explained(backend, batches)))

    async def put(self, outcome: Outcome, backend: Stoppable | None = None) -> None:
        """Hand over an outcome and count what it cost; a backend that made it may be using money at this moment."""
        self._spending.add(outcome)
        self._unseen.add(outcome)
        for line in self._watcher.add(outcome):
            self._progress.note(line)
        if self._watcher.stops is not None:
            self.limit("model")
        if self._spending.reached(0 if backend is None else backend.under_way):
            self.limit("budget")
        await self._queue.put(outcome)

    def limit(self, why: Literal["budget", "time", "model"]) -> None:
        """Begin nothing more; let what is under way end where the backend can tell the two apart.

        Batches are paid for already, so only a time limit ends the waiting for them.
        """
        if self.stopped is None:
            self.stopped = why
            for task, backend in self._live:
                if isinstance(backend, Stoppable):
                    backend.stop()
                else:
                    task.cancel()
        if why == "time":
            for task in self._batches:
                task.cancel()

    def stop(self) -> None:
        """End everything at once, as the user wants it."""
        self.stopped = "user"
        self.cancel()

    def cancel(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def settle(self) -> list[BaseException | None]:
        """Wait for every producer, tell the writer that no more will come, and return how each ended."""
        results = await asyncio.gather(*self.tasks, return_exceptions=True)
        backends = {id(backend): backend for _, backend in self._live}.values()
        try:  # before the writer ends, after which nothing is waited for
            remarks = [
                line for each in backends if isinstance(each, Remarker) for line in await each.remarks()
            ]
        finally:
            await self._queue.put(None)
        for note in chain(self._unseen.notes(), self._watcher.notes(), remarks):
            self._progress.note(note)
        return results

    async def _produce(self, backend: Backend, work: Iterator[Sweep]) -> None:
        first = next(work, None)
        if first is None:
            return
        stoppable = backend if isinstance(backend, Stoppable) else None  # once: it takes a while to find out
        outcomes: AsyncGenerator[Outcome, None] = backend.run(chain([first], work), self._progress.tokens)
        # Two engines computing on the same cores would only slow each other down.
        async with (
            self._on_this_machine if backend.local else contextlib.nullcontext(),
            aclosing(outcomes),
        ):
            async for outcome in outcomes:
                await self.put(outcome, stoppable)


async def _explained(backend: Backend, work: Callable[[], Awaitable[None]]) -> None:
    """Do a backend's work; an error that is none of ours is a fault of the backend, which is named.

    Raises:
        BackendError: It has a fault.
    """
    try:
        await work()
    except TempkitError:
        raise
    except Exception as e:
        kind = type(backend)
        place = traceback.extract_tb(e.__traceback__)[-1]
        raise BackendError(
            f"the backend {kind.__module__}.{kind.__qualname__} has a fault: {type(e).__name__}: {one_line(e)} "
            f"({Path(place.filename).name}:{place.lineno}); what had come is stored (--debug shows more)"
        ) from e
