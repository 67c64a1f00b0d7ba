"""Run a stored plan: producers, one per backend, feed a queue; one writer commits what arrives in small transactions.

Everything that can be known to be wrong is found before the run is stored (`prepare`). After that nothing is lost: an
outcome is in the database a tenth of a second after it came, and a run that stopped for any reason goes on with what is
missing, because a plan minus what the store holds is all the state there is.
"""

import asyncio
import contextlib
import platform
import shlex
import signal
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Any

from tempkit._version import __version__
from tempkit.backends.base import Backend, Stoppable, load_backend
from tempkit.errors import BackendError, Interrupted, LimitReached, ModelError, StoreError, UsageError
from tempkit.experiment import check_plan, sweeps
from tempkit.running.estimate import check_budget
from tempkit.running.progress import Progress, duration
from tempkit.running.spending import Spending
from tempkit.store import IMPORTED, RunRecord, Store
from tempkit.types import Budget, ModelInfo, Outcome, Plan, SampleKey, Sweep

__all__ = ["Limits", "Prepared", "RunResult", "prepare", "resume", "run_stored", "start"]

_COMMIT_EVERY_S = 0.1
_COMMIT_AT = 64
_BUDGET = "budget"
DEFAULT_DB = "tempkit.db"
_PACKAGES = ("llama-cpp-python", "openai", "numpy", "sqlmodel", "altair")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a call may do, whatever the plan says."""

    concurrency: int = 8
    """Requests at once to one remote model."""
    time_s: float | None = None
    """Begin nothing after so long."""
    allow_ignored_temperature: bool = False
    """Run models that ignore the temperature, too; their samples are marked."""


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


def find_backends(
    plan: Plan, limits: Limits, before: Mapping[str, ModelInfo] | None = None
) -> dict[str, Backend]:
    """Load the plan's backends and check the plan against what they can do; reaches no model.

    Args:
        plan: The plan.
        limits: What this call may do.
        before: For a run that goes on: what was found when it began. What was allowed then still is.

    Raises:
        BackendError: An unknown backend.
        ModelError: A model cannot honour the plan.
        UsageError: A wrong option.
    """
    backends = {
        name: load_backend(name)(concurrency=limits.concurrency) for name in {m.backend for m in plan.models}
    }
    can = {m.label: backends[m.backend].capabilities(m) for m in plan.models}
    allowed = {
        label for label, info in (before or {}).items() if info.details.get("temperature") == "ignored"
    }
    check_plan(plan, can, allow_ignored=can if limits.allow_ignored_temperature else allowed)
    check_budget(plan, can)
    return backends


async def prepare(plan: Plan, limits: Limits, before: Mapping[str, ModelInfo] | None = None) -> Prepared:
    """Find the backends, check the plan, and load or reach every model.

    Raises:
        BackendError: As `find_backends`, and when a model cannot be loaded or reached.
    """
    backends = find_backends(plan, limits, before)
    infos: dict[str, ModelInfo] = {}
    try:
        for model in plan.models:
            backend = backends[model.backend]
            info, can = await backend.prepare(model), backend.capabilities(model)
            known = {} if can.temperature == "honoured" else {"temperature": can.temperature}
            infos[model.label] = replace(info, details={**info.details, **known})
    except BaseException:
        await Prepared(backends, infos).close()
        raise
    return Prepared(backends, infos)


def start(plan: Plan, store: Store, progress: Progress, limits: Limits) -> RunResult:
    """Check, store and run a plan.

    Raises:
        TempkitError: Before anything is stored, when something is wrong; `Interrupted` when the user stops it.
    """

    async def go() -> RunResult:
        prepared = await prepare(plan, limits)
        try:
            run = store.create_run(plan, prepared.infos, version=__version__, environment=environment())
            return await run_stored(store, run, plan, set(), prepared, progress, limits)
        finally:
            await prepared.close()

    return asyncio.run(go())


def resume(
    store: Store,
    run: RunRecord,
    progress: Progress,
    limits: Limits,
    *,
    retry_errors: bool,
    budget: Budget | None = None,
) -> RunResult:
    """Run what is missing from a stored run; with `retry_errors` also what failed.

    Args:
        store: Where the run is.
        run: The run.
        progress: Who is told how far it is.
        limits: What this call may do.
        retry_errors: Do the samples again whose failure stands.
        budget: Goes before the one that the run began with; like that one it is for the whole run.

    Raises:
        ModelError: A model is not the one that the run began with.
        UsageError: The run was imported.
    """
    plan = store.load_plan(run.id)
    if any(model.backend == IMPORTED for model in plan.models):
        raise UsageError(
            f"run {run.name} was imported, so no model can go on with it; import more rows as a new run"
        )
    if budget is not None:
        plan = replace(plan, budget=budget)
    skip = store.done(run.id)
    if not retry_errors:
        skip |= store.failed(run.id)

    async def go() -> RunResult:
        before = store.model_infos(run.id)
        prepared = await prepare(plan, limits, before)
        try:
            for label, info in before.items():
                if prepared.infos[label].digest != info.digest:
                    raise ModelError(
                        f"{label}: the model's file has changed since run {run.name} began; start a new run"
                    )
            return await run_stored(store, run, plan, skip, prepared, progress, limits)
        finally:
            await prepared.close()

    if len(skip) == plan.sample_count:
        store.set_status(run.id, "finished")
        return RunResult(store.find_run(run.id), 0)
    return asyncio.run(go())


async def run_stored(
    store: Store,
    run: RunRecord,
    plan: Plan,
    skip: set[SampleKey],
    prepared: Prepared,
    progress: Progress,
    limits: Limits,
) -> RunResult:
    """Run a stored plan but for the samples to `skip`, and set the run's status at the end.

    Raises:
        Interrupted: SIGINT or SIGTERM came; what had arrived is stored and the run can be resumed.
        LimitReached: The budget or the time is used up; likewise.
        BackendError: A backend broke down; likewise.
    """
    spending = Spending(plan.budget, *store.spent(run.id))
    if spending.reached():
        raise LimitReached(f"{spending}; {_go_on(run, store)} with a higher --budget-usd or --budget-tokens")
    store.set_status(run.id, "running")
    queue: asyncio.Queue[Outcome | None] = asyncio.Queue(maxsize=_COMMIT_AT // 2)
    on_this_machine = asyncio.Lock()
    stopped: list[str] = []
    producers: list[asyncio.Future[None]] = []

    def stop_producing() -> None:
        for producer in producers:
            producer.cancel()

    def stop() -> None:
        stopped.append("")
        stop_producing()

    def limit(why: str) -> None:
        """Begin nothing more; let what is under way end where the backend can tell the two apart."""
        if not stopped:
            stopped.append(why)
            for producer, model in zip(producers, plan.models, strict=True):
                backend = prepared.backends[model.backend]
                if isinstance(backend, Stoppable):
                    backend.stop()
                else:
                    producer.cancel()

    def spend(outcome: Outcome, backend: Backend) -> None:
        spending.add(outcome)
        if spending.reached(backend.under_way if isinstance(backend, Stoppable) else 0):
            limit(_BUDGET)

    for model in plan.models:
        work = sweeps(plan, skip, [model])
        producers.append(
            asyncio.ensure_future(
                _produce(prepared.backends[model.backend], work, queue, progress, on_this_machine, spend)
            )
        )
    writer: asyncio.Future[Any] = asyncio.ensure_future(_write(store, run.id, queue, progress))
    timer = None
    if limits.time_s is not None:
        why = f"the time limit of {duration(limits.time_s)} is reached"
        timer = asyncio.get_running_loop().call_later(limits.time_s, limit, why)
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
        if timer is not None:
            timer.cancel()
        progress.end()
    broken = [r for r in results if isinstance(r, Exception)]
    missing = plan.sample_count - len(skip) - stored
    store.set_status(run.id, "interrupted" if missing else "finished")
    after = store.find_run(run.id)
    if broken:
        raise broken[0]
    if missing:
        go_on = _go_on(after, store)
        have = f"{after.completions + after.failures} of {after.planned} samples stored"
        if stopped and stopped[0]:
            if stopped[0] == _BUDGET:
                raise LimitReached(f"{spending}, {have}; {go_on} and a higher budget")
            raise LimitReached(f"{stopped[0]}, {have}; {go_on}")
        if stopped:
            raise Interrupted(f"interrupted with {have}; {go_on}")
        raise BackendError(f"a backend left out {missing} samples, {have}; {go_on}")
    return RunResult(after, stored)


def _go_on(run: RunRecord, store: Store) -> str:
    return f"go on with: tempkit run --resume {run.name}{db_argument(store.where)}"


def db_argument(where: str) -> str:
    """Return ` --db WHERE` for a command to type, or nothing for the default database."""
    return "" if where == DEFAULT_DB else f" --db {shlex.quote(where)}"


def refuse_imported(run: RunRecord, plan: Plan) -> None:
    """Raise UsageError for a run that no model made, so that none can go on with it."""
    if any(model.backend == IMPORTED for model in plan.models):
        raise UsageError(
            f"run {run.name} was imported, so no model can go on with it; import more rows as a new run"
        )


async def _produce(
    backend: Backend,
    work: Iterator[Sweep],
    queue: "asyncio.Queue[Outcome | None]",
    progress: Progress,
    on_this_machine: asyncio.Lock,
    spend: Callable[[Outcome, Backend], None],
) -> None:
    first = next(work, None)
    if first is None:
        return
    outcomes: AsyncGenerator[Outcome, None] = backend.run(chain([first], work), progress.tokens)
    # Two engines computing on the same cores would only slow each other down.
    async with on_this_machine if backend.local else contextlib.nullcontext(), aclosing(outcomes):
        async for outcome in outcomes:
            spend(outcome, backend)
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
    """Commit what arrives, at the latest a tenth of a second after it did; return how many were stored."""
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
