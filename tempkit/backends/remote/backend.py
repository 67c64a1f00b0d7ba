"""What all remote backends share: many requests under way, each sample tried until it ends, every end stored.

An adapter says what a request holds (`params`), makes one (`ask`), and what a model can do. How many
go out at once, what is tried again and when a model is given up is decided here, alike for all of them.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar

from tempkit.backends.protocol import TokenListener
from tempkit.backends.remote.adapter_types import (
    UNREADABLE_ERRORS,
    Answer,
    RequestError,
    Unread,
    read_whole,
    unreadable,
)
from tempkit.backends.remote.failure_scope import Place
from tempkit.backends.remote.fleet import Address
from tempkit.backends.remote.model_session import (
    EARLIER_MAX_OUTAGE,
    ModelSession,
    Share,
    completion,
    failure,
    unsent,
)
from tempkit.backends.remote.redaction import hushed
from tempkit.backends.remote.size_limits import room_for
from tempkit.errors import BackendError, UsageError
from tempkit.types import (
    Capabilities,
    Completion,
    Message,
    ModelInfo,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
)

__all__ = ["RemoteBackend"]


class RemoteBackend(ABC):
    """Base of the adapters. Those of third parties implement the abstract methods and nothing else."""

    local = False
    options: ClassVar[Mapping[str, type | tuple[type, ...]]] = {
        "timeout_s": int,
        "requests_per_minute": int,
        "tokens_per_minute": int,
        "attempts": int,
        "max_outage_s": int,
        EARLIER_MAX_OUTAGE: int,
        "seeds": bool,
    }
    """Model options of every remote backend: how long one request may take (180 s); how many requests may begin in a minute,
    and how many tokens these may come to (no limits); how often one sample is tried (8); for how long a server may answer
    nothing but errors (300 s); `seeds: false`, to send none and ask for several answers at once where the model gives them."""

    def __init__(self, *, concurrency: int) -> None:
        self._concurrency = concurrency
        self._sessions: dict[str, ModelSession] = {}
        self._running: set[_Task] = set()
        self._sending: set[asyncio.Task[Any] | None] = set()
        self._stopping = False

    @abstractmethod
    def capabilities(self, model: ModelSpec) -> Capabilities:
        """Say what the model can be asked, without asking it."""

    @abstractmethod
    async def prepare(self, model: ModelSpec) -> ModelInfo:
        """Reach the model before anything is stored or spent."""

    @abstractmethod
    def params(
        self, model: ModelSpec, sampling: SamplingParams, temperature: float, seed: int | None, choices: int
    ) -> dict[str, Any]:
        """Lay out every sampling parameter of a request under the API's name for it; a zero is one, an unset option is not.

        Args:
            model: The model.
            sampling: What was asked for besides.
            temperature: To be sent as it is, as `temperature`; it is taken out again where a request is to have none.
            seed: None: send none.
            choices: How many answers to ask for; more than one only where `Capabilities.max_choices` allows it.
        """

    @abstractmethod
    async def ask(
        self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]
    ) -> Answer | Unread:
        """Make one request, once. An answer that takes long to read comes unread, so that the next request goes out before.

        Raises:
            RequestError: It brought no completion.
        """

    @abstractmethod
    async def close(self) -> None: ...

    def check_limits(self, model: ModelSpec) -> None:
        """Check the options of `RemoteBackend.options`.

        Raises:
            UsageError: A number below 1.
        """
        for name in (
            "timeout_s",
            "requests_per_minute",
            "tokens_per_minute",
            "attempts",
            "max_outage_s",
            EARLIER_MAX_OUTAGE,
        ):
            if model.options.get(name, 1) < 1:
                raise UsageError(f"{model.id}: option {name} must be at least 1")

    @property
    def under_way(self) -> int:
        """How many requests are being answered right now."""
        return len(self._sending)

    async def remarks(self) -> list[str]:
        """Return what is to be said at the end of a run of the addresses of models that have several."""
        return [line for session in self._sessions.values() for line in session.fleet.remarks()]

    def stop(self) -> None:
        """Begin no further request; those under way still bring their outcomes."""
        self._stopping = True
        for task in self._running - self._sending:
            task.cancel()

    async def run(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        addresses = 1

        def jobs() -> Iterator[_Job]:
            nonlocal addresses
            for sweep in sweeps:
                addresses = max(addresses, len(self._session(sweep.model).fleet.addresses))
                yield from self._jobs(sweep)

        # Twice as many as may be under way, so that those that wait before another attempt take nobody's place.
        async with aclosing(self._fan_out(jobs(), lambda: 2 * self._concurrency * addresses)) as outcomes:
            async for outcome in outcomes:
                if isinstance(outcome, Completion):
                    count = outcome.output_tokens or len(outcome.tokens)
                    on_tokens(outcome.key.model, outcome.key.temperature, count)
                yield hushed(outcome)

    def _jobs(self, sweep: Sweep) -> Iterator["_Job"]:
        """Cut a sweep into requests; several samples of one temperature share one where no seed tells them apart."""
        most = self._session(sweep.model).choices
        if most == 1:
            for sample in sweep.samples:
                yield sweep, (sample,)
            return
        for _, group in groupby(sorted(sweep.samples, key=_temperature), key=_temperature):
            samples = tuple(group)
            for start in range(0, len(samples), most):
                yield sweep, samples[start : start + most]

    async def _fan_out(
        self, jobs: "Iterator[_Job]", room: Callable[[], int]
    ) -> AsyncGenerator[Outcome, None]:
        """Do jobs, taken from the iterator only when there is room for them; yield outcomes as they come."""
        finished: asyncio.Queue[_Task] = asyncio.Queue()
        running: set[_Task] = set()  # of this call: the backend may be running several models at once

        def end(task: _Task) -> None:
            running.discard(task)
            self._running.discard(task)
            if not task.cancelled():
                task.exception()  # seen, so that a fault that several come to is told once
            finished.put_nowait(task)

        pending = 0
        broken: _Task | None = None
        try:
            while True:
                while pending < room() and not self._stopping and (job := next(jobs, None)):
                    task = asyncio.create_task(self._draw(*job))
                    running.add(task)
                    self._running.add(task)
                    task.add_done_callback(end)
                    pending += 1
                if broken is not None and finished.empty():
                    broken.result()
                if not pending:
                    return
                task = await finished.get()
                pending -= 1
                if not task.cancelled() and task.exception() is not None:  # the last: no other begins
                    broken, jobs = task, iter(())
                elif not task.cancelled():  # by `stop`, before it was sent
                    for outcome in task.result():
                        yield outcome
        finally:
            left = list(running)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _draw(self, sweep: Sweep, samples: tuple[Sample, ...]) -> list[Outcome]:
        """Try some samples of one temperature until each has ended, or until `stop`."""
        outcomes: list[Outcome] = []
        try:
            await self._try(sweep, samples, outcomes)
        except asyncio.CancelledError:
            if not (self._stopping and outcomes):
                raise
        return outcomes  # after `stop` perhaps not of all: those left are for another call

    async def _try(self, sweep: Sweep, samples: tuple[Sample, ...], outcomes: list[Outcome]) -> None:
        session, place = self._session(sweep.model), Place(sweep.item.key, samples[0].temperature)
        task, attempts, rounds, unread = asyncio.current_task(), 0, 0, 0
        tried: set[Address] = set()
        """Where it has failed since it last waited."""
        while samples and not self._stopping:
            seed = samples[0].seed if session.seeds else None
            expected = session.expected_tokens(sweep, len(samples))
            at, ticket = await session.fleet.acquire(expected, samples[0].temperature, tried)
            self._sending.add(task)
            try:
                try:
                    if (why := session.health.refuses(place)) is not None:
                        outcomes += [unsent(session, sweep, s, why, attempts) for s in samples]
                        return
                    params = self._laid_out(session, at, sweep, samples, seed)
                    attempts += 1
                    began = time.perf_counter()
                    reply = await self._send(session, at, sweep, params, len(samples))
                finally:
                    session.fleet.done(at)
                latency_s = time.perf_counter() - began
                await asyncio.sleep(0)  # others send before this is read
                answer = read_whole(reply)
                session.answered(answer, expected, place, at)
                of = min(len(samples), len(answer.choices))
                share = Share(
                    params,
                    answer,
                    of,
                    latency_s,
                    attempts,
                    without_temperature=sweep.without_temperature,
                    address=at.name,
                )
                for sample, choice in zip(samples, answer.choices, strict=False):
                    outcomes.append(completion(session, share, sweep.key(sample), seed, choice))
                # A server may give fewer answers than it was asked for.
                samples, attempts, rounds, unread = samples[of:], 0, 0, 0
                tried.clear()
                continue
            except RequestError as e:
                error = e
            finally:
                self._sending.discard(task)
            tried.add(at)
            elsewhere = session.fleet.others(tried)
            rounds += not elsewhere
            unread += error.kind == "bad_answer" and not elsewhere
            error.attempts, error.unread = rounds, unread
            delay = session.failed(error, ticket, place, at, elsewhere=elsewhere)
            error.attempts = attempts
            if delay is None:
                outcomes += [failure(session, sweep, s, error) for s in samples]
                return
            if not elsewhere:
                tried.clear()
                if not self._stopping:
                    await session.limiter.pause(delay)

    def _laid_out(
        self,
        session: ModelSession,
        at: Address,
        sweep: Sweep,
        samples: Sequence[Sample],
        seed: int | None,
    ) -> dict[str, Any]:
        """Return the parameters of a request for some samples of one temperature, as one address takes them."""
        sampling = session.fitted(sweep.sampling)
        params = self.params(at.model, sampling, samples[0].temperature, seed, len(samples))
        if sweep.without_temperature and params.pop("temperature", None) is None:
            raise BackendError(
                f"{sweep.model.label}: its backend has another name for the temperature, so it cannot be left out"
            )
        return session.sent(params)

    async def _send(
        self, session: ModelSession, at: Address, sweep: Sweep, params: dict[str, Any], choices: int
    ) -> Answer | Unread:
        """Make one request within its time, whatever the server does: SDKs' timeouts are per byte read.

        Raises:
            RequestError: There is no answer.
        """
        wanted = sweep.sampling
        try:
            async with asyncio.timeout(session.timeout_s):
                with room_for(wanted.max_tokens, wanted.logprobs, choices):
                    return await self.ask(at.model, sweep.item.messages, params)
        except TimeoutError as e:
            raise RequestError("timeout", f"no answer in {session.timeout_s} s") from e
        except UNREADABLE_ERRORS as e:  # adapters may read what came at once
            raise unreadable(e) from e

    def _session(self, model: ModelSpec) -> ModelSession:
        session = self._sessions.get(model.label)
        if session is None:
            session = self._sessions[model.label] = ModelSession(
                self.capabilities(model), model, self._concurrency
            )
        return session


_Job = tuple[Sweep, tuple[Sample, ...]]
_Task = asyncio.Task[list[Outcome]]
_temperature = attrgetter("temperature")
