"""Quality against diversity: one path per model through its temperatures, and in words what changes along it.

The plot shows means with their intervals, which say how far other items may differ. Whether two temperatures differ is another
question, for the same items at both; so the sentences come from differences item by item, and claim a change only where the
interval of the difference leaves out zero. Which two measures are drawn, the use case says.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tempkit.analysis import Curve, Point, curves
from tempkit.decision import amount, difference, span_of
from tempkit.measures import known, titled
from tempkit.report.charts.lines import Line
from tempkit.report.text.characters import plain
from tempkit.report.text.sentences import at
from tempkit.report.text.text import figure
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.report.text.vocabulary import unit_word
from tempkit.statistics import Contrast, contrast

__all__ = ["tradeoff"]

_LEVEL = 0.95
_PLACES = {"e": (20.0, 0.0), "w": (-20.0, 0.0), "n": (0.0, -15.0), "s": (0.0, 15.0)}
"""Where the middle of a label can stand beside its point, in the order of preference, in pixels right and down."""

_FRAME, _ROOM, _WIDE = (560.0, 300.0), 16.0, 1.5
"""The plot's size in pixels, how high a label is, and how much wider than high."""

_MARGIN = 0.1
"""Of the span, left free at each end of an axis."""
_LEAST_PART = 1e-9
"""The same, of the largest number on it, at least."""


def tradeoff(lines: Sequence[Line], ident: str) -> dict[str, Any] | None:
    """Return the plot as JSON-able data: its `axes`, `rows` and `says`; None where no profile asks for one or values are missing.

    `says` has for each model a `head` and the two `changes`. A row is a model at a temperature: `p` and `q` are the means of diversity and quality, `pl ph ql qh` the ends of their
    intervals or null, `pd qd` both as the page writes them with intervals, `o` its place on the path, `w` on which side its
    label stands.
    """
    pair = _measures(lines)
    if pair is None:
        return None
    quality, diversity = pair
    drawn = [
        (place, line, _curve(line, diversity), _curve(line, quality)) for place, line in enumerate(lines)
    ]
    rows = [
        row
        for place, line, across, up in drawn
        if across is not None and up is not None
        for row in _rows(place, line, across, up)
    ]
    if len({row["t"] for row in rows}) < 2:
        return None
    across = next(curve for _place, _line, curve, _up in drawn if curve is not None)
    up = next(curve for _place, _line, _across, curve in drawn if curve is not None)
    axes = {"x": _axis(across, rows, "p"), "y": _axis(up, rows, "q")}
    _place_labels(rows, axes)
    return {
        "id": ident,
        "title": _("%(quality)s against %(diversity)s") % _titles(up, across),
        "axes": axes,
        "rows": rows,
        "label": _label(rows, up, across),
        "says": [
            _says(line, across, up, several=len(lines) > 1)
            for _place, line, across, up in drawn
            if across is not None and up is not None and len(_both(across, up)) > 1
        ],
    }


def _measures(lines: Sequence[Line]) -> tuple[str, str] | None:
    """Return the first quality and the first diversity that the profile names and that some line has both values of."""
    wanted = next(
        (line.found.tradeoff for line in lines if line.found is not None and line.found.tradeoff), None
    )
    if wanted is None:
        return None
    for quality in wanted.qualities:
        for diversity in wanted.diversities:
            if any(line.scored.table(quality) and line.scored.table(diversity) for line in lines):
                return quality, diversity
    return None


def _curve(line: Line, measure: str) -> Curve | None:
    """Return a line's curve of a measure, of several versions the one with the most values, as decisions take it."""
    table = line.scored.table(measure)
    if table is None:
        return None
    (curve,) = curves(replace(line.scored, tables=(table,)))
    return curve


def _both(across: Curve, up: Curve) -> list[tuple[Point, Point]]:
    return [
        (one, other)
        for one, other in zip(across.points, up.points, strict=True)
        if one.mean is not None and other.mean is not None
    ]


def _rows(place: int, line: Line, across: Curve, up: Curve) -> Iterator[dict[str, Any]]:
    for order, (one, other) in enumerate(_both(across, up)):
        yield {
            "t": one.temperature,
            "d": degrees(one.temperature),
            "o": order,
            "p": one.mean,
            "pl": one.low,
            "ph": one.high,
            "pd": _labelled(one, across.scale.unit),
            "q": other.mean,
            "ql": other.low,
            "qh": other.high,
            "qd": _labelled(other, up.scale.unit),
            "s": line.series,
            "k": line.shape,
            "c": place,
            "m": plain(line.label),
        }


def _labelled(point: Point, unit: str) -> str:
    if point.low is None or point.high is None:
        return _("%s (no interval)") % figure(point.mean, unit)
    return _("%(mean)s (%(low)s to %(high)s)") % {
        "mean": figure(point.mean, unit),
        "low": figure(point.low, unit),
        "high": figure(point.high, unit),
    }


