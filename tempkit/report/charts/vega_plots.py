"""The Vega-Lite specifications of what is no mean over temperature: the panel against the pick, the trade-off, and computed bounds."""

from collections.abc import Sequence
from typing import Any

from tempkit.report.charts.vega_parts import (
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
from tempkit.report.text.text import gettext as _

__all__ = ["LABELS", "exact_plot", "tradeoff_plot", "versus_plot"]

LABELS = 54
"""Pixels for the y labels of charts that stand below each other, so that their temperatures do too."""


def versus_plot(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return differences to the pick; the rows are described in `tempkit.report.charts.versus`."""
    import altair as alt

    points = "share ? format(100 * datum.value, '+.0f') : format(datum.value, '+~f')"
    written = f"datum.value === 0 ? '0' : {points}"
    x = across("x", temperatures)
    y = alt.Y("v:Q", title=None).axis(tickCount=4, labelExpr=written, minExtent=LABELS, maxExtent=LABELS)
    y = y.scale(domain=[{"expr": "low"}, {"expr": "high"}], nice=True, zero=False)
    full_width: dict[str, Any] = {"x": alt.value(0), "x2": alt.value("width")}
    differences = alt.Chart(alt.NamedData(ROWS)).encode(x=x, y=y, detail="c:N", stroke=colour("stroke"))
    tip = [
        alt.Tooltip("m:N", title=_("Model")),
        temperature_tip(),
        alt.Tooltip("d:N", title=_("Difference")),
        alt.Tooltip("b:N", title=_("Bounds")),
    ]
    bounded = differences.transform_filter("datum.l !== null")
    layers = [
        *zones(),
        of_mark("alike").mark_rect(opacity=0.6, fill="var(--chart-grid)").encode(**full_width, y=y, y2="w:Q"),
        of_mark("zero").mark_rule(strokeWidth=1.2, stroke="var(--chart-label)").encode(**full_width, y=y),
        bounded.mark_rule(strokeWidth=2.5, strokeOpacity=0.55, clip=True).encode(y=alt.Y("l:Q", title=None), y2="h:Q"),
        differences.mark_point(size=70, strokeWidth=2.2, fill="var(--chart-ground)", opacity=1).encode(
            shape=shape(), tooltip=tip
        ),
    ]  # fmt: skip
    return dressed(alt.layer(*layers).properties(height=100), {"low": -1, "high": 1, "share": True})


def exact_plot(temperatures: Sequence[float]) -> dict[str, Any]:
    """Return bounds over temperature with samples beside them; the rows are described in `tempkit.report.charts.exact`."""
    import altair as alt

    def of(kind: str) -> Any:
        return alt.Chart(alt.NamedData(ROWS)).transform_filter(f"datum.w === '{kind}'")

    up = alt.Y("l:Q", title=None).axis(tickCount=5, labelExpr=label("true")).scale(domain=[0, 1])
    both = [alt.Tooltip("m:N", title=_("Model")), temperature_tip()]
    sampled = [
        *both,
        alt.Tooltip("d:N", title=_("In the samples")),
        alt.Tooltip("b:N", title=_("Interval")),
        alt.Tooltip("n:Q", title=_("Answers"), format="d"),
    ]
    band = of("band").encode(x=across("t", temperatures), y=up, detail="c:N")
    points = of("point").encode(x=across("x", temperatures), detail="c:N", stroke=colour("stroke"))
    layers = [
        band.mark_area(opacity=0.25).encode(
            y2="h:Q", fill=colour("fill"), tooltip=[*both, alt.Tooltip("b:N", title=_("Computed"))]
        ),
        *(
            band.mark_line(strokeWidth=1.5).encode(
                y=alt.Y(f"{end}:Q", title=None), stroke=colour("stroke"), strokeDash=dash()
            )
            for end in "lh"
        ),
        points.mark_rule(strokeWidth=2.5, strokeOpacity=0.55).encode(y=alt.Y("l:Q", title=None), y2="h:Q"),
        points.mark_point(size=80, strokeWidth=2.2, fill="var(--chart-ground)", opacity=1).encode(
            y=alt.Y("v:Q", title=None), shape=shape(), tooltip=sampled
        ),
    ]
    return dressed(alt.layer(*layers).properties(height=260), {})


def tradeoff_plot() -> dict[str, Any]:
    """Return quality against diversity; the rows are described in `tempkit.report.charts.tradeoff`. The page writes the axes' titles."""
    import altair as alt

    def place(channel: Any, name: str, axis: str) -> Any:
        made = channel(f"{name}:Q", title=None).axis(
            tickCount=6, grid=True, gridDash=[1, 3], labelExpr=label(f"{axis}_share")
        )
        ends = [{"expr": f"{axis}_low"}, {"expr": f"{axis}_high"}]
        return made.scale(domain=ends, nice=False, zero=False)

    right, up = place(alt.X, "p", "x"), place(alt.Y, "q", "y")
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=right, y=up, detail="c:N", stroke=colour("stroke"))
    opaque = alt.Opacity("f:Q", scale=None, legend=None)
    interval: dict[str, Any] = {"strokeWidth": 1.5, "strokeOpacity": 0.4, "clip": True}
    tip = [
        alt.Tooltip("m:N", title=_("Model")),
        temperature_tip(),
        alt.Tooltip("qd:N", title=_("Quality")),
        alt.Tooltip("pd:N", title=_("Diversity")),
    ]

    def text(side: str, **how: Any) -> Any:
        layer = alt.Chart(alt.NamedData(ROWS)).transform_filter(f"datum.w === '{side}'")
        return layer.mark_text(fontSize=13, fontWeight=600, **how).encode(
            x=right, y=up, text="d:N", fill=colour("fill"), opacity=opaque
        )

    solid = base.transform_filter("datum.f === 1")
    chart = alt.layer(
        base.transform_filter("datum.ql !== null").mark_rule(**interval).encode(y=alt.Y("ql:Q", title=None), y2="qh:Q", opacity=opaque),
        base.transform_filter("datum.pl !== null").mark_rule(**interval).encode(x=alt.X("pl:Q", title=None), x2="ph:Q", opacity=opaque),
        solid.mark_line(strokeWidth=2.5).encode(order="o:O", strokeDash=dash()),
        faint_way(right, up, ("u", "v"), 2.5),
        base.mark_point(size=80, strokeWidth=2.2, fill="var(--chart-ground)").encode(
            shape=shape(), tooltip=tip, opacity=opaque
        ),
        text("e", align="left", dx=9, baseline="middle"),
        text("w", align="right", dx=-9, baseline="middle"),
        text("n", align="center", dy=-9, baseline="bottom"),
        text("s", align="center", dy=9, baseline="top"),
    )  # fmt: skip
    ends = {
        f"{axis}_{end}": value for axis in "xy" for end, value in (("low", 0), ("high", 1), ("share", True))
    }
    return dressed(chart.properties(height=250), ends)
