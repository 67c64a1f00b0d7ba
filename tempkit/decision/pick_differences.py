"""One temperature against the pick, as a decision keeps it; `tempkit.decision.against_pick` finds it."""

from dataclasses import dataclass

__all__ = ["AgainstPick"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstPick:
    """One temperature against the pick, in the measure's unit and turned so that above 0 is better than the pick."""

    temperature: float
    difference: float
    """Of the means over the questions, or answers, that both have."""
    low: float | None
    """At least so far; None where nothing bounds it."""
    high: float | None
    """At most so far; None where nothing bounds it."""
    n: int
    """What was observed of both: questions, or in `these_items` answers."""
