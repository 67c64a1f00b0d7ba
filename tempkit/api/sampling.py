"""Carry out an experiment, go on with a stored run, and say beforehand what a plan would take."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tempkit.api.database import Database, OnNote, Run, find_run, no_note, opened
from tempkit.api.probing import learn_refusals, probe_first
from tempkit.decision import build_plan, read_experiment
from tempkit.errors import one_line
from tempkit.event_loop import outside_event_loop
from tempkit.planning import Consent, Executor, Experiment, further_items, parse_executor
from tempkit.prompts import NOT_CARRIED_OVER, taken_as, unfilled
from tempkit.running import (
    Estimate,
    Limits,
    Progress,
    RunResult,
    Shard,
    SilentProgress,
    capabilities_of,
    find_backends,
    forewarnings,
    read_again,
    refuse_imported,
    start,
)
from tempkit.running import estimate as estimate_plan
from tempkit.running import resume as resume_run
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, Failure, Item, Plan, TopUp, Workers

__all__ = ["estimate", "forewarn", "go_on", "note_failures", "plan_of", "resume", "run", "workers_for"]

_REASONS = 3
"""How many different reasons for failed samples are noted at the end of a run."""
_NAMED = 5
"""How many of the items that one of them concerns are named."""

Planned = Plan | Experiment | Path | str
"""A plan, an experiment, or the path of an experiment file, which may name no files outside of its folder and no key but its
provider's own: `tempkit.read_experiment` allows more."""


def plan_of(planned: Planned, *, on_note: OnNote = no_note) -> Plan:
    """Read the prompts of an experiment and lay out the whole run; a plan stays as it is.

    Args:
        planned: The experiment.
        on_note: Is called where a text that is sent word for word looks like a template, and with what a model recommends
            that cannot be set.

    Raises:
        ExperimentError: The experiment file cannot be used.
        PromptError: A prompt cannot be used.
        UsageError: There is nothing to run.
    """
    return _laid_out(planned, None, on_note)[0]


def _laid_out(planned: Planned, batch: bool | None, on_note: OnNote) -> tuple[Plan, bool]:
    """Return the plan, and whether it is for the providers' batch APIs."""
    if isinstance(planned, Plan):
        return planned, bool(batch)
    experiment = planned if isinstance(planned, Experiment) else read_experiment(planned)
    made = build_plan(experiment)
    for note in experiment.notes:
        on_note(f"warning: {note}")
    for found in filter(None, map(taken_as, made.prompts)):
        on_note(f"warning: {found}" if NOT_CARRIED_OVER in found else found)
    for found in filter(None, map(unfilled, made.prompts)):
        on_note(f"warning: {found}")
    for label, arm in made.arms.items():
        if arm.left_out:
            on_note(
                f"warning: {arm.of} recommends {', '.join(arm.left_out)} too ({arm.source}); tempkit cannot set that for it, so {label} is without"
            )
    return made, bool(experiment.batch if batch is None else batch)


def estimate(
    planned: Planned,
    *,
    batch: bool | None = None,
    allow_ignored_temperature: bool = False,
    on_note: OnNote = no_note,
) -> list[Estimate]:
    """Return what each model's part of a run would take, at least and at most; reaches no model.

    Args:
        planned: What is to be run.
        batch: As `run` takes it, like what follows.
        allow_ignored_temperature: See there.
        on_note: Is called with notes.

    Raises:
        TempkitError: As `run`, for what is known before a model is reached.
    """
    made, batched = _laid_out(planned, batch, on_note)
    limits = Limits(allow_ignored_temperature=allow_ignored_temperature, batch=batched)
    can = capabilities_of(made, find_backends(made, limits))
    forewarn(made, on_note)
    return estimate_plan(made, can, batch=batched)


def workers_for(executor: Executor | str | None, experiment: Experiment | None = None) -> Workers | None:
    """Return what draws samples from local models in place of this machine.

    Args:
        executor: As a command says it; None: as the experiment says.
        experiment: Names resources, and perhaps the executor.

    Raises:
        UsageError: It is none.
    """
    said = parse_executor(executor) if isinstance(executor, str) else executor or Executor()
    return said.over(Executor() if experiment is None else experiment.executor).workers


