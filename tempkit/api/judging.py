"""Let a model judge a run's answers."""

from tempkit.api.database import Database, OnNote, Run, find_run, no_note, opened, refuse_event_loop
from tempkit.errors import UsageError
from tempkit.judging import Judge, Judgement, Outline, Wanted, judge_run, outline
from tempkit.planning import parse_model
from tempkit.running import Limits, Progress, SilentProgress
from tempkit.types import Budget, ModelSpec

__all__ = ["judge", "judge_outline"]

_NO_BUDGET = Budget()


def judge(
    run: Run = "latest",
    *,
    model: ModelSpec | str,
    db: Database = None,
    rubric: str | None = None,
    pairs: int | None = None,
    use_case: str | None = None,
    max_tokens: int = 200,
    concurrency: int = 8,
    budget: Budget = _NO_BUDGET,
    progress: Progress | None = None,
) -> Judgement:
    """Let a model grade a run's answers from 1 to 5, or compare them in pairs; what it answered before it is not asked again.

    Args:
        run: The run.
        model: The judge, as on the command line; it is asked at temperature 0.
        db: The database.
        rubric: What a good answer is; None: each item's own `llm-rubric` checks.
        pairs: Compare so many pairs per item and model, at different temperatures, instead of grading each answer.
        use_case: Only the prompts of this use case; None: all.
        max_tokens: Longest answer of the judge.
        concurrency: Requests at once to a remote judge.
        budget: Ask nothing more once this call has cost so much.
        progress: Shows how far it is.

    Raises:
        StoreError: The run cannot be found, read or written.
        ModelError: The judge cannot be reached, or cannot be asked at temperature 0.
        UsageError: There is nothing to judge, or nothing to judge by; or an event loop is running in this thread.
        Interrupted: Ctrl-C; what had been answered is stored.
        LimitReached: The budget is used up; likewise.
    """
    refuse_event_loop()
    asked = _judge(model, max_tokens, budget)
    wanted = _wanted(rubric, pairs, use_case)
    with opened(db) as store:
        return judge_run(
            store, find_run(store, run), asked, wanted,
            limits=Limits(concurrency=concurrency), progress=progress or SilentProgress(),
        )  # fmt: skip


def judge_outline(
    run: Run = "latest",
    *,
    model: ModelSpec | str,
    db: Database = None,
    rubric: str | None = None,
    pairs: int | None = None,
    use_case: str | None = None,
    max_tokens: int = 200,
    on_note: OnNote = no_note,
) -> Outline:
    """Return what `judge` would ask and take; reaches no model.

    Args:
        run: As `judge` takes it, like all that follow.
        model: See there.
        db: See there; one that can only be read will do.
        rubric: See there.
        pairs: See there.
        use_case: See there.
        max_tokens: See there.
        on_note: Is called with notes.

    Raises:
        TempkitError: As `judge`, for what is known before the model is reached.
    """
    asked = _judge(model, max_tokens, _NO_BUDGET)
    wanted = _wanted(rubric, pairs, use_case)
    with opened(db, reading=True, on_note=on_note) as store:
        return outline(store, find_run(store, run), asked, wanted)


def _judge(model: ModelSpec | str, max_tokens: int, budget: Budget) -> Judge:
    spec = parse_model(model) if isinstance(model, str) else model
    return Judge(model=spec, max_tokens=max_tokens, budget=budget)


def _wanted(rubric: str | None, pairs: int | None, use_case: str | None) -> Wanted:
    if rubric is not None and not rubric.strip():
        raise UsageError("the rubric is empty; say what a good answer is")
    if pairs is not None and pairs < 1:
        raise UsageError(f"pairs must be at least 1, not {pairs}")
    return Wanted(rubric=rubric, pairs=pairs, use_case=use_case)
