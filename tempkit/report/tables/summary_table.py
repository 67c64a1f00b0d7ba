"""The numbers of a section as a table: measures as rows and temperatures as columns, so that thirty measures fit on a page.

It is made from the same curves as the charts, for those who read numbers, or hear them, and for a page without scripts. A cell
says what it rests on where that is not the whole column.
"""

from collections.abc import Collection, Sequence
from typing import Any

from tempkit.analysis import Curve, Level, Point, Section
from tempkit.measures import MEASURES
from tempkit.report.charts.families import grouped
from tempkit.report.charts.figures import title_of
from tempkit.report.text.text import count, figure, ngettext, temperature
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import unit_word

__all__ = ["table"]


def table(
    section: Section, curves: Sequence[Curve], first: Collection[str], *, scores_only: bool = False
) -> dict[str, Any]:
    """Return the table as JSON-able data; `lead` are the measures named in `first`, `groups` all others by family.

    Where there are scores and no answers there is nothing to count but what stands in each cell.
    """
    rows = [(curve.measure, _row(curve, curves, section)) for curve in curves]
    return {
        "temperatures": [temperature(level.temperature) for level in section.levels],
        "counts": [] if scores_only else _counts(section),
        "lead": [row for measure, row in rows if measure in first],
        "groups": [
            {"title": title, "rows": some}
            for title, some in grouped([(measure, row) for measure, row in rows if measure not in first])
        ],
    }


def _counts(section: Section) -> list[dict[str, Any]]:
    rows: list[tuple[str, list[int | None]]] = [
        (_("Answers"), [level.completions for level in section.levels]),
        (_("Truncated"), [level.truncated for level in section.levels]),
        (_("Filtered"), [level.filtered for level in section.levels]),
        (_("Possibly incomplete"), [level.unclear for level in section.levels]),
        (_("Failed"), [level.failed for level in section.levels]),
        (_("Not run"), [level.pending for level in section.levels]),
        (_("Output tokens"), [level.output_tokens for level in section.levels]),
    ]
    rare = (_("Filtered"), _("Possibly incomplete"), _("Not run"))
    return [
        {"title": title, "cells": list(map(count, numbers))}
        for title, numbers in rows
        if title not in rare or any(numbers)
    ]


def _row(curve: Curve, curves: Sequence[Curve], section: Section) -> dict[str, Any]:
    return {
        "title": title_of(curve, curves),
        "unit": "" if curve.scale.unit in ("share", "") else unit_word(curve.scale.unit),
        "cells": [
            _cell(point, curve, section, level)
            for point, level in zip(curve.points, section.levels, strict=True)
        ],
    }


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
