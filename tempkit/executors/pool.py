"""The actors of a run, and which of them draws what.

Each place for an actor is served by a task: it takes work of the model that its actor has loaded as long as there is some, then of the
model that the fewest others draw. An actor that dies is replaced, and what it had not drawn is handed out again.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable
from typing import Any

from tempkit._version import __version__
from tempkit.backends import Tell, TokenListener
from tempkit.errors import BackendError, ModelError, TempkitError, one_line
from tempkit.executors.actor import Arrived, Drawer, Drawn, Loaded
from tempkit.executors.chunks import TRIES, Chunk
from tempkit.executors.cluster import Cluster
from tempkit.executors.job import Job
from tempkit.executors.reports import Reports
from tempkit.types import ModelInfo, ModelSpec, SampleKey, Sweep, Workers

__all__ = ["Pool"]

_WAIT_S = 10.0
"""Seconds after which somebody is told that no actor has come up yet."""


class _DiedError(Exception):
    """An actor is gone; the message says why, as far as Ray knows."""


class _Seat:
    """A place for an actor."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.model: ModelSpec | None = None
        """That is loaded there."""
        self.job: Job | None = None
        self.host = ""
        self.deaths = 0
        """In a row, before a model was loaded."""
        self.used = 0.0


class Pool:
    """Actors for all local models of a run; connected when the first of them is prepared."""

    def __init__(self, workers: Workers, *, on_gpu: bool) -> None:
        self._asked, self._on_gpu = workers, on_gpu
        self._cluster: Cluster | None = None
        self._seats: list[_Seat] = []
        self._jobs: list[Job] = []
        self._tasks: dict[_Seat, asyncio.Task[None]] = {}
        self._found: dict[str, ModelInfo] = {}
        """By model label, what the first actor that loaded it found: the others must find the same."""
        self._news = asyncio.Condition()
        self._reports = Reports()

    def report_to(self, status: Tell, note: Tell) -> None:
        self._reports.status, self._reports.note = status, note

    async def prepare(self, model: ModelSpec, found: ModelInfo | None) -> ModelInfo:
        """Have an actor load a model.

        Raises:
            BackendError: There is no cluster, or the model cannot be loaded.
        """
        if self._cluster is None:
            self._cluster = Cluster(self._asked, on_gpu=self._on_gpu)
            self._reports.actors = self._cluster.workers.actors or 1
        seat = self._seat_for(model)
        while True:
            try:
                return await self._load(seat, model, found)
            except _DiedError as e:
                await self._lost(seat)
                if seat.deaths >= TRIES:
                    raise ModelError(_never_up(model, e)) from e

    def begin(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> Job:
        """Begin to draw; whoever asks takes what is drawn from the job, and ends it."""
        job = Job(sweeps, on_tokens)
        self._jobs.append(job)
        self._reports.begin()
        startable = sum(each.ahead.look(self._most) for each in self._jobs)
        while len(self._seats) < min(self._most, max(1, startable)):
            self._seats.append(_Seat())
        for seat in self._seats:
            if seat not in self._tasks or self._tasks[seat].done():
                self._tasks[seat] = asyncio.create_task(self._serve(seat))
        return job

    async def end(self, job: Job) -> None:
        """Forget a job; what is still being drawn for it is given up. Without any job left, the actors go too."""
        job.closed = True
        self._jobs.remove(job)
        for seat in self._seats:
            if seat.job is job or not self._jobs:
                if task := self._tasks.pop(seat, None):
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.gather(task, return_exceptions=True)
                self._let_go(seat)
                if self._jobs:
                    self._tasks[seat] = asyncio.create_task(self._serve(seat))
        self._reports.up = sum(seat.handle is not None for seat in self._seats)
        await self._tell()

    async def close(self) -> None:
        """Let every actor go, and the connection."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        for seat in self._seats:
            self._let_go(seat)
        self._seats.clear()
        self._reports.close()
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    @property
    def _most(self) -> int:
        assert self._cluster is not None  # noqa: S101  (a model is prepared first)
        return self._cluster.workers.actors or 1

    def _seat_for(self, model: ModelSpec) -> _Seat:
        """Return where a model is loaded or can be: a place of its own, else the one that was used least lately."""
        for seat in self._seats:
            if seat.model == model:
                return seat
        if len(self._seats) < self._most:
            self._seats.append(_Seat())
            return self._seats[-1]
        return min(self._seats, key=lambda seat: seat.used)

    async def _serve(self, seat: _Seat) -> None:
        """Draw at one place, until its task is cancelled or no actor comes up there any more."""
        while True:
            job, model = await self._next(seat)
            try:
                await self._load(seat, model, None)
            except _DiedError as e:
                await self._lost(seat)
                if seat.deaths >= TRIES:
                    await self._given_up(seat, BackendError(_never_up(model, e)))
                    return
                continue
            except TempkitError as e:
                await job.fail(e)
                continue
            if job.closed or job.ahead.model() != model:  # another place was quicker
                continue
            chunk = job.ahead.take(self._most)
            job.in_hand += 1
            seat.job = job
            try:
                await self._draw(seat, job, chunk)
            finally:
                seat.job = None
                job.in_hand -= 1
            await job.settle()
            await self._tell()

    async def _next(self, seat: _Seat) -> tuple[Job, ModelSpec]:
        """Wait for something to draw: of the model that is loaded there, else of the one that the fewest draw."""
        async with self._news:
            while True:
                able: list[tuple[bool, int, Job, ModelSpec]] = []
                for job in self._jobs:
                    if not job.closed and (model := job.ahead.model()) is not None:
                        others = sum(other.model == model for other in self._seats if other is not seat)
                        able.append((seat.model != model, others, job, model))
                    elif not job.closed:
                        await job.settle()
                if able:
                    *_, job, model = min(able, key=lambda each: each[:2])
                    return job, model
                await self._news.wait()

    async def _draw(self, seat: _Seat, job: Job, chunk: Chunk) -> None:
        """Have an actor draw a chunk and deliver what comes."""
        ended: set[SampleKey] = set()
        began = time.monotonic()
        label = chunk.model.label
        try:
            answer = seat.handle.draw.remote(chunk.sweeps)
            while True:
                drawn: Drawn = await self._answer(answer)
                if not (drawn.done or drawn.refused):
                    answer = seat.handle.fetch.remote()
                ended.update(outcome.key for outcome in drawn.outcomes)
                for (of, temperature), count in drawn.tokens.items():
                    job.on_tokens(of, temperature, count)
                await job.deliver(drawn.outcomes)
                if drawn.refused:
                    await job.fail(ModelError(drawn.refused))
                if drawn.done or drawn.refused:
                    break
        except _DiedError as e:
            left = chunk.without(ended)
            again = "go out again" if chunk.tries < TRIES else "fail"
            self._reports.note(f"note: an actor died ({e}); {len(left)} unfinished sweeps of {label} {again}")
            await self._lost(seat)
            seat.deaths = 0
            await job.give_back(chunk, left, str(e))
            return
        job.ahead.took(chunk.samples, time.monotonic() - began)
        seat.used = time.monotonic()

    async def _load(self, seat: _Seat, model: ModelSpec, found: ModelInfo | None) -> ModelInfo:
        """Have an actor at a place with a model loaded.

        Raises:
            _DiedError: It died before that.
            BackendError: It is of another version, or cannot load the model or not the same one.
        """
        if seat.model == model and seat.handle is not None:
            return self._found[model.label]
        cluster = self._cluster
        assert cluster is not None  # noqa: S101  (a model is prepared first)
        if seat.handle is None:
            processors = max(1, int(cluster.workers.num_cpus or 1))
            folder = os.getcwd()  # noqa: PTH109  (text, as other machines have it)
            seat.handle = cluster.start(Drawer, folder, processors, cluster.neighbours)
            arrived: Arrived = await self._arrival(seat)
            if arrived.version != __version__:
                raise BackendError(
                    f"--executor ray: {arrived.host} has tempkit {arrived.version}, and here is {__version__}; install the same"
                )
            seat.host = arrived.host
            self._reports.up += 1
            self._reports.changed()
        seat.model = None
        loaded: Loaded = await self._answer(
            seat.handle.load.remote(model, self._found.get(model.label, found))
        )
        if loaded.info is None:
            raise ModelError(f"{loaded.refused} (on {seat.host})")
        first = self._found.setdefault(model.label, loaded.info)
        if first.digest != loaded.info.digest:
            raise ModelError(
                f"{model.label}: {seat.host} has another file of that name than the machine that loaded it first; copy one to all"
            )
        seat.model, seat.deaths, seat.used = model, 0, time.monotonic()
        return first

    async def _arrival(self, seat: _Seat) -> Arrived:
        answer = asyncio.ensure_future(self._answer(seat.handle.arrive.remote()))
        try:
            await asyncio.wait({answer}, timeout=_WAIT_S)
            if not answer.done() and not self._reports.up and self._cluster is not None:
                self._reports.note(
                    f"note: waiting for room for an actor of {self._cluster.workers} in the cluster"
                )
            arrived: Arrived = await answer
        finally:
            answer.cancel()
        return arrived

    async def _answer(self, reference: Any) -> Any:
        """Wait for what an actor says.

        Raises:
            _DiedError: It is gone.
        """
        assert self._cluster is not None  # noqa: S101  (there is an actor)
        try:
            return await reference
        except self._cluster.died as e:
            raise _DiedError(one_line(e, 200)) from e

    async def _lost(self, seat: _Seat) -> None:
        seat.deaths += 1
        self._let_go(seat)
        self._reports.died += 1
        self._reports.up = sum(each.handle is not None for each in self._seats)
        self._reports.changed()

    def _let_go(self, seat: _Seat) -> None:
        if seat.handle is not None and self._cluster is not None:
            self._cluster.kill(seat.handle)
        seat.handle, seat.model = None, None

    async def _given_up(self, seat: _Seat, error: TempkitError) -> None:
        """Do without a place where no actor comes up; without any, nothing can go on."""
        self._seats.remove(seat)
        self._tasks.pop(seat, None)
        if not self._seats:
            for job in self._jobs:
                await job.fail(error)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def _never_up(model: ModelSpec, why: Exception) -> str:
    return f"{model.label}: {TRIES} actors in a row died before they had loaded it; the last: {why}"
