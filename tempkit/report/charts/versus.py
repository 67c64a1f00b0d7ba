"""The panel below a lead chart: every temperature against the pick, question by question, quality upwards. It is what decides.

The bars are the decision's own bounds (`tempkit.decision.against_pick`): one that ends below zero is worse than the pick, one that
lies within the margin of zero on both sides is as good, anything else is too close to call.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tempkit.analysis import Curve
from tempkit.decision import AgainstPick, Decision, amount, difference, kept, range_of, usable_pick
from tempkit.measures import titled
from tempkit.report.charts.items import beside
from tempkit.report.charts.lines import Line
from tempkit.report.charts.marks import decided_by, zones
from tempkit.report.text.characters import plain
from tempkit.report.text.sentences import at
from tempkit.report.text.text import enumerated
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.report.text.vocabulary import unit_word

__all__ = ["versus"]

_COLUMNS = (
    ("model", "m"),
    ("temperature", "t"),
    ("difference", "v"),
    ("low", "l"),
    ("high", "h"),
    ("n", "n"),
)

_FAR = 3.0
"""How many times the largest difference the axis reaches at most for the sake of a bound."""


def versus(
    shown: Sequence[tuple[int, Line, Curve]], lines: Sequence[Line], ident: str
) -> dict[str, Any] | None:
    """Return the panel as JSON-able data; None where nothing is bounded on any line.

    Args:
        shown: The curves of the measure that decides, each with its line and the line's place.
        lines: All lines of the use case.
        ident: The panel's id.
    """
    drawn = [
        (place, line, curve, by)
        for place, line, curve in shown
        if (by := decided_by(line.found, curve)) is not None
        and usable_pick(by) is not None
        and any(each.low is not None and each.high is not None for each in by.against_pick)
    ]
    if not drawn:
        return None
    first = drawn[0][3]
    rows = [row for place, line, curve, by in drawn for row in _rows(place, line, curve, by, lines)]
    return {
        "id": ident,
        "measure": first.measure,
        "size": "versus",
        "title": _title(drawn),
        "name": _("%s against the pick") % titled(first.measure or ""),
        "unit": _unit(first),
        "about": None,
        "notes": [_decides(first), *dict.fromkeys(note for _m, note in zones(lines))],
        "priors": [],
        "label": _label(drawn),
        "columns": [list(each) for each in _COLUMNS],
        "rows": rows,
        "marks": [*_band(first), *(mark for mark, _note in zones(lines))],
        "domain": _domain(rows, first.margin),
        "share": first.unit == "share",
    }


def _rows(
    place: int, line: Line, curve: Curve, by: Decision, lines: Sequence[Line]
) -> Iterator[dict[str, Any]]:
    aside = beside(place, len(lines), [point.temperature for point in curve.points])
    common = {
        "c": place,
        "s": line.series,
        "k": line.shape,
        "m": plain(line.label),
        "f": 1,
        "u": None,
        "w": None,
    }
    pick = AgainstPick(temperature=by.pick or 0.0, difference=0.0, low=None, high=None, n=0)
    for each in sorted([*by.against_pick, pick], key=lambda one: one.temperature):
        yield {
            **common,
            "t": each.temperature,
            "x": each.temperature + aside,
            "v": each.difference,
            "d": _("our pick") if each is pick else amount(each.difference, by.unit, sign=True),
            "l": each.low,
            "h": each.high,
            "b": "–" if each is pick else _bounds(each, by.unit),
            "n": by.graded.n if each is pick else each.n,
        }


def _bounds(each: AgainstPick, unit: str) -> str:
    if each.low is None or each.high is None:
        return _("not bounded")
    return range_of(each.low, each.high, unit, sign=True)


def _band(by: Decision) -> list[dict[str, Any]]:
    mark: dict[str, Any] = dict.fromkeys(("r", "v", "w", "t", "d", "s", "k", "e"))
    return [{**mark, "r": "alike", "v": -by.margin, "w": by.margin}, {**mark, "r": "zero", "v": 0.0}]


def _domain(rows: Sequence[dict[str, Any]], margin: float) -> tuple[float, float]:
    means = [row["v"] for row in rows]
    far = max(_FAR * max(map(abs, means)), 2 * margin)
    ends = [min(max(row[end], -far), far) for row in rows for end in "lh" if row[end] is not None]
    return min([-1.5 * margin, *means, *ends]), max([1.5 * margin, *means, *ends])


def _unit(by: Decision) -> str:
    unit = _("points") if by.unit == "share" else unit_word(by.unit)
    used = "" if by.policy == "single" else kept(by.policy)
    return " · ".join(filter(None, [unit, _("mean difference per question"), _("better is up"), used]))


def _decides(by: Decision) -> str:
    return _(
        "This is what decides: each question is compared with itself at the pick. The bars are bounds on the mean difference that hold for all "
        "temperatures together; the band around zero is the margin of %(margin)s that does not matter."
    ) % {"margin": difference(by.margin, by.unit)}


def _title(drawn: Sequence[tuple[int, Line, Curve, Decision]]) -> str:
    parts = []
    for _place, line, _curve, by in drawn:
        values = {"pick": degrees(by.pick or 0.0), "model": plain(line.label), "what": _verdicts(by)}
        form = (
            _("%(model)s, against %(pick)s: %(what)s")
            if len(drawn) > 1
            else _("Against our pick, %(pick)s: %(what)s")
        )
        parts.append(form % values)
    return "; ".join(parts)


def _verdicts(by: Decision) -> str:
    found: dict[str, list[str]] = {}
    for each in by.against_pick:
        found.setdefault(_verdict(each, by.margin), []).append(degrees(each.temperature))
    forms = {
        "worse": _("worse at %s"),
        "better": _("better at %s"),
        "alike": _("as good at %s"),
        "open": _("too close to call at %s"),
    }
    return ", ".join(form % _joined(found[name]) for name, form in forms.items() if name in found)


def _verdict(each: AgainstPick, margin: float) -> str:
    if each.low is None or each.high is None:
        return "open"
    if each.high < 0:
        return "worse"
    if each.low > 0:
        return "better"
    return "alike" if -margin <= each.low and each.high <= margin else "open"


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(several)s and %(last)s") % {"several": enumerated(parts[:-1]), "last": parts[-1]}


def _label(drawn: Sequence[tuple[int, Line, Curve, Decision]]) -> str:
    parts = []
    for _place, line, _curve, by in drawn:
        values = "; ".join(
            f"{at(each.temperature)}: {amount(each.difference, by.unit, sign=True)} ({_bounds(each, by.unit)})"
            for each in by.against_pick
        )
        parts.append(f"{plain(line.label)}: {values}" if len(drawn) > 1 else values)
    return _("%(title)s. Difference per question, over temperature: %(values)s.") % {
        "title": _title(drawn),
        "values": ". ".join(parts),
    }