def forewarn(made: Plan, on_note: OnNote) -> None:
    """Note what is known of a plan's models: that one ends, or has one temperature alone."""
    for said in forewarnings(made):
        on_note(said)


@outside_event_loop
def run(
    planned: Planned,
    *,
    db: Database = None,
    concurrency: int = 8,
    time_s: float | None = None,
    batch: bool | None = None,
    allow_ignored_temperature: bool = False,
    shard: str | None = None,
    executor: Executor | str | None = None,
    ask_first: bool = True,
    progress: Progress | None = None,
    on_note: OnNote = no_note,
) -> RunResult:
    """Send prompts to models at several temperatures and store every completion.

    Args:
        planned: What is to be run, its budget included.
        db: The database; made where there is none.
        concurrency: Requests at once to one remote model, at each of its addresses.
        time_s: Begin nothing more after so many seconds.
        batch: Use the providers' batch APIs; None: as the experiment says.
        allow_ignored_temperature: Run models that are known to ignore the temperature, too.
        shard: `K/N`: only part K of N, a run of the same plan and name being joined where there is one; None: all of it.
        executor: What draws samples from local models: `local`, or `ray` with resources, as in `ray,actors=4`; None: as the
            experiment says.
        ask_first: Probe models of which nobody knows what they do with the temperature, where the run costs more than that.
            It takes of the time, and not of the budget.
        progress: Shows how far the run is.
        on_note: Is called with notes, and with why samples failed.

    Raises:
        TempkitError: Something is wrong, before anything is stored.
        BackendError: A backend broke down; what had come is stored, and `resume` goes on.
        LimitReached: The budget or the time is used up; likewise.
        Interrupted: Ctrl-C; likewise.
    """
    if isinstance(planned, Path | str):
        planned = read_experiment(planned)
    made, batched = _laid_out(planned, batch, on_note)
    workers = workers_for(executor, None if isinstance(planned, Plan) else planned)
    limits = Limits(
        concurrency=concurrency,
        time_s=time_s,
        allow_ignored_temperature=allow_ignored_temperature,
        batch=batched,
        shard=None if shard is None else Shard.parse(shard),
        workers=workers,
    )
    find_backends(made, limits)  # what refuses the plan is said alone
    if ask_first:
        spent_s = probe_first(made, concurrency=concurrency, on_note=on_note)
        if time_s is not None:
            limits = replace(limits, time_s=max(0.0, time_s - spent_s))
    forewarn(made, on_note)
    with opened(db, must_exist=False) as store:
        result = start(made, store, progress or SilentProgress(on_note), limits)
        note_failures(store, result.run, on_note)
    return result


@outside_event_loop
def resume(
    run: Run = "latest",
    *,
    files: Sequence[str] = (),
    db: Database = None,
    retry_errors: bool = False,
    budget: Budget | None = None,
    concurrency: int = 8,
    time_s: float | None = None,
    batch: bool = False,
    allow_ignored_temperature: bool = False,
    shard: str | None = None,
    executor: Executor | str | None = None,
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    consent: Consent | None = None,
    base_url: str | Sequence[str] | None = None,
    progress: Progress | None = None,
    on_note: OnNote = no_note,
) -> RunResult:
    """Do what is missing from a stored run, and collect its open batches.

    Args:
        run: The run.
        files: Ask the questions in these files too that the run has not asked, as often as its others.
        db: The database.
        retry_errors: Do failed samples again too.
        budget: Goes before the one that the run began with; like that one it is for the whole run.
        concurrency: As `run` takes it, like the five that follow; the run does not remember its executor.
        time_s: See there.
        batch: See there.
        allow_ignored_temperature: See there.
        shard: See there.
        executor: See there.
        allow_key_env: Environment variables whose value the run may send as a key, beside the provider's own: the database may
            come from somebody else.
        allow_key_to: `HOST` or `HOST:PORT` of servers named in it that it may send keys to.
        consent: Both as a command's options, in their place.
        base_url: Another address to ask the run's models at, or several; default: where the run began.
        progress: Shows how far the run is.
        on_note: Is called with why samples failed.

    Raises:
        TempkitError: As `run`.
        ModelError: A model cannot be reached, or is not the one that the run began with.
        UsageError: The run was imported, or sends a key to where nobody has allowed it.
    """
    limits = Limits(
        concurrency=concurrency,
        time_s=time_s,
        allow_ignored_temperature=allow_ignored_temperature,
        batch=batch,
        shard=None if shard is None else Shard.parse(shard),
        workers=workers_for(executor),
    )
    allowed = consent or Consent(keys=allow_key_env, servers=allow_key_to, typed=False)
    with opened(db) as store:
        record = find_run(store, run)
        made = store.load_plan(record.id)
        refuse_imported(record, made)
        forewarn(made, on_note)
        topups, items = _with_more(store.load_plan(record.id), record, files, on_note) if files else ((), {})
        result = go_on(
            store, record, limits, allowed,
            retry_errors=retry_errors, budget=budget, topups=topups, items=items, base_url=base_url,
            progress=progress or SilentProgress(on_note),
        )  # fmt: skip
        note_failures(store, result.run, on_note)
    return result


