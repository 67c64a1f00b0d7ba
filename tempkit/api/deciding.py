"""Decide which temperature serves a run's use cases, and keep count of the looks at its data."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from tempkit.analysis import ScoredSection, load_tables, note_looks
from tempkit.api import measuring
from tempkit.api.database import Database, OnNote, OnProgress, Run, find_run, no_note, no_progress, opened
from tempkit.decision import AS_THE_RUN_SAYS, Asked, Decision, Scope
from tempkit.errors import StoreError, UsageError, one_line
from tempkit.event_loop import outside_event_loop
from tempkit.statistics import Policy
from tempkit.store import RunRecord, Store

__all__ = [
    "JudgedBy",
    "as_kept",
    "asked_by",
    "decided",
    "looked_at",
    "meant",
    "recommend",
    "scored_and_decided",
    "undecided_hint",
]


class JudgedBy(TypedDict, total=False):
    """What to judge by. What is left out, or None, is as the run says."""

    use_case: str | Path | None
    """One that is shipped, or the path of a `.toml` file."""
    measure: str | None
    """This measure, with the rest of the use case where one is named too."""
    margin: float | None
    """With `measure`: the smallest difference that matters, in its unit."""
    direction: Literal["higher", "lower"] | None
    """With `measure`: which way is better; None: the measure's own, else higher."""
    scope: Scope | None
    """Whom to decide for; None: items like these, from 5 items."""
    policy: Policy | str | None
    """How answers are used, such as `best-of:5`."""


@outside_event_loop
def recommend(
    run: Run = "latest",
    *,
    db: Database = None,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> list[Decision]:
    """Bring a run's scores up to date, count the look, and return a decision for each use case and model.

    Args:
        run: The run.
        db: The database; one that can only be read will do.
        on_note: Is called with notes.
        on_progress: Is called with how many items on models are measured, of how many.
        **judged_by: What to judge by, as in `JudgedBy`.

    Raises:
        StoreError: The run cannot be found or read.
        UsageError: What is asked does not go together, or cannot be asked of this run.
        ModelError: A model that the run was measured with cannot be reached or loaded.
    """
    asked = asked_by(**judged_by)
    with opened(db, reading=True, on_note=on_note) as store:
        return decided(store, find_run(store, run), asked, on_note, on_progress)


def asked_by(**judged_by: Unpack[JudgedBy]) -> Asked:
    """Return what to judge by, from arguments as `recommend` takes them.

    Raises:
        UsageError: They do not go together, or name what is not there.
    """
    policy, use_case = judged_by.get("policy"), judged_by.get("use_case")
    try:
        used = Policy.parse(policy) if isinstance(policy, str) else policy
    except ValueError as e:
        raise UsageError(f"policy {e}") from e
    return Asked(
        use_case=None if use_case is None else str(use_case),
        measure=judged_by.get("measure"),
        margin=judged_by.get("margin"),
        direction=judged_by.get("direction"),
        scope=judged_by.get("scope"),
        policy=used,
    )


def as_kept(judged_by: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to judge by as JSON takes it, to be kept with a run."""
    return {
        name: str(value) if isinstance(value, Policy | Path) else value
        for name, value in judged_by.items()
        if value is not None
    }


def meant(store: Store, record: RunRecord, asked: Asked) -> Asked:
    """Return what a run is judged by: as asked, else as it was designed for."""
    design = store.load_plan(record.id).design
    if asked != AS_THE_RUN_SAYS or design is None or not design.judged_by:
        return asked
    return asked_by(**design.judged_by)


def decided(
    store: Store, record: RunRecord, asked: Asked, on_note: OnNote, on_progress: OnProgress
) -> list[Decision]:
    """As `recommend`, of a run in an open store.

    Raises:
        UsageError: What is asked cannot be asked of this run.
    """
    found, sections = scored_and_decided(store, record, asked, on_note, on_progress)
    looked_at(store, record, sections, found, on_note)
    return found


def scored_and_decided(
    store: Store, record: RunRecord, asked: Asked, on_note: OnNote, on_progress: OnProgress
) -> tuple[list[Decision], list[ScoredSection]]:
    """As `decided`, with the scores that decide, but count no look: whoever shows what was decided counts it with `looked_at`."""
    asked = meant(store, record, asked)
    measuring.bring_up_to_date(
        store, record, profile=asked.profile(), on_note=on_note, on_progress=on_progress
    )
    sections = load_tables(store, record)
    return asked.decide(sections), sections


def looked_at(
    store: Store,
    record: RunRecord,
    sections: Sequence[ScoredSection],
    found: Sequence[Decision],
    on_note: OnNote,
) -> None:
    """Keep it with the run that these decisions were read; where it cannot be kept, note so and go on."""
    read = {(each.section, each.model) for each in found}
    try:
        note_looks(store, record, [each for each in sections if (each.name, each.model.label) in read])
    except StoreError as e:
        on_note(f"warning: this look at the data is not counted in later ones: {e}")


def undecided_hint(found: Sequence[Decision], run: str, command: str = "recommend") -> str:
    """Return what to type where nothing was decided although there are scores from elsewhere; else an empty text.

    Args:
        found: What was decided.
        run: The run, as `named_here` says it.
        command: The one to type.
    """
    if not found or any(each.measure is not None for each in found):
        return ""
    steps = (step for each in found for step in each.next if step.code == "decide_by")
    own = list(dict.fromkeys(measure for step in steps for measure in step.data["measures"]))
    if not own:
        return ""
    return (
        f"It has scores of {one_line(', '.join(own))}. Decide by them: "
        f"tempkit {command} {run} --measure {shlex.quote(own[0])} --margin X"
    )
