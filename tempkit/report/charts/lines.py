"""What charts draw: a line for each model of a run, within a use case."""

from dataclasses import dataclass

from tempkit.analysis import ScoredSection
from tempkit.decision import Decision
from tempkit.exact import MeanBounds

__all__ = ["Key", "Line"]

Key = tuple[str, str]
"""A measure and its version: what may share a chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A model of a run within a use case, as charts show it."""

    label: str
    series: int
    """Its colour on the page."""
    shape: int
    """Of its points and its dashes, so that it can be told without colour."""
    scored: ScoredSection
    found: Decision | None
    """What was decided for it; None where nothing was."""
    exact: MeanBounds | None = None
    """What was computed of its accepted answers; None where nothing was."""
    noise_floor: float | None = None
    """Share of the answers of a probe at temperature 0 that were their prompt's most frequent one; None: that is not known."""
