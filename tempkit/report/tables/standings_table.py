"""Where each temperature stands, as a small table under a decision: its mean with interval, what it could cost, and the verdict.

The means are drawn on one scale for all rows, with the margin of the best one shaded. Which temperature is taken rests on
differences question by question and not on which bars overlap, so what a row could cost stands beside its bar.
"""

from typing import Any

from tempkit.analysis import MEAN_LEVEL
from tempkit.decision import (
    Decision,
    TemperatureResult,
    amount,
    could_cost,
    difference,
    place_word,
    questions,
    range_of,
    usable_pick,
)
from tempkit.measures import titled
from tempkit.report.text.text import count, share
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["standing"]


_LEAST_ROOM = 1e-9
"""Of a value: a margin that is smaller may be lost in its rounding."""


def standing(found: Decision) -> dict[str, Any] | None:
    """Return the table as JSON-able data; None where no temperature has a mean.

    A row's `low`, `at` and `high` are places on the scale, from 0 to 100: the ends of the interval (null where there is none) and
    the mean. `band` is the margin of the best mean on the same scale.
    """
    scale = _scale(found)
    if found.measure is None or scale is None:
        return None
    return {
        "measure": titled(found.measure),
        "caption": _caption(found, titled(found.measure)),
        "margin": difference(found.margin, found.unit),
        "ends": [amount(end, found.unit) for end in scale],
        "band": _band(found, scale),
        "rows": [_row(found, level, scale) for level in found.temperatures],
    }


def _caption(found: Decision, measure: str) -> str:
    parts = {"measure": measure, "questions": questions(found.items), "level": share(MEAN_LEVEL)}
    if all(level.low is None for level in found.temperatures):
        return _("%(measure)s: mean over %(questions)s") % parts
    return _("%(measure)s: mean over %(questions)s, with its %(level)s interval") % parts


def _row(found: Decision, level: TemperatureResult, scale: tuple[float, float]) -> dict[str, Any]:
    known = level.low is not None and level.high is not None
    return {
        "temperature": degrees(level.temperature),
        "chosen": level.temperature == usable_pick(found),
        "place": level.place,
        "mean": "–" if level.mean is None else amount(level.mean, found.unit),
        "interval": range_of(level.low, level.high, found.unit)
        if level.low is not None and level.high is not None
        else None,
        "low": _at(level.low, scale) if known else None,
        "at": _at(level.mean, scale),
        "high": _at(level.high, scale) if known else None,
        "items": count(level.n),
        "cost": could_cost(level, found.unit),
        "verdict": _("our pick")
        if level.temperature == usable_pick(found)
        else place_word(level.place, level.inside_limits),
    }


def _scale(found: Decision) -> tuple[float, float] | None:
    """Return the ends of the scale: of all means and their intervals; None where nothing was measured."""
    ends = [
        end
        for level in found.temperatures
        for end in (level.mean, level.low, level.high)
        if end is not None and level.place != "not_measured"
    ] or [level.mean for level in found.temperatures if level.mean is not None]
    if not ends:
        return None
    low, high = min(ends), max(ends)
    if low < high:
        return low, high
    room = max(found.margin, _LEAST_ROOM * abs(low))
    return low - room, high + room


def _at(value: float | None, scale: tuple[float, float]) -> float | None:
    low, high = scale
    return None if value is None else round(100 * min(1.0, max(0.0, (value - low) / (high - low))), 2)


def _band(found: Decision, scale: tuple[float, float]) -> dict[str, float] | None:
    best = found.best_mean
    if best is None:
        return None
    edge = best - found.margin if found.higher_is_better else best + found.margin
    start, end = sorted(((_at(edge, scale) or 0.0), (_at(best, scale) or 0.0)))
    return {"x": start, "width": round(end - start, 2)}
