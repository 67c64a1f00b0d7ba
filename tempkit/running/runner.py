"""Run a stored plan: producers, one per backend, feed a queue; one writer commits what arrives in small transactions.

Everything that can be known to be wrong is found before the run is stored (`prepare`). After that nothing is lost: an
outcome is in the database half a second after it came, and a run that stopped for any reason goes on with what is
missing, because a plan minus what the store holds is all the state there is.
"""

import asyncio
import contextlib
import platform
import shlex
import signal
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tempkit._version import __version__
from tempkit.backends.base import Backend, load_backend
from tempkit.errors import BackendError, Interrupted, ModelError, StoreError
from tempkit.experiment import check_plan, sweeps
from tempkit.running.progress import Progress
from tempkit.store import RunRecord, Store
from tempkit.types import ModelInfo, Outcome, Plan, SampleKey, Sweep

__all__ = ["Prepared", "RunResult", "prepare", "resume", "run_stored", "start"]

_COMMIT_EVERY_S = 0.5
_COMMIT_AT = 200
DEFAULT_DB = "tempkit.db"
_PACKAGES = ("llama-cpp-python", "openai", "numpy", "sqlmodel", "altair")


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    run: RunRecord
    stored: int
    """Outcomes stored by this call."""


class Prepared:
    """Backends that have been found and asked, ready for one run; close it whatever happens."""

    def __init__(self, backends: Mapping[str, Backend], infos: Mapping[str, ModelInfo]) -> None:
        self.backends, self.infos = backends, infos

    async def close(self) -> None:
        for backend in self.backends.values():
            await backend.close()


def find_backends(plan: Plan, concurrency: int) -> dict[str, Backend]:
    """Load the plan's backends and check the plan against what they can do; reaches no model.

    Raises:
        BackendError: An unknown backend.
        ModelError: A model cannot honour the plan.
        UsageError: A wrong option.
    """
    backends = {
        name: load_backend(name)(concurrency=concurrency) for name in {m.backend for m in plan.models}
    }
    check_plan(plan, {m.label: backends[m.backend].capabilities(m) for m in plan.models})
    return backends


async def prepare(plan: Plan, concurrency: int) -> Prepared:
    """Find the backends, check the plan, and load or reach every model.

    Raises:
        BackendError: As `find_backends`, and when a model cannot be loaded or reached.
    """
    backends = find_backends(plan, concurrency)
    infos: dict[str, ModelInfo] = {}
    try:
        for model in plan.models:
            infos[model.label] = await backends[model.backend].prepare(model)
    except BaseException:
        await Prepared(backends, infos).close()
        raise
    return Prepared(backends, infos)


def start(plan: Plan, store: Store, progress: Progress, concurrency: int) -> RunResult:
    """Check, store and run a plan.

    Raises:
        TempkitError: Before anything is stored, when something is wrong; `Interrupted` when the user stops it.
    """

    async def go() -> RunResult:
        prepared = await prepare(plan, concurrency)
        try:
            run = store.create_run(plan, prepared.infos, version=__version__, environment=environment())
            return await run_stored(store, run, plan, set(), prepared, progress)
        finally:
            await prepared.close()

    return asyncio.run(go())


def resume(
    store: Store, run: RunRecord, progress: Progress, concurrency: int, *, retry_errors: bool
) -> RunResult:
    """Run what is missing from a stored run; with `retry_errors` also what failed.

    Raises:
        ModelError: A model is not the one that the run began with.
    """
    plan = store.load_plan(run.id)
    skip = store.done(run.id)
    if not retry_errors:
        skip |= store.failed(run.id)

    async def go() -> RunResult:
        prepared = await prepare(plan, concurrency)
        try:
            for label, before in store.model_infos(run.id).items():
                if prepared.infos[label].digest != before.digest:
                    raise ModelError(
                        f"{label}: the model's file has changed since run {run.name} began; start a new run"
                    )
            return await run_stored(store, run, plan, skip, prepared, progress)
        finally:
            await prepared.close()

    if len(skip) == plan.sample_count:
        store.set_status(run.id, "finished")
        return RunResult(store.find_run(run.id), 0)
    return asyncio.run(go())


