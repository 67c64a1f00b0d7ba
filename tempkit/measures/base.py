"""What a measure is: a name for a number, with everything a reader needs to judge it.

A number without its unit, its direction and the amount of data behind it invites the wrong conclusion. So each function
in this package has a `Measure` beside it, and the comparison, the tables and the report take their words from there.
"""

from dataclasses import dataclass
from typing import Literal

from tempkit.types import FinishReason

__all__ = ["CUT_OFF", "NOT_WHOLE", "Direction", "Measure", "Missing", "Need", "Scope", "Unit"]

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
]
"""What a value cannot be had without. `text`: one that is not blank; `words`: one with a word in it; `list`: an item whose answers are lists; `facts` and
`checks`: of the item; `logprobs`: of any kind; `raw`: logprobs from before temperature; `alternatives`: the most probable
tokens beside each drawn one; `bounds`: an item of which something is known within bounds only; `embedder`: sentence embeddings; `exemplar`: a completion at the lowest temperature to
compare with; `others`: completions at other temperatures to compare with; `reference`: a model that scores given texts; `judge`: a model that was asked about the completion."""

CUT_OFF: tuple[FinishReason, ...] = ("length", "content_filter")
"""Finish reasons of a text that would have gone on."""

NOT_WHOLE: tuple[FinishReason, ...] = (*CUT_OFF, "unknown")
"""Those of a text that is not known to be whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A named number on a completion or a cell."""

    name: str
    """Stable, for tables, exports and code."""
    title: str
    """For a person, as the heading of a chart or a column."""
    version: int
    """Raised whenever the same data would give another number; scores of different versions are never compared."""
    unit: Unit
    low: float | None
    """The least possible value; None: there is none."""
    high: float | None
    """The greatest possible value; None: there is none."""
    direction: Direction
    scope: Scope
    min_n: int
    """The fewest observations that give a value: tokens for a logprob measure, completions for a cell measure."""
    needs: frozenset[Need]
    definition: str
    """How it is computed, in a sentence or two that a report can print."""
    source: str = ""
    """Where the formula comes from; empty for what needs no source."""
    needs_whole: bool = False
    """Whether a completion that was cut off must be left out of it, because its missing end would change the value."""
    auxiliary: bool = False
    """Whether it only serves another result: it has no chart and no trend of its own."""
    equal_n: bool = False
    """Whether its value depends on how many completions a cell has. Then the cells of one item and model are reduced to
    equally many, and a cell with less than half as many as the fullest has no value."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a measure could not be taken: in place of a number, never in place of a bad one."""

    reason: str
    """A sentence without a full stop that a person understands."""
