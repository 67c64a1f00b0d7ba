"""What is different between the pick and either end of the temperatures, in words, for the two measures of a trade-off."""

from collections.abc import Iterator
from typing import Any

from tempkit.analysis import Curve
from tempkit.decision import amount, difference, span_of
from tempkit.measures import titled
from tempkit.report.charts.against import Against, Apart, against
from tempkit.report.charts.lines import Line
from tempkit.report.text.characters import plain
from tempkit.report.text.sentences import at
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["change", "changes"]


def changes(line: Line, across: Curve, up: Curve, *, several: bool) -> Iterator[dict[str, Any]]:
    """Yield what is different at either end of the temperatures that no guard-rail rules out, against the pick, question by question."""
    of = [(curve, against(line, curve)) for curve in (up, across)]
    reference = next((found.reference for _c, found in of if found is not None and found.is_pick), None)
    known_at = sorted({each.temperature for _c, found in of if found is not None for each in found.others})
    if not known_at:
        return
    picked = reference is not None
    if reference is None:
        reference = min(found.reference for _c, found in of if found is not None)
    ends = [t for t in (known_at[0], known_at[-1]) if (t < reference) == (t == known_at[0])]
    ends = list(dict.fromkeys(t for t in ends if t != reference))
    for t in ends:
        values = {"model": plain(line.label), "t": at(t), "reference": degrees(reference)}
        if picked:
            head = (
                _("%(model)s at %(t)s instead of %(reference)s, our pick:")
                if several
                else _("At %(t)s instead of %(reference)s, our pick:")
            )
        else:
            head = (
                _("%(model)s at %(t)s instead of %(reference)s:")
                if several
                else _("At %(t)s instead of %(reference)s:")
            )
        changes = [
            _changed(curve, found, t) for curve, found in of if found is None or found.reference == reference
        ]
        yield {"head": head % values, "changes": changes}


def _changed(curve: Curve, found: Against | None, t: float) -> str:
    apart = (
        next((each for each in found.others if each.temperature == t), None) if found is not None else None
    )
    return change(titled(curve.measure), apart, curve.scale.unit)


def change(title: str, found: Apart | None, unit: str) -> str:
    """Say one difference, and no more of it than its interval allows."""
    if found is None:
        return _("%s: too few questions have a value at both") % title
    by = amount(found.difference, unit, sign=True)
    if found.low is None or found.high is None:
        return _("%(measure)s: %(by)s in the mean of %(items)d questions, too few for an interval") % {
            "measure": title,
            "by": by,
            "items": found.n,
        }
    if not found.shown:
        return _("%(measure)s: no clear change (%(by)s; %(low)s to %(high)s)") % {
            "measure": title,
            "by": by,
            "low": amount(found.low, unit, sign=True),
            "high": amount(found.high, unit, sign=True),
        }
    values = {
        "measure": title,
        "by": difference(abs(found.difference), unit),
        "ends": span_of(*((found.low, found.high) if found.low > 0 else (-found.high, -found.low)), unit),
    }
    if found.low > 0:
        return _("%(measure)s: up by %(by)s (%(ends)s)") % values
    return _("%(measure)s: down by %(by)s (%(ends)s)") % values
