"""What all Vega-Lite specifications of the page share: colours, points and dashes of a model, axes, zones, and how numbers are written.

Colours are CSS variables, so that they are in one place (`assets/css/figures.css`, `assets/css/base.css`) and follow the reader's light or
dark setting and the printer's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.i18n import numeral
from tempkit.report.text.text import gettext as _

__all__ = [
    "ITEMS",
    "MARKS",
    "ROWS",
    "SHAPES",
    "across",
    "colour",
    "dash",
    "dressed",
    "faint_way",
    "label",
    "of_mark",
    "shape",
    "temperature_tip",
    "zones",
]

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


def across(field: str, temperatures: Sequence[float], **axis: Any) -> Any:
    """Return the x axis of a chart over temperature; its title stands once below a row of charts, not in each."""
    import altair as alt

    every = list(temperatures) if len(temperatures) <= _MANY_TEMPERATURES else alt.Undefined
    x_axis: dict[str, Any] = {
        "labelExpr": "format(datum.value, '~r')", "values": every, "tickCount": 6, "grid": False, "labelOverlap": True, **axis,
    }  # fmt: skip
    x = alt.X(f"{field}:Q", title=None).axis(**x_axis)
    return x.scale(domain=[min(temperatures), max(temperatures)], padding=18, nice=False, zero=False)


def faint_way(x: Any, y: Any, ends: tuple[str, str], width: float) -> Any:
    """Return the layer of the ways to and from what a guard-rail rules out: from a row to its own `ends` fields."""
    import altair as alt

    to_x, to_y = ends
    return (
        alt.Chart(alt.NamedData(ROWS))
        .transform_filter(f"datum.{to_x} !== null")
        .mark_rule(strokeWidth=width, opacity=_FAINT_LINE)
        .encode(x=x, x2=f"{to_x}:Q", y=y, y2=f"{to_y}:Q", stroke=colour("stroke"), strokeDash=dash())
    )


def of_mark(kind: str) -> Any:
    """Return a chart of the reference marks of a kind."""
    import altair as alt

    return alt.Chart(alt.NamedData(MARKS)).transform_filter(f"datum.r === '{kind}'")


def zones() -> list[Any]:
    """Return the layers that tint what guard-rails rule out, from a cliff on and up to a floor, behind everything else."""
    import altair as alt

    def of(kind: str) -> list[Any]:
        ends = {"x": alt.X("t:Q", title=None), "x2": alt.value("width" if kind == "cliff" else 0)}
        named = {kind: {"fill": alt.value("var(--chart-zone)")}, f"own {kind}": {"fill": colour("fill")}}
        return [of_mark(name).mark_rect(opacity=0.11).encode(**ends, **fill) for name, fill in named.items()]

    return [*of("cliff"), *of("floor")]


def label(kind: str) -> str:
    """Return the expression of a y label, written as the page writes numbers; `kind` names the parameter that tells shares."""
    return f"{kind} ? format(100 * datum.value, '.0f') + '\u00a0%' : format(datum.value, '~f')"


def colour(channel: str) -> Any:
    """Return a channel in the colour of a model."""
    import altair as alt

    names = list(SHAPES)
    scale = alt.Scale(domain=names, range=[f"var(--series-{name})" for name in names])
    kind = {"stroke": alt.Stroke, "fill": alt.Fill}[channel]
    return kind("s:N", scale=scale, legend=None)


def shape() -> Any:
    """Return the shape of a model's points."""
    import altair as alt

    scale = alt.Scale(domain=list(SHAPES), range=[shape for shape, _dashes in SHAPES.values()])
    return alt.Shape("k:N", scale=scale, legend=None)


def dash() -> Any:
    """Return the dashes of a model's lines."""
    import altair as alt

    scale = alt.Scale(
        domain=list(SHAPES), range=[list(dashes) or [1, 0] for _shape, dashes in SHAPES.values()]
    )
    return alt.StrokeDash("k:N", scale=scale, legend=None)


def dressed(chart: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give a chart its parameters, its width and the page's colours. No ARIA: the page itself describes the chart, once."""
    made: dict[str, Any] = (
        chart.properties(width="container", padding={"left": 2, "right": 6, "top": 8, "bottom": 2})
        .configure(background="transparent", font="system-ui, sans-serif", aria=False, **_numbers())
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--chart-label)",
            titleColor="var(--chart-label)",
            domainColor="var(--chart-axis)",
            tickColor="var(--chart-axis)",
            gridColor="var(--chart-grid)",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=6,
            labelPadding=5,
        )
        .to_dict(validate=False)  # the tests validate it; for every report it would double the time
    )
    return made | {"params": [{"name": name, "value": value} for name, value in parameters.items()]}


def temperature_tip() -> Any:
    """Return the line of a tip that says the temperature."""
    import altair as alt

    return alt.Tooltip("t:Q", title=_("Temperature"), format="~r")


def _numbers() -> dict[str, Any]:
    """Return how the charts write numbers: nothing where the language does as Vega does by itself."""
    decimal = numeral(".")
    if decimal == ".":
        return {}
    return {
        "locale": {
            "number": {"decimal": decimal, "thousands": "\u202f", "grouping": [3], "currency": ["", ""]}
        }
    }
