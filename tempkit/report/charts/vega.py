"""Vega-Lite specifications for the charts, without data and without colours.

The data come from the view, so that the page's charts, tables and sentences cannot disagree. The colours are CSS
variables of the page (the charts are drawn as SVG), so a chart follows the reader's light or dark setting and the
printer's. A model has its colour, and for those who do not see it its own points and dashes. Expressions are few and plain,
because the page forbids `eval` and Vega then interprets them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.i18n import numeral
from tempkit.report.text.text import gettext as _

__all__ = ["ITEMS", "MARKS", "ROWS", "SHAPES", "specifications", "vegalite_version"]

ROWS, MARKS, ITEMS = "rows", "marks", "items"
"""Names of the data sets. `rows` has a model's mean at a temperature: `t` the temperature, `x` where it stands on the axis, `v` the
mean, `d` the mean as the page writes it, `l` and `h` the ends of its interval or null, `b` the interval in words, `n` samples,
`j` items, `m` the model, `c` its place, `s` its colour, `k` its shape, `f` how opaque it is. `marks` are described in `tempkit.report.charts.marks`. `items` stays
empty until a reader asks: like `rows`, with `i` the item's name."""

SHAPES = {
    1: ("circle", ()),
    2: ("diamond", (7, 3)),
    3: ("square", (2, 2)),
    4: ("triangle-up", (9, 3, 2, 3)),
    5: ("cross", (4, 4)),
    6: ("triangle-down", (12, 3)),
}
"""By number: the point and the dashes of a model."""

_HEIGHTS = {"primary": 300, "guard": 150, "small": 150}
_MANY_TEMPERATURES = 9


def vegalite_version() -> str:
    """Return the Vega-Lite version the specifications are written for, as `major.minor`."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def specifications(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return the specifications by name: measures over temperature in the sizes `primary`, `guard` and `small`, `exact` and `tradeoff`.

    What differs from chart to chart are parameters, which the page's script sets: `low` and `high`, the ends of the y axis,
    and `share`, whether its values are shares; `focus` is the item that stands out, or null. The trade-off has the same for
    both axes: `x_low`, `x_high`, `x_share`, `y_low`, `y_high`, `y_share`. Altair is slow, so there is one of each.
    """
    return {
        **{size: _over_temperature(temperatures, size) for size in _HEIGHTS},
        "exact": _exact(temperatures),
        "tradeoff": _tradeoff(),
    }


def _across(field: str, temperatures: Sequence[float], **axis: Any) -> Any:
    """Return the x axis of a chart over temperature."""
    import altair as alt

    every = list(temperatures) if len(temperatures) <= _MANY_TEMPERATURES else alt.Undefined
    x_axis: dict[str, Any] = {
        "labelExpr": "format(datum.value, '~r')", "values": every, "tickCount": 6, "grid": False, "labelOverlap": True, **axis,
    }  # fmt: skip
    x = alt.X(f"{field}:Q", title=_("Temperature")).axis(**x_axis)
    return x.scale(domain=[min(temperatures), max(temperatures)], padding=14, nice=False, zero=False)


def _over_temperature(temperatures: Sequence[float], size: str) -> dict[str, Any]:
    import altair as alt

    large = size == "primary"
    room = {"labelPadding": 15} if large else {}  # for the marks of what others found
    x = _across("x", temperatures, **room)
    y = alt.Y("v:Q", title=None).axis(tickCount=5 if large else 4, labelExpr=_label("share"))
    y = y.scale(domain=[{"expr": "low"}, {"expr": "high"}], nice=True)

    at = alt.Tooltip("t:Q", title=_("Temperature"), format="~r")
    value = alt.Tooltip("d:N", title=_("Value"))
    model = alt.Tooltip("m:N", title=_("Model"))
    of_item = [alt.Tooltip("i:N", title=_("Question")), model, at, value]
    of_mean = [
        model,
        at,
        value,
        alt.Tooltip("b:N", title=_("Interval")),
        alt.Tooltip("j:Q", title=_("Questions"), format="d"),
        alt.Tooltip("n:Q", title=_("Answers"), format="d"),
    ]
    chosen = [
        {"test": "datum.i === focus", "value": 1},
        {"test": "focus === null", "value": 0.4},
    ]
    items = alt.Chart(alt.NamedData(ITEMS)).encode(x=x, y=y, detail=["i:N", "c:N"], stroke=_colour("stroke"))
    means = alt.Chart(alt.NamedData(ROWS)).encode(x=x, y=y, detail="c:N", stroke=_colour("stroke"))
    spread = means.transform_filter("datum.l !== null")
    faint = alt.Opacity("f:Q", scale=None, legend=None)
    layers = [
        *_zones(),
        *(_references(y) if size != "small" else ()),
        _noise(y),
        items.mark_line(strokeWidth=1).encode(strokeOpacity=alt.StrokeOpacityValue(0.07, condition=chosen)),
        items.mark_point(size=22, filled=True, strokeWidth=0).encode(
            fill=_colour("fill"),
            shape=_shape(),
            fillOpacity=alt.FillOpacityValue(0.07, condition=chosen),
            tooltip=of_item,
        ),
        spread.mark_rule(strokeWidth=2.5 if large else 2, strokeOpacity=0.55).encode(
            y=alt.Y("l:Q", title=None), y2="h:Q", opacity=faint
        ),
        means.mark_line(strokeWidth=2.5 if large else 2).encode(strokeDash=_dash()),
        means.mark_point(size=80 if large else 46, strokeWidth=2.2, fill="var(--paper)").encode(
            shape=_shape(), tooltip=of_mean, opacity=faint
        ),
    ]  # fmt: skip
    chart = alt.layer(*layers).properties(height=_HEIGHTS[size])
    return _dressed(chart, {"low": 0, "high": 1, "share": True, "focus": None})


