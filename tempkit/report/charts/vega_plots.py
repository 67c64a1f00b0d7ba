"""The Vega-Lite specifications of what is no mean over temperature: the panel against the pick, the trade-off, and computed bounds."""

from collections.abc import Sequence
from typing import Any

from tempkit.report.charts.vega_parts import (
    LABELS,
    MARKS,
    ROWS,
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
from tempkit.report.text.text import gettext as _

__all__ = ["exact_plot", "tradeoff_plot", "versus_plot"]


def versus_plot(temperatures: Sequence[float]) -> Part:
    """Return differences to the pick; the rows are described in `tempkit.report.charts.versus`."""
    points = "share ? format(100 * datum.value, '+.0f') : format(datum.value, '+~f')"
    written = f"datum.value === 0 ? '0' : {points}"
    y = quantity(
        "v",
        axis={"tickCount": 4, "labelExpr": written, "minExtent": LABELS, "maxExtent": LABELS},
        scale={"domain": [{"expr": "low"}, {"expr": "high"}], "nice": True, "zero": False},
    )
    difference: Part = {
        "x": across("x", temperatures), "y": y, "detail": category("c"), "stroke": colour(),
    }  # fmt: skip
    bounds: Part = {**difference, "y": quantity("l"), "y2": {"field": "h"}}
    tip = [
        category("m", title=_("Model")),
        temperature_tip(),
        category("d", title=_("Difference")),
        category("b", title=_("Bounds")),
    ]
    band, zero = (
        {"opacity": 0.6, "fill": "var(--chart-grid)"},
        {"strokeWidth": 1.2, "stroke": "var(--chart-label)"},
    )
    point = {"size": 70, "strokeWidth": 2.2, "fill": "var(--chart-ground)", "opacity": 1}
    layers = [
        *zones(),
        layer(MARKS, "datum.r === 'alike'", "rect", band, **full_width(), y=y, y2={"field": "w"}),
        layer(MARKS, "datum.r === 'zero'", "rule", zero, **full_width(), y=y),
        layer(ROWS, "datum.l !== null", "rule", {"strokeWidth": 2.5, "strokeOpacity": 0.55, "clip": True}, **bounds),
        layer(ROWS, None, "point", point, **difference, shape=shape(), tooltip=tip),
    ]  # fmt: skip
    return dressed(layers, 100, {"low": -1, "high": 1, "share": True})


def exact_plot(temperatures: Sequence[float]) -> Part:
    """Return bounds over temperature with samples beside them; the rows are described in `tempkit.report.charts.exact`."""
    up = quantity("l", axis={"tickCount": 5, "labelExpr": label("true")}, scale={"domain": [0, 1]})
    both = [category("m", title=_("Model")), temperature_tip()]
    computed = [*both, category("b", title=_("Computed"))]
    sampled = [
        *both,
        category("d", title=_("In the samples")),
        category("b", title=_("Interval")),
        quantity("n", title=_("Answers"), format="d"),
    ]
    band: Part = {"x": across("t", temperatures), "y": up, "detail": category("c")}
    sample: Part = {"x": across("x", temperatures), "detail": category("c"), "stroke": colour()}
    in_band, in_samples = "datum.w === 'band'", "datum.w === 'point'"
    end: Part = {**band, "stroke": colour(), "strokeDash": dash()}
    interval: Part = {**sample, "y": quantity("l"), "y2": {"field": "h"}}
    point = {"size": 80, "strokeWidth": 2.2, "fill": "var(--chart-ground)", "opacity": 1}
    layers = [
        layer(ROWS, in_band, "area", {"opacity": 0.25}, **band, y2={"field": "h"}, fill=colour(), tooltip=computed),
        *(layer(ROWS, in_band, "line", {"strokeWidth": 1.5}, **{**end, "y": quantity(field)}) for field in "lh"),
        layer(ROWS, in_samples, "rule", {"strokeWidth": 2.5, "strokeOpacity": 0.55}, **interval),
        layer(ROWS, in_samples, "point", point, **sample, y=quantity("v"), shape=shape(), tooltip=sampled),
    ]  # fmt: skip
    return dressed(layers, 260, {})


def tradeoff_plot() -> Part:
    """Return quality against diversity; the rows are described in `tempkit.report.charts.tradeoff`. The page writes the axes' titles."""

    def place(name: str, axis: str) -> Part:
        ticks = {"tickCount": 6, "grid": True, "gridDash": [1, 3], "labelExpr": label(f"{axis}_share")}
        ends = [{"expr": f"{axis}_low"}, {"expr": f"{axis}_high"}]
        return quantity(name, axis=ticks, scale={"domain": ends, "nice": False, "zero": False})

    right, up = place("p", "x"), place("q", "y")
    base: Part = {"x": right, "y": up, "detail": category("c"), "stroke": colour()}
    upright: Part = {**base, "y": quantity("ql"), "y2": {"field": "qh"}, "opacity": opaque()}
    level: Part = {**base, "x": quantity("pl"), "x2": {"field": "ph"}, "opacity": opaque()}
    interval = {"strokeWidth": 1.5, "strokeOpacity": 0.4, "clip": True}
    point = {"size": 80, "strokeWidth": 2.2, "fill": "var(--chart-ground)"}
    in_order = {"field": "o", "type": "ordinal"}
    tip = [
        category("m", title=_("Model")),
        temperature_tip(),
        category("qd", title=_("Quality")),
        category("pd", title=_("Diversity")),
    ]
    named: Part = {"x": right, "y": up, "text": category("d"), "fill": colour(), "opacity": opaque()}

    def text(side: str, **how: Any) -> Part:
        return layer(
            ROWS, f"datum.w === '{side}'", "text", {"fontSize": 13, "fontWeight": 600, **how}, **named
        )

    layers = [
        layer(ROWS, "datum.ql !== null", "rule", interval, **upright),
        layer(ROWS, "datum.pl !== null", "rule", interval, **level),
        layer(ROWS, "datum.f === 1", "line", {"strokeWidth": 2.5}, **base, order=in_order, strokeDash=dash()),
        faint_way(right, up, ("u", "v"), 2.5),
        layer(ROWS, None, "point", point, **base, shape=shape(), tooltip=tip, opacity=opaque()),
        text("e", align="left", dx=9, baseline="middle"),
        text("w", align="right", dx=-9, baseline="middle"),
        text("n", align="center", dy=-9, baseline="bottom"),
        text("s", align="center", dy=9, baseline="top"),
    ]  # fmt: skip
    ends = {
        f"{axis}_{end}": value for axis in "xy" for end, value in (("low", 0), ("high", 1), ("share", True))
    }
    return dressed(layers, 250, ends)