def _with_more(
    plan: Plan, record: RunRecord, files: Sequence[str], on_note: OnNote
) -> tuple[list[TopUp], dict[str, list[Item]]]:
    """Return what to plan for the questions of further files, at every temperature that the run began with."""
    items = {name: some for name, some in further_items(plan, record.name, files).items() if some}
    if not items:
        on_note(f"note: every question in {', '.join(files)} is in run {record.name} already")
        return [], {}
    temperatures = tuple(t for t in plan.temperatures if t not in plan.later.temperatures)
    keys = tuple(item.key for some in items.values() for item in some)
    topups = [
        TopUp(
            model=model.label, prompts=tuple(items), temperatures=temperatures, repeat=plan.repeat, items=keys
        )
        for model in plan.models
    ]
    return topups, items


def go_on(
    store: Store,
    record: RunRecord,
    limits: Limits,
    consent: Consent,
    *,
    retry_errors: bool = False,
    budget: Budget | None = None,
    topups: Sequence[TopUp] = (),
    items: Mapping[str, Sequence[Item]] | None = None,
    progress: Progress | None,
    base_url: str | Sequence[str] | None = None,
) -> RunResult:
    """As `resume`, of a run in an open store, but note no failures; `topups`, of `items` too, are planned, and run at once."""
    return resume_run(
        store, record, progress or SilentProgress(), limits,
        retry_errors=retry_errors, budget=budget, topups=topups, items=items, consent=consent, base_url=base_url,
    )  # fmt: skip


def note_failures(store: Store, record: RunRecord, on_note: OnNote) -> None:
    """Note why samples failed: the most frequent reasons, each once; and keep it where a model rejects the temperature."""
    read_again(store, lambda: learn_refusals(store, record))
    reasons: dict[str, list[Failure]] = {}
    for failure in read_again(store, lambda: list(store.failures(record.id))):
        reasons.setdefault(one_line(failure.message, 600), []).append(failure)
    if not reasons:
        return
    made = read_again(store, lambda: store.load_plan(record.id))
    for reason, failed in sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:_REASONS]:
        on_note(f"{len(failed)} failed: {reason}{_whose(failed, made)}")
    if len(reasons) > _REASONS:
        times = sum(map(len, reasons.values()))
        on_note(f"{times} failed in all, for {len(reasons)} different reasons")


def _whose(failed: Sequence[Failure], made: Plan) -> str:
    """Say which items and temperatures were refused, where those are only some."""
    if not all(failure.kind in ("rejected", "context_length") for failure in failed):
        return ""
    items = dict.fromkeys(failure.key.item for failure in failed)
    temperatures = sorted({failure.key.temperature for failure in failed})
    said = []
    if len(items) < len(made.items):
        more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
        said.append(f"{'items' if len(items) > 1 else 'item'} {', '.join([*items][:_NAMED])}{more}")
    if len(temperatures) < len(made.temperatures):
        some = ", ".join(f"{t:g}" for t in temperatures)
        said.append(f"{'temperatures' if temperatures[1:] else 'temperature'} {some}")
    return f" ({'; '.join(said)})" if said else ""
