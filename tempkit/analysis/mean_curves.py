"""A measure over temperature, with an interval where the items support one: what charts, tables and downloads draw from.

Made from the same arrays and by the same function as the means in a recommendation, so that a number is the same wherever
it is met. The *item* is the unit: a mean is over items of each item's own mean over its samples, so that an item with more
samples weighs no more than another, and the interval is for other items of the same kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tempkit.analysis.tables import Scale, ScoredSection, Table
from tempkit.measures import MEASURES, known
from tempkit.statistics import MeanEstimate, mean_interval
from tempkit.types import LogprobKind, Reason

__all__ = ["MEAN_LEVEL", "Curve", "Point", "Scale", "curves", "mean_at", "scale_of"]

MEAN_LEVEL = 0.95
"""Confidence of the interval that is shown with a temperature's mean; standings have their own, for all pairs together."""

_KINDS: tuple[LogprobKind, ...] = ("raw", "tempered", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A measure at one temperature."""

    temperature: float
    mean: float | None
    """Over the items that have a value; None where none has."""
    low: float | None
    """Of the 95 % interval of the mean; None, like `high`, where there is none."""
    high: float | None
    items: int
    samples: int
    """Values that the mean rests on: completions, or cells for a measure of whole cells."""
    missing: Mapping[Reason, int]
    """How many values could not be taken, by reason."""
    reason: Reason | None
    """Why there is no interval; None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """One measure, of one version, over the temperatures of a section."""

    measure: str
    title: str
    version: str
    kind: LogprobKind | None
    """For a logprob measure, the kind of every completion in it: kinds are never averaged together."""
    scale: Scale
    points: tuple[Point, ...]
    items: tuple[str, ...]
    """Keys of the items that were measured."""
    by_item: NDArray[np.float64]
    """Each item's own mean, (items, temperatures); NaN where it has none."""


def curves(section: ScoredSection) -> list[Curve]:
    """Return the curves of a section, in the registry's order: of measures that stand for themselves and have a value somewhere."""
    order = {name: place for place, name in enumerate(MEASURES)}
    counted = [table for table in section.tables if table.count and not table.auxiliary]
    return [_curve(table) for table in sorted(counted, key=lambda each: order.get(each.measure, len(order)))]


def scale_of(table: Table) -> Scale:
    """Return what is known of a table's values."""
    return Scale(table.unit, table.values.low, table.values.high)


def mean_at(means: NDArray[np.float64], scale: Scale) -> MeanEstimate:
    """Return the mean over items at one temperature, (items,), its interval cut to the measure's range."""
    found = mean_interval(means, level=MEAN_LEVEL, span=scale.span)
    if found.interval is None or scale.low is None or scale.high is None:
        return found
    return MeanEstimate(
        mean=found.mean,
        n_items=found.n_items,
        interval=found.interval.clipped(scale.low, scale.high),
        reason=found.reason,
    )


def _curve(table: Table) -> Curve:
    about, scale, means = known(table.measure), scale_of(table), table.values.means
    kinds = [kind for kind in _KINDS if kind in table.version.split()]
    return Curve(
        measure=table.measure,
        title=about.title if about else table.measure,
        version=table.version,
        kind=kinds[0] if kinds and about is not None and "logprobs" in about.needs else None,
        scale=scale,
        points=tuple(_points(table, means, scale)),
        items=table.items,
        by_item=means,
    )


def _points(table: Table, means: NDArray[np.float64], scale: Scale) -> Iterator[Point]:
    for column, temperature in enumerate(table.temperatures):
        found = mean_at(means[:, column], scale)
        yield Point(
            temperature=temperature,
            mean=found.mean,
            low=None if found.interval is None else found.interval.low,
            high=None if found.interval is None else found.interval.high,
            items=found.n_items,
            samples=int(table.values.counts[:, column].sum()),
            missing=table.values.missing[column],
            reason=found.reason,
        )
