"""Draw more answers for a run, only where they could settle which temperature to use."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Unpack

from tempkit.adaptive import first_of_pool
from tempkit.analysis import ScoredSection, use_cases
from tempkit.api.database import (
    Database,
    OnNote,
    OnProgress,
    Run,
    find_run,
    named_here,
    no_note,
    no_progress,
    opened,
)
from tempkit.api.deciding import JudgedBy, asked_by, decided, looked_at, scored_and_decided
from tempkit.api.sampling import go_on, note_failures, workers_for
from tempkit.decision import Decision, Round, next_round, round_of_items
from tempkit.event_loop import outside_event_loop
from tempkit.planning import Consent, Executor, check_stored, further_items
from tempkit.running import Limits, Progress, refuse_imported
from tempkit.store import RunRecord
from tempkit.types import Item

__all__ = ["ToppedUp", "topup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToppedUp:
    """What a top-up did."""

    run: RunRecord
    """As it is now."""
    drawn: bool
    """Whether answers were asked for by this call."""
    owed: int
    """Samples that had been planned before and were still to be drawn: these come first, and nothing new is planned."""
    rounds: tuple[Round, ...]
    """What to draw for each section, or why nothing; none where samples were owed."""
    decisions: tuple[Decision, ...]
    """What the answers decide now; none where owed samples were not drawn."""


@outside_event_loop
def topup(
    run: Run = "latest",
    *,
    db: Database = None,
    more: int | None = None,
    items: int | None = None,
    files: Sequence[str] = (),
    concurrency: int = 8,
    executor: Executor | str | None = None,
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    consent: Consent | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    on_plan: OnNote = no_note,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> ToppedUp:
    """Draw more answers where they could settle which temperature to use, and decide again.

    Args:
        run: The run.
        db: The database.
        more: Samples to add per item and temperature; None: as many as are estimated to settle it, at most twice those there
            are.
        items: Ask so many further questions instead, as often as those before, of the run's files.
        files: Where they come from; none: the files that the run began with.
        concurrency: Requests at once to one remote model, at each of its addresses.
        executor: What draws samples from local models, as `run` takes it.
        allow_key_env: As `resume` takes it, like the two that follow.
        allow_key_to: See there.
        consent: See there.
        dry_run: Say what would be drawn, and draw nothing.
        progress: Shows how far the drawing is.
        on_plan: Is called with a line for each section, before anything is drawn.
        on_note: Is called with notes, and with why samples failed.
        on_progress: Is called with how many items on models are measured, of how many.
        **judged_by: What to judge by, as `recommend` takes it.

    Raises:
        TempkitError: As `recommend` and `resume`.
    """
    asked = asked_by(**judged_by)
    allowed = consent or Consent(keys=allow_key_env, servers=allow_key_to, typed=False)
    with opened(db, reading=dry_run, on_note=on_note) as store:
        record = find_run(store, run)
        plan = store.load_plan(record.id)
        refuse_imported(record, plan)
        if not dry_run:
            check_stored(f"run {record.name}", plan.models, allowed)

        found: list[Decision] = []
        scored: list[ScoredSection] = []
        rounds: list[Round] = []
        new: dict[str, list[Item]] = {}
        if owed := record.planned - record.completions - record.failures:
            on_plan(
                f"{record.name}: {owed:,} samples that are planned already are still to be drawn; these first, and nothing new is planned"
            )
        else:
            found, scored = scored_and_decided(store, record, asked, on_note, on_progress)
            sections = {(section.model.label, section.name): section for section in scored}
            here = f"{named_here(store, record)}{asked.options}"
            if items is None:
                rounds = [
                    next_round(plan, sections[each.model, each.section], each, more, here) for each in found
                ]
            else:
                pool = further_items(plan, record.name, files, outside=allowed.outside)
                for prompts in use_cases(plan):
                    taken = set(first_of_pool(plan, prompts, pool, items))
                    for prompt in prompts:
                        new[prompt.name] = [item for item in pool.get(prompt.name, ()) if item.key in taken]
                rounds = [
                    round_of_items(plan, sections[each.model, each.section], each, new) for each in found
                ]
            for part in rounds:
                on_plan(part.says)
        topups = [topup for part in rounds for topup in part.topups]
        asked_of = {key for topup in topups for key in topup.items or ()}
        further = {name: [i for i in some if i.key in asked_of] for name, some in new.items()}
        draws = bool(owed or topups) and not dry_run
        try:
            if draws:
                limits = Limits(concurrency=concurrency, workers=workers_for(executor))
                go_on(store, record, limits, allowed, topups=topups, items=further, progress=progress)
        finally:
            # What could not be begun is as if it had not been asked for: nothing is stored, and nothing was looked at.
            if found and (not draws or len(store.load_plan(record.id).topups) > len(plan.topups)):
                looked_at(store, record, scored, found, on_note)
        if draws:
            record = find_run(store, record)
            note_failures(store, record, on_note)
            found = decided(store, record, asked, on_note, on_progress)
    return ToppedUp(run=record, drawn=draws, owed=owed, rounds=tuple(rounds), decisions=tuple(found))
