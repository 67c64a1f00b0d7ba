"""What a measure is: a name for a number, with everything a reader needs to judge it.

A number without its unit, its direction and the amount of data behind it invites the wrong conclusion. So each function
in this package has a `Measure` beside it, and the comparison, the tables and the report take their words from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tempkit.measures.block import Cell, View
from tempkit.measures.missing import INCOMPLETE_ENDS, TRUNCATED_ENDS, Found, Missing
from tempkit.types import Completion

__all__ = [
    "INCOMPLETE_ENDS",
    "TRUNCATED_ENDS",
    "Direction",
    "Found",
    "Measure",
    "Missing",
    "Need",
    "OfCell",
    "OfCompletions",
    "Scope",
    "Unit",
]

Unit = Literal["share", "nats", "count", "similarity", "distance", "ratio", "temperature", "words", "ideas"]
"""`share`: between 0 and 1, shown as a percentage. `nats`: natural-logarithm units of information. `count`: of what the
title says. `similarity`: a cosine. `distance`: 0 for the same. `ratio`: one amount divided by another. `words` and
`ideas`: how many."""

Direction = Literal["higher", "lower", "neither"]
"""Which way is better. `neither`: it depends on the use case, so no table may colour it as good or bad."""

Scope = Literal["completion", "cell"]
"""What one value describes: one completion, or all completions of one item x model x temperature."""

Need = Literal[
    "text",
    "words",
    "list",
    "facts",
    "checks",
    "logprobs",
    "raw",
    "alternatives",
    "bounds",
    "embedder",
    "exemplar",
    "others",
    "reference",
    "judge",
    "people",
]
"""What a value cannot be had without. `text`: one that is not blank; `words`: one with a word in it; `list`: an item whose answers are lists; `facts` and
`checks`: of the item; `logprobs`: of any kind; `raw`: logprobs from before temperature; `alternatives`: the most probable
tokens beside each drawn one; `bounds`: an item of which something is known within bounds only; `embedder`: sentence embeddings; `exemplar`: a completion at the lowest temperature to
compare with; `others`: completions at other temperatures to compare with; `reference`: a model that scores given texts; `judge`: a model that was asked about the completion; `people`: somebody who was."""

OfCompletions = Callable[[View, Sequence[Completion]], list[Found]]
"""Given the completions of one cell that can have a value; returns one value or reason for each."""

OfCell = Callable[[View, Cell, Sequence[Completion]], Found]
"""Given a cell and those of its completions that count, enough of them; returns a value or a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A named number on a completion or a cell."""

    name: str
    """Stable, for tables, exports and code."""
    title: str
    """For a person, as the heading of a chart or a column."""
    family: str
    """The heading that a report shows it under: one of `tempkit.report.charts.families`, or any other in words."""
    version: int
    """Raised whenever the same data would give another number; scores of different versions are never compared."""
    unit: Unit | str
    """One of `Unit`, or any other in words."""
    low: float | None
    """The least possible value; None: there is none."""
    high: float | None
    """The greatest possible value; None: there is none."""
    direction: Direction
    min_n: int
    """The fewest observations that give a value: tokens for a logprob measure, completions for a cell measure."""
    needs: frozenset[Need]
    definition: str
    """How it is computed, in a sentence or two that a report can print."""
    of_completions: OfCompletions | None = None
    """What takes it, where a value describes one completion."""
    of_cell: OfCell | None = None
    """What takes it, where a value describes a cell. Neither: it is not computed, but asked of a judge, or of people."""
    source: str = ""
    """Where the formula comes from; empty for what needs no source."""
    needs_complete: bool = False
    """Whether a truncated completion must be left out of it, because its missing end would change the value."""
    auxiliary: bool = False
    """Whether it only serves another result: it has no chart and no trend of its own."""
    equal_n: bool = False
    """Whether its value depends on how many completions a cell has. Then the cells of one item and model are reduced to
    equally many, and a cell with less than half as many as the fullest has no value."""
    exemplar_too: bool = False
    """Of one that needs an exemplar, whether the exemplar has a value itself."""
    also: Callable[[View], str] | None = None
    """What decides its value beside its version and what it needs, as a word; None: nothing does."""
    counted: str = ""
    """How an amount of it is said, with `%(share)s` for the amount: `%(share)s of the facts`; empty: its title and the amount."""
    breach: str = ""
    """The same as a clause on answers that must not be so: `%(share)s of the answers are empty`."""

    def __post_init__(self) -> None:
        if self.of_completions is not None and self.of_cell is not None:
            raise ValueError(f"{self.name} is taken of completions or of cells, not of both")

    @property
    def scope(self) -> Scope:
        return "completion" if self.of_cell is None else "cell"
