"""Temperatures that further items need although they are out of the race, because the measure compares answers with theirs.

Novelty is the distance from the answer at the lowest temperature, so an item that was never asked there has none; agreement with the
consensus needs answers at three temperatures. Where a guard-rail is for the difference from the lowest temperature, `race` keeps that one.
"""

from collections.abc import Collection, Mapping, Sequence

from tempkit.adaptive.race import Standings
from tempkit.adaptive.rounds import Size
from tempkit.measures import LEAST_TEMPERATURES

__all__ = ["with_companions"]


def with_companions(
    changed: Sequence[Mapping[float, Size]],
    sizes: Sequence[Mapping[float, Size]],
    found: Standings,
    needs: Collection[str],
) -> list[dict[float, Size]]:
    """Return a round with what its items need beside it.

    Args:
        changed: By model, how far temperatures are to be sampled.
        sizes: How far they are sampled.
        found: How the race stands.
        needs: What a value of the measure cannot be had without.
    """
    made = []
    for model, (of, now) in enumerate(zip(changed, sizes, strict=True)):
        after = dict(of)
        items = max((size.items for size in of.values()), default=0)
        for temperature in _needed(found, model, {**now, **of}, items, needs) if items else ():
            before = {**now, **of}[temperature]
            if before.items < items:
                after[temperature] = Size(items, before.replicates)
        made.append(after)
    return made


def _needed(
    found: Standings, model: int, after: Mapping[float, Size], items: int, needs: Collection[str]
) -> list[float]:
    chosen = []
    if "exemplar" in needs:
        chosen.append(min(after))
    if "others" in needs:
        alone = found.alone[model]
        there = [t for t, size in after.items() if size.items >= items]
        regret = dict(zip(alone.temperatures, alone.mean, strict=True))
        out = {alone.temperatures[column] for column in alone.ruled_out}
        rest = sorted(
            (t for t in after if t not in there),
            key=lambda t: (t in out, regret.get(t, 0.0) != regret.get(t, 0.0), regret.get(t, 0.0), t),
        )
        chosen += rest[: max(0, LEAST_TEMPERATURES - len(there))]
    return chosen
