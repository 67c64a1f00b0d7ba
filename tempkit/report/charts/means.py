"""A chart of one measure over temperature: its means, their intervals, its title, and what is said of it to whoever asks or listens."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tempkit.analysis import Curve, Point
from tempkit.decision import usable_pick
from tempkit.i18n import said
from tempkit.measures import known, titled
from tempkit.report.charts.against import against, ruled_out
from tempkit.report.charts.findings import finding
from tempkit.report.charts.items import beside
from tempkit.report.charts.lines import Key, Line
from tempkit.report.charts.marks import limits, margins, noise_floors, priors, zones
from tempkit.report.charts.scaling import y_axis
from tempkit.report.charts.titles import chart_title
from tempkit.report.text.characters import plain
from tempkit.report.text.measure_words import better, defined
from tempkit.report.text.sentences import at
from tempkit.report.text.text import figure, ngettext
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import kind_word, unit_word

__all__ = ["COLUMNS", "FAINT", "about", "interval", "mean_chart", "subtitle", "title_of"]

FAINT = 0.35
"""How opaque is what a guard-rail rules out."""

COLUMNS = (
    ("model", "m"),
    ("temperature", "t"),
    ("mean", "v"),
    ("low", "l"),
    ("high", "h"),
    ("items", "j"),
    ("samples", "n"),
)
"""The columns of a chart's own file, each with the field of its rows."""


def title_of(curve: Curve, others: Sequence[Curve]) -> str:
    """Return what the page calls a curve; with its logprob kind or its version where there are several among `others`."""
    same = {(each.kind, each.version) for each in others if each.measure == curve.measure}
    if len(same) < 2:
        return titled(curve.measure)
    kinds = {kind for kind, _version in same}
    apart = kind_word(curve.kind) if curve.kind and len(kinds) == len(same) else curve.version
    return f"{titled(curve.measure)} ({apart})"


def mean_chart(
    key: Key, together: Mapping[Key, Mapping[int, Curve]], lines: Sequence[Line], ident: str, size: str
) -> dict[str, Any]:
    """Return the chart as JSON-able data.

    `title` is what is seen, `name` the measure, `unit` the line below, `about` its definition, `notes` what its marks mean, `label` the whole
    in words. `rows` and `marks` are described in `tempkit.report.charts.vega`.

    Args:
        key: Which measure.
        together: All curves by measure, then by the place of their line.
        lines: The models.
        ident: The chart's id.
        size: `primary`, `guard` or `small`.
    """
    own = together[key]
    curve = next(iter(own.values()))
    name = title_of(curve, [each for same in together.values() for each in same.values()])
    shown = [(lines[place], each) for place, each in own.items()]
    lead = [] if size == "small" else shown
    marks = [*margins(lead), *limits(lead), *noise_floors(shown), *zones(lines)]
    of_priors = priors(lead)
    title = chart_title(curve.measure, name, [(line.label, _finding(line, each)) for line, each in shown])
    rows = [row for place, each in own.items() for row in _mean_rows(each, place, lines)]
    drawn = [*(mark for mark, _note in marks), *of_priors["marks"]]
    return {
        "id": ident,
        "measure": curve.measure,
        "version": curve.version,
        "size": size,
        "title": title,
        "name": name,
        "unit": subtitle(curve.measure, curve.scale.unit, [row["j"] for row in rows]),
        "about": about(curve.measure),
        "notes": list(dict.fromkeys(note for _mark, note in marks if note)),
        "priors": of_priors["list"],
        "label": _label(title, shown),
        "columns": [list(each) for each in COLUMNS],
        "rows": rows,
        "marks": drawn,
        "share": curve.scale.unit == "share",
        **y_axis(list(own.values()), rows, drawn),
    }


def about(measure: str) -> dict[str, str] | None:
    """Return what is to be known of a measure; None of one from elsewhere."""
    found = known(measure)
    return None if found is None else defined(found)


def subtitle(measure: str, unit: str, items: Sequence[int]) -> str:
    """Return the line below a title: unit, on how many questions the means rest, and which way is better."""
    low, high = min(items, default=0), max(items, default=0)
    questions = (
        ngettext("mean over %d question", "mean over %d questions", high) % high
        if low == high
        else _("mean over %(low)d to %(high)d questions") % {"low": low, "high": high}
    )
    return " · ".join(filter(None, [unit_word(unit), questions, better(known(measure))]))


def interval(low: float | None, high: float | None, unit: str) -> str | None:
    """Return an interval in words; None where there is none."""
    if low is None or high is None:
        return None
    return _("%(low)s to %(high)s") % {"low": figure(low, unit), "high": figure(high, unit)}


def _finding(line: Line, curve: Curve) -> Any:
    measure = known(curve.measure)
    unwanted = measure is not None and measure.direction == "lower" and curve.scale.unit == "share"
    return finding(curve, against(line, curve), unwanted=unwanted)


def _label(title: str, shown: Sequence[tuple[Line, Curve]]) -> str:
    """Return a chart in words, for those who do not see it: what is seen, the pick with its interval, then every mean."""
    parts = []
    for line, curve in shown:
        unit = curve.scale.unit
        picked = None if line.found is None else usable_pick(line.found)
        values = [f"{at(point.temperature)}: {_with_interval(point, unit, picked)}" for point in curve.points]
        parts.append(f"{plain(line.label)}: {'; '.join(values)}" if len(shown) > 1 else "; ".join(values))
    return _("%(title)s. Over temperature: %(values)s.") % {"title": title, "values": ". ".join(parts)}


def _with_interval(point: Point, unit: str, picked: float | None) -> str:
    mean, span = figure(point.mean, unit), interval(point.low, point.high, unit)
    if point.temperature != picked:
        return mean
    return _("%(mean)s, our pick") % {"mean": mean if span is None else f"{mean} ({span})"}


def _mean_rows(curve: Curve, place: int, lines: Sequence[Line]) -> list[dict[str, Any]]:
    line, unit = lines[place], curve.scale.unit
    out = ruled_out(line)
    aside = beside(place, len(lines), [point.temperature for point in curve.points])
    rows = [
        {
            "t": point.temperature,
            "x": point.temperature + aside,
            "v": point.mean,
            "d": figure(point.mean, unit),
            "l": point.low,
            "h": point.high,
            "b": interval(point.low, point.high, unit) or _no_interval(point),
            "s": line.series,
            "k": line.shape,
            "c": place,
            "m": plain(line.label),
            "n": point.samples,
            "j": point.items,
            "f": FAINT if point.temperature in out else 1,
            "u": None,
            "w": None,
        }
        for point in curve.points
        if point.mean is not None
    ]
    for row, after in pairwise(rows):
        if FAINT in (row["f"], after["f"]):
            row |= {"u": after["x"], "w": after["v"]}
    return rows


def _no_interval(point: Point) -> str:
    return _("none: %s") % ("" if point.reason is None else said(point.reason))
