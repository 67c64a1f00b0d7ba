"""What all Vega-Lite specifications of the page share: layers, colours, points and dashes of a model, axes, zones, how numbers are written.

They are the plain JSON that Vega-Lite's schema describes, which the tests hold them against.

Colours are CSS variables, so that they are in one place (`assets/css/figures.css`, `assets/css/base.css`) and follow the reader's light or
dark setting and the printer's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.i18n import numeral
from tempkit.report.text.text import gettext as _

__all__ = [
    "ITEMS",
    "LABELS",
    "MARKS",
    "ROWS",
    "SHAPES",
    "VEGA_LITE",
    "Part",
    "across",
    "category",
    "colour",
    "dash",
    "dressed",
    "faint_way",
    "full_width",
    "label",
    "layer",
    "opaque",
    "quantity",
    "shape",
    "temperature_tip",
    "zones",
]

Part = dict[str, Any]
"""A part of a specification."""

VEGA_LITE = "6.4.1"
"""The version of Vega-Lite that the specifications are written for."""

LABELS = 54
"""Pixels for the y labels of charts that stand below each other, so that their temperatures do too."""

ROWS, MARKS, ITEMS = "rows", "marks", "items"
"""Names of the data sets, described in `tempkit.report.charts.vega`."""

SHAPES = {
    1: ("circle", ()),
    2: ("diamond", (7, 3)),
    3: ("square", (2, 2)),
    4: ("triangle-up", (9, 3, 2, 3)),
    5: ("cross", (4, 4)),
    6: ("triangle-down", (12, 3)),
}
"""By number: the point and the dashes of a model."""

_FAINT_LINE = 0.4
"""How opaque the way to a temperature is that a guard-rail rules out."""

_MANY_TEMPERATURES = 9


def quantity(field: str, **more: Any) -> Part:
    """Return a channel of numbers, untitled unless more says otherwise."""
    return {"field": field, "type": "quantitative", "title": None, **more}


def category(field: str, **more: Any) -> Part:
    """Return a channel of names."""
    return {"field": field, "type": "nominal", **more}


def layer(data: str, where: str | None, mark: str, style: Part, **channels: Any) -> Part:
    """Return a layer of a chart.

    Args:
        data: The data set.
        where: An expression that is true of the rows to draw; None: all.
        mark: What is drawn for each.
        style: How the marks look, where that does not depend on the row.
        channels: What does.
    """
    chosen: Part = {} if where is None else {"transform": [{"filter": where}]}
    return {"data": {"name": data}, **chosen, "mark": {"type": mark, **style}, "encoding": channels}


def full_width() -> Part:
    """Return the channels of what reaches from the left end to the right."""
    return {"x": {"value": 0}, "x2": {"value": "width"}}


def across(field: str, temperatures: Sequence[float], **axis: Any) -> Part:
    """Return the x axis of a chart over temperature; its title stands once below a row of charts, not in each."""
    every: Part = {"values": list(temperatures)} if len(temperatures) <= _MANY_TEMPERATURES else {}
    x_axis: Part = {
        "labelExpr": "format(datum.value, '~r')", **every, "tickCount": 6, "grid": False, "labelOverlap": True, **axis,
    }  # fmt: skip
    domain = [min(temperatures), max(temperatures)]
    return quantity(field, axis=x_axis, scale={"domain": domain, "padding": 18, "nice": False, "zero": False})


def faint_way(x: Part, y: Part, ends: tuple[str, str], width: float) -> Part:
    """Return the layer of the ways to and from what a guard-rail rules out: from a row to its own `ends` fields."""
    to_x, to_y = ends
    style = {"strokeWidth": width, "opacity": _FAINT_LINE}
    to = {"x2": {"field": to_x}, "y2": {"field": to_y}}
    return layer(
        ROWS,
        f"datum.{to_x} !== null",
        "rule",
        style,
        x=x,
        y=y,
        **to,
        stroke=colour(),
        strokeDash=dash(),
    )


def zones() -> list[Part]:
    """Return the layers that tint what guard-rails rule out, from a cliff on and up to a floor, behind everything else."""
    layers = []
    for kind, end in (("cliff", "width"), ("floor", 0)):
        ends = {"x": quantity("t"), "x2": {"value": end}}
        for name, fill in ((kind, {"value": "var(--chart-zone)"}), (f"own {kind}", colour())):
            layers.append(layer(MARKS, f"datum.r === '{name}'", "rect", {"opacity": 0.11}, **ends, fill=fill))
    return layers


def label(kind: str) -> str:
    """Return the expression of a y label, written as the page writes numbers; `kind` names the parameter that tells shares."""
    return f"{kind} ? format(100 * datum.value, '.0f') + '\u00a0%' : format(datum.value, '~f')"


def colour() -> Part:
    """Return the channel, of strokes or of what they enclose, in the colour of a model."""
    names = list(SHAPES)
    scale = {"domain": names, "range": [f"var(--series-{name})" for name in names]}
    return category("s", scale=scale, legend=None)


def shape() -> Part:
    """Return the shape of a model's points."""
    scale = {"domain": list(SHAPES), "range": [shape for shape, _dashes in SHAPES.values()]}
    return category("k", scale=scale, legend=None)


def dash() -> Part:
    """Return the dashes of a model's lines."""
    scale = {"domain": list(SHAPES), "range": [list(dashes) or [1, 0] for _shape, dashes in SHAPES.values()]}
    return category("k", scale=scale, legend=None)


def opaque() -> Part:
    """Return how opaque a row says that it is."""
    return {"field": "f", "type": "quantitative", "scale": None, "legend": None}


def dressed(layers: Sequence[Part], height: int, parameters: Mapping[str, Any]) -> Part:
    """Make a chart of layers, with its parameters and the page's colours. No ARIA: the page itself describes the chart, once."""
    axis = {
        "labelColor": "var(--chart-label)",
        "titleColor": "var(--chart-label)",
        "domainColor": "var(--chart-axis)",
        "tickColor": "var(--chart-axis)",
        "gridColor": "var(--chart-grid)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 6,
        "labelPadding": 5,
    }
    view = {"continuousWidth": 300, "continuousHeight": 300, "stroke": None}
    looks = {"background": "transparent", "font": "system-ui, sans-serif", "aria": False, **_numbers()}
    return {
        "$schema": f"https://vega.github.io/schema/vega-lite/v{VEGA_LITE}.json",
        "layer": list(layers),
        "width": "container",
        "height": height,
        "padding": {"left": 2, "right": 6, "top": 8, "bottom": 2},
        "params": [{"name": name, "value": value} for name, value in parameters.items()],
        "config": {**looks, "view": view, "axis": axis},
    }


def temperature_tip() -> Part:
    """Return the line of a tip that says the temperature."""
    return quantity("t", title=_("Temperature"), format="~r")


def _numbers() -> Part:
    """Return how the charts write numbers: nothing where the language does as Vega does by itself."""
    decimal = numeral(".")
    if decimal == ".":
        return {}
    return {
        "locale": {
            "number": {"decimal": decimal, "thousands": "\u202f", "grouping": [3], "currency": ["", ""]}
        }
    }
