"""Test a decision that a prompt file keeps, on the file's own questions: a few at a time, until it is clear or they are used up."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal, cast

from tempkit.analysis import load_tables, note_looks
from tempkit.api.database import Database, OnNote, OnProgress, no_note, no_progress, opened
from tempkit.api.keeping import snapshot_of
from tempkit.api.measuring import bring_up_to_date
from tempkit.api.retest_plan import Retest, retest_of
from tempkit.api.sampling import go_on, note_failures
from tempkit.decision import Recheck, Scope, recheck
from tempkit.errors import (
    DecisionError,
    Interrupted,
    LimitReached,
    TempkitError,
    UsageError,
    one_line,
)
from tempkit.event_loop import outside_event_loop
from tempkit.planning import Consent, as_begun
from tempkit.prompts import KeptDecision
from tempkit.running import Limits, Progress, SilentProgress, start
from tempkit.statistics import WEEKS, Policy
from tempkit.store import RunRecord, Store
from tempkit.types import Budget

__all__ = ["FALSE_ALARMS_PER_YEAR", "Verified", "verify"]

FALSE_ALARMS_PER_YEAR = 0.5

Outcome = Literal["holds", "open", "broken", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of testing the decision of one file."""

    path: Path
    kept: KeptDecision
    outcome: Outcome
    """`holds`: shown of the margin (see `found.rails_hold` for the guard-rails). `open`: nothing is shown against it, and not enough for it. `broken`: shown not to hold. `error`: not tested."""
    found: Recheck | None
    """By the last look; None where nothing could be asked."""
    changed: str | None
    """How the model is another one than that of the decision; None where that is not seen."""
    known: bool
    """Whether the file keeps which model answered, so that a change can be seen."""
    run: RunRecord | None
    asked: int
    """Questions that were asked."""
    questions: int
    """Questions that might have been."""
    looks: int
    """How often the answers were looked at."""
    stopped: Literal["clear", "questions", "budget", "model"]
    """Why no more was asked: it was clear, there were no more questions, the budget was used up, or another model answered that does not
    go by the temperature."""
    error: str | None = None

    @property
    def exit_code(self) -> int:
        """6: no longer holds; 7: the model changed, and that is all; 1: not tested; 0: neither."""
        if self.outcome == "broken":
            return 6
        return 7 if self.changed is not None else int(self.outcome == "error")


