"""How far each temperature lies from the pick, question by question, with the very bounds that the decision rests on.

The bounds are those of `statistics.mcb`: how far a temperature may be ahead of the pick is bounded together with all of its
other leads, and how far it may be behind together with all leads of the pick. So the largest upper end among the temperatures that
may be best is what the pick could cost, and an upper end below 0 is why a temperature is said to be worse. An end holds with the
decision's own confidence; both together with a little less.
"""

import math

from tempkit.decision.judgement import Judgement
from tempkit.decision.pick_differences import AgainstPick
from tempkit.statistics import Values

__all__ = ["against_pick"]


def against_pick(values: Values, found: Judgement) -> tuple[AgainstPick, ...]:
    """Return every compared temperature but the pick against it, rising; nothing where there is no pick or nothing beside it."""
    if found.pick is None or found.differences is None or found.leads is None:
        return ()
    pick = found.compared.index(found.pick)
    reach = math.inf if values.span is None else values.span
    return tuple(
        AgainstPick(
            temperature=values.temperatures[column],
            difference=float(found.differences.mean[place, pick]),
            low=_bounded(-float(found.leads.most[pick, place]), reach),
            high=_bounded(float(found.leads.most[place, pick]), reach),
            n=int(found.differences.counts[place, pick]),
        )
        for place, column in enumerate(found.compared)
        if place != pick and math.isfinite(found.differences.mean[place, pick])
    )


def _bounded(end: float, reach: float) -> float | None:
    """Return an end, no farther than the measure reaches; None where nothing bounds it."""
    return min(max(end, -reach), reach) if math.isfinite(end) else None