async def run_stored(
    store: Store, run: RunRecord, plan: Plan, skip: set[SampleKey], prepared: Prepared, progress: Progress
) -> RunResult:
    """Run a stored plan but for the samples to `skip`, and set the run's status at the end.

    Raises:
        Interrupted: SIGINT or SIGTERM came; what had arrived is stored and the run can be resumed.
        BackendError: A backend broke down; likewise.
    """
    work = list(sweeps(plan, skip))
    store.set_status(run.id, "running")
    queue: asyncio.Queue[Outcome | None] = asyncio.Queue(maxsize=4 * _COMMIT_AT)
    on_this_machine = asyncio.Lock()
    producers = [
        asyncio.ensure_future(
            _produce(backend, [s for s in work if s.model.backend == name], queue, progress, on_this_machine)
        )
        for name, backend in prepared.backends.items()
    ]
    writer: asyncio.Future[Any] = asyncio.ensure_future(_write(store, run.id, queue, progress))
    stopped = False

    def stop_producing() -> None:
        for producer in producers:
            producer.cancel()

    def stop() -> None:
        nonlocal stopped
        stopped = True
        stop_producing()

    progress.begin(plan, skip)
    try:
        with _signals(stop):
            produced: asyncio.Future[Any] = asyncio.ensure_future(_settle(producers, queue))
            # The writer ends first only by failing (a full disk, a second process): then producing must stop too.
            await asyncio.wait([produced, writer], return_when=asyncio.FIRST_COMPLETED)
            if writer.done():
                stop_producing()
                produced.cancel()
                await asyncio.wait(producers)
            stored = await writer
            results = await produced
    except BaseException:
        with contextlib.suppress(StoreError):  # the first error is the one to tell
            store.set_status(run.id, "interrupted")
        raise
    finally:
        progress.end()
    broken = [r for r in results if isinstance(r, Exception)]
    missing = sum(len(sweep.samples) for sweep in work) - stored
    store.set_status(run.id, "interrupted" if missing else "finished")
    after = store.find_run(run.id)
    if broken:
        raise broken[0]
    if missing:
        go_on = f"go on with: tempkit run --resume {after.name}{db_argument(store.where)}"
        have = f"{after.completions + after.failures} of {after.planned} samples stored"
        if stopped:
            raise Interrupted(f"interrupted with {have}; {go_on}")
        raise BackendError(f"a backend left out {missing} samples, {have}; {go_on}")
    return RunResult(after, stored)


def db_argument(where: str) -> str:
    """Return ` --db WHERE` for a command to type, or nothing for the default database."""
    return "" if where == DEFAULT_DB else f" --db {shlex.quote(where)}"


async def _produce(
    backend: Backend,
    work: list[Sweep],
    queue: "asyncio.Queue[Outcome | None]",
    progress: Progress,
    on_this_machine: asyncio.Lock,
) -> None:
    if not work:
        return
    outcomes: AsyncGenerator[Outcome, None] = backend.run(work, progress.tokens)
    # Two engines computing on the same cores would only slow each other down.
    async with on_this_machine if backend.local else contextlib.nullcontext(), aclosing(outcomes):
        async for outcome in outcomes:
            await queue.put(outcome)


async def _settle(
    producers: "Sequence[asyncio.Future[None]]", queue: "asyncio.Queue[Outcome | None]"
) -> list[BaseException | None]:
    """Wait for every producer, tell the writer that no more will come, and return how each ended."""
    results = await asyncio.gather(*producers, return_exceptions=True)
    await queue.put(None)
    return results


async def _write(
    store: Store, run_id: str, queue: "asyncio.Queue[Outcome | None]", progress: Progress
) -> int:
    """Commit what arrives, at the latest half a second after it did; return how many were stored."""
    stored, batch, more = 0, list[Outcome](), True
    deadline: float | None = None
    loop = asyncio.get_running_loop()
    while more or batch:
        timeout = None if deadline is None else max(0.0, deadline - loop.time())
        try:
            outcome = await asyncio.wait_for(queue.get(), timeout) if more else None
            if outcome is None:
                more = False
            else:
                batch.append(outcome)
                progress.outcome(outcome)
                deadline = deadline or loop.time() + _COMMIT_EVERY_S
        except TimeoutError:
            pass
        if batch and (not more or len(batch) >= _COMMIT_AT or loop.time() >= (deadline or 0)):
            await asyncio.to_thread(store.add, run_id, batch)
            stored += len(batch)
            batch, deadline = [], None
    return stored


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process as usual."""
    loop = asyncio.get_running_loop()

    def first(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        stop()

    handled: list[signal.Signals] = []
    with contextlib.suppress(
        NotImplementedError, RuntimeError, ValueError
    ):  # not in the main thread, or on Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, first, number)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def environment() -> dict[str, Any]:
    """Return what a reader needs to repeat a run: Python, platform and the packages that matter."""
    packages = {}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            packages[name] = version(name)
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": packages}
