"""What a round of `choose` brought, and how it all ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tempkit.adaptive import Contest
from tempkit.decision import Decision, Grade, highest_grade
from tempkit.errors import LimitReached
from tempkit.store import RunRecord
from tempkit.types import Plan

__all__ = [
    "Chosen",
    "Dropped",
    "OnRound",
    "RoundDone",
    "Stopped",
    "grade_of",
    "leader_of",
    "no_round",
    "reasons_of",
]

Stopped = Literal["shown", "looks", "data", "nothing", "budget", "time"]
"""Why no more is asked. `shown`: the pick is. `looks`: as many rounds as were announced. `data`: there are no further questions, and more
answers to these would tell nothing. `nothing`: no answers to these questions would decide (all are wrong, say)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A temperature that is asked no further."""

    model: str
    temperature: float
    why: Literal["ruled_out", "behind", "cannot_lead", "unscored"]
    """`ruled_out`: by a guard-rail. `behind`: shown not to be the best. `cannot_lead`: not by more than the margin. `unscored`: too
    few of its answers have a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDone:
    """What a round brought for one use case."""

    number: int
    use_case: str
    decisions: tuple[Decision, ...]
    """By model."""
    leader: Decision | None
    """That of the model which is best so far."""
    grade: Grade
    """Of the best of all models and temperatures."""
    dropped: tuple[Dropped, ...]
    samples: int
    """Asked for in the next round; 0: it is over."""
    seconds: float | None
    """That these take, about; None: nobody knows yet."""
    usd: float | None
    """That these cost, about; None: nothing, or nobody knows."""
    stopped: Stopped | None
    """None: it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How it ended."""

    run: RunRecord
    rounds: tuple[RoundDone, ...]
    """The last of each use case."""
    interrupted_by: LimitReached | None
    """The budget or the time that ended it in the middle of a round."""

    @property
    def decisions(self) -> list[Decision]:
        """Of all use cases and models."""
        return [each for done in self.rounds for each in done.decisions]

    @property
    def grade(self) -> Grade:
        """The least of the use cases'."""
        order: tuple[Grade, ...] = ("none", "guess", "likely", "shown")
        return min((done.grade for done in self.rounds), key=order.index, default="none")


OnRound = Callable[[RoundDone], None]
"""Is called after each round with what it brought."""


def no_round(done: RoundDone) -> None:
    """Do nothing with a round."""


def reasons_of(
    plan: Plan, stands: Contest
) -> dict[tuple[str, float], Literal["ruled_out", "behind", "unscored"]]:
    found: dict[tuple[str, float], Literal["ruled_out", "behind", "unscored"]] = {}
    together = stands.standings.together
    for model, alone in enumerate(stands.standings.alone):
        for column in set(range(len(alone.temperatures))) - {*alone.compared, *alone.ruled_out}:
            found[plan.models[model].label, alone.temperatures[column]] = "unscored"
    for place, (model, column) in enumerate(stands.standings.columns):
        if place in together.compared and place not in together.may_be_best:
            label, case = plan.models[model].label, stands.cases[model]
            found[label, case.table.temperatures[column]] = "behind"
    for model, alone in enumerate(stands.standings.alone):
        for column in alone.ruled_out:
            found[plan.models[model].label, stands.cases[model].table.temperatures[column]] = "ruled_out"
    return found


def leader_of(stands: Contest | None, found: Sequence[Decision]) -> Decision | None:
    if stands is None or stands.standings.pick is None:
        return next(iter(found), None)
    label = stands.cases[stands.standings.pick[0]].section.model.label
    return next((each for each in found if each.model == label), None)


def grade_of(stands: Contest, found: Sequence[Decision]) -> Grade:
    """Return the grade of the best of all; of one model that of its card, which also knows what makes a pick useless.

    Of several it is no better than a mix of models that answered one of them allows.
    """
    if len(found) == 1:
        return found[0].grade
    order: tuple[Grade, ...] = ("none", "guess", "likely", "shown")
    most = [highest_grade(each.notes) for each in found]
    return min([stands.standings.together.grade, *most], key=order.index)
