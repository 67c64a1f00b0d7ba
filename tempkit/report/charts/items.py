"""The single items behind a use case's means, packed apart from them: they are many times as much data, for the few who ask.

Where a model's marks stand beside their temperature is decided here too, because items and means must stand together.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tempkit.analysis import Curve
from tempkit.report.charts.lines import Key, Line
from tempkit.report.text.characters import plain
from tempkit.report.text.text import figure

__all__ = ["beside", "items"]

_APART = 0.022
"""Of the axis, between the marks of two models at one temperature, so that their intervals stand side by side."""

_CROWDED = 0.5
"""Of the distance between two temperatures, what all models' marks at one of them may take together."""

_DIGITS = 6
"""Significant digits of an item's value in a chart; the downloads have all of them."""


def beside(place: int, of: int, temperatures: Sequence[float]) -> float:
    """Return how far to the side of its temperature a line's marks stand."""
    steps = [high - low for low, high in pairwise(temperatures)]
    if of < 2 or not steps:
        return 0.0
    apart = min(_APART * (temperatures[-1] - temperatures[0]), _CROWDED * min(steps) / of)
    return round((place - (of - 1) / 2) * apart, 6)


def items(
    charts: Sequence[tuple[str, Key]],
    together: Mapping[Key, Mapping[int, Curve]],
    lines: Sequence[Line],
) -> dict[str, Any]:
    """Return the values of single items: `keys` are their names, `said` values in words; `charts` has for each chart its `lines`.

    A line has its place `c`, colour `s`, shape `k`, model `m`, its temperatures `t`, how far beside them it stands `x`, the
    items `i` as places in `keys`, and per item the values `v`, to six digits, null where there is none, and `d`, where in
    `said` they stand in words.
    """
    keys: dict[str, int] = {}
    said: dict[str, int] = {}

    def line(place: int, curve: Curve) -> dict[str, Any]:
        temperatures = [point.temperature for point in curve.points]
        return {
            "c": place,
            "s": lines[place].series,
            "k": lines[place].shape,
            "m": plain(lines[place].label),
            "t": temperatures,
            "x": beside(place, len(lines), temperatures),
            "i": [keys.setdefault(plain(item), len(keys)) for item in curve.items],
            "v": [
                [float(f"{v:.{_DIGITS}g}") if math.isfinite(v) else None for v in row]
                for row in curve.by_item.tolist()
            ],
            "d": [
                [said.setdefault(figure(v, curve.scale.unit), len(said)) for v in row]
                for row in curve.by_item.tolist()
            ],
        }

    found = {
        ident: {"lines": [line(place, curve) for place, curve in together[key].items()]}
        for ident, key in charts
    }
    return {"keys": list(keys), "said": list(said), "charts": found}
