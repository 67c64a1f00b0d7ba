"""Vega-Lite specifications for the curves over temperature, one per measure, without data and without colours.

The data come from the view, so that the page's charts, tables and sentences cannot disagree. The colours are CSS
variables of the page (the charts are drawn as SVG), so a chart follows the reader's light or dark setting and the
printer's, and one specification serves every model. Expressions are few and plain, because the page forbids `eval` and
Vega then interprets them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.numerals import numeral
from tempkit.report.text import gettext as _

__all__ = ["ROWS", "specifications", "vegalite_version"]

ROWS = "rows"
"""The data set's name. Its rows: `t` temperature, `v` value, `d` the value as the page writes it, `l` and `h` the ends of its interval
or null, `i` item or null, `n` samples, `m` items."""

_MANY_TEMPERATURES = 9


def vegalite_version() -> str:
    """Return the Vega-Lite version the specifications are written for, as `major.minor`."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def specifications(temperatures: Sequence[float], axes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a Vega-Lite specification for each measure, by name; every model's chart of it shares the axes.

    Args:
        temperatures: The x axis; up to nine are all labelled.
        axes: The y axis of each measure, by name: its `title`, `unit` and `domain`.
    """
    import altair as alt

    every = list(temperatures) if len(temperatures) <= _MANY_TEMPERATURES else alt.Undefined
    x = alt.X("t:Q", title=_("Temperature"))
    x = x.axis(
        labelExpr="format(datum.value, '~r')", values=every, tickCount=6, grid=False, labelOverlap=True
    )
    x = x.scale(domain=[min(temperatures), max(temperatures)], padding=12, nice=False, zero=False)
    series: dict[str, Any] = {"stroke": "var(--series)"}
    hollow: dict[str, Any] = {**series, "fill": "var(--paper)", "opacity": 1}
    dot: dict[str, Any] = {
        "size": 14,
        "filled": True,
        "fill": "var(--series)",
        "fillOpacity": 0.4,
        "strokeOpacity": 0,
    }

    def specification(axis: Mapping[str, Any]) -> Any:
        labels: dict[str, Any] = {"format": "~f"}
        if axis["unit"] == "share":
            labels = {"labelExpr": "format(100 * datum.value, '.0f') + '\u00a0%'"}  # as the page writes it
        y = alt.Y("v:Q", title=None).axis(tickCount=4, **labels).scale(domain=list(axis["domain"]), nice=True)
        at = alt.Tooltip("t:Q", title=_("Temperature"), format="~r")
        value = alt.Tooltip("d:N", title=axis["title"])
        samples = alt.Tooltip("n:Q", title=_("Answers"), format="d")
        of_item = [alt.Tooltip("i:N", title=_("Item")), at, value]
        of_mean = [at, value, alt.Tooltip("m:Q", title=_("Items"), format="d"), samples]

        base = alt.Chart(alt.NamedData(ROWS)).encode(x=x, y=y)
        items = base.transform_filter("datum.i !== null").encode(detail="i:N")
        means = base.transform_filter("datum.i === null")
        spread = means.transform_filter("datum.l !== null")
        chart = alt.layer(
            items.mark_line(strokeWidth=1, strokeOpacity=0.35, **series),
            items.mark_point(**dot).encode(tooltip=of_item),
            spread.mark_rule(strokeWidth=2, strokeOpacity=0.6, **series).encode(
                y=alt.Y("l:Q", title=None), y2="h:Q"
            ),
            means.mark_line(strokeWidth=3, **series),
            means.mark_point(size=64, strokeWidth=2.5, **hollow).encode(tooltip=of_mean),
        )
        # The tests validate the result against the schema; doing it for every report doubles the time.
        return _dressed(chart).to_dict(validate=False)

    return {name: specification(axis) for name, axis in axes.items()}


def _dressed(chart: Any) -> Any:
    """Give a chart its size and the page's colours. No ARIA: the page itself describes the chart, once."""
    return (
        chart.properties(
            width="container", height=170, padding={"left": 2, "right": 6, "top": 6, "bottom": 2}
        )
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
    )


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
