"""From standings to a choice: recommended, tie or undecided, and which temperature.

The rule is short so that it can be checked against simulation. A temperature is only ever taken from those *shown* to be
within the margin of the best. What it is called depends on what else was shown: `recommended` when some temperature was
shown to be unsuitable, by a guard-rail or by being worse than the best; `tie` when all were shown to be within the margin;
`undecided` otherwise. So when temperature does nothing, `recommended` needs a false finding, and those are kept below
1 - level for all pairs together.
"""

from dataclasses import dataclass
from typing import Literal

from tempkit.statistics.best import BestSet
from tempkit.usecases.profile import Tie

__all__ = ["LEVEL", "Choice", "Status", "asked", "choose"]

LEVEL = 0.95
"""Confidence that all standings of one section hold together at the first look, and all verdicts of one guard-rail."""

Status = Literal["recommended", "tie", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the standings allow to say under one margin."""

    status: Status
    column: int | None
    """The temperature taken; None when undecided."""
    acceptable: tuple[int, ...]
    """Columns not shown to be worse than the best by more than the margin."""
    within: tuple[int, ...]
    """Columns shown to be within the margin of the best."""


def asked(looks: int) -> float:
    """Return the confidence that is asked for at the k-th look at a run's data, which was topped up k - 1 times.

    Every look gives chance another try. With 1 - 0.05 / k at the k-th, four looks, each after a top-up of what is still in the race,
    end in a false recommendation in less than 5 % of runs without any effect: the looks share most of their data, so their
    errors mostly coincide. No bound is proved; `tests/usecases/test_looks.py` simulates it, and shows that 0.95 each time would not do.
    """
    return 1 - (1 - LEVEL) / looks


def choose(best: BestSet, tie: Tie, *, margin: float, ruled_out: bool) -> Choice:
    """Choose from the compared columns of `best`.

    Args:
        best: Standings; their bounds do not depend on the margin they were graded with.
        tie: Which of several to take.
        margin: The difference that begins to matter.
        ruled_out: Whether a guard-rail has shown some other temperature to be unsuitable.
    """
    compared = [s for s in best.standings if s.compared]
    within = tuple(s.column for s in compared if s.behind_high is not None and s.behind_high <= margin)
    acceptable = tuple(s.column for s in compared if s.behind_low is None or s.behind_low <= margin)
    status: Status = "undecided"
    if len(compared) == 1 and ruled_out:  # nothing is left to compare it with
        within, status = acceptable, "recommended"
    elif within and (ruled_out or any(s.worse for s in compared)):
        status = "recommended"
    elif within and len(within) == len(compared) > 1:
        status = "tie"
    column = None if status == "undecided" else _taken(within, tie)
    return Choice(status=status, column=column, acceptable=acceptable, within=within)


def _taken(columns: tuple[int, ...], tie: Tie) -> int:
    """Return one of several columns; of two middle ones the lower."""
    places = {"lowest": 0, "middle": (len(columns) - 1) // 2, "highest": len(columns) - 1}
    return columns[places[tie]]
