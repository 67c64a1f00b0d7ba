"""The numbers of a section as data for its charts and its table.

Both are made from the same curves, in one place, so that a point in a chart and a cell in the table below it cannot
differ by more than rounding.
"""

from collections.abc import Iterator
from typing import Any

from tempkit.compare import Comparison, Curve, Level, Point, Section
from tempkit.measures import MEASURES
from tempkit.measures.base import Measure
from tempkit.measures.checks import FACT_RECALL, FACTS_RETURNED
from tempkit.measures.logprobs import MEAN_LOGPROB
from tempkit.report.characters import plain
from tempkit.report.sentences import at
from tempkit.report.text import count, figure, ngettext, temperature
from tempkit.report.text import gettext as _

__all__ = ["charts", "domains", "measures_shown", "table"]


def measures_shown(comparison: Comparison) -> list[Measure]:
    """Return the measures that have a value anywhere in the run, in reading order."""
    names = {curve.measure.name for section in comparison.sections for curve in _shown(section)}
    return [measure for name, measure in MEASURES.items() if name in names]


def domains(comparison: Comparison) -> dict[str, tuple[float, float]]:
    """Return for each measure the span of zero and every value on the page; a share's is always 0 to 1.

    One span for the whole page, so that every chart of a measure can be compared with every other.
    """
    spans: dict[str, tuple[float, float]] = {}
    for curve in (curve for section in comparison.sections for curve in _shown(section)):
        known = [
            item.value for point in curve.points for item in point.by_item.values() if item.value is not None
        ]
        low, high = spans.get(curve.measure.name, (0.0, 0.0))
        spans[curve.measure.name] = min([low, *known]), max([high, *known])
    for name, (low, high) in spans.items():
        if MEASURES[name].unit == "share":
            spans[name] = (0.0, 1.0)
        elif low == high:  # all of it zero: an axis needs some length
            spans[name] = (-1.0, 0.0) if name == MEAN_LOGPROB.name else (0.0, 1.0)
    return spans


def charts(section: Section, ident: str) -> list[dict[str, Any]]:
    """Return a section's charts: which specification, its heading in words, and its rows (see `charts.ROWS`)."""
    curves = list(_shown(section))
    scored = any(curve.measure is FACT_RECALL for curve in curves)
    bound = next((curve for curve in curves if curve.measure is FACTS_RETURNED), None)
    drawn = []
    for curve in curves:
        if curve is bound and scored:
            continue  # it is in the chart of the scored answers, as a dashed line
        rows, note = [*_mean_rows(curve, "main"), *_item_rows(curve)], None
        if curve.measure is FACT_RECALL and bound:
            rows += _mean_rows(bound, "bound")
            note = _("Dashed: with cut-off answers, a lower bound.")
        title, unit = _title(curve, section), curve.measure.unit
        values = "; ".join(f"{at(point.temperature)}: {figure(point.mean, unit)}" for point in curve.points)
        label = _("%(title)s over temperature, mean over items. %(values)s.") % {
            "title": title,
            "values": values,
        }
        drawn.append(
            {
                "id": f"{ident}-{curve.measure.name}" + (f"-{curve.kind}" if curve.kind else ""),
                "spec": curve.measure.name,
                "title": title,
                "unit": _("nats per token, mean over items")
                if unit == "nats"
                else _("share, mean over items"),
                "note": note,
                "label": label,
                "rows": rows,
            }
        )
    return drawn


def table(section: Section) -> dict[str, Any]:
    """Return the numbers per temperature. A cell says what it rests on where that is not the whole row."""
    curves = list(_shown(section))
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
        "measures": [
            _title(curve, section)
            if curve.measure.unit == "share"
            else _("%s, nats per token") % _title(curve, section)
            for curve in curves
        ],
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


def _shown(section: Section) -> Iterator[Curve]:
    """Yield the curves worth showing: facts in cut-off answers only where some answer was cut off."""
    cut = any(level.truncated or level.filtered for level in section.levels)
    yield from (curve for curve in section.curves if cut or curve.measure is not FACTS_RETURNED)


def _title(curve: Curve, section: Section) -> str:
    """Return a curve's heading; with its logprob kind where the section has several."""
    several = len([kind for kind in section.kinds if kind != "none"]) > 1
    return f"{_(curve.measure.title)} ({curve.kind})" if curve.kind and several else _(curve.measure.title)


def _mean_rows(curve: Curve, series: str) -> list[dict[str, Any]]:
    return [
        {
            "t": point.temperature,
            "v": point.mean,
            "d": figure(point.mean, curve.measure.unit),
            "i": None,
            "n": point.samples,
            "m": point.items,
            "s": series,
        }
        for point in curve.points
        if point.mean is not None
    ]


def _item_rows(curve: Curve) -> list[dict[str, Any]]:
    return [
        {
            "t": point.temperature,
            "v": value.value,
            "d": figure(value.value, curve.measure.unit),
            "i": plain(item),
            "n": value.n,
            "m": None,
            "s": "main",
        }
        for point in curve.points
        for item, value in point.by_item.items()
        if value.value is not None
    ]


def _entry(point: Point, curve: Curve, section: Section, level: Level) -> dict[str, Any]:
    """Return one number of the table, with what it rests on where that is not everything."""
    basis = []
    if point.samples != level.completions:
        basis.append(f"n\u00a0=\u00a0{count(point.samples)}")
    if 0 < point.items < len(section.rows):
        basis.append(ngettext("%d item", "%d items", point.items) % point.items)
    return {"value": point.mean, "text": figure(point.mean, curve.measure.unit), "basis": ", ".join(basis)}
