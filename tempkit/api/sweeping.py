"""Sweep and choose in one call, with strings where the command line takes strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Unpack

from tempkit.api.choice_result import Chosen, OnRound, no_round
from tempkit.api.choosing import choose_planned
from tempkit.api.database import Database, OnNote, no_note
from tempkit.api.deciding import JudgedBy
from tempkit.api.experiments import Prompts, SweepOptions, experiment_of
from tempkit.api.run_handle import Decisions, Run
from tempkit.api.sampling import run as run_planned
from tempkit.decision import Grade
from tempkit.event_loop import awaited, outside_event_loop
from tempkit.prompts import seconds
from tempkit.running import make_progress
from tempkit.types import ModelSpec

__all__ = ["Choice", "choose", "choose_async", "sweep", "sweep_async"]

Models = str | ModelSpec | Sequence[str | ModelSpec]


@outside_event_loop
def sweep(
    prompts: Prompts,
    models: Models = (),
    *,
    db: Database = None,
    concurrency: int = 8,
    time_limit: str | float | None = None,
    allow_ignored_temperature: bool = False,
    probe: bool = True,
    progress: bool = False,
    on_note: OnNote = no_note,
    **asked: Unpack[SweepOptions],
) -> Run:
    """Send prompts to models at several temperatures, store every answer, and return the run.

    Args:
        prompts: A file or a text, as on the command line, or several; or questions, as a data frame or dictionaries.
        models: As `BACKEND:NAME`.
        db: The database, by its path or URL, or open; None: `tempkit.db`. It is made where there is none.
        concurrency: Requests at once to one remote model, at each of its addresses.
        time_limit: Begin nothing more after so long: seconds, or as in `30m`.
        allow_ignored_temperature: Run models that are known to ignore the temperature, too.
        probe: Probe models first of which nobody knows what they do with the temperature, where the run costs more than that.
        progress: Show on stderr how far the run is.
        on_note: Is called with notes, and with why samples failed.
        **asked: What else is said, as in `SweepOptions`.

    Raises:
        TempkitError: Something is wrong, before anything is stored.
        BackendError: A backend broke down; what had come is stored, and `Run.resume` goes on.
        LimitReached: The budget or the time is used up; likewise.
        Interrupted: Ctrl-C; likewise.
    """
    experiment = experiment_of(prompts, models, **asked)
    done = run_planned(
        experiment,
        db=db,
        concurrency=concurrency,
        time_s=_seconds(time_limit),
        allow_ignored_temperature=allow_ignored_temperature,
        ask_first=probe,
        progress=make_progress() if progress else None,
        on_note=on_note,
    )
    return Run(done.run.id, done.run.name, db)


@dataclass(frozen=True)
class Choice:
    """How a search for the temperature ended; a notebook shows it as cards."""

    run: Run
    chosen: Chosen
    decisions: Decisions

    @property
    def temperature(self) -> float | None:
        """The pick, of one use case on one model; see `Decisions.temperature`."""
        return self.decisions.temperature

    @property
    def grade(self) -> Grade:
        """How well the least certain of the decisions is shown."""
        return self.chosen.grade

    def __repr__(self) -> str:
        return f"{self.decisions!r}\n{self.run!r}"

    def _repr_html_(self) -> str:
        return self.decisions._repr_html_()


@outside_event_loop
def choose(
    prompts: Prompts,
    models: Models = (),
    *,
    judge: str | None = None,
    rubric: str | None = None,
    measure: str | None = None,
    margin: float | None = None,
    direction: Literal["higher", "lower"] | None = None,
    policy: str | None = None,
    scope: Literal["items_like_these", "these_items"] | None = None,
    db: Database = None,
    concurrency: int = 8,
    time_limit: str | float | None = None,
    allow_ignored_temperature: bool = False,
    probe: bool = True,
    progress: bool = False,
    on_round: OnRound = no_round,
    on_note: OnNote = no_note,
    **asked: Unpack[SweepOptions],
) -> Choice:
    """Find the temperature for prompts on models: a few questions first, then more only where it decides.

    Args:
        prompts: As `sweep` takes them.
        models: See there; several run in one race.
        judge: A model that judges each round's answers, which then decides.
        rubric: What a good answer is, for the judge to grade by; None: it compares answers in pairs.
        measure: Decide by this measure, with the rest of the use case where one is named too.
        margin: With `measure`: the smallest difference that matters, in its unit.
        direction: With `measure`: which way is better; None: the measure's own, else higher.
        policy: How answers are used, such as `best-of:5`.
        scope: Whom to decide for; None: questions like these, from 5 questions on.
        db: As `sweep` takes it, like all that follow but `on_round`.
        concurrency: See there.
        time_limit: See there.
        allow_ignored_temperature: See there.
        probe: See there.
        progress: See there.
        on_round: Is called after each round, for each use case.
        on_note: See there.
        **asked: See there.

    Raises:
        TempkitError: As `sweep`.
    """
    by: JudgedBy = {
        "measure": measure,
        "margin": margin,
        "direction": direction,
        "policy": policy,
        "scope": scope,
    }
    experiment = experiment_of(prompts, models, **asked)
    if judge is not None and experiment.use_case is not None:
        by["use_case"] = experiment.use_case
    found = choose_planned(
        experiment,
        db=db,
        judge=judge,
        rubric=rubric,
        concurrency=concurrency,
        time_s=_seconds(time_limit),
        allow_ignored_temperature=allow_ignored_temperature,
        ask_first=probe,
        progress=make_progress() if progress else None,
        on_round=on_round,
        on_note=on_note,
        **by,
    )
    run = Run(found.run.id, found.run.name, db)
    return Choice(run, found, Decisions(found.decisions, run.here()))


sweep_async = awaited(sweep)
"""`sweep` for `await`: the event loop goes on, and cancelling the task ends the run as Ctrl-C does."""

choose_async = awaited(choose)
"""`choose` for `await`, likewise."""


def _seconds(limit: str | float | None) -> float | None:
    return seconds(None if limit is None else str(limit), "time_limit")
