"""Vega-Lite specifications for the charts, without data and without colours.

The data come from the view, so that the page's charts, tables and sentences cannot disagree. The colours are CSS
variables of the page (the charts are drawn as SVG), so a chart follows the reader's light or dark setting and the
printer's. A model has its colour, and for those who do not see it its own points and dashes. Expressions are few and plain,
because the page forbids `eval` and Vega then interprets them.

Of the data sets, `rows` has a model's mean at a temperature: `t` the temperature, `x` where it stands on the axis, `v` the
mean, `d` the mean as the page writes it, `l` and `h` the ends of its interval or null, `b` the interval in words, `n` samples,
`j` items, `m` the model, `c` its place, `s` its colour, `k` its shape, `f` how opaque it is; where the way to the next mean is as
faint, `u` and `w` are that one's place, else null. `marks` are described in `tempkit.report.charts.marks`. `items` stays empty until
a reader asks: like `rows`, with `i` the item's name.
"""

from collections.abc import Sequence
from typing import Any

from tempkit.report.charts.vega_parts import (
    ITEMS,
    ROWS,
    across,
    colour,
    dash,
    dressed,
    faint_way,
    label,
    of_mark,
    shape,
    temperature_tip,
    zones,
)
from tempkit.report.charts.vega_plots import LABELS, exact_plot, tradeoff_plot, versus_plot
from tempkit.report.text.text import gettext as _

__all__ = ["specifications", "vegalite_version"]

_HEIGHTS = {"primary": 204, "guard": 108, "small": 130}


def vegalite_version() -> str:
    """Return the Vega-Lite version the specifications are written for, as `major.minor`."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def specifications(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return the specifications by name: measures over temperature in the sizes `primary`, `guard` and `small`, `versus` the pick, `exact` and `tradeoff`.

    What differs from chart to chart are parameters, which the page's script sets: `low` and `high`, the ends of the y axis,
    and `share`, whether its values are shares; `focus` is the item that stands out, or null. The trade-off has the same for
    both axes: `x_low`, `x_high`, `x_share`, `y_low`, `y_high`, `y_share`. Altair is slow, so there is one of each.
    """
    return {
        **{size: _over_temperature(temperatures, size) for size in _HEIGHTS},
        "versus": versus_plot(temperatures),
        "exact": exact_plot(temperatures),
        "tradeoff": tradeoff_plot(),
    }


def _over_temperature(temperatures: Sequence[float], size: str) -> dict[str, Any]:
    import altair as alt

    large = size == "primary"
    room = {"labelPadding": 15} if large else {}  # for the marks of what others found
    x = across("x", temperatures, **room)
    extent: dict[str, Any] = {"minExtent": LABELS, "maxExtent": LABELS} if large else {}
    y = alt.Y("v:Q", title=None).axis(tickCount=5 if large else 3, labelExpr=label("share"), **extent)
    y = y.scale(domain=[{"expr": "low"}, {"expr": "high"}], nice=True, zero=False)

    at, value, model = temperature_tip(), alt.Tooltip("d:N", title=_("Value")), alt.Tooltip("m:N", title=_("Model"))  # fmt: skip
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
    items = alt.Chart(alt.NamedData(ITEMS)).encode(x=x, y=y, detail=["i:N", "c:N"], stroke=colour("stroke"))
    means = alt.Chart(alt.NamedData(ROWS)).encode(x=x, y=y, detail="c:N", stroke=colour("stroke"))
    spread, solid = means.transform_filter("datum.l !== null"), means.transform_filter("datum.f === 1")
    faint = alt.Opacity("f:Q", scale=None, legend=None)
    width = 2.5 if large else 2
    layers = [
        *zones(),
        *(_references(y) if size != "small" else ()),
        _noise(y),
        items.mark_line(strokeWidth=1).encode(strokeOpacity=alt.StrokeOpacityValue(0.07, condition=chosen)),
        items.mark_point(size=22, filled=True, strokeWidth=0).encode(
            fill=colour("fill"),
            shape=shape(),
            fillOpacity=alt.FillOpacityValue(0.07, condition=chosen),
            tooltip=of_item,
        ),
        spread.mark_rule(strokeWidth=width, strokeOpacity=0.55, clip=True).encode(
            y=alt.Y("l:Q", title=None), y2="h:Q", opacity=faint
        ),
        solid.mark_line(strokeWidth=width).encode(strokeDash=dash()),
        faint_way(x, y, ("u", "w"), width),
        means.mark_point(size=80 if large else 46, strokeWidth=2.2, fill="var(--chart-ground)").encode(
            shape=shape(), tooltip=of_mean, opacity=faint
        ),
    ]  # fmt: skip
    chart = alt.layer(*layers).properties(height=_HEIGHTS[size])
    return dressed(chart, {"low": 0, "high": 1, "share": True, "focus": None})


def _references(y: Any) -> list[Any]:
    """Return the layers of the reference marks, which stand behind the data."""
    import altair as alt

    full_width: dict[str, Any] = {"x": alt.value(0), "x2": alt.value("width")}
    prior = of_mark("prior").encode(x=alt.X("t:Q", title=None), y=alt.value({"expr": "height + 8"}))
    says = alt.Tooltip("e:N", title=_("Found elsewhere"))
    limit = of_mark("limit").encode(y=y)
    said = limit.encode(x=alt.value(0), text="d:N")
    written: dict[str, Any] = {"align": "left", "baseline": "bottom", "dx": 24, "dy": -3, "fontSize": 11}
    return [
        of_mark("margin").mark_rect(opacity=0.1).encode(**full_width, y=y, y2="w:Q", fill=colour("fill")),
        of_mark("margin").mark_rule(strokeWidth=1, opacity=0.8).encode(**full_width, y=y, stroke=colour("stroke"), strokeDash=dash()),
        of_mark("own limit").mark_rule(strokeWidth=1.5, strokeDash=[5, 4]).encode(**full_width, y=y, stroke=colour("stroke")),
        limit.mark_rule(strokeWidth=1.5, strokeDash=[5, 4], stroke="var(--chart-limit)").encode(**full_width),
        said.mark_text(**written, stroke="var(--chart-ground)", strokeWidth=4, strokeOpacity=0.85),
        said.mark_text(**written, fill="var(--chart-limit)"),
        prior.mark_point(shape="triangle-up", size=44, filled=True, fill="var(--chart-label)", opacity=0.8).encode(tooltip=says),
        prior.mark_text(dx=6, align="left", baseline="middle", fontSize=12, fill="var(--chart-label)").encode(text="d:N"),
    ]  # fmt: skip


def _noise(y: Any) -> Any:
    """Return the layer of the noise floor: what answers have in common where nothing is changed."""
    import altair as alt

    return (
        of_mark("noise")
        .mark_rule(strokeWidth=1.5, strokeDash=[1, 4])
        .encode(x=alt.value(0), x2=alt.value("width"), y=y, stroke=colour("stroke"))
    )
