"""How far a measure lies, at each temperature, from what it is at the pick: question by question, all temperatures together.

Charts are titled by these differences, and the sentences beside the trade-off are made of them, so that no two places of a page
claim different things. Where the measure decided, the bounds are the decision's own. Any other measure is compared in the same way
with its own values; the interval's two ends hold for all of its temperatures together, with 95 %. Where there is no pick the
lowest temperature stands in its place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tempkit.analysis import MEAN_LEVEL, Curve, Table
from tempkit.decision import Decision, comparable, usable_pick
from tempkit.report.charts.lines import Line
from tempkit.report.charts.marks import decided_by
from tempkit.statistics import Values, between_items

__all__ = ["Against", "Apart", "against", "ruled_out", "table_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A temperature minus the reference, in the measure's unit and own direction."""

    temperature: float
    difference: float
    low: float | None
    """None, like `high`, where nothing bounds it."""
    high: float | None
    n: int
    """Questions, or answers, that both have."""

    @property
    def shown(self) -> int:
        """1: shown to be above the reference, -1: below, 0: neither."""
        if self.low is None or self.high is None:
            return 0
        return (self.low > 0) - (self.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A measure on one line, against what it is at a reference."""

    reference: float
    is_pick: bool
    others: tuple[Apart, ...]
    """Temperatures that can be compared with it, rising."""

    @property
    def known(self) -> bool:
        """Whether anything is bounded, so that a change could have been shown."""
        return any(each.low is not None and each.high is not None for each in self.others)


def ruled_out(line: Line) -> tuple[float, ...]:
    """Return the temperatures that guard-rails rule out on a line."""
    return () if line.found is None else line.found.placed("ruled_out")


def table_of(line: Line, curve: Curve) -> Table:
    """Return the scores that a curve is made of."""
    return next(
        table
        for table in line.scored.tables
        if (table.measure, table.version) == (curve.measure, curve.version)
    )


def against(line: Line, curve: Curve) -> Against | None:
    """Return every temperature of a curve against the reference; None where no temperature has values enough to be compared.

    What a guard-rail rules out takes no part, but for the guard-rails' own measures: there it is what there is to see.
    """
    values = table_of(line, curve).values
    columns = _columns(line, curve, values)
    if not columns:
        return None
    by = decided_by(line.found, curve)
    pick = None if line.found is None else usable_pick(by or line.found)
    grid = [values.temperatures[column] for column in columns]
    is_pick = pick in grid
    reference = pick if pick is not None and is_pick else grid[0]
    if by is not None and by.policy == "single" and by.pick == reference:
        others = tuple(each for each in _decided(by) if each.temperature in grid)
    else:
        others = _compared(values.select(columns), grid.index(reference))
    return Against(reference=reference, is_pick=is_pick, others=others)


def _columns(line: Line, curve: Curve, values: Values) -> list[int]:
    enough = comparable(values)
    guards = [] if line.found is None else [guard.measure for guard in line.found.guardrails]
    out = () if curve.measure in guards else ruled_out(line)
    kept = [column for column in enough if values.temperatures[column] not in out]
    return kept or enough


def _decided(by: Decision) -> tuple[Apart, ...]:
    """Return the decision's own differences, turned back from "better is above 0" to the measure's direction."""
    if by.higher_is_better:
        return tuple(
            Apart(temperature=e.temperature, difference=e.difference, low=e.low, high=e.high, n=e.n)
            for e in by.against_pick
        )
    return tuple(
        Apart(
            temperature=e.temperature,
            difference=-e.difference,
            low=None if e.high is None else -e.high,
            high=None if e.low is None else -e.low,
            n=e.n,
        )
        for e in by.against_pick
    )


def _compared(values: Values, reference: int) -> tuple[Apart, ...]:
    """Return the differences from a column, with intervals that hold together."""
    size = len(values.temperatures)
    if size < 2:
        return ()
    found = between_items(values, higher_is_better=True)
    widths = found.half_widths(reference, size - 1, (1 - MEAN_LEVEL) / 2)
    reach = math.inf if values.span is None else values.span
    return tuple(
        _apart(
            values,
            column,
            float(found.mean[column, reference]),
            float(widths[column]),
            reach,
            int(found.counts[column, reference]),
        )
        for column in _others(size, reference)
        if math.isfinite(found.mean[column, reference])
    )


def _others(size: int, reference: int) -> Sequence[int]:
    return [column for column in range(size) if column != reference]


def _apart(values: Values, column: int, difference: float, width: float, reach: float, n: int) -> Apart:
    bounded = math.isfinite(width)
    return Apart(
        temperature=values.temperatures[column],
        difference=difference,
        low=max(difference - width, -reach) if bounded else None,
        high=min(difference + width, reach) if bounded else None,
        n=n,
    )
