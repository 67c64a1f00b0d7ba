"""One run against another: what changed in the primary measure, and in what an answer must never do, where both asked the same.

The guard-rails of either run are compared as well as the measure that decides: where answers fall apart they can often not be
scored, and a comparison of scores alone would pass over it. The intervals of all temperatures hold together (Bonferroni), since
a reader looks for the one that stands out: those of the primary measure, and those of all other measures together.
"""

from collections.abc import Sequence
from typing import Any

from tempkit.analysis import MEAN_LEVEL
from tempkit.decision import difference
from tempkit.i18n import said
from tempkit.measures import titled
from tempkit.report.tables.comparison_lead import lead
from tempkit.report.tables.measure_pairs import MeasurePair, Row, measure_pair, missing, places
from tempkit.report.tables.side import Side, shared_questions
from tempkit.report.text.sentences import at
from tempkit.report.text.text import enumerated, ngettext, share
from tempkit.report.text.text import gettext as _

__all__ = ["paired"]

_ALWAYS = ("truncated", "loop", "language_switch")
"""Compared where both runs measured it, whether it is a guard-rail of their use case or not."""


def paired(one: Side, other: Side) -> dict[str, Any] | None:
    """Return how `other` differs from `one` as JSON-able data; None where neither has a primary measure, and nothing else to compare.

    `lead` is what matters most of it, in a sentence or a few; `says` what is to be said of the primary measure, `rows` its numbers;
    `rails` the same of each other measure, those that differ first.
    """
    keys = shared_questions(one, other)
    rails = _rails(one, other, keys)
    if one.measure is None and other.measure is None and not rails:
        return None
    primary, refused = _primary(one, other, keys)
    says = refused if primary is None else _says(one, other, primary)
    labels = one.label, other.label
    return {
        "name": one.section.name,
        "one": one.label,
        "other": other.label,
        "lead": lead(one, other, primary, says, rails),
        "says": says,
        "heading": "" if primary is None else titled(primary.measure),
        "note": "" if primary is None else _note(primary.rows),
        "rows": [] if primary is None else primary.table(labels),
        "rails": [
            {"heading": titled(rail.measure), "apart": bool(rail.apart), "rows": rail.table(labels)}
            for rail in sorted(rails, key=lambda rail: not rail.apart)
        ],
        "rails_note": _note([row for rail in rails for row in rail.rows]) if rails else "",
    }


def _primary(one: Side, other: Side, keys: set[str]) -> tuple[MeasurePair | None, str]:
    """Return the comparison of the primary measure, or None with the reason why there is none."""
    mine, theirs = one.primary(), other.primary()
    if one.measure != other.measure or mine is None or theirs is None:
        return None, _("The two were not judged by the same measure, so their scores cannot be compared.")
    if mine.version != theirs.version:
        reason = _(
            "%(measure)s was measured in two ways (%(a)s and %(b)s), so its values cannot be compared: tempkit measure RUN --anew."
        )
        return None, reason % {"measure": titled(mine.measure), "a": mine.version, "b": theirs.version}
    if not any(key in keys and key in theirs.items for key in mine.items):
        return None, _("The two share no question with a value, so they cannot be compared.")
    found = measure_pair(mine, theirs, keys, level=MEAN_LEVEL)
    if found is None:
        return None, _("The two share no temperature with values, so they cannot be compared.")
    return found, ""


def _rails(one: Side, other: Side, keys: set[str]) -> list[MeasurePair]:
    """Return the measures besides the primary one that both runs took in the same way, the guard-rails first."""
    names = [name for name in dict.fromkeys([*one.guards, *other.guards, *_ALWAYS]) if name != one.measure]
    both = [
        (mine, theirs)
        for name in names
        if (mine := one.curve(name)) is not None
        and (theirs := other.curve(name, mine.version)) is not None
        and mine.scale.unit == theirs.scale.unit
    ]
    tests = sum(len({p.temperature for p in a.points} & {p.temperature for p in b.points}) for a, b in both)
    found = [measure_pair(mine, theirs, keys, level=MEAN_LEVEL, tests=tests) for mine, theirs in both]
    return [each for each in found if each is not None]


def _says(one: Side, other: Side, pair: MeasurePair) -> str:
    """Return the outcome in a few sentences: where a difference is shown, or that none is, and where nothing can be."""
    known = pair.known
    names = {"one": one.label, "other": other.label, "measure": titled(pair.measure)}
    if not known:
        return _("%(measure)s: nothing can be shown of %(other)s against %(one)s (%(reason)s).") % {
            **names,
            "reason": _most_known(pair, (one.label, other.label)),
        }
    shown = pair.apart
    if not shown:
        text = _("%(measure)s: no difference between %(one)s and %(other)s is shown at %(where)s.") % {
            **names,
            "where": places(known),
        }
    else:
        text = _("%(measure)s is shown to differ: in %(other)s it is %(how)s than in %(one)s.") % {
            **names,
            "how": enumerated([_change(row, pair.unit) for row in shown]),
        }
    parts = [text]
    if shown and (rest := len(known) - len(shown)):
        parts.append(
            ngettext(
                "At %d other temperature no difference is shown.",
                "At %d other temperatures no difference is shown.",
                rest,
            )
            % rest
        )
    if pair.unknown:
        parts.append(_not_comparable(pair, (one.label, other.label)))
    return " ".join(parts)


def _not_comparable(pair: MeasurePair, labels: tuple[str, str]) -> str:
    why = missing(pair, pair.unknown, labels)
    if not why:
        return _("Not comparable at %(where)s.") % {"where": places(pair.unknown)}
    return _("Not comparable at %(where)s, because %(why)s.") % {"where": places(pair.unknown), "why": why}


def _most_known(pair: MeasurePair, labels: tuple[str, str]) -> str:
    """Return why nothing is known: of the temperature that has the most questions, and whose values are missing."""
    row = max(pair.rows, key=lambda each: each.found.n_items)
    reason = "" if row.found.reason is None else said(row.found.reason)
    why = missing(pair, pair.rows, labels)
    return f"{reason}; {why}" if reason and why else reason or why


def _change(row: Row, unit: str) -> str:
    value = row.found.difference or 0.0
    apart, where = difference(abs(value), unit), at(row.temperature)
    if not any(digit in apart for digit in "123456789"):  # shown, and too small for the digits that are given
        return (_("slightly higher at %s") if value > 0 else _("slightly lower at %s")) % where
    form = _("%(amount)s higher at %(where)s") if value > 0 else _("%(amount)s lower at %(where)s")
    return form % {"amount": apart, "where": where}


def _note(rows: Sequence[Row]) -> str:
    note = _("Means over the shared questions; each question is compared with itself.")
    if all(row.found.interval is None for row in rows):
        return note
    return f"{note} " + _("The intervals hold at all of these temperatures together, with %s confidence.") % (
        share(MEAN_LEVEL)
    )
