"""Run a stored plan: producers feed a queue; one writer commits what arrives in small transactions.

Everything that can be known to be wrong is found before the run is stored (`prepare`). After that nothing is lost: an
outcome is in the database a tenth of a second after it came, and a run that stopped for any reason goes on with what is
missing, because a plan minus what the store holds is all the state there is.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tempkit._version import __version__
from tempkit.backends import Batcher
from tempkit.errors import (
    BackendError,
    Interrupted,
    LimitReached,
    ModelError,
    StoreError,
    TempkitError,
)
from tempkit.event_loop import outside_event_loop
from tempkit.planning import Consent, check_stored, sweeps
from tempkit.running.batches import BatchWork, open_batches
from tempkit.running.cost_estimate import check_promises, promise, spending_of
from tempkit.running.display.progress import Progress
from tempkit.running.display.tally import duration
from tempkit.running.going_on import go_on_with, refuse_imported
from tempkit.running.preparing import Limits, Prepared, capabilities_of, environment, prepare
from tempkit.running.producers import Production
from tempkit.running.several_addresses import about_addresses, moved_to, same_files, told_apart
from tempkit.running.shutdown_dates import ends_of
from tempkit.running.signals import Stop, stop_on_signals
from tempkit.running.spending import Spending
from tempkit.running.store_retry import StoreRetry
from tempkit.running.who_answered import watching
from tempkit.running.writer import Writer
from tempkit.store import RunRecord, Store, UnavailableError
from tempkit.types import Budget, Capabilities, Item, ModelInfo, Plan, SampleKey, TopUp

__all__ = ["RunResult", "resume", "run_stored", "start"]


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    run: RunRecord
    stored: int
    """Outcomes stored by this call."""


@outside_event_loop
def start(plan: Plan, store: Store, progress: Progress, limits: Limits) -> RunResult:
    """Check, store and run a plan.

    Raises:
        TempkitError: Before anything is stored, when something is wrong; `Interrupted` when the user stops it.
    """
    asked = plan if limits.shard is None else told_apart(plan)

    async def go() -> RunResult:
        async with _closed_after(await prepare(asked, limits, progress), progress) as prepared:
            if limits.batch:
                can = capabilities_of(plan, prepared.backends)
                _promise_pending(plan, can, set(), Spending(plan.budget))
            for line in (*ends_of(prepared.infos), *about_addresses(prepared.infos)):
                progress.note(line)
            with stop_on_signals() as stop:  # from here on there is a run whose status must tell how it ended
                run, skip = _begun(store, plan, prepared, limits)
                return await run_stored(store, run, asked, skip, prepared, progress, limits, stop)

    limits = _of_shard(plan, limits)
    return asyncio.run(go())


def _begun(store: Store, plan: Plan, prepared: Prepared, limits: Limits) -> tuple[RunRecord, set[SampleKey]]:
    """Store a new run, or join one that other shards have begun; return it with the samples that it has."""
    about: dict[str, Any] = {"version": __version__, "environment": environment()}
    if limits.shard is None:
        return store.create_run(plan, prepared.infos, **about), set()
    run = store.join_run(plan, prepared.infos, **about)
    _check_files(run, prepared, store.model_infos(run.id))
    store.set_status(run.id, "running")
    return run, store.done(run.id) | store.failed(run.id)


def _of_shard(plan: Plan, limits: Limits) -> Limits:
    """Return the limits with the items of their shard.

    Raises:
        UsageError: It has none.
    """
    return limits if limits.shard is None else replace(limits, items=limits.shard.items(plan))


def _check_files(run: RunRecord, prepared: Prepared, known: Mapping[str, ModelInfo]) -> None:
    """Refuse to go on with another model than the run began with, as far as its file tells.

    Raises:
        ModelError: It has changed.
    """
    for label, info in known.items():
        if not same_files(info, prepared.infos[label]):
            raise ModelError(
                f"{label}: the model's file has changed since run {run.name} began; start a new run"
            )


@outside_event_loop
def resume(
    store: Store,
    run: RunRecord,
    progress: Progress,
    limits: Limits,
    *,
    retry_errors: bool,
    budget: Budget | None = None,
    topups: Sequence[TopUp] = (),
    items: Mapping[str, Sequence[Item]] | None = None,
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    consent: Consent | None = None,
    base_url: str | Sequence[str] | None = None,
) -> RunResult:
    """Run what is missing from a stored run, and collect its open batches; with `retry_errors` do also what failed.

    Args:
        store: Where the run is.
        run: The run.
        progress: Shows how far it is.
        limits: What this call may do.
        retry_errors: Do the samples again whose failure stands, and give up batches that the provider does not know.
        budget: Goes before the one that the run began with; like that one it is for the whole run.
        topups: To be planned, and run at once. They are stored when all models are reached and nothing else is in the way,
            so that what cannot be begun leaves no trace.
        items: Further items that the top-ups are for, by the name of their prompt.
        allow_key_env: Environment variables whose value the run may send as a key, beside the provider's own: the database may
            come from somebody else.
        allow_key_to: `HOST` or `HOST:PORT` of servers named in it that it may send keys to.
        consent: Both as a command's options, in their place.
        base_url: Other addresses to ask the run's models at.

    Raises:
        ModelError: A model cannot be reached, or is not the one that the run began with.
        UsageError: The run was imported, or sends a key to where nobody has allowed it.
    """
    plan = store.load_plan(run.id)
    refuse_imported(run, plan)
    allowed = consent or Consent(keys=allow_key_env, servers=allow_key_to, typed=False)
    plan, allowed = moved_to(plan, base_url, allowed)
    check_stored(f"run {run.name}", plan.models, allowed)
    plan = plan if limits.shard is None else told_apart(plan)
    before = len(plan.topups)
    plan = replace(plan.grown(topups, items or {}), budget=budget or plan.budget)
    limits = _of_shard(plan, limits)
    skip = store.done(run.id)
    if not retry_errors:
        # What failed once may be in a batch of a second try.
        skip |= store.failed(run.id) - _awaited(store, run)

    def begin() -> None:
        if topups:
            store.add_topups(run.id, topups, after=before, items=items)
        store.set_status(run.id, "running")

    async def go() -> RunResult:
        known = store.model_infos(run.id)
        async with _closed_after(await prepare(plan, limits, progress, known), progress) as prepared:
            _check_files(run, prepared, known)
            for line in (*ends_of(prepared.infos, known), *about_addresses(prepared.infos)):
                progress.note(line)
            with stop_on_signals() as stop:
                return await run_stored(
                    store, run, plan, skip, prepared, progress, limits, stop, begin=begin, let_go=retry_errors
                )

    if len(skip) == plan.sample_count:
        if run.status != "finished":
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
    stop: Stop,
    *,
    begin: Callable[[], None] | None = None,
    let_go: bool = False,
) -> RunResult:
    """Run a stored plan but for the samples to `skip`, and set the run's status at the end.

    How it ends depends on nobody who reads what is printed, and on no other program that holds the database for a while.

    Args:
        store: Where the run is.
        run: The run.
        plan: Its plan.
        skip: Samples that are there, or failed for good.
        prepared: The plan's models.
        progress: Shows how far it is.
        limits: What this call may do.
        stop: Asked by a signal.
        begin: Called when nothing is in the way any more, before anything is asked.
        let_go: Make failures of the samples in batches that the provider does not know any more.

    Raises:
        Interrupted: SIGINT or SIGTERM came; what had arrived is stored and the run can be resumed.
        LimitReached: The budget or the time is used up; likewise.
        BackendError: A backend broke down; likewise.
        UsageError: The budget does not allow what batches may cost.
    """
    left_out = _left_out(plan, limits) - skip
    skip = skip | left_out
    retry = StoreRetry(store, progress)
    batches = BatchWork(store, run.id, plan, progress, retry, let_go=let_go)
    taken = skip | batches.awaited
    can = capabilities_of(plan, prepared.backends)
    spending = spending_of(plan, can, store.spent(run.id), store.uncounted(run.id))
    promise(plan, can, batches.awaited, spending)
    if limits.batch:
        _promise_pending(plan, can, taken, spending)
    elif spending.reached() and not batches.open:
        raise LimitReached(
            f"{spending}; {go_on_with(run, store)} with a higher --budget-usd or --budget-tokens", run.id
        )
    if begin is not None:
        begin()
    writer = Writer(store, run.id, progress, retry)
    watcher = watching(plan, prepared.infos, store.answerers(run.id), every=limits.allow_ignored_temperature)
    production = Production(writer.queue, spending, progress, watcher)
    stop.then(production.stop)
    if not limits.batch and spending.reached():
        production.limit("budget")
    try:
        progress.begin(_asked_about(plan, limits), skip - left_out)
        for model in plan.models if production.stopped != "user" else ():
            backend = prepared.backends[model.backend]
            if isinstance(backend, Batcher) and (limits.batch or batches.open):
                pending = sweeps(plan, taken, [model]) if limits.batch else None
                production.wait_for(
                    backend, partial(batches.produce, backend, model, pending, production.put)
                )
            if not limits.batch and production.stopped is None:
                production.ask(backend, sweeps(plan, taken, [model]))
        results = await _carry_out(writer, production, limits)
        missing = plan.sample_count - len(skip) - writer.stored
        if limits.shard is not None and not missing:
            await writer.settle_part()
        else:
            await writer.settle("interrupted" if missing or left_out else "finished")
    except BaseException as e:
        production.cancel()
        lost = 0 if isinstance(e, StoreError) else writer.rescue()
        with contextlib.suppress(StoreError):  # the first error is the one to tell
            _mark_interrupted(store, run)
        if stop.asked and isinstance(e, asyncio.CancelledError):  # a second Ctrl-C
            have = f"{lost} answers that had come are not stored; " if lost else ""
            raise Interrupted(f"interrupted; {have}{go_on_with(run, store)}") from e
        raise
    finally:
        progress.end()
        writer.close()
    after = store.find_run(run.id)
    if broken := next((r for r in results if isinstance(r, Exception)), None):
        raise broken
    if missing:
        raise _ended_early(store, after, production, spending, limits, missing)
    return RunResult(after, writer.stored)


def _mark_interrupted(store: Store, run: RunRecord) -> None:
    try:
        store.set_status(run.id, "interrupted")
    except UnavailableError:  # a full disk, perhaps, which has room for one word all the same
        store.fold_journal()
        store.set_status(run.id, "interrupted")


@contextlib.asynccontextmanager
async def _closed_after(prepared: Prepared, progress: Progress) -> AsyncIterator[Prepared]:
    """Close the backends at the end; one that cannot be closed does not change how the run ended, so it is only said."""
    try:
        yield prepared
    finally:
        try:
            await prepared.close()
        except BackendError as e:
            progress.note(f"warning: {e}")


async def _carry_out(writer: Writer, production: Production, limits: Limits) -> list[BaseException | None]:
    """Let producers and writer work until both are done; return how each producer ended."""
    writing = asyncio.create_task(writer.write())
    produced = asyncio.create_task(production.settle())
    timer = None
    if limits.time_s is not None:
        timer = asyncio.get_running_loop().call_later(limits.time_s, production.limit, "time")
    try:
        both: list[asyncio.Task[Any]] = [produced, writing]
        # The writer ends first only by failing (a full disk, a second process): then producing must stop too.
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            production.cancel()
            produced.cancel()
            await asyncio.gather(*production.tasks, return_exceptions=True)
        await writing
        return await produced
    except asyncio.CancelledError:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        raise
    finally:
        if timer is not None:
            timer.cancel()


def _ended_early(
    store: Store, run: RunRecord, production: Production, spending: Spending, limits: Limits, missing: int
) -> TempkitError:
    """Return the error that says why samples are missing, and how to go on."""
    go_on = go_on_with(run, store)
    failed = f", {run.failures} of them failed" if run.failures else ""
    have = f"{run.completions + run.failures} of {run.planned} samples stored{failed}{open_batches(store, run.id)}"
    if production.stopped == "budget":
        return LimitReached(f"{spending}, {have}; {go_on} and a higher budget", run.id)
    if production.stopped == "time":
        said = f"the time limit of {duration(limits.time_s or 0)} is reached, {have}; {go_on}"
        return LimitReached(said, run.id, "time")
    if production.stopped == "model":
        said = f"{production.why_model}, so nothing more is asked, {have}"
        help_ = f"{go_on}, once it answers itself; with --allow-ignored-temperature in any case"
        return LimitReached(f"{said}; {help_}", run.id, "model")
    if production.stopped == "user":
        return Interrupted(f"interrupted with {have}; {go_on}")
    return BackendError(f"a backend left out {missing} samples, {have}; {go_on}")


def _promise_pending(
    plan: Plan, can: Mapping[str, Capabilities], taken: set[SampleKey], spending: Spending
) -> None:
    """Refuse to submit what the budget may not allow."""
    if plan.budget == Budget():
        return
    keys = [sweep.key(sample) for sweep in sweeps(plan, taken) for sample in sweep.samples]
    promise(plan, can, keys, spending)
    if keys:
        check_promises(spending)


def _asked_about(plan: Plan, limits: Limits) -> Plan:
    """Return the plan without the items that this call is not to ask about."""
    some = limits.items
    if some is None:
        return plan
    prompts = (replace(p, items=tuple(item for item in p.items if item.key in some)) for p in plan.prompts)
    return replace(plan, prompts=tuple(prompts))


def _left_out(plan: Plan, limits: Limits) -> set[SampleKey]:
    """Return the samples of items that this call is not to ask about."""
    if limits.items is None:
        return set()
    return {
        sweep.key(sample)
        for sweep in sweeps(plan)
        if sweep.item.key not in limits.items
        for sample in sweep.samples
    }


def _awaited(store: Store, run: RunRecord) -> set[SampleKey]:
    return {request.key for batch in store.batches(run.id) for request in batch.awaited}
