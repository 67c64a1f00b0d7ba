"""What is known of a measure by its name: from the registry, or for imported scores only what the user says."""

from dataclasses import dataclass, replace

from tempkit.analysis import Table
from tempkit.errors import UsageError
from tempkit.measures import known as known_measure
from tempkit.measures import titled

__all__ = ["Metric", "metric", "seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A measure as a recommendation needs it."""

    name: str
    title: str
    """In the current language, for a measure that is known."""
    unit: str
    """Empty where it is not known."""
    low: float | None
    high: float | None
    higher_is_better: bool
    per_cell: bool
    """Whether it has one value per cell."""

    @property
    def span(self) -> float | None:
        """The width of its range, where it has both ends."""
        return None if self.low is None or self.high is None else self.high - self.low


def metric(name: str, direction: str | None) -> Metric:
    """Return what is known of a measure.

    Args:
        name: Of the measure; any, since scores can be imported under any name.
        direction: `higher` or `lower` where somebody said which is better; None: the measure's own, and higher for one
            that is not known.

    Raises:
        UsageError: Neither is better by itself, and nobody said which.
    """
    known = known_measure(name)
    own = known.direction if known else "higher"
    if direction is None and own == "neither":
        raise UsageError(
            f"{name} is neither better high nor better low by itself: say which you want, higher or lower "
            "(--direction, or direction in a use case's file)"
        )
    return Metric(
        name=name,
        title=titled(name),
        unit=known.unit if known else "",
        low=known.low if known else None,
        high=known.high if known else None,
        higher_is_better=(direction or own) != "lower",
        per_cell=known is not None and known.scope == "cell",
    )


def seen(about: Metric, table: Table) -> Metric:
    """Return what is known of a measure with the unit and the range that its values have."""
    return replace(about, unit=table.unit, low=table.values.low, high=table.values.high)
