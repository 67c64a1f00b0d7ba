"""The curves of a use case as data for its charts: every measure over temperature, all models in one frame.

Models are compared by looking at one chart, so a measure has one chart per use case and each model of each run a line in it.
Only what may be compared shares a frame: a measure of another version, or from logprobs of another kind, has a chart of its
own. What the use case is judged by comes first. The items behind the means are many times as much data, so they are kept
apart and unpacked when a reader asks for them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tempkit.analysis import Curve, Point, curves
from tempkit.i18n import said
from tempkit.measures import MEASURES, Measure, titled
from tempkit.report.charts.exact import exact_chart
from tempkit.report.charts.families import grouped
from tempkit.report.charts.items import beside, items
from tempkit.report.charts.lines import Key, Line
from tempkit.report.charts.marks import limits, margins, noise_floors, priors, zones
from tempkit.report.charts.tradeoff import tradeoff
from tempkit.report.text.characters import plain
from tempkit.report.text.sentences import at
from tempkit.report.text.text import figure
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import kind_word, unit_word

__all__ = ["all_charts", "axes", "drawn", "figures", "measures_shown", "title_of", "unit_name"]

_FAINT = 0.35
"""How opaque a point is that a guard-rail rules out."""


def measures_shown(drawn: Sequence[Curve]) -> list[Measure]:
    """Return the known measures that have a curve, in reading order."""
    names = {curve.measure for curve in drawn}
    return [measure for name, measure in MEASURES.items() if name in names]


def axes(drawn: Sequence[Curve], charts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return for each measure its title, its unit, and as `domain` the span of zero and every value on the page; a share's is always 0 to 1.

    One span for the whole page, so that every chart of a measure can be compared with every other. Limits and margins
    drawn in `charts` count as values.
    """
    spans: dict[str, tuple[float, float]] = {}

    def reach(measure: str, values: Iterable[float]) -> None:
        low, high = spans.get(measure, (0.0, 0.0))
        values = list(values)
        spans[measure] = (min([low, *values]), max([high, *values]))

    for curve in drawn:
        reach(curve.measure, (e for point in curve.points for e in (point.low, point.high) if e is not None))
        reach(curve.measure, (float(value) for value in curve.by_item.flat if math.isfinite(value)))
    for chart in charts:
        reach(chart["measure"], (mark["v"] for mark in chart["marks"] if mark["v"] is not None))
    found = {}
    for curve in drawn:
        low, high = (0.0, 1.0) if curve.scale.unit == "share" else spans[curve.measure]
        found[curve.measure] = {
            "title": titled(curve.measure),
            "unit": curve.scale.unit,
            "domain": (low, high) if low < high else (low - 1.0, high),  # an axis needs some length
        }
    return found


