"""Where a chart's y axis begins and ends: as near as what is seen allows.

A guard-rail's axis reaches twice its limit, so that the limit can be told from zero; a bar that would squeeze everything else, as one
over the whole range from a handful of answers, runs out of the frame and is told in full by the table and the tip. Single questions
reach farther than their means, so there is a wider axis for when a reader asks for them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tempkit.analysis import Curve

__all__ = ["y_axis"]

Row = Mapping[str, Any]

_LIMITS = ("limit", "own limit")

_FAR = 4.0
"""How many times its limit a guard-rail's axis reaches at most for the sake of an interval."""

_ABSURD = 0.9
"""Of a measure's whole range: an interval as wide says nothing, and is not made room for."""

_FROM_ZERO = 0.6
"""An axis begins at zero if the least of what it shows is below this part of the greatest."""

_FREE = 0.04
"""Of the span, left free beyond the means."""


def y_axis(
    curves: Sequence[Curve], rows: Sequence[Row], marks: Sequence[Row]
) -> dict[str, tuple[float, float]]:
    """Return as `domain` the span of what a chart shows, and as `whole` that of its single questions too.

    Args:
        curves: The chart's.
        rows: Its means.
        marks: Its reference marks.
    """
    low, high = _fitted(curves[0], rows, [mark for mark in marks if mark["v"] is not None])
    values = [float(value) for curve in curves for value in curve.by_item.flat if math.isfinite(value)]
    return {"domain": (low, high), "whole": (min([low, *values]), max([high, *values]))}


def _fitted(curve: Curve, rows: Sequence[Row], marks: Sequence[Row]) -> tuple[float, float]:
    core = [row["v"] for row in rows] + [mark[end] for mark in marks for end in "vw" if mark[end] is not None]
    if not core:
        return 0.0, 1.0
    low, high = min(core), max(core)
    limits = [mark["v"] for mark in marks if mark["r"] in _LIMITS]
    below = any(mark["r"] in _LIMITS and mark["e"] == "below" for mark in marks)
    ends = list(_ends(rows, curve))
    if limits and not below:
        most = max(2 * max(limits), high * (1 + _FREE))
        far = max(most, _FAR * max(limits))
        return _proper(curve, min(low, 0.0), max([most, *(min(end, far) for end in ends)]))
    if limits:
        top = max([high, *ends])
        low = min(low, top - 2 * (top - min(limits)))
    low, high = min([low, *ends]), max([high, *ends])
    free = _FREE * (high - low)
    return _proper(curve, 0.0 if 0 <= low < _FROM_ZERO * high else low - free, high + free)


def _ends(rows: Iterable[Row], curve: Curve) -> Iterable[float]:
    """Yield the ends of intervals that are made room for: not of a temperature that is ruled out, and none over nearly everything."""
    bounded = curve.scale.low is not None and curve.scale.high is not None
    reach = (curve.scale.high or 0.0) - (curve.scale.low or 0.0) if bounded else math.inf
    for row in rows:
        low, high = row["l"], row["h"]
        if low is not None and high is not None and row["f"] == 1 and high - low < _ABSURD * reach:
            yield low
            yield high


def _proper(curve: Curve, low: float, high: float) -> tuple[float, float]:
    """Return ends inside the measure's range that are some length apart."""
    if curve.scale.low is not None:
        low = max(low, curve.scale.low)
    if curve.scale.high is not None:
        high = min(high, curve.scale.high)
    return (low, high) if low < high else (low - 1.0, high) if high > 0 else (low, high + 1.0)
