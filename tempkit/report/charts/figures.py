"""The charts of a use case as data: every measure over temperature, all models in one frame.

Models are compared by looking at one chart, so a measure has one chart per use case and each model of each run a line in it.
Only what may be compared shares a frame: a measure of another version, or from logprobs of another kind, has a chart of its
own. What the use case is judged by comes first. The items behind the means are many times as much data, so they are kept
apart and unpacked when a reader asks for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tempkit.analysis import Curve, curves
from tempkit.measures import MEASURES, Measure
from tempkit.report.charts.exact import exact_chart
from tempkit.report.charts.families import grouped
from tempkit.report.charts.items import items
from tempkit.report.charts.lines import Key, Line
from tempkit.report.charts.marks import zones
from tempkit.report.charts.means import mean_chart
from tempkit.report.charts.tradeoff import tradeoff
from tempkit.report.charts.versus import versus
from tempkit.report.text.slugs import harmless
from tempkit.report.text.text import gettext as _

__all__ = ["all_charts", "drawn", "figures", "measures_shown"]


def measures_shown(drawn: Sequence[Curve]) -> list[Measure]:
    """Return the known measures that have a curve, in reading order."""
    names = {curve.measure for curve in drawn}
    return [measure for name, measure in MEASURES.items() if name in names]


def all_charts(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the charts of means over temperature of a use case's figures, those first that stand first."""
    return [*case["lead"], *(chart for group in case["groups"] for chart in group["charts"])]


def drawn(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the page's script needs of every chart in a view, by the chart's id."""
    found = {}
    for case in page["use_cases"]:
        for chart, spec, values, whole in _each(case["figures"]):
            found[chart["id"]] = {
                "spec": spec,
                "values": values,
                "whole": whole,
                "rows": chart["rows"],
                "marks": chart.get("marks", []),
                "columns": chart["columns"],
                "file": chart["file"],
                "across": chart["axes"]["x"]["title"] if spec == "tradeoff" else _("Temperature"),
                "up": chart["axes"]["y"]["title"] if spec == "tradeoff" else "",
            }
    return found


def _each(
    case: Mapping[str, Any],
) -> Iterator[tuple[dict[str, Any], str, dict[str, Any], list[float] | None]]:
    """Yield every chart with its specification's name, the values of its parameters, and the y axis when single questions are shown."""
    panels = [panel for chart in case["lead"] if (panel := chart["versus"]) is not None]
    for chart in [*all_charts(case), *panels]:
        low, high = chart["domain"]
        whole = list(chart["whole"]) if "whole" in chart else None
        yield chart, chart["size"], {"low": low, "high": high, "share": chart["share"]}, whole
    plot = case["tradeoff"]
    if plot is not None:
        values = {
            f"{name}_{end}": value
            for name, axis in plot["axes"].items()
            for end, value in zip(
                ("low", "high", "share"), (*axis["domain"], axis["unit"] == "share"), strict=True
            )
        }
        yield plot, "tradeoff", values, None
    if case["exact"] is not None:
        yield case["exact"], "exact", {}, None


def figures(lines: Sequence[Line], ident: str, stem: str = "chart") -> dict[str, Any]:
    """Return the charts of a use case as JSON-able data.

    `lead` are what it is judged by, each that decides with its panel `versus` the pick or None; `tradeoff` is quality against diversity or
    None, `exact` accepted answers as computed or None, `groups` hold all other measures by family, `items` the values behind the means
    (see `tempkit.report.charts.items`), `legend` the models where there are several, and `zones` what is tinted on all charts.

    Args:
        lines: A model of a run each.
        ident: The use case's id.
        stem: What the names of its files begin with.
    """
    drawn = [curves(line.scored) for line in lines]
    together = _together(drawn)
    primaries, guards = _judged_by(lines, together)
    first = [*primaries, *guards]
    lead = [
        mean_chart(key, together, lines, f"{ident}-lead-{i}", "primary" if key in primaries else "guard")
        for i, key in enumerate(first, 1)
    ]
    for chart, key in zip(lead, first, strict=True):
        shown = [(place, lines[place], curve) for place, curve in together[key].items()]
        panel = versus(shown, lines, f"{chart['id']}-versus") if key in primaries else None
        chart["versus"] = panel
    rest = [key for key in together if key not in first]
    others = [
        mean_chart(key, together, lines, f"{ident}-curve-{i}", "small") for i, key in enumerate(rest, 1)
    ]
    keys = [(chart["id"], key) for chart, key in zip([*lead, *others], [*first, *rest], strict=True)]
    made = {
        "legend": [{"label": each.label, "series": each.series, "shape": each.shape} for each in lines]
        if len(lines) > 1
        else [],
        "lead": lead,
        "tradeoff": tradeoff(lines, f"{ident}-tradeoff", [key[0] for key in first]),
        "exact": exact_chart(lines, f"{ident}-exact"),
        "groups": [
            {"title": title, "charts": charts}
            for title, charts in grouped([(key[0], chart) for key, chart in zip(rest, others, strict=True)])
        ],
        "items": items(keys, together, lines),
        "zones": list(dict.fromkeys(note for _mark, note in zones(lines))),
    }
    _name_files(made, stem)
    return made


def _name_files(case: Mapping[str, Any], stem: str) -> None:
    """Give every chart, as `file`, a name for its files without their ending, and no two the same."""
    times: dict[str, int] = {}
    panels = [panel for chart in case["lead"] if (panel := chart["versus"]) is not None]
    plots = [(plot, name) for name in ("tradeoff", "exact") if (plot := case[name]) is not None]
    named = [(chart, chart["measure"]) for chart in all_charts(case)]
    named += [(panel, f"{panel['measure']}-against-pick") for panel in panels]
    for chart, name in [*named, *plots]:
        base = f"{stem}-{harmless(name)}"
        times[base] = times.get(base, 0) + 1
        chart["file"] = base if times[base] == 1 else f"{base}-{times[base]}"


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
