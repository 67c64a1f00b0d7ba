"""One measure in two runs, temperature by temperature: each question with itself, or the reason why there is nothing to compare.

Two means over different questions say little, because questions differ more than runs do. So only questions that both runs
asked and judged in the same way count. No temperature that both runs were asked at is left out: where the answers of one run
fell apart, most of its values are missing, and that is a finding and no gap in it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tempkit.analysis import Curve, Point
from tempkit.decision import amount, span_of
from tempkit.i18n import said
from tempkit.measures import known
from tempkit.report.text.text import count, enumerated
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.statistics import Contrast, Values, contrast
from tempkit.types import Reason

__all__ = ["MeasurePair", "Row", "measure_pair", "missing", "places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measure at one temperature in both runs."""

    temperature: float
    means: tuple[float | None, float | None]
    """Over the questions that both have values of; where there is none, over each one's own."""
    points: tuple[Point, Point]
    found: Contrast
    """How far the second lies above the first."""

    @property
    def apart(self) -> bool:
        """Whether a difference is shown: the interval leaves out zero."""
        interval = self.found.interval
        return interval is not None and (interval.low > 0 or interval.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePair:
    """A measure in two runs at all temperatures that they share, rising."""

    curves: tuple[Curve, Curve]
    rows: tuple[Row, ...]

    @property
    def measure(self) -> str:
        """Its name."""
        return self.curves[0].measure

    @property
    def unit(self) -> str:
        """Of its values."""
        return self.curves[0].scale.unit

    @property
    def known(self) -> list[Row]:
        """The temperatures at which there is an interval."""
        return [row for row in self.rows if row.found.interval is not None]

    @property
    def unknown(self) -> list[Row]:
        """Those at which there is none."""
        return [row for row in self.rows if row.found.interval is None]

    @property
    def apart(self) -> list[Row]:
        """Those at which a difference is shown."""
        return [row for row in self.rows if row.apart]

    def table(self, labels: tuple[str, str]) -> list[dict[str, Any]]:
        """Return the rows as JSON-able data, as they are written."""
        return [
            {
                "temperature": degrees(row.temperature),
                "one": _mean(row.means[0], self.unit),
                "other": _mean(row.means[1], self.unit),
                "difference": "–"
                if row.found.difference is None
                else amount(row.found.difference, self.unit, sign=True),
                "interval": None
                if row.found.interval is None
                else span_of(row.found.interval.low, row.found.interval.high, self.unit),
                "reason": None if row.found.reason is None else _why(self, row, labels),
                "items": count(row.found.n_items),
                "apart": row.apart,
            }
            for row in self.rows
        ]


def measure_pair(
    mine: Curve, theirs: Curve, keys: Collection[str], *, level: float, tests: int | None = None
) -> MeasurePair | None:
    """Return a measure of one run against another's; None where they share no temperature, or no question that was measured.

    Args:
        mine: Of the one.
        theirs: Of the other.
        keys: The questions that can be compared.
        level: Confidence that all intervals hold together.
        tests: How many intervals these are; None: as many as this measure has.
    """
    shared = [key for key in mine.items if key in keys and key in theirs.items]
    a, b = _columns(mine), _columns(theirs)
    temperatures = [t for t in a if t in b]
    if not shared or not temperatures:
        return None
    stacked = [
        np.stack([_values(mine, shared, a[t]), _values(theirs, shared, b[t])], axis=1) for t in temperatures
    ]
    comparable = sum(bool(np.isfinite(values).all(axis=1).any()) for values in stacked)
    each = 1 - (1 - level) / max(comparable if tests is None else tests, 1)
    bounds = (mine.scale.low, mine.scale.high) if mine.scale == theirs.scale else (None, None)
    rows = []
    for t, values in zip(temperatures, stacked, strict=True):
        both = values[np.isfinite(values).all(axis=1)]
        found = _within(
            contrast(Values(both[:, :, np.newaxis], low=bounds[0], high=bounds[1]), 0, 1, level=each), mine
        )
        means = (
            (_over(both[:, 0]), _over(both[:, 1]))
            if len(both)
            else (_over(values[:, 0]), _over(values[:, 1]))
        )
        rows.append(
            Row(temperature=t, means=means, points=(mine.points[a[t]], theirs.points[b[t]]), found=found)
        )
    return MeasurePair(curves=(mine, theirs), rows=tuple(rows))


def places(rows: Sequence[Row]) -> str:
    """Return the temperatures of some rows: `T = 0, 0.7`."""
    return f"T\u00a0=\u00a0{enumerated([degrees(row.temperature) for row in rows])}"


def missing(pair: MeasurePair, rows: Sequence[Row], labels: tuple[str, str]) -> str:
    """Return how many values each run lacks at some temperatures, and why mostly; empty where none is missing.

    As a clause: `44 of 48 answers in neutral could not be scored (truncated)`.
    """
    lost = [(label, *_lost([row.points[side] for row in rows])) for side, label in enumerate(labels)]
    lacking = [(label, n, of, reasons) for label, n, of, reasons in lost if n]
    if not lacking:
        return ""
    about = known(pair.measure)
    of_answers = about is not None and about.scope != "cell"
    if len(lacking) == 1:
        form = (
            _("%(n)s of %(of)s answers in %(run)s could not be scored (%(reason)s)")
            if of_answers
            else _("%(n)s of %(of)s values of %(run)s are missing (%(reason)s)")
        )
    else:
        form = (
            _(
                "%(n)s of %(of)s answers in %(run)s and %(m)s of %(all)s in %(other)s could not be scored (%(reason)s)"
            )
            if of_answers
            else _(
                "%(n)s of %(of)s values of %(run)s and %(m)s of %(all)s of %(other)s are missing (%(reason)s)"
            )
        )
    first, last = lacking[0], lacking[-1]
    reasons = sum((each[3] for each in lacking), Counter[Reason]())
    return form % {
        "n": count(first[1]),
        "of": count(first[2]),
        "run": first[0],
        "m": count(last[1]),
        "all": count(last[2]),
        "other": last[0],
        "reason": said(reasons.most_common(1)[0][0]),
    }


def _lost(points: Sequence[Point]) -> tuple[int, int, "Counter[Reason]"]:
    """Return how many values are missing at some points, of how many, and for which reasons."""
    reasons: Counter[Reason] = Counter()
    for point in points:
        reasons.update(point.missing)
    lost = reasons.total()
    return lost, lost + sum(point.samples for point in points), reasons


def _within(found: Contrast, curve: Curve) -> Contrast:
    """Return a difference whose interval is no wider than two values of the measure can lie apart."""
    span = curve.scale.span
    if found.interval is None or span is None:
        return found
    return replace(found, interval=found.interval.clipped(-span, span))


def _why(pair: MeasurePair, row: Row, labels: tuple[str, str]) -> str:
    """Say why a temperature cannot be compared: for the reason that the statistics give, or where nothing is left for want of values."""
    reason = "" if row.found.reason is None else said(row.found.reason)
    return reason if row.found.n_items else missing(pair, [row], labels) or reason


def _mean(value: float | None, unit: str) -> str:
    return "–" if value is None else amount(value, unit)


def _over(values: NDArray[np.float64]) -> float | None:
    """Return the mean of what is there; None where nothing is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else None


def _columns(curve: Curve) -> dict[float, int]:
    return {point.temperature: column for column, point in enumerate(curve.points)}


def _values(curve: Curve, keys: Sequence[str], column: int) -> NDArray[np.float64]:
    row = {key: index for index, key in enumerate(curve.items)}
    return curve.by_item[[row[key] for key in keys], column]