def _exact(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return bounds over temperature with samples beside them; the rows are described in `tempkit.report.charts.exact`."""
    import altair as alt

    def of(kind: str) -> Any:
        return alt.Chart(alt.NamedData(ROWS)).transform_filter(f"datum.w === '{kind}'")

    up = alt.Y("l:Q", title=None).axis(tickCount=5, labelExpr=_label("true")).scale(domain=[0, 1])
    both = [alt.Tooltip("m:N", title=_("Model")), alt.Tooltip("t:Q", title=_("Temperature"), format="~r")]
    sampled = [
        *both,
        alt.Tooltip("d:N", title=_("In the samples")),
        alt.Tooltip("b:N", title=_("Interval")),
        alt.Tooltip("n:Q", title=_("Answers"), format="d"),
    ]
    band = of("band").encode(x=_across("t", temperatures), y=up, detail="c:N")
    points = of("point").encode(x=_across("x", temperatures), detail="c:N", stroke=_colour("stroke"))
    layers = [
        band.mark_area(opacity=0.25).encode(
            y2="h:Q", fill=_colour("fill"), tooltip=[*both, alt.Tooltip("b:N", title=_("Computed"))]
        ),
        *(
            band.mark_line(strokeWidth=1.5).encode(
                y=alt.Y(f"{end}:Q", title=None), stroke=_colour("stroke"), strokeDash=_dash()
            )
            for end in "lh"
        ),
        points.mark_rule(strokeWidth=2.5, strokeOpacity=0.55).encode(y=alt.Y("l:Q", title=None), y2="h:Q"),
        points.mark_point(size=80, strokeWidth=2.2, fill="var(--paper)", opacity=1).encode(
            y=alt.Y("v:Q", title=None), shape=_shape(), tooltip=sampled
        ),
    ]
    return _dressed(alt.layer(*layers).properties(height=300), {})


def _tradeoff() -> dict[str, Any]:
    """Return quality against diversity; the rows are described in `tempkit.report.charts.tradeoff`. The page writes the axes' titles."""
    import altair as alt

    def place(channel: Any, name: str, axis: str) -> Any:
        made = channel(f"{name}:Q", title=None).axis(
            tickCount=6, grid=True, gridDash=[1, 3], labelExpr=_label(f"{axis}_share")
        )
        ends = [{"expr": f"{axis}_low"}, {"expr": f"{axis}_high"}]
        return made.scale(domain=ends, nice=False, zero=False)

    across, up = place(alt.X, "p", "x"), place(alt.Y, "q", "y")
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=across, y=up, detail="c:N", stroke=_colour("stroke"))
    interval: dict[str, Any] = {"strokeWidth": 1.5, "strokeOpacity": 0.4}
    tip = [
        alt.Tooltip("m:N", title=_("Model")),
        alt.Tooltip("t:Q", title=_("Temperature"), format="~r"),
        alt.Tooltip("qd:N", title=_("Quality")),
        alt.Tooltip("pd:N", title=_("Diversity")),
    ]

    def text(side: str, **how: Any) -> Any:
        layer = alt.Chart(alt.NamedData(ROWS)).transform_filter(f"datum.w === '{side}'")
        return layer.mark_text(fontSize=13, fontWeight=600, **how).encode(
            x=across, y=up, text="d:N", fill=_colour("fill")
        )

    chart = alt.layer(
        base.transform_filter("datum.ql !== null").mark_rule(**interval).encode(y=alt.Y("ql:Q", title=None), y2="qh:Q"),
        base.transform_filter("datum.pl !== null").mark_rule(**interval).encode(x=alt.X("pl:Q", title=None), x2="ph:Q"),
        base.mark_line(strokeWidth=2.5).encode(order="o:O", strokeDash=_dash()),
        base.mark_point(size=80, strokeWidth=2.2, fill="var(--paper)", opacity=1).encode(
            shape=_shape(), tooltip=tip
        ),
        text("e", align="left", dx=9, baseline="middle"),
        text("w", align="right", dx=-9, baseline="middle"),
        text("n", align="center", dy=-9, baseline="bottom"),
        text("s", align="center", dy=9, baseline="top"),
    )  # fmt: skip
    ends = {
        f"{axis}_{end}": value for axis in "xy" for end, value in (("low", 0), ("high", 1), ("share", True))
    }
    return _dressed(chart.properties(height=300), ends)


