"""One of the two sides of a comparison: a section of a run, how it was judged, and its measures over temperature."""

from dataclasses import dataclass

from tempkit.analysis import Curve, ScoredSection, Section, curves
from tempkit.decision import Decision
from tempkit.report.tables.run_differences import same_question

__all__ = ["Side", "shared_questions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A section of one of the two runs."""

    label: str
    """What the page calls it here: the run's name, or the model's where models are compared."""
    section: Section
    scored: ScoredSection
    found: Decision | None
    """How it was judged; None where no profile is known for it."""

    @property
    def measure(self) -> str | None:
        """The primary measure that it was judged by."""
        return None if self.found is None else self.found.measure

    @property
    def ruled_out(self) -> tuple[float, ...]:
        """The temperatures that a guard-rail rules out, rising."""
        return () if self.found is None else self.found.placed("ruled_out")

    @property
    def guards(self) -> dict[str, str]:
        """The measures of its guard-rails, each with the side of its limit that is the worse one."""
        return {} if self.found is None else {guard.measure: guard.worse for guard in self.found.guardrails}

    def curve(self, measure: str, version: str | None = None) -> Curve | None:
        """Return a measure over temperature, of several versions the one with the most values; None where it has no value."""
        found = [
            curve
            for curve in curves(self.scored)
            if curve.measure == measure and version in (None, curve.version)
        ]
        return max(found, key=lambda curve: sum(point.samples for point in curve.points), default=None)

    def primary(self) -> Curve | None:
        """Return the curve of the primary measure."""
        if self.found is None or self.found.measure is None:
            return None
        return self.curve(self.found.measure, self.found.version)


def shared_questions(one: Side, other: Side) -> set[str]:
    """Return the keys of the questions that both were asked, in the same words, and that were judged by the same facts and checks."""
    here = {row.item.key: row.item for row in one.section.rows}
    there = {row.item.key: row.item for row in other.section.rows}
    return {key for key in here if key in there and same_question(here[key], there[key])}