@outside_event_loop
def verify(
    prompts: Sequence[Path | str],
    *,
    db: Database = None,
    model: str | None = None,
    items: int | None = None,
    repeat: int | None = None,
    false_alarms_per_year: float = FALSE_ALARMS_PER_YEAR,
    budget: Budget | None = None,
    seed: int | None = None,
    concurrency: int = 8,
    env: Sequence[str] = (),
    allow_key_env: Collection[str] = (),
    allow_key_to: Collection[str] = (),
    consent: Consent | None = None,
    progress: Callable[[], Progress] = SilentProgress,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> list[Verified]:
    """Ask again what decisions rest on, and say whether they still hold.

    Args:
        prompts: Prompty files that keep a decision.
        db: The database that the answers go to; made where there is none.
        model: As `BACKEND:NAME`; None: the one that the decision was made for.
        items: At most so many of each file's questions; None: all.
        repeat: Answers per question and temperature; None: as many as the decision rests on.
        false_alarms_per_year: How many may be expected in a year of weekly calls, of all files together.
        budget: What all of it may cost.
        seed: Of the answers; None: another one each time, so that the answers are new ones.
        concurrency: Requests at once to a remote model.
        env: Names of the environment variables that the files may refer to.
        allow_key_env: Environment variables whose value the files may send as a key, beside the provider's own.
        allow_key_to: `HOST` or `HOST:PORT` of servers named in them that they may send keys to.
        consent: Both as a command's options, in their place.
        progress: Makes what shows how far the asking is, for each look.
        on_note: Is called with notes, and with why samples failed.
        on_progress: Is called with how many items on models are measured, of how many.

    Raises:
        DecisionError: A file keeps no decision.
        UsageError: What is asked for does not go together.
        PromptError: A file cannot be read.
        Interrupted: Ctrl-C.
    """
    if not prompts:
        raise UsageError("no prompt is named; name a .prompty file that keeps a decision")
    if not (isfinite(false_alarms_per_year) and 0 < false_alarms_per_year < WEEKS):
        raise UsageError(
            f"false alarms per year must be a number above 0 and below {WEEKS} (one a week), not {false_alarms_per_year:g}"
        )
    allowed = consent or Consent(keys=allow_key_env, servers=allow_key_to, typed=False)
    asked: dict[str, Any] = {
        "items": items,
        "repeat": repeat,
        "seed": secrets.randbelow(2**31) if seed is None else seed,
        "env": tuple(env),
    }
    # All files are read before the first is asked about: a mistake in the last one is no reason to pay for the others.
    tests = [
        retest_of(Path(path), model, allowed, asked, false_alarms_per_year / len(prompts)) for path in prompts
    ]
    left = budget or Budget()
    made: list[Verified] = []
    with opened(db, must_exist=False) as store:
        for test in tests:
            one = _verified(
                store, replace(test, plan=replace(test.plan, budget=left)), Limits(concurrency=concurrency),
                progress, on_note, on_progress,
            )  # fmt: skip
            made.append(one)
            if one.run is not None:
                left = _rest(left, store.spent(one.run.id))
    return made


def _verified(
    store: Store,
    test: Retest,
    limits: Limits,
    progress: Callable[[], Progress],
    on_note: OnNote,
    on_progress: OnProgress,
) -> Verified:
    """Test one file; what goes wrong on the way is its result, so that the other files are tested all the same.

    Raises:
        Interrupted: Ctrl-C.
    """
    run: RunRecord | None = None
    made = Verified(
        path=test.path, kept=test.kept, outcome="open", found=None, changed=None, known=test.kept.snapshot is not None,
        run=None, asked=0, questions=len(test.plan.items), looks=0, stopped="questions",
    )  # fmt: skip
    if test.plan.budget.usd == 0 or test.plan.budget.tokens == 0:
        return replace(made, stopped="budget")
    try:
        for look, size in enumerate(test.sizes, 1):
            some = replace(limits, items=frozenset(item.key for item in test.plan.items[:size]))
            stopped: Literal["budget", "model"] | None = None
            try:
                if run is None:
                    run = start(test.plan, store, progress(), some).run
                else:
                    run = go_on(store, run, some, as_begun(test.plan.models), progress=progress()).run
            except LimitReached as e:
                if e.run_id is None:
                    raise
                stopped, run = "model" if e.why == "model" else "budget", store.find_run(e.run_id)
            run = store.find_run(run.id)
            made = _looked(store, run, test, replace(made, run=run, looks=look), on_note, on_progress)
            clear = made.outcome != "open"
            made = replace(made, stopped="clear" if clear else stopped or "questions")
            if clear or stopped is not None:
                break
    except Interrupted:
        raise
    except TempkitError as e:
        made = replace(made, run=run, outcome="error", error=one_line(e, 600))
    if run is not None:
        note_failures(store, run, on_note)
    return made


def _looked(
    store: Store, run: RunRecord, test: Retest, made: Verified, on_note: OnNote, on_progress: OnProgress
) -> Verified:
    """Return what the answers so far say.

    Raises:
        DecisionError: There are none.
        TempkitError: They cannot be measured.
    """
    if not run.completions:
        raise DecisionError("no question was answered, so nothing can be said; see the notes for why")
    kept, model = test.kept, test.plan.models[0]
    bring_up_to_date(store, run, profile=test.profile, on_note=on_note, on_progress=on_progress)
    (section,) = load_tables(store, run)
    found = recheck(
        section,
        test.profile,
        temperature=kept.temperature,
        beside=test.beside,
        scope=cast("Scope", kept.scope),
        policy=Policy.parse(kept.policy),
        alpha=test.alpha,
        looks=len(test.sizes),
    )
    note_looks(store, run, [section])
    now, fingerprint = snapshot_of(store, run, model)
    asked = len({key.item for key in store.done(run.id) | store.failed(run.id)})
    return replace(
        made, outcome=found.standing, found=found, asked=asked, changed=_change(kept, now, fingerprint)
    )


def _change(kept: KeptDecision, snapshot: str | None, fingerprint: str | None) -> str | None:
    """Say how the model differs from the one that the decision was made for; None where it is not seen to."""
    if kept.snapshot is not None and snapshot != kept.snapshot:
        now = "does not say which model it is" if snapshot is None else f"is {one_line(snapshot, 100)}"
        return f"it was {one_line(kept.snapshot, 100)} and {now} now"
    if kept.fingerprint is not None and fingerprint not in (None, kept.fingerprint):
        return (
            f"its fingerprint was {one_line(kept.fingerprint, 100)} and is {one_line(fingerprint, 100)} now"
        )
    return None


def _rest(budget: Budget, spent: tuple[float, int, int]) -> Budget:
    """Return what is left of a budget."""
    usd, tokens, _count = spent
    return Budget(
        usd=None if budget.usd is None else max(0.0, budget.usd - usd),
        tokens=None if budget.tokens is None else max(0, budget.tokens - tokens),
    )
