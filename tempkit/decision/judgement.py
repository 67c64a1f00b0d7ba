"""What the rule says of values in one scope, and what of it stays true at the next look.

Looks that were announced before the first sample share alpha, each with a part of its own, so what one of them has shown stays shown: all
their bounds hold together. A later look at more data may be worse off in a single bound, by chance or because a temperature was
dropped and its data are no longer renewed; the tighter of both counts. (The intersection of the intervals of all looks; with a
part of alpha for each it needs no other justification than Bonferroni's.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tempkit.decision.result import Effect, Grade, Place, Scope
from tempkit.statistics import Differences, Floats, GuardRails, LeadBounds, Rail

__all__ = ["Judgement", "remembered_leads", "remembered_rails"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgement:
    """What the values allow to say in one scope. Columns are those of the values."""

    scope: Scope
    pick: int | None
    grade: Grade
    effect: Effect
    compared: tuple[int, ...]
    """Columns that have regrets."""
    ruled_out: tuple[int, ...]
    """By a guard-rail."""
    places: tuple[Place, ...]
    mean: Floats
    """Regrets, in the measure's unit, (columns,); NaN where a column was not compared."""
    lower: Floats
    upper: Floats
    """Infinite where nothing bounds it."""
    p_within: float | None
    n: int
    """Items that each pair of temperatures shares, or in `these_items` answers."""
    rails: tuple[GuardRails | None, ...]
    """One per limit; None where it was not measured."""
    inside: tuple[bool | None, ...]
    """By column, whether the mean is inside every limit; None where one has no mean there."""
    differences: Differences | None
    """Of the compared columns, in their order."""
    may_be_best: tuple[int, ...] = ()
    """Compared columns that are not shown to be behind another, with the confidence of the upper bounds."""
    temperatures: tuple[float, ...] = ()
    """Of the columns."""
    leads: LeadBounds | None = None
    """Between the compared columns, in their order, as far as any look has shown them; None where nothing was compared."""


def remembered_leads(temperatures: Sequence[float], before: Sequence[Judgement]) -> LeadBounds | None:
    """Return the tightest bounds of earlier looks between these temperatures; None where there was no look before.

    Args:
        temperatures: That are compared now, rising.
        before: Earlier looks.
    """
    found: LeadBounds | None = None
    for each in before:
        if each.leads is None:
            continue
        place = {each.temperatures[column]: number for number, column in enumerate(each.compared)}
        there = [place[t] for t in temperatures if t in place]
        here = [number for number, t in enumerate(temperatures) if t in place]
        size = len(temperatures)
        most, least = np.full((size, size), np.inf), np.full((size, size), -np.inf)
        most[np.ix_(here, here)] = each.leads.most[np.ix_(there, there)]
        least[np.ix_(here, here)] = each.leads.least[np.ix_(there, there)]
        then = LeadBounds(most=most, least=least)
        found = then if found is None else found.within(then)
    return found


def remembered_rails(
    temperatures: Sequence[float], rails: Sequence[GuardRails | None], before: Sequence[Judgement]
) -> tuple[GuardRails | None, ...]:
    """Return what came of guard-rails, with what earlier looks have shown of them where this one shows nothing."""
    made = []
    for number, now in enumerate(rails):
        if now is not None:
            for each in before:
                then = each.rails[number] if number < len(each.rails) else None
                if then is not None:
                    now = _with_earlier(temperatures, now, each.temperatures, then)
        made.append(now)
    return tuple(made)


def _with_earlier(
    temperatures: Sequence[float], now: GuardRails, earlier: Sequence[float], then: GuardRails
) -> GuardRails:
    place = {temperature: column for column, temperature in enumerate(earlier)}
    rails: list[Rail] = []
    for temperature, rail in zip(temperatures, now.rails, strict=True):
        column = place.get(temperature)
        if column is not None and rail.verdict == "unknown" and rail.mean is not None:
            rail = replace(rail, verdict=then.rails[column].verdict)
        rails.append(rail)
    out = {
        column
        for column, temperature in enumerate(temperatures)
        if temperature in place and place[temperature] in then.ruled_out and rails[column].verdict != "holds"
    }
    ruled_out = tuple(sorted({*now.ruled_out, *out}))
    return replace(now, rails=tuple(rails), ruled_out=ruled_out)
