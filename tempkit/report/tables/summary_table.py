"""The numbers of a use case as one table: measures as rows, with a row for each model, and temperatures as columns.

It is made from the same curves as the charts, for those who read numbers, or hear them, and for a page without scripts. A cell
says what it rests on where that is not the whole column.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tempkit.analysis import Curve, Level, Point, Section
from tempkit.measures import MEASURES
from tempkit.report.charts.families import grouped
from tempkit.report.charts.lines import Key
from tempkit.report.charts.means import title_of
from tempkit.report.text.text import count, figure, ngettext, temperature
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import unit_word

__all__ = ["Tabled", "table"]

_NOTHING: dict[str, Any] = {"value": None, "text": "–", "basis": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """A model of a run within a use case, as the table shows it."""

    label: str
    series: int
    section: Section
    curves: Sequence[Curve]


def table(
    parts: Sequence[Tabled], first: Collection[str], charts: Mapping[Key, str], *, scores_only: bool = False
) -> dict[str, Any]:
    """Return the table as JSON-able data; `lead` are the measures named in `first`, `groups` all others by family.

    Each measure has `title`, `unit`, the id of its `chart`, and `rows`: of each model its name (null where there is only one), its colour
    and its cells. `counts` are of answers; where there are scores and no answers there is nothing to count but what stands in each cell.

    Args:
        parts: The models.
        first: Measures that the use case is judged by.
        charts: The id of each measure's chart.
        scores_only: Whether there are no answers.
    """
    grid = sorted({level.temperature for part in parts for level in part.section.levels})
    every = [curve for part in parts for curve in part.curves]
    keys = dict.fromkeys(key for key in charts if any(_key(curve) == key for curve in every))
    rows = [(key[0], _measure(key, parts, every, grid, charts[key])) for key in keys]
    return {
        "temperatures": [temperature(t) for t in grid],
        "models": [part.label for part in parts] if len(parts) > 1 else [],
        "counts": [] if scores_only else _counts(parts, grid),
        "lead": [row for measure, row in rows if measure in first],
        "groups": [
            {"title": title, "rows": some}
            for title, some in grouped([(measure, row) for measure, row in rows if measure not in first])
        ],
    }


def _key(curve: Curve) -> Key:
    return curve.measure, curve.version


def _measure(
    key: Key, parts: Sequence[Tabled], every: Sequence[Curve], grid: Sequence[float], chart: str
) -> dict[str, Any]:
    curve = next(each for each in every if _key(each) == key)
    return {
        "title": title_of(curve, every),
        "unit": "" if curve.scale.unit in ("share", "") else unit_word(curve.scale.unit),
        "chart": chart,
        "rows": [
            {**_named(part, parts), "cells": _cells(own, part.section, grid)}
            for part in parts
            for own in part.curves
            if _key(own) == key
        ],
    }


def _named(part: Tabled, parts: Sequence[Tabled]) -> dict[str, Any]:
    return {"model": part.label if len(parts) > 1 else None, "series": part.series}


def _cells(curve: Curve, section: Section, grid: Sequence[float]) -> list[dict[str, Any]]:
    levels = {level.temperature: level for level in section.levels}
    made = {
        point.temperature: _cell(point, curve, section, levels[point.temperature])
        for point in curve.points
        if point.temperature in levels
    }
    return [made.get(t, _NOTHING) for t in grid]


def _counts(parts: Sequence[Tabled], grid: Sequence[float]) -> list[dict[str, Any]]:
    """Return what is counted of answers; what is rare has a row only where there is any."""
    kinds: list[tuple[str, Callable[[Level], int | None], bool]] = [
        (_("Answers"), lambda level: level.completions, False),
        (_("Truncated"), lambda level: level.truncated, False),
        (_("Filtered"), lambda level: level.filtered, True),
        (_("Possibly incomplete"), lambda level: level.unclear, True),
        (_("Failed"), lambda level: level.failed, False),
        (_("Not run"), lambda level: level.pending, True),
        (_("Output tokens"), lambda level: level.output_tokens, False),
    ]
    made = []
    for title, of, rare in kinds:
        numbers = [{level.temperature: of(level) for level in part.section.levels} for part in parts]
        if rare and not any(any(each.values()) for each in numbers):
            continue
        rows = [
            {**_named(part, parts), "cells": [count(each.get(t)) for t in grid]}
            for part, each in zip(parts, numbers, strict=True)
        ]
        made.append({"title": title, "rows": rows})
    return made


def _cell(point: Point, curve: Curve, section: Section, level: Level) -> dict[str, Any]:
    about = MEASURES.get(curve.measure)
    unit = curve.scale.unit
    basis = []
    if point.low is not None and point.high is not None:
        basis.append(
            _("%(low)s to %(high)s") % {"low": figure(point.low, unit), "high": figure(point.high, unit)}
        )
    if about is not None and about.scope == "completion" and point.samples != level.completions:
        basis.append(f"n\u00a0=\u00a0{count(point.samples)}")
    if 0 < point.items < len(section.rows):
        basis.append(ngettext("%d question", "%d questions", point.items) % point.items)
    return {"value": point.mean, "text": figure(point.mean, unit), "basis": basis}