def _zones() -> list[Any]:
    """Return the layers that tint what guard-rails rule out, from a cliff on and up to a floor, behind everything else."""
    import altair as alt

    def of(kind: str) -> list[Any]:
        across = {"x": x, "x2": alt.value("width" if kind == "cliff" else 0)}
        named = {kind: {"fill": alt.value("var(--bad)")}, f"own {kind}": {"fill": _colour("fill")}}
        return [
            alt.Chart(alt.NamedData(MARKS))
            .transform_filter(f"datum.r === '{name}'")
            .mark_rect(opacity=0.09)
            .encode(**across, **fill)
            for name, fill in named.items()
        ]

    x = alt.X("t:Q", title=_("Temperature"))
    return [*of("cliff"), *of("floor")]


def _references(y: Any) -> list[Any]:
    """Return the layers of the reference marks, which stand behind the data."""
    import altair as alt

    def of(kind: str) -> Any:
        return alt.Chart(alt.NamedData(MARKS)).transform_filter(f"datum.r === '{kind}'")

    full_width: dict[str, Any] = {"x": alt.value(0), "x2": alt.value("width")}
    prior = of("prior").encode(x=alt.X("t:Q", title=_("Temperature")), y=alt.value({"expr": "height + 8"}))
    says = alt.Tooltip("e:N", title=_("Found elsewhere"))
    return [
        of("margin").mark_rect(opacity=0.1).encode(**full_width, y=y, y2="w:Q", fill=_colour("fill")),
        of("margin").mark_rule(strokeWidth=1, opacity=0.8).encode(**full_width, y=y, stroke=_colour("stroke"), strokeDash=_dash()),
        of("own limit").mark_rule(strokeWidth=1.5, strokeDash=[5, 4]).encode(**full_width, y=y, stroke=_colour("stroke")),
        of("limit").mark_rule(strokeWidth=1.5, strokeDash=[5, 4], stroke="var(--bad)").encode(**full_width, y=y),
        prior.mark_point(shape="triangle-up", size=44, filled=True, fill="var(--muted)", opacity=0.8).encode(tooltip=says),
        prior.mark_text(dx=6, align="left", baseline="middle", fontSize=12, fill="var(--muted)").encode(text="d:N"),
    ]  # fmt: skip


def _noise(y: Any) -> Any:
    """Return the layer of the noise floor: what answers have in common where nothing is changed."""
    import altair as alt

    return (
        alt.Chart(alt.NamedData(MARKS))
        .transform_filter("datum.r === 'noise'")
        .mark_rule(strokeWidth=1.5, strokeDash=[1, 4])
        .encode(x=alt.value(0), x2=alt.value("width"), y=y, stroke=_colour("stroke"))
    )


def _label(share: str) -> str:
    """Return the expression of a y label, written as the page writes numbers; `share` names the parameter."""
    return f"{share} ? format(100 * datum.value, '.0f') + '\u00a0%' : format(datum.value, '~f')"


def _colour(channel: str) -> Any:
    import altair as alt

    names = list(SHAPES)
    scale = alt.Scale(domain=names, range=[f"var(--series-{name})" for name in names])
    kind = {"stroke": alt.Stroke, "fill": alt.Fill}[channel]
    return kind("s:N", scale=scale, legend=None)


def _shape() -> Any:
    import altair as alt

    scale = alt.Scale(domain=list(SHAPES), range=[shape for shape, _dashes in SHAPES.values()])
    return alt.Shape("k:N", scale=scale, legend=None)


def _dash() -> Any:
    import altair as alt

    scale = alt.Scale(
        domain=list(SHAPES), range=[list(dashes) or [1, 0] for _shape, dashes in SHAPES.values()]
    )
    return alt.StrokeDash("k:N", scale=scale, legend=None)


def _dressed(chart: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give a chart its parameters, its width and the page's colours. No ARIA: the page itself describes the chart, once."""
    made: dict[str, Any] = (
        chart.properties(width="container", padding={"left": 2, "right": 6, "top": 6, "bottom": 2})
        .configure(background="transparent", font="system-ui, sans-serif", aria=False, **_numbers())
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--muted)",
            titleColor="var(--muted)",
            domainColor="var(--rule)",
            tickColor="var(--rule)",
            gridColor="var(--hairline)",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=6,
            labelPadding=5,
        )
        .to_dict(validate=False)  # the tests validate it; for every report it would double the time
    )
    return made | {"params": [{"name": name, "value": value} for name, value in parameters.items()]}


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
