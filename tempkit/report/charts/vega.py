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
    LABELS,
    MARKS,
    ROWS,
    VEGA_LITE,
    Part,
    across,
    category,
    colour,
    dash,
    dressed,
    faint_way,
    full_width,
    label,
    layer,
    opaque,
    quantity,
    shape,
    temperature_tip,
    zones,
)
from tempkit.report.charts.vega_plots import exact_plot, tradeoff_plot, versus_plot
from tempkit.report.text.text import gettext as _

__all__ = ["specifications", "vegalite_version"]

_HEIGHTS = {"primary": 204, "guard": 108, "small": 130}


def vegalite_version() -> str:
    """Return the Vega-Lite version the specifications are written for, as `major.minor`."""
    return ".".join(VEGA_LITE.split(".")[:2])


def specifications(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return the specifications by name: measures over temperature in the sizes `primary`, `guard` and `small`, `versus` the pick, `exact` and `tradeoff`.

    What differs from chart to chart are parameters, which the page's script sets: `low` and `high`, the ends of the y axis,
    and `share`, whether its values are shares; `focus` is the item that stands out, or null. The trade-off has the same for
    both axes: `x_low`, `x_high`, `x_share`, `y_low`, `y_high`, `y_share`. So there is one of each in a page.
    """
    return {
        **{size: _over_temperature(temperatures, size) for size in _HEIGHTS},
        "versus": versus_plot(temperatures),
        "exact": exact_plot(temperatures),
        "tradeoff": tradeoff_plot(),
    }


def _over_temperature(temperatures: Sequence[float], size: str) -> Part:
    large = size == "primary"
    x = across(
        "x", temperatures, **({"labelPadding": 15} if large else {})
    )  # for the marks of what others found
    extent = {"minExtent": LABELS, "maxExtent": LABELS} if large else {}
    y = quantity(
        "v",
        axis={"tickCount": 5 if large else 3, "labelExpr": label("share"), **extent},
        scale={"domain": [{"expr": "low"}, {"expr": "high"}], "nice": True, "zero": False},
    )
    at, value, model = temperature_tip(), category("d", title=_("Value")), category("m", title=_("Model"))
    of_item = [category("i", title=_("Question")), model, at, value]
    of_mean = [
        model,
        at,
        value,
        category("b", title=_("Interval")),
        quantity("j", title=_("Questions"), format="d"),
        quantity("n", title=_("Answers"), format="d"),
    ]
    chosen = [
        {"test": "datum.i === focus", "value": 1},
        {"test": "focus === null", "value": 0.4},
    ]
    pale = {"value": 0.07, "condition": chosen}
    item: Part = {"x": x, "y": y, "detail": [category("i"), category("c")], "stroke": colour()}
    mean: Part = {"x": x, "y": y, "detail": category("c"), "stroke": colour()}
    interval: Part = {**mean, "y": quantity("l"), "y2": {"field": "h"}, "opacity": opaque()}
    width = 2.5 if large else 2
    point = {"size": 80 if large else 46, "strokeWidth": 2.2, "fill": "var(--chart-ground)"}
    dot = {"size": 22, "filled": True, "strokeWidth": 0}
    layers = [
        *zones(),
        *(_references(y) if size != "small" else ()),
        _noise(y),
        layer(ITEMS, None, "line", {"strokeWidth": 1}, **item, strokeOpacity=pale),
        layer(ITEMS, None, "point", dot, **item, fill=colour(), shape=shape(), fillOpacity=pale, tooltip=of_item),
        layer(ROWS, "datum.l !== null", "rule", {"strokeWidth": width, "strokeOpacity": 0.55, "clip": True}, **interval),
        layer(ROWS, "datum.f === 1", "line", {"strokeWidth": width}, **mean, strokeDash=dash()),
        faint_way(x, y, ("u", "w"), width),
        layer(ROWS, None, "point", point, **mean, shape=shape(), tooltip=of_mean, opacity=opaque()),
    ]  # fmt: skip
    return dressed(layers, _HEIGHTS[size], {"low": 0, "high": 1, "share": True, "focus": None})


def _references(y: Part) -> list[Part]:
    """Return the layers of the reference marks, which stand behind the data."""
    margin, own, limit, prior = (
        f"datum.r === '{kind}'" for kind in ("margin", "own limit", "limit", "prior")
    )
    across_at_y: Part = {**full_width(), "y": y}
    said: Part = {"x": {"value": 0}, "y": y, "text": category("d")}
    written = {"align": "left", "baseline": "bottom", "dx": 24, "dy": -3, "fontSize": 11}
    halo = {"stroke": "var(--chart-ground)", "strokeWidth": 4, "strokeOpacity": 0.85}
    dashes = {"strokeWidth": 1.5, "strokeDash": [5, 4]}
    below: Part = {"x": quantity("t"), "y": {"value": {"expr": "height + 8"}}}
    triangle = {"shape": "triangle-up", "size": 44, "filled": True, "opacity": 0.8}
    beside = {"dx": 6, "align": "left", "baseline": "middle", "fontSize": 12}
    grey = {"fill": "var(--chart-label)"}
    return [
        layer(MARKS, margin, "rect", {"opacity": 0.1}, **across_at_y, y2={"field": "w"}, fill=colour()),
        layer(MARKS, margin, "rule", {"strokeWidth": 1, "opacity": 0.8}, **across_at_y, stroke=colour(), strokeDash=dash()),
        layer(MARKS, own, "rule", dashes, **across_at_y, stroke=colour()),
        layer(MARKS, limit, "rule", {**dashes, "stroke": "var(--chart-limit)"}, **across_at_y),
        layer(MARKS, limit, "text", {**written, **halo}, **said),
        layer(MARKS, limit, "text", {**written, "fill": "var(--chart-limit)"}, **said),
        layer(MARKS, prior, "point", {**triangle, **grey}, **below, tooltip=category("e", title=_("Found elsewhere"))),
        layer(MARKS, prior, "text", {**beside, **grey}, **below, text=category("d")),
    ]  # fmt: skip


def _noise(y: Part) -> Part:
    """Return the layer of the noise floor: what answers have in common where nothing is changed."""
    dots = {"strokeWidth": 1.5, "strokeDash": [1, 4]}
    return layer(MARKS, "datum.r === 'noise'", "rule", dots, **full_width(), y=y, stroke=colour())
