"""What a measure is: a name for a number, with everything a reader needs to judge it.

A number without its unit, its direction and the amount of data behind it invites the wrong conclusion. So each function
in this package has a `Measure` beside it, and the comparison, the tables and the report take their words from there.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Direction", "Measure", "Scope", "Unit"]

Unit = Literal["share", "nats"]
"""`share`: between 0 and 1, shown as a percentage. `nats`: natural-logarithm units of information."""

Direction = Literal["higher", "lower", "neither"]
"""Which way is better. `neither`: it depends on the use case, so no table may colour it as good or bad."""

Scope = Literal["completion", "cell"]
"""What one value describes: one completion, or all completions of one item x model x temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A named number on a completion or a cell."""

    name: str
    """Stable, for tables, exports and code."""
    title: str
    """For a person, as the heading of a chart or a column."""
    unit: Unit
    direction: Direction
    scope: Scope
    min_n: int
    """The fewest observations that give a value: tokens for a logprob measure, completions for a cell measure."""
    definition: str
    """How it is computed, in a sentence or two that a report can print."""
    needs_whole: bool = False
    """Whether a completion that was cut off must be left out of it, because its missing end would change the value."""