def all_charts(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the charts over temperature of a use case's figures, those first that stand first."""
    return [*case["lead"], *(chart for group in case["groups"] for chart in group["charts"])]


def drawn(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the page's script needs of every chart in a view, by the chart's id."""
    found = {}
    for case in page["use_cases"]:
        for chart in all_charts(case["figures"]):
            axis = page["axes"][chart["measure"]]
            low, high = axis["domain"]
            values = {"low": low, "high": high, "share": axis["unit"] == "share"}
            found[chart["id"]] = {
                "spec": chart["size"],
                "values": values,
                "rows": chart["rows"],
                "marks": chart["marks"],
            }
        plot = case["figures"]["tradeoff"]
        if plot is not None:
            values = {
                f"{name}_{end}": value
                for name, axis in plot["axes"].items()
                for end, value in zip(
                    ("low", "high", "share"), (*axis["domain"], axis["unit"] == "share"), strict=True
                )
            }
            found[plot["id"]] = {"spec": "tradeoff", "values": values, "rows": plot["rows"], "marks": []}
        exact = case["figures"]["exact"]
        if exact is not None:
            found[exact["id"]] = {"spec": "exact", "values": {}, "rows": exact["rows"], "marks": []}
    return found


def figures(lines: Sequence[Line], ident: str) -> dict[str, Any]:
    """Return the charts of a use case as JSON-able data.

    `lead` are what it is judged by, `tradeoff` is quality against diversity or None, `exact` accepted answers as computed or None, `groups` hold all other measures by
    family, `items` the values behind the means (see `tempkit.report.charts.items`), and `legend` the models where there are several.
    """
    drawn = [curves(line.scored) for line in lines]
    together = _together(drawn)
    primaries, guards = _judged_by(lines, together)
    first = [*primaries, *guards]
    lead = [
        _chart(key, together, lines, f"{ident}-lead-{i}", "primary" if key in primaries else "guard")
        for i, key in enumerate(first, 1)
    ]
    others = [
        (key[0], _chart(key, together, lines, f"{ident}-curve-{i}", "small"))
        for i, key in enumerate((key for key in together if key not in first), 1)
    ]
    keys = [(chart["id"], key) for chart, key in zip(lead, first, strict=True)]
    keys += [(c["id"], k) for (_m, c), k in zip(others, (k for k in together if k not in first), strict=True)]
    return {
        "legend": [{"label": each.label, "series": each.series, "shape": each.shape} for each in lines]
        if len(lines) > 1
        else [],
        "lead": lead,
        "tradeoff": tradeoff(lines, f"{ident}-tradeoff"),
        "exact": exact_chart(lines, f"{ident}-exact"),
        "groups": [{"title": title, "charts": charts} for title, charts in grouped(others)],
        "items": items(keys, together, lines),
    }


def title_of(curve: Curve, others: Iterable[Curve]) -> str:
    """Return a curve's heading; with its logprob kind or its version where there are several among `others`."""
    same = {(each.kind, each.version) for each in others if each.measure == curve.measure}
    if len(same) < 2:
        return titled(curve.measure)
    kinds = {kind for kind, _version in same}
    apart = kind_word(curve.kind) if curve.kind and len(kinds) == len(same) else curve.version
    return f"{titled(curve.measure)} ({apart})"


def unit_name(unit: str) -> str:
    """Return a unit in words; a measure from elsewhere has a value and no unit."""
    return unit_word(unit)


def _together(drawn: Sequence[Sequence[Curve]]) -> dict[Key, dict[int, Curve]]:
    """Return the curves that share a chart, by the place of their line; in the registry's order."""
    order = {name: place for place, name in enumerate(MEASURES)}
    found: dict[Key, dict[int, Curve]] = {}
    for place, of_line in enumerate(drawn):
        for curve in of_line:
            found.setdefault((curve.measure, curve.version), {})[place] = curve
    return dict(sorted(found.items(), key=lambda each: order.get(each[0][0], len(order))))


def _judged_by(lines: Sequence[Line], together: Mapping[Key, Any]) -> tuple[list[Key], list[Key]]:
    """Return the primary measures, or of an unknown use case the first measure, and those of the guard-rails."""
    found = [line.found for line in lines if line.found is not None]
    both = [end for each in found for end in (each, each.variety) if end is not None]
    primaries = dict.fromkeys((each.measure or "", each.version) for each in both if each.measure)
    first = [key for key in primaries if key in together] or list(together)[:1]
    guards = [
        key for each in found for guard in each.guardrails for key in together if key[0] == guard.measure
    ]
    return first, [key for key in dict.fromkeys(guards) if key not in first]


def _chart(
    key: Key, together: Mapping[Key, Mapping[int, Curve]], lines: Sequence[Line], ident: str, size: str
) -> dict[str, Any]:
    own = together[key]
    curve = next(iter(own.values()))
    every = [each for same in together.values() for each in same.values()]
    title = title_of(curve, every)
    shown = [] if size == "small" else [(lines[place], each) for place, each in own.items()]
    marks, notes, of_priors = margins(shown), [], priors(shown)
    ruled_out = zones(lines)
    notes += [note for _mark, note in marks]
    notes += [note for _mark, note in ruled_out if size == "primary"]
    of_limits = limits(shown)
    notes += [note for _mark, note in of_limits]
    of_noise = noise_floors([(lines[place], each) for place, each in own.items()])
    notes += [note for _mark, note in of_noise]
    return {
        "id": ident,
        "measure": curve.measure,
        "size": size,
        "title": title,
        "unit": _("%s, mean over questions") % unit_name(curve.scale.unit),
        "notes": list(dict.fromkeys(note for note in notes if note)),
        "priors": of_priors["list"],
        "label": _label(title, own, lines),
        "rows": [row for place, each in own.items() for row in _mean_rows(each, place, lines)],
        "marks": [
            *(mark for mark, _note in marks),
            *(mark for mark, _note in of_limits),
            *(mark for mark, _note in of_noise),
            *(mark for mark, _note in ruled_out),
            *of_priors["marks"],
        ],
    }


def _label(title: str, own: Mapping[int, Curve], lines: Sequence[Line]) -> str:
    """Return a chart in words, for those who do not see it."""
    said = []
    for place, curve in own.items():
        values = "; ".join(
            f"{at(point.temperature)}: {figure(point.mean, curve.scale.unit)}" for point in curve.points
        )
        said.append(f"{plain(lines[place].label)}: {values}" if len(lines) > 1 else values)
    return _("%(title)s over temperature, mean over questions. %(values)s.") % {
        "title": title,
        "values": ". ".join(said),
    }


def _mean_rows(curve: Curve, place: int, lines: Sequence[Line]) -> list[dict[str, Any]]:
    line = lines[place]
    out = () if line.found is None else line.found.placed("ruled_out")
    aside = beside(place, len(lines), [point.temperature for point in curve.points])
    return [
        {
            "t": point.temperature,
            "x": point.temperature + aside,
            "v": point.mean,
            "d": figure(point.mean, curve.scale.unit),
            "l": point.low,
            "h": point.high,
            "b": _interval(point, curve.scale.unit),
            "s": line.series,
            "k": line.shape,
            "c": place,
            "m": plain(line.label),
            "n": point.samples,
            "j": point.items,
            "f": _FAINT if point.temperature in out else 1,
        }
        for point in curve.points
        if point.mean is not None
    ]


def _interval(point: Point, unit: str) -> str:
    if point.low is None or point.high is None:
        return _("none: %s") % ("" if point.reason is None else said(point.reason))
    return _("%(low)s to %(high)s") % {"low": figure(point.low, unit), "high": figure(point.high, unit)}
