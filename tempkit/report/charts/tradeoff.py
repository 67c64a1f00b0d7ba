"""Quality against diversity: one path per model through its temperatures, quality upwards, and in words what changes along it.

The plot shows means with their intervals, which say how far other items may differ. Whether two temperatures differ is another
question, for the same items at both; so the sentences come from differences item by item (`tempkit.report.charts.against`), to the pick
where there is one, and claim a change only where the interval of the difference leaves out zero. Which two measures are drawn, the
use case says.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tempkit.analysis import Curve, Point, curves
from tempkit.measures import known, titled
from tempkit.report.charts.against import against, ruled_out
from tempkit.report.charts.findings import finding
from tempkit.report.charts.lines import Line
from tempkit.report.charts.means import FAINT
from tempkit.report.charts.plot_labels import place_labels
from tempkit.report.charts.titles import chart_title
from tempkit.report.charts.tradeoff_words import changes
from tempkit.report.text.characters import plain
from tempkit.report.text.measure_words import better, defined
from tempkit.report.text.sentences import at
from tempkit.report.text.text import figure
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.report.text.vocabulary import unit_word

__all__ = ["tradeoff"]

_COLUMNS = (
    ("model", "m"),
    ("temperature", "t"),
    *(("diversity", "p"), ("diversity_low", "pl"), ("diversity_high", "ph")),
    *(("quality", "q"), ("quality_low", "ql"), ("quality_high", "qh")),
)

_MARGIN = 0.1
"""Of the span, left free at each end of an axis."""
_LEAST_PART = 1e-9
"""The same, of the largest number on it, at least."""


def tradeoff(lines: Sequence[Line], ident: str, beside: Collection[str] = ()) -> dict[str, Any] | None:
    """Return the plot as JSON-able data: its `axes`, `rows` and `says`; None where no profile asks for one or values are missing.

    `says` has for each model and each end of its temperatures a `head` and the two `changes`. A row is a model at a temperature: `p` and `q` are the means of diversity and quality, `pl ph ql qh` the ends of their
    intervals or null, `pd qd` both as the page writes them with intervals, `o` its place on the path, `w` on which side its
    label stands, `f` how opaque it is, `u v` where the next point is if the way there is as faint. Of a measure of which less is better
    the axis is turned, so that better is up.

    Args:
        lines: The models.
        ident: The plot's id.
        beside: Measures whose charts stand beside it, so that its title need not say what is seen of them.
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
    place_labels(rows, axes)
    return {
        "id": ident,
        "title": _title(
            [(line, a, b) for _place, line, a, b in drawn if a is not None and b is not None], beside
        ),
        "name": _("%(quality)s against %(diversity)s") % _titles(up, across),
        "unit": _("each point is a temperature"),
        "about": None,
        "notes": [
            *(_defined(curve) for curve in (up, across)),
            _(
                "Differences are taken question by question, and their intervals hold for all temperatures of a measure together; a change whose "
                "interval includes 0 is no clear change. Temperatures that a guard-rail rules out are faint, and left out of the sentences."
            ),
        ],
        "priors": [],
        "columns": [list(each) for each in _COLUMNS],
        "axes": axes,
        "rows": rows,
        "label": _label(rows, up, across),
        "says": [
            said
            for _place, line, across, up in drawn
            if across is not None and up is not None
            for said in changes(line, across, up, several=len(lines) > 1)
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
    out = ruled_out(line)
    rows = [
        {
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
            "f": FAINT if one.temperature in out else 1,
            "u": None,
            "v": None,
        }
        for order, (one, other) in enumerate(_both(across, up))
    ]
    for row, after in pairwise(rows):
        if FAINT in (row["f"], after["f"]):
            row |= {"u": after["p"], "v": after["q"]}
    yield from rows


def _labelled(point: Point, unit: str) -> str:
    if point.low is None or point.high is None:
        return _("%s (no interval)") % figure(point.mean, unit)
    return _("%(mean)s (%(low)s to %(high)s)") % {
        "mean": figure(point.mean, unit),
        "low": figure(point.low, unit),
        "high": figure(point.high, unit),
    }


def _axis(curve: Curve, rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return an axis over what is drawn, and not from zero: what counts here is the shape of the path.

    Its `domain` falls where less is better and up is to be better. Intervals of what is ruled out are not made room for.
    """
    solid = [row for row in rows if row["f"] == 1] or rows
    ends = [row[name] for row in rows] + [
        row[end] for row in solid for end in (f"{name}l", f"{name}h") if row[end] is not None
    ]
    # An axis needs some length, also beside numbers so large that a half is nothing to them.
    free = max(_MARGIN * (max(ends) - min(ends)) or 0.5, _LEAST_PART * max(map(abs, ends)))
    low, high = min(ends) - free, max(ends) + free
    if curve.scale.low is not None:
        low = max(low, curve.scale.low - free)
    if curve.scale.high is not None:
        high = min(high, curve.scale.high + free)
    turned = name == "q" and _less_is_better(curve)
    unit = curve.scale.unit
    way = _("less is better, so less is up") if turned else better(known(curve.measure))
    notes = [note for note in ("" if unit in ("share", "") else unit_word(unit), way) if note]
    return {
        "title": f"{titled(curve.measure)} ({', '.join(notes)})" if notes else titled(curve.measure),
        "short": titled(curve.measure),
        "unit": unit,
        "domain": (high, low) if turned else (low, high),
    }


def _less_is_better(curve: Curve) -> bool:
    about = known(curve.measure)
    return about is not None and about.direction == "lower"


def _title(drawn: Sequence[tuple[Line, Curve, Curve]], beside: Collection[str]) -> str:
    """Return what is seen of both measures, without what stands beside it already."""
    said = []
    for ups in (True, False):
        of = [(line, up if ups else across) for line, across, up in drawn]
        measure = of[0][1].measure
        if measure in beside:
            continue
        found = [
            (
                line.label,
                finding(
                    curve,
                    against(line, curve),
                    unwanted=_less_is_better(curve) and curve.scale.unit == "share",
                ),
            )
            for line, curve in of
        ]
        said.append(chart_title(measure, titled(measure), found))
    return ". ".join(said) or _("%(quality)s against %(diversity)s") % _titles(drawn[0][2], drawn[0][1])


def _defined(curve: Curve) -> str:
    about = known(curve.measure)
    if about is None:
        return titled(curve.measure)
    return _("%(measure)s: %(definition)s") % {
        "measure": titled(curve.measure),
        "definition": defined(about)["definition"],
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
