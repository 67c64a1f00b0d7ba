"""One run against another, item by item: what changed in the primary measure where both asked the same.

Two means over different items say little, because items differ more than runs do. So only items that both runs asked and
judged in the same way count, and each is compared with itself. The intervals of all temperatures hold together
(Bonferroni), since a reader looks for the one that stands out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tempkit.analysis import MEAN_LEVEL, Curve, ScoredSection, Section, curves
from tempkit.decision import Decision, amount, difference, span_of
from tempkit.i18n import said
from tempkit.measures import titled
from tempkit.report.tables.run_differences import same_question
from tempkit.report.text.sentences import at
from tempkit.report.text.text import count, enumerated, ngettext, share
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.statistics import Contrast, Values, contrast

__all__ = ["Side", "paired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A section of one of the two runs."""

    label: str
    """What the page calls it here: the run's name, or the model's where models are compared."""
    section: Section
    scored: ScoredSection
    found: Decision | None
    """How it was judged; None where no profile is known for it."""

    @property
    def measure(self) -> str | None:
        return None if self.found is None else self.found.measure

    def curve(self) -> Curve | None:
        """Return the curve of the primary measure that it was judged by."""
        if self.found is None:
            return None
        wanted = (self.found.measure, self.found.version)
        return next(
            (curve for curve in curves(self.scored) if (curve.measure, curve.version) == wanted), None
        )


@dataclass(frozen=True, slots=True)
class _Row:
    temperature: float
    means: tuple[float, float]
    found: Contrast


def paired(one: Side, other: Side) -> dict[str, Any] | None:
    """Return how `other` differs from `one` as JSON-able data; None where neither has a primary measure."""
    if one.measure is None and other.measure is None:
        return None
    table: dict[str, Any] = {"name": one.section.name, "one": one.label, "other": other.label, "rows": []}
    mine, theirs = one.curve(), other.curve()
    if one.measure != other.measure or mine is None or theirs is None:
        return {
            **table,
            "says": _("The two were not judged by the same measure, so they cannot be compared."),
        }
    if mine.version != theirs.version:
        reason = _(
            "%(measure)s was measured in two ways (%(a)s and %(b)s), so its values cannot be compared: tempkit measure RUN --anew."
        )
        return {
            **table,
            "says": reason % {"measure": titled(mine.measure), "a": mine.version, "b": theirs.version},
        }
    keys = _shared(one.section, other.section, mine, theirs)
    if not keys:
        return {**table, "says": _("The two share no question with a value, so they cannot be compared.")}
    rows = _rows(mine, theirs, keys)
    if not rows:
        return {**table, "says": _("The two share no temperature with values, so they cannot be compared.")}
    unit = mine.scale.unit
    return {
        **table,
        "says": _says(one, other, mine, rows),
        "heading": _("%(measure)s, mean over shared questions") % {"measure": titled(mine.measure)},
        "note": _note(rows),
        "rows": [
            {
                "temperature": degrees(row.temperature),
                "one": amount(row.means[0], unit),
                "other": amount(row.means[1], unit),
                "difference": amount(row.found.difference or 0.0, unit, sign=True),
                "interval": None
                if row.found.interval is None
                else span_of(row.found.interval.low, row.found.interval.high, unit),
                "reason": None if row.found.reason is None else said(row.found.reason),
                "items": count(row.found.n_items),
            }
            for row in rows
        ],
    }


def _shared(one: Section, other: Section, mine: Curve, theirs: Curve) -> list[str]:
    here = {row.item.key: row.item for row in one.rows}
    there = {row.item.key: row.item for row in other.rows}
    return [
        key
        for key in mine.items
        if key in theirs.items and key in here and key in there and same_question(here[key], there[key])
    ]


def _rows(mine: Curve, theirs: Curve, keys: Sequence[str]) -> list[_Row]:
    """Return the temperatures that both curves have values at, with their contrasts."""
    a, b = _places(mine), _places(theirs)
    stacked = {
        t: np.stack([_values(mine, keys, a[t]), _values(theirs, keys, b[t])], axis=1) for t in a if t in b
    }
    usable = {t: values for t, values in stacked.items() if np.isfinite(values).all(axis=1).any()}
    level = 1 - (1 - MEAN_LEVEL) / max(len(usable), 1)
    rows = []
    for t, values in usable.items():
        both = values[np.isfinite(values).all(axis=1)]
        found = contrast(_together(both, mine, theirs), 0, 1, level=level)
        rows.append(_Row(t, (float(both[:, 0].mean()), float(both[:, 1].mean())), found))
    return rows


def _together(both: NDArray[np.float64], mine: Curve, theirs: Curve) -> Values:
    """Return the two runs' item means, (items, 2), as values in the range that both measures have."""
    low, high = (mine.scale.low, mine.scale.high) if mine.scale == theirs.scale else (None, None)
    return Values(both[:, :, np.newaxis], low=low, high=high)


def _places(curve: Curve) -> dict[float, int]:
    return {point.temperature: column for column, point in enumerate(curve.points)}


def _values(curve: Curve, keys: Sequence[str], column: int) -> NDArray[np.float64]:
    row = {key: index for index, key in enumerate(curve.items)}
    return curve.by_item[[row[key] for key in keys], column]


def _says(one: Side, other: Side, curve: Curve, rows: Sequence[_Row]) -> str:
    """Return the outcome in a sentence: where a difference is shown, or that none is, or why nothing can be."""
    known = [row for row in rows if row.found.interval is not None]
    names = {"one": one.label, "other": other.label, "measure": titled(curve.measure)}
    if not known:
        row = max(rows, key=lambda each: each.found.n_items)
        return _("%(measure)s: nothing can be shown of %(other)s against %(one)s (%(reason)s).") % {
            **names,
            "reason": "" if row.found.reason is None else said(row.found.reason),
        }
    shown = [row for row in known if _apart(row.found)]
    if not shown:
        return _("%(measure)s: no difference between %(one)s and %(other)s is shown at %(where)s.") % {
            **names,
            "where": _where(known),
        }
    parts = [_change(row, curve.scale.unit) for row in shown]
    text = _("%(measure)s is shown to differ: in %(other)s it is %(how)s than in %(one)s.") % {
        **names,
        "how": enumerated(parts),
    }
    rest = len(known) - len(shown)
    if not rest:
        return text
    return f"{text} " + ngettext(
        "At %d other temperature no difference is shown.",
        "At %d other temperatures no difference is shown.",
        rest,
    ) % (rest)


def _change(row: _Row, unit: str) -> str:
    value = row.found.difference or 0.0
    apart, where = difference(abs(value), unit), at(row.temperature)
    if not any(digit in apart for digit in "123456789"):  # shown, and too small for the digits that are given
        return (_("slightly higher at %s") if value > 0 else _("slightly lower at %s")) % where
    form = _("%(amount)s higher at %(where)s") if value > 0 else _("%(amount)s lower at %(where)s")
    return form % {"amount": apart, "where": where}


def _note(rows: Sequence[_Row]) -> str:
    note = _("Each question is compared with itself.")
    if all(row.found.interval is None for row in rows):
        return note
    return f"{note} " + _("The intervals hold at all of these temperatures together, with %s confidence.") % (
        share(MEAN_LEVEL)
    )


def _where(rows: Sequence[_Row]) -> str:
    return f"T\u00a0=\u00a0{enumerated([degrees(row.temperature) for row in rows])}"


def _apart(found: Contrast) -> bool:
    interval = found.interval
    return interval is not None and (interval.low > 0 or interval.high < 0)
