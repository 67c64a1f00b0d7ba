"""Let a model judge a run's answers."""

from tempkit.api.database import Database, OnNote, Run, find_run, no_note, opened
from tempkit.errors import UsageError
from tempkit.event_loop import outside_event_loop
from tempkit.judging import MIN_KAPPA, Judge, Judgement, Outline, Wanted, judge_run, outline
from tempkit.planning import parse_model, parse_temperatures
from tempkit.running import Limits, Progress, SilentProgress
from tempkit.types import Budget, ModelSpec

__all__ = ["judge", "judge_outline"]

_NO_BUDGET = Budget()


@outside_event_loop
def judge(
    run: Run = "latest",
    *,
    model: ModelSpec | str,
    db: Database = None,
    rubric: str | None = None,
    pairs: int | None = None,
    use_case: str | None = None,
    max_tokens: int = 200,
    temperature: float | None = None,
    min_kappa: float = MIN_KAPPA,
    concurrency: int = 8,
    budget: Budget = _NO_BUDGET,
    progress: Progress | None = None,
) -> Judgement:
    """Let a model grade a run's answers from 1 to 5, or compare them in pairs; what it answered before it is not asked again.

    Args:
        run: The run.
        model: The judge, as on the command line.
        db: The database.
        rubric: What a good answer is; None: each item's own `llm-rubric` checks.
        pairs: Compare so many pairs per item and model, at different temperatures, instead of grading each answer.
        use_case: Only the prompts of this use case; None: all.
        max_tokens: Longest answer of the judge.
        temperature: Of the judge; None: 0, or where it does not take that, what it takes, or none.
        min_kappa: Its scores are used where its kappa is shown to be at least this, from above 0 to below 1.
        concurrency: Requests at once to a remote judge.
        budget: Ask nothing more once this call has cost so much.
        progress: Shows how far it is.

    Raises:
        StoreError: The run cannot be found, read or written.
        ModelError: The judge cannot be reached, or does not take the temperature.
        UsageError: There is nothing to judge, or nothing to judge by.
        Interrupted: Ctrl-C; what had been answered is stored.
        LimitReached: The budget is used up; likewise.
    """
    asked = _judge(model, max_tokens, budget, temperature, min_kappa)
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
    temperature: float | None = None,
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
        temperature: See there.
        on_note: Is called with notes.

    Raises:
        TempkitError: As `judge`, for what is known before the model is reached.
    """
    asked = _judge(model, max_tokens, _NO_BUDGET, temperature, MIN_KAPPA)
    wanted = _wanted(rubric, pairs, use_case)
    with opened(db, reading=True, on_note=on_note) as store:
        return outline(store, find_run(store, run), asked, wanted)


def _judge(
    model: ModelSpec | str, max_tokens: int, budget: Budget, temperature: float | None, min_kappa: float
) -> Judge:
    spec = parse_model(model) if isinstance(model, str) else model
    if temperature is not None:
        parse_temperatures((temperature,))
    if not 0 < min_kappa < 1:
        raise UsageError(f"the least kappa must be above 0 and below 1, not {min_kappa:g}")
    return Judge(
        model=spec, max_tokens=max_tokens, budget=budget, temperature=temperature, min_kappa=min_kappa
    )


def _wanted(rubric: str | None, pairs: int | None, use_case: str | None) -> Wanted:
    if rubric is not None and not rubric.strip():
        raise UsageError("the rubric is empty; say what a good answer is")
    if pairs is not None and pairs < 1:
        raise UsageError(f"pairs must be at least 1, not {pairs}")
    return Wanted(rubric=rubric, pairs=pairs, use_case=use_case)
