"""Compute how probable accepted answers of a run are at every temperature."""

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
from tempkit.errors import UsageError
from tempkit.event_loop import outside_event_loop
from tempkit.exact import Effort, Exact, exact_run

__all__ = ["exact"]


@outside_event_loop
def exact(
    run: Run = "latest",
    *,
    db: Database = None,
    within: float = 0.01,
    passes: int = 200,
    open_too: bool = False,
    anew: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Exact:
    """Bound the probability that an answer is accepted, for each question of a run on each local model; keep it with the run.

    Args:
        run: The run.
        db: The database.
        within: How far apart the bounds may be, at every temperature.
        passes: The most for one question: beginnings of answers that the model is asked about.
        open_too: Also questions whose checks accept too many answers to go through them; their bounds may stay wide.
        anew: Compute again what was computed with the same before.
        on_note: Is called with notes.
        on_progress: Is called with how many questions on models are done, of how many.

    Raises:
        StoreError: The run cannot be found, read or written.
        UsageError: `within` is not between 0 and 1, or `passes` is below 1.
        ModelError: A local model cannot be loaded, or cannot go on.
    """
    if not 0 < within < 1:
        raise UsageError(f"bounds can be between 0 and 1 apart, not {within:g}: e.g. 0.01")
    if passes < 1:
        raise UsageError(f"it takes one pass at least, not {passes}")
    effort = Effort(within=within, passes=passes, open_too=open_too, anew=anew)
    with opened(db, on_note=on_note) as store:
        return exact_run(
            store,
            find_run(store, run),
            effort,
            on_progress=lambda done, of: on_progress("computing", done, of),
        )
