"""From questions to a temperature: a first round on a coarse grid, then more where it decides, until it is shown or nothing more can be drawn."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Unpack

from tempkit.adaptive import designed, sizes_of
from tempkit.analysis import use_cases
from tempkit.api.announcing import Announcing
from tempkit.api.choice_judge import checked
from tempkit.api.choice_result import Chosen, OnRound, no_round
from tempkit.api.choice_rounds import Chooser
from tempkit.api.choice_setup import affordable, by_the_judge, grid_for, successor, with_judge
from tempkit.api.database import (
    Database,
    OnNote,
    OnProgress,
    Run,
    find_run,
    no_note,
    no_progress,
    opened,
)
from tempkit.api.deciding import JudgedBy, as_kept, asked_by
from tempkit.api.keeping import Kept, decide
from tempkit.api.probing import probe_first
from tempkit.api.prompt_files import is_kept_in, section_name
from tempkit.api.sampling import forewarn, plan_of, workers_for
from tempkit.decision import Asked, build_plan, can_tell, read_experiment, usable_pick
from tempkit.errors import UsageError, nearest, one_line
from tempkit.event_loop import outside_event_loop
from tempkit.executors import cluster_kept
from tempkit.measures import MEASURES, known
from tempkit.planning import (
    Consent,
    Executor,
    Experiment,
    as_begun,
    check_stored,
    further_items,
    parse_model,
)
from tempkit.running import Limits, Progress, SilentProgress, refuse_imported
from tempkit.types import Budget, Item, ModelSpec, Plan, joined_names

__all__ = ["choice_outline", "choose_planned", "go_on_choosing", "keep_chosen", "refuse_unkept"]


@outside_event_loop
def choose_planned(
    planned: Experiment | str,
    *,
    db: Database = None,
    concurrency: int = 8,
    time_s: float | None = None,
    judge: ModelSpec | str | None = None,
    rubric: str | None = None,
    allow_ignored_temperature: bool = False,
    executor: Executor | str | None = None,
    ask_first: bool = True,
    progress: Progress | None = None,
    on_begin: OnNote = no_note,
    on_round: OnRound = no_round,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> Chosen:
    """Find the temperature for prompts on models: ask a few questions at a few temperatures, then more only where it decides.

    Args:
        planned: Prompts, models and a budget. Where it names no temperatures, a coarse grid is refined around what leads.
        db: The database; made where there is none.
        concurrency: Requests at once to one remote model, at each of its addresses.
        time_s: Begin nothing more after so many seconds.
        judge: A model that judges each round's answers, which then decides; the budget is for both.
        rubric: What a good answer is, for the judge to grade by; None: it compares answers in pairs.
        allow_ignored_temperature: Ask models that are known to ignore the temperature, too.
        executor: As `run` takes it, like what follows.
        ask_first: See there.
        progress: Shows how far a round is.
        on_begin: Is called with what is going to be asked.
        on_round: Is called after each round, for each use case.
        on_note: Is called with notes, and with why samples failed.
        on_progress: Is called with how many items on models are measured, of how many.
        **judged_by: What to judge by, as `recommend` takes it; kept with the run.

    Raises:
        TempkitError: As `run`.
        Interrupted: Ctrl-C; `go_on_choosing` goes on.
    """
    if judge is not None:
        judged_by = by_the_judge(judged_by, rubric)
    elif rubric is not None:
        raise UsageError("a rubric is for a judge: name one with --judge")
    asked = asked_by(**judged_by)
    _refuse_unknown(asked.measure)
    planned = planned if isinstance(planned, Experiment) else read_experiment(planned)
    limits = Limits(
        concurrency=concurrency,
        allow_ignored_temperature=allow_ignored_temperature,
        workers=workers_for(executor, planned),
    )
    if ask_first:
        spent_s = probe_first(build_plan(replace(planned, arms=())), concurrency=concurrency, on_note=on_note)
        time_s = None if time_s is None else max(0.0, time_s - spent_s)
    named = parse_model(judge) if isinstance(judge, str) else judge
    full, plan, pool = _designed(planned, asked, limits, judged_by, on_note, named, rubric)
    if named is not None:
        plan = with_judge(plan, named, rubric)
        checked(named, plan.budget)
    shown = Announcing(progress or SilentProgress(on_note), _outline(full, plan, asked), on_begin)
    with opened(db, must_exist=False) as store, cluster_kept():
        chooser = Chooser(
            store=store, asked=asked, limits=limits, consent=as_begun(plan.models), pool=pool,
            deadline=None if time_s is None else time.monotonic() + time_s,
            progress=shown, on_round=on_round, on_note=on_note, on_progress=on_progress,
        )  # fmt: skip
        chooser.begin(plan)
        return chooser.to_the_end()


def choice_outline(
    planned: Experiment | str,
    *,
    allow_ignored_temperature: bool = False,
    on_note: OnNote = no_note,
    **judged_by: Unpack[JudgedBy],
) -> list[str]:
    """Return what `choose` would ask first, and what the questions can tell apart; reaches no model.

    Args:
        planned: As `choose` takes it, like all that follow.
        allow_ignored_temperature: See there.
        on_note: Is called with notes.
        **judged_by: See there.

    Raises:
        TempkitError: As `choose`, for what is known before a model is reached.
    """
    asked = asked_by(**judged_by)
    limits = Limits(allow_ignored_temperature=allow_ignored_temperature)
    full, plan, _pool = _designed(planned, asked, limits, judged_by, on_note)
    return _outline(full, plan, asked)


def _designed(
    planned: Experiment | str,
    asked: Asked,
    limits: Limits,
    judged_by: JudgedBy,
    on_note: OnNote,
    judge: ModelSpec | None = None,
    rubric: str | None = None,
) -> tuple[Plan, Plan, dict[str, list[Item]]]:
    """Return the plan of all that there is to ask, that of the first round, and the items left for later."""
    experiment = planned if isinstance(planned, Experiment) else read_experiment(planned)
    experiment, finest = grid_for(experiment, limits)
    full = plan_of(experiment, on_note=on_note)
    affords = affordable(full, limits, judge, rubric)
    forewarn(full, on_note)
    first, pool = designed(
        full,
        asked,
        finest=finest,
        repeat=experiment.repeat,
        samples=affords,
        judged_by=as_kept(judged_by),
        fixed_limit="max_tokens" in experiment.sampling,
        expect=experiment.expect,
    )
    return full, first, pool


def _outline(full: Plan, first: Plan, asked: Asked) -> list[str]:
    """Return a line for each use case: what is asked first; and for those that go by a share, what they can tell apart."""
    lines = []
    grid = ", ".join(f"{t:g}" for t in first.temperatures)
    for prompts in use_cases(full):
        names = {prompt.name for prompt in prompts}
        sizes = sizes_of(first, prompts)
        size = max(size for of in sizes for size in of.values())
        all_ = sum(len(prompt.items) for prompt in full.prompts if prompt.name in names)
        samples = sum(size.samples for of in sizes for size in of.values())
        lines.append(
            f"{prompts[0].use_case or joined_names(prompts)}: at {grid} first, {size.replicates} answers to {size.items} of "
            f"{all_} question{'s' * (all_ != 1)} each ({samples:,} in all); then more where it decides"
        )
    planned = 0 if first.design is None else first.design.looks
    detectable = can_tell(replace(full, repeat=first.repeat), asked, planned)
    return lines + [
        f"{each.use_case}: {each.questions} questions can show differences of about {100 * each.difference:.0f} points; "
        f"those from {100 * each.margin:.3g} points on matter"
        for each in detectable
        if each.difference is not None
    ]


def _refuse_unknown(measure: str | None) -> None:
    """Refuse a measure that no answer will have, before anything is asked.

    Raises:
        UsageError: It is none of those that are computed.
    """
    if measure is not None and known(measure) is None:
        raise UsageError(
            f"no measure {one_line(measure, 60)!r}{nearest(measure, [*MEASURES])}: name one that is computed of answers"
        )


@outside_event_loop
def go_on_choosing(
    run: Run = "latest",
    *,
    files: Sequence[str] = (),
    db: Database = None,
    budget: Budget | None = None,
    concurrency: int = 8,
    time_s: float | None = None,
    allow_ignored_temperature: bool = False,
    executor: Executor | str | None = None,
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    allow_outside: bool = False,
    consent: Consent | None = None,
    progress: Progress | None = None,
    on_round: OnRound = no_round,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Chosen:
    """Go on with a run that `choose` began: what it still owes, then further rounds.

    Args:
        run: The run.
        files: Further questions; none: those of its own files that it has not asked.
        db: The database.
        budget: In place of the one that the run has; for the whole run.
        concurrency: As `choose` takes it, like all that is not said here.
        time_s: See there.
        allow_ignored_temperature: See there.
        executor: See there.
        allow_key_env: As `resume` takes it, like the two that follow.
        allow_key_to: See there.
        allow_outside: Read the run's files where they lie outside of the current folder.
        consent: In place of these three.
        progress: See `choose`.
        on_round: See there.
        on_note: See there.
        on_progress: See there.

    Raises:
        UsageError: The run was not begun by `choose`.
        TempkitError: As `resume`.
    """
    allowed = consent or Consent(keys=allow_key_env, servers=allow_key_to, outside=allow_outside, typed=False)
    with opened(db) as store, cluster_kept():
        record = successor(store, find_run(store, run))
        plan = store.load_plan(record.id)
        refuse_imported(record, plan)
        if plan.design is None:
            raise UsageError(
                f"run {record.name} was not begun by choose, so it has no rounds to go on with; see tempkit topup"
            )
        judges = () if plan.design.judge is None else (parse_model(plan.design.judge),)
        check_stored(f"run {record.name}", (*plan.models, *judges), allowed)
        forewarn(plan, on_note)
        limits = Limits(
            concurrency=concurrency,
            allow_ignored_temperature=allow_ignored_temperature,
            workers=workers_for(executor),
        )
        chooser = Chooser(
            store=store, asked=asked_by(**plan.design.judged_by), limits=limits, consent=allowed,
            pool=further_items(plan, record.name, files, outside=allowed.outside),
            deadline=None if time_s is None else time.monotonic() + time_s, budget=budget,
            progress=progress, on_round=on_round, on_note=on_note, on_progress=on_progress,
        )  # fmt: skip
        chooser.take_up(record)
        return chooser.to_the_end()


def keep_chosen(
    chosen: Chosen,
    *,
    db: Database = None,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> list[Kept]:
    """Keep what was chosen in the run's Prompty files: in each the temperature for its use case, on the model that is best there.

    Args:
        chosen: As `choose` returned it.
        db: Where its run is.
        on_note: Is called with notes, and where there is nothing to keep.
        on_progress: As `choose` takes it.

    Raises:
        TempkitError: As `decide`.
    """
    made: list[Kept] = []
    with opened(db, reading=True, on_note=on_note) as store:
        plan = store.load_plan(chosen.run.id)
        judged_by = {} if plan.design is None else plan.design.judged_by
        for done in chosen.rounds:
            groups = [group for group in use_cases(plan) if section_name(group) == done.use_case]
            files = [each.path for group in groups for each in group if is_kept_in(each.path)]
            if done.leader is None or usable_pick(done.leader) is None:
                on_note(f"warning: there is no temperature to keep for {done.use_case} yet")
            elif files:
                made += decide(
                    chosen.run, [path for path in files if path is not None], db=store, model=done.leader.model,
                    write=True, on_note=on_note, on_progress=on_progress, **judged_by,
                )  # fmt: skip
    return made


def refuse_unkept(plan: Plan) -> None:
    """Refuse to keep what is chosen where no prompt has a file for it, before anything is asked.

    Raises:
        UsageError: None has.
    """
    if not any(is_kept_in(prompt.path) for prompt in plan.prompts):
        raise UsageError(
            "--write keeps the temperature in .prompty files, and none of these prompts is one; leave it out"
        )
