"""The numbers of a section as data for its charts and its table.

Both are made from the same curves, in one place, so that a point in a chart and a cell in the table below it cannot
differ by more than rounding.
"""

import math
from collections.abc import Sequence
from typing import Any

from tempkit.compare import Curve, Level, Point, Section
from tempkit.measures import MEASURES, titled
from tempkit.measures.base import Measure
from tempkit.report.characters import plain
from tempkit.report.sentences import at
from tempkit.report.text import count, figure, ngettext, temperature
from tempkit.report.text import gettext as _
from tempkit.report.vocabulary import kind_word, unit_word

__all__ = ["axes", "charts", "measures_shown", "table"]


def measures_shown(curves: Sequence[Curve]) -> list[Measure]:
    """Return the known measures that have a curve, in reading order."""
    names = {curve.measure for curve in curves}
    return [measure for name, measure in MEASURES.items() if name in names]


def axes(curves: Sequence[Curve]) -> dict[str, dict[str, Any]]:
    """Return for each measure its title, its unit, and as `domain` the span of zero and every value on the page; a share's is always 0 to 1.

    One span for the whole page, so that every chart of a measure can be compared with every other.
    """
    spans: dict[str, tuple[float, float]] = {}
    for curve in curves:
        ends = [end for point in curve.points for end in (point.low, point.high) if end is not None]
        known = [*ends, *(float(value) for value in curve.by_item.flat if math.isfinite(value))]
        low, high = spans.get(curve.measure, (0.0, 0.0))
        low, high = min([low, *known]), max([high, *known])
        spans[curve.measure] = (0.0, 1.0) if curve.scale.unit == "share" else (low, high)
    return {
        curve.measure: {
            "title": titled(curve.measure),
            "unit": curve.scale.unit,
            "domain": (low, high) if low < high else (low - 1.0, high),  # an axis needs some length
        }
        for curve in curves
        for low, high in (spans[curve.measure],)
    }


def charts(curves: Sequence[Curve], ident: str) -> list[dict[str, Any]]:
    """Return a section's charts: which specification, its heading in words, and its rows (see `charts.ROWS`)."""
    return [
        {
            "id": f"{ident}-curve-{i}",
            "spec": curve.measure,
            "title": _title(curve, curves),
            "unit": _("%s, mean over items") % unit_name(curve.scale.unit),
            "note": None,
            "label": _label(curve, curves),
            "rows": [*_mean_rows(curve), *_item_rows(curve)],
        }
        for i, curve in enumerate(curves, 1)
    ]


def table(section: Section, curves: Sequence[Curve]) -> dict[str, Any]:
    """Return the numbers per temperature. A cell says what it rests on where that is not the whole row."""
    columns: list[tuple[str, list[int | None]]] = [
        (_("Cut off"), [level.truncated for level in section.levels]),
        (_("Filtered"), [level.filtered for level in section.levels]),
        (_("Failed"), [level.failed for level in section.levels]),
        (_("Not run"), [level.pending for level in section.levels]),
        (_("Output tokens"), [level.output_tokens for level in section.levels]),
    ]
    rare = (_("Filtered"), _("Not run"))
    columns = [(name, numbers) for name, numbers in columns if name not in rare or any(numbers)]
    return {
        "measures": [_title(curve, curves) for curve in curves],
        "counts": [name for name, _numbers in columns],
        "rows": [
            {
                "temperature": temperature(level.temperature),
                "answers": count(level.completions),
                "figures": [_entry(curve.points[i], curve, section, level) for curve in curves],
                "counts": [count(numbers[i]) for _name, numbers in columns],
            }
            for i, level in enumerate(section.levels)
        ],
    }


def unit_name(unit: str) -> str:
    """Return a unit in words; a measure from elsewhere has a value and no unit."""
    return unit_word(unit)


def _title(curve: Curve, curves: Sequence[Curve]) -> str:
    """Return a curve's heading; with its logprob kind where there are several."""
    kinds = {each.kind for each in curves if each.measure == curve.measure}
    title = titled(curve.measure)
    return f"{title} ({kind_word(curve.kind)})" if curve.kind and len(kinds) > 1 else title


def _label(curve: Curve, curves: Sequence[Curve]) -> str:
    unit = curve.scale.unit
    values = "; ".join(f"{at(point.temperature)}: {figure(point.mean, unit)}" for point in curve.points)
    return _("%(title)s over temperature, mean over items. %(values)s.") % {
        "title": _title(curve, curves),
        "values": values,
    }


def _mean_rows(curve: Curve) -> list[dict[str, Any]]:
    return [
        {
            "t": point.temperature,
            "v": point.mean,
            "d": figure(point.mean, curve.scale.unit),
            "l": point.low,
            "h": point.high,
            "i": None,
            "n": point.samples,
            "m": point.items,
        }
        for point in curve.points
        if point.mean is not None
    ]


def _item_rows(curve: Curve) -> list[dict[str, Any]]:
    return [
        {
            "t": point.temperature,
            "v": float(value),
            "d": figure(float(value), curve.scale.unit),
            "l": None,
            "h": None,
            "i": plain(item),
            "n": None,
            "m": None,
        }
        for column, point in enumerate(curve.points)
        for item, value in zip(curve.items, curve.by_item[:, column], strict=True)
        if math.isfinite(value)
    ]


def _entry(point: Point, curve: Curve, section: Section, level: Level) -> dict[str, Any]:
    """Return one number of the table, with what it rests on where that is not everything."""
    about = MEASURES.get(curve.measure)
    basis = []
    if about is not None and about.scope == "completion" and point.samples != level.completions:
        basis.append(f"n\u00a0=\u00a0{count(point.samples)}")
    if 0 < point.items < len(section.rows):
        basis.append(ngettext("%d item", "%d items", point.items) % point.items)
    return {"value": point.mean, "text": figure(point.mean, curve.scale.unit), "basis": ", ".join(basis)}
