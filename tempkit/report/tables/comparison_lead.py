"""What matters most of two runs, in a sentence or a few, for the page's first screen: what broke, what is ruled out, what scored better.

A difference is claimed where its interval leaves out zero, allowing for all that were looked at. What a guard-rail rules out is
said as the decisions have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tempkit.decision import amount, between_models, inside, range_of, violation, with_rivals
from tempkit.measures import titled
from tempkit.report.tables.measure_pairs import MeasurePair, Row
from tempkit.report.tables.side import Side
from tempkit.report.text.text import enumerated
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees

__all__ = ["lead"]

_TOLD = 2
"""How many measures that differ are told; the table has them all."""


def lead(
    one: Side, other: Side, primary: MeasurePair | None, says: str, rails: Sequence[MeasurePair]
) -> list[str]:
    """Return the sentences, what matters most first.

    Args:
        one: The one side.
        other: The other.
        primary: The measure that decides, where it can be compared.
        says: What is to be said of it.
        rails: The other measures.
    """
    broke = [*_most_apart(one, other, rails), *_ruled_out(one, other)]
    scored = [says] if says else []
    shown = primary is not None and bool(primary.apart)
    parts = [*scored, *broke] if shown else [*broke, *scored]
    if not broke and not shown and (alike := _alike(rails)):
        parts.append(alike)
    return [*_better(one, other), *parts]


def _most_apart(one: Side, other: Side, rails: Sequence[MeasurePair]) -> Iterator[str]:
    """Say of the measures that differ most where they do, and how much of it there is in each run."""
    guards = {**one.guards, **other.guards}
    apart = sorted((pair for pair in rails if pair.apart), key=_largest, reverse=True)
    for pair in apart[:_TOLD]:
        yield _apart(pair, (one.label, other.label), worse_below=guards.get(pair.measure) == "below")


def _apart(pair: MeasurePair, names: tuple[str, str], *, worse_below: bool) -> str:
    top = max(pair.apart, key=lambda row: abs(row.found.difference or 0.0))
    rising = (top.found.difference or 0.0) > 0
    rows = [row for row in pair.apart if ((row.found.difference or 0.0) > 0) == rising]
    worse, better = (1, 0) if rising != worse_below else (0, 1)
    low, high = _ends(rows, worse)
    least, most = _ends(rows, better)
    return _form(rows, pair.rows) % {
        "t": degrees(rows[0].temperature),
        "temperatures": enumerated([degrees(row.temperature) for row in rows]),
        "what": violation(pair.measure, low, pair.unit, high),
        "worse": names[worse],
        "share": _range(least, most, pair.unit),
        "better": names[better],
    }


def _form(rows: Sequence[Row], all_rows: Sequence[Row]) -> str:
    """Return the sentence for some of the temperatures: for all, for the last ones, or for those that it names."""
    temperatures = [row.temperature for row in rows]
    if len(rows) > 1 and len(rows) == len(all_rows):
        return _("At every temperature, %(what)s with %(worse)s, and %(share)s with %(better)s.")
    if len(rows) > 1 and temperatures == [row.temperature for row in all_rows][-len(rows) :]:
        return _("From T = %(t)s on, %(what)s with %(worse)s, and %(share)s with %(better)s.")
    return _("At T = %(temperatures)s, %(what)s with %(worse)s, and %(share)s with %(better)s.")


def _largest(pair: MeasurePair) -> float:
    """Return how far a measure differs at most, as a part of its range: by that measures of any unit can be ordered."""
    span = pair.curves[0].scale.span
    return max(abs(row.found.difference or 0.0) for row in pair.apart) / (span or 1.0)


def _ends(rows: Sequence[Row], side: int) -> tuple[float, float]:
    """Return the least and the most that a side's means are."""
    means = [mean for row in rows if (mean := row.means[side]) is not None]
    return min(means), max(means)


def _range(low: float, high: float, unit: str) -> str:
    one = amount(low, unit)
    return one if one == amount(high, unit) else range_of(low, high, unit)


def _ruled_out(one: Side, other: Side) -> Iterator[str]:
    """Say which temperatures guard-rails rule out, where the two runs are not alike in it."""
    shared = {t for t in _grid(one) if t in _grid(other)}
    mine, theirs = ([t for t in side.ruled_out if t in shared] for side in (one, other))
    if mine == theirs:
        return
    more, less = (one, other) if len(mine) >= len(theirs) else (other, one)
    out = {one.label: mine, other.label: theirs}
    parts = {
        "one": more.label,
        "other": less.label,
        "these": enumerated([degrees(t) for t in out[more.label]]),
        "those": enumerated([degrees(t) for t in out[less.label]]),
    }
    if out[less.label]:
        yield _("Guard-rails rule out %(these)s with %(one)s, and %(those)s with %(other)s.") % parts
    else:
        yield _("Guard-rails rule out %(these)s with %(one)s, and no temperature with %(other)s.") % parts


def _grid(side: Side) -> list[float]:
    return [] if side.found is None else [row.temperature for row in side.found.temperatures]


def _better(one: Side, other: Side) -> list[str]:
    """Say which of two models is better, each at its own temperature; nothing of one model that was run twice."""
    if one.found is None or other.found is None or one.scored.model.label == other.scored.model.label:
        return []
    both = [
        replace(side.found, model=side.label, rivals=()) for side in (one, other) if side.found is not None
    ]
    return between_models(with_rivals([one.scored, other.scored], both))


def _alike(rails: Sequence[MeasurePair]) -> str:
    """Say that no other measure differs either; empty where none was compared."""
    known = [inside(titled(pair.measure)) for pair in rails if pair.known]
    if not known:
        return ""
    return _("Nor is a difference shown in %(measures)s.") % {"measures": enumerated(known)}
