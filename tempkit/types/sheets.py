"""What people are shown to rate: a sheet of pairs, and which answers these are, which nobody who rates may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempkit.types.outcomes import SampleKey

__all__ = ["Sheet", "SheetPair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPair:
    """Two answers to one question by one model, at two temperatures."""

    code: str
    """Random; all that the page knows of the pair besides its texts."""
    left: SampleKey
    """The answer shown first."""
    right: SampleKey
    alike: float = 0.0
    """Of the pairs of answers that the question has at these two temperatures, the share whose texts are equal, from 0 to 1."""
    shown: bool = True
    """False where all of them are equal: a tie that nobody is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All pairs of one page, with what they were chosen by."""

    id: str
    """16 random hexadecimal digits."""
    digest: str
    """Of what the page shows, as its script computes it too: a page that was changed has another."""
    pairs: tuple[SheetPair, ...]
    """In the order in which the page shows them; those that are not shown come last."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for, as JSON has it: how many pairs, of which use case, at which temperatures, by which seed."""
