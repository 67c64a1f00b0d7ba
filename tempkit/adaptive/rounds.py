"""How far each temperature is sampled next: new items first, then more replicates, in steps that were fixed beforehand.

The sizes of the rounds are a fixed sequence, each a little more than half as large again as the one before, whatever the data say: which round
is the last one depends on the data, how large it is does not. So every look is at one of a few sizes known before the first
sample, and the looks' shares of alpha pay for all of them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tempkit.adaptive.race import Standings

__all__ = [
    "GROWTH",
    "LOOKS",
    "MOST_REPLICATES",
    "PILOT_ITEMS",
    "Rounds",
    "Size",
    "cost",
    "following",
    "midpoints",
    "pilot",
]

LOOKS = 8
"""Announced: the pilot, and at most so many rounds with it."""

GROWTH = 1.8
"""By how much a round exceeds what was there."""

PILOT_ITEMS = 8
"""Items of the first round."""

_PILOT_SHARE = 0.5
"""Of what can be paid for, that the first round takes at most."""

_NEAR = 0.6
"""Of the margin: so near the leader, what lies beside a temperature is tried too."""
MOST_REPLICATES = 64
"""Per item and temperature: beyond, a prompt needs other questions and not more answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What rounds may draw."""

    pool: int
    """Items that there are."""
    replicates: bool
    """Whether more answers to the same items tell anything more."""
    margin: float
    """The smallest difference that matters."""
    finest: float = 0.0
    """The smallest step that the grid is refined to; 0: it is not."""
    samples: int | None = None
    """How many samples can be paid for; None: any number."""


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How far a temperature is sampled: the first `items` of the pool, `replicates` answers to each."""

    items: int
    replicates: int

    @property
    def samples(self) -> int:
        return self.items * self.replicates


def pilot(arms: int, replicates: int, *, pool: int, samples: int | None = None) -> Size:
    """Return how far every temperature of the coarse grid is sampled first.

    Args:
        arms: Models times temperatures.
        replicates: Answers to each item.
        pool: Items that there are.
        samples: How many samples can be paid for, of which the pilot takes about half; None: any number.
    """
    items = min(PILOT_ITEMS, pool)
    if samples is not None:
        items = min(items, max(1, int(samples * _PILOT_SHARE) // (arms * replicates)))
    return Size(items, replicates)


def following(
    found: Standings, sizes: Sequence[Mapping[float, Size]], design: Rounds
) -> list[dict[float, Size]] | None:
    """Return how far models and temperatures are to be sampled in the next round; None where the race is over or no more can be drawn.

    It is over when the pick is shown and the temperatures beside it have been tried.

    Args:
        found: How the race stands.
        sizes: By model, how far each temperature tried is sampled.
        design: What may be drawn. Where the samples left are fewer than a round takes, the round is as large as they allow.

    Returns:
        By model, what changes.
    """
    chosen = [
        (model, found.alone[model].temperatures[column])
        for model, columns in enumerate(found.racing)
        for column in columns
    ]
    new = _refined(found, sizes, design)
    if chosen:
        largest = max(sizes[model][temperature] for model, temperature in chosen)
        # They can still come as far as the others are, where nobody can go further.
        target = _larger(largest, design) or largest
    elif new and found.pick is not None:  # the best of those tried is known, but not what lies beside it
        model, column = found.pick
        target = sizes[model][found.alone[model].temperatures[column]]
    else:
        return None
    for arms in ([*chosen, *new], chosen):
        for size in _down_from(target):
            changed = _changed(arms, sizes, size)
            if not any(changed):
                continue
            if design.samples is None or cost(changed, sizes) <= design.samples:
                return changed
    return None


def _changed(
    arms: Sequence[tuple[int, float]], sizes: Sequence[Mapping[float, Size]], target: Size
) -> list[dict[float, Size]]:
    changed: list[dict[float, Size]] = [{} for _ in sizes]
    for model, temperature in arms:
        before = sizes[model].get(temperature, Size(0, 0))
        size = Size(max(target.items, before.items), max(target.replicates, before.replicates))
        if size != before:
            changed[model][temperature] = size
    return changed


def cost(changed: Sequence[Mapping[float, Size]], sizes: Sequence[Mapping[float, Size]]) -> int:
    """Return how many samples a change takes."""
    return sum(
        size.samples - (before.samples if (before := of.get(temperature)) is not None else 0)
        for more, of in zip(changed, sizes, strict=True)
        for temperature, size in more.items()
    )


def _down_from(target: Size) -> Iterator[Size]:
    """Yield the sizes that a round may have, the one wanted first: fewer items, then fewer answers to as many."""
    for items in range(target.items, 0, -1):
        yield Size(items, target.replicates)
    for replicates in range(target.replicates - 1, 0, -1):
        yield Size(target.items, replicates)


def _larger(size: Size, design: Rounds) -> Size | None:
    """Return the next size of the sequence."""
    if size.items < design.pool:
        return Size(min(design.pool, math.ceil(size.items * GROWTH)), size.replicates)
    if design.replicates and size.replicates < MOST_REPLICATES:
        return Size(size.items, min(MOST_REPLICATES, math.ceil(size.replicates * GROWTH)))
    return None


def _refined(
    found: Standings, sizes: Sequence[Mapping[float, Size]], design: Rounds
) -> list[tuple[int, float]]:
    """Return the temperatures half-way to those beside what leads, or nearly does, where these are to be tried."""
    if found.pick is None or design.finest <= 0:
        return []
    new: dict[tuple[int, float], None] = {}
    best = found.together.mean[found.together.pick]
    for place, (model, column) in enumerate(found.columns):
        near = column in found.racing[model] and found.together.mean[place] - best <= _NEAR * design.margin
        if not near and (model, column) != found.pick:
            continue
        grid, tried = found.alone[model].temperatures, sorted(sizes[model])
        out = [grid[each] for each in found.alone[model].ruled_out]
        for each in midpoints(tried, grid[column], finest=design.finest, excluded=out):
            new[model, each] = None
    return list(new)


def midpoints(
    tried: Sequence[float], pick: float, *, finest: float, excluded: Sequence[float]
) -> list[float]:
    """Return the temperatures half-way between the pick and those tried next to it, where these are far enough apart.

    Args:
        tried: Rising, the pick among them.
        pick: The one that leads.
        finest: The smallest step.
        excluded: Temperatures that a guard-rail rules out: nothing is tried beyond or at them.
    """
    place = list(tried).index(pick)
    found = []
    for near in (*tried[max(0, place - 1) : place], *tried[place + 1 : place + 2]):
        middle = round((near + pick) / 2, 6)
        low, high = min(near, pick), max(near, pick)
        beyond = any(low < out <= middle or middle <= out < high for out in excluded)
        if high - low >= 2 * finest - 1e-9 and not beyond:
            found.append(middle)
    return sorted(found)