def _axis(curve: Curve, rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return an axis over what is drawn, and not from zero: what counts here is the shape of the path."""
    ends = [row[end] for row in rows for end in (name, f"{name}l", f"{name}h") if row[end] is not None]
    # An axis needs some length, also beside numbers so large that a half is nothing to them.
    free = max(_MARGIN * (max(ends) - min(ends)) or 0.5, _LEAST_PART * max(map(abs, ends)))
    low, high = min(ends) - free, max(ends) + free
    if curve.scale.low is not None:
        low = max(low, curve.scale.low - free)
    if curve.scale.high is not None:
        high = min(high, curve.scale.high + free)
    about = known(curve.measure)
    better = {"higher": _("higher is better"), "lower": _("lower is better")}
    unit = curve.scale.unit
    notes = [
        note
        for note in (
            "" if unit in ("share", "") else unit_word(unit),
            better.get(about.direction, "") if about else "",
        )
        if note
    ]
    return {
        "title": f"{titled(curve.measure)} ({', '.join(notes)})" if notes else titled(curve.measure),
        "short": titled(curve.measure),
        "unit": unit,
        "domain": (low, high),
    }


def _titles(up: Curve, across: Curve) -> dict[str, str]:
    return {"quality": titled(up.measure), "diversity": titled(across.measure)}


def _label(rows: Sequence[dict[str, Any]], up: Curve, across: Curve) -> str:
    points = "; ".join(
        _("%(model)s at %(t)s: %(diversity)s, %(quality)s")
        % {"model": row["m"], "t": at(row["t"]), "diversity": row["pd"], "quality": row["qd"]}
        for row in rows
    )
    return _("%(diversity)s on the x axis, %(quality)s on the y axis, by temperature. %(points)s.") % {
        **_titles(up, across),
        "points": points,
    }


def _says(line: Line, across: Curve, up: Curve, *, several: bool) -> dict[str, Any]:
    """Return what changes from the lowest temperature to the highest that no guard-rail rules out, item by item."""
    out = () if line.found is None else line.found.placed("ruled_out")
    grid = [one.temperature for one, _other in _both(across, up)]
    first = grid[0]
    last = next((t for t in reversed(grid[1:]) if t not in out), grid[-1])
    values = {"model": line.label, "low": degrees(first), "high": degrees(last)}
    head = _("%(model)s, from T = %(low)s to %(high)s:") if several else _("From T = %(low)s to %(high)s:")
    return {
        "head": head % values,
        "changes": [_change(line, across, first, last), _change(line, up, first, last)],
    }


def _change(line: Line, curve: Curve, first: float, last: float) -> str:
    table = line.scored.table(curve.measure)
    assert table is not None, "a curve has a table"  # noqa: S101
    columns = [table.temperatures.index(t) for t in (first, last)]
    return _clause(titled(curve.measure), contrast(table.values, *columns, level=_LEVEL), curve.scale.unit)


def _clause(title: str, found: Contrast, unit: str) -> str:
    """Say one difference, and no more of it than its interval allows."""
    if found.difference is None:
        return _("%s: no question has a value at both") % title
    by = amount(found.difference, unit, sign=True)
    if found.interval is None:
        return _("%(measure)s: %(by)s in the mean of %(items)d questions, too few for an interval") % {
            "measure": title,
            "by": by,
            "items": found.n_items,
        }
    low, high = found.interval.low, found.interval.high
    if low <= 0 <= high:
        return _("%(measure)s: no clear change (%(by)s; %(low)s to %(high)s)") % {
            "measure": title,
            "by": by,
            "low": amount(low, unit, sign=True),
            "high": amount(high, unit, sign=True),
        }
    values = {
        "measure": title,
        "by": difference(abs(found.difference), unit),
        "ends": span_of(*((low, high) if low > 0 else (-high, -low)), unit),
    }
    if low > 0:
        return _("%(measure)s: up by %(by)s (%(ends)s)") % values
    return _("%(measure)s: down by %(by)s (%(ends)s)") % values


def _place_labels(rows: list[dict[str, Any]], axes: dict[str, dict[str, Any]]) -> None:
    """Give each label the side on which it is farthest from other points and from labels that are placed already."""

    def on_screen(row: dict[str, Any]) -> tuple[float, float]:
        (left, right), (bottom, top) = axes["x"]["domain"], axes["y"]["domain"]
        x = (row["p"] - left) / (right - left) * _FRAME[0]
        return x, (1 - (row["q"] - bottom) / (top - bottom)) * _FRAME[1]

    taken = [point for path in _paths(rows) for point in _along(list(map(on_screen, path)))]
    for row in rows:
        x, y = on_screen(row)

        def free(side: str, x: float = x, y: float = y) -> float:
            here = (x + _PLACES[side][0], y + _PLACES[side][1])
            if not (0 < here[0] < _FRAME[0] and 6 < here[1] < _FRAME[1] - 6):
                return -1.0
            return min(min(_apart(here, other) for other in taken), _ROOM)

        row["w"] = max(_PLACES, key=free)
        dx, dy = _PLACES[row["w"]]
        taken.append((x + dx, y + dy))


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot((one[0] - other[0]) / _WIDE, one[1] - other[1])


def _paths(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return each line's rows."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["c"], []).append(row)
    return list(found.values())


def _along(path: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield points on a path, no farther apart than a label is high: a label should not stand on a line either."""
    yield path[0]
    for (x, y), (to_x, to_y) in pairwise(path):
        steps = max(1, math.ceil(math.dist((x, y), (to_x, to_y)) / _ROOM))
        for step in range(1, steps + 1):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
