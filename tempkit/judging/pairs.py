"""Which answers meet: pairs of one item's answers at different temperatures, chosen by seed, balanced over temperatures.

Not all pairs can be asked about: 5 temperatures with 8 replicates make 640 for each item. Few per item are enough when the
items share them out evenly, so items begin at different places in one shuffled round of all temperature pairs. More pairs
per item only add to those that were chosen before, so nothing that was paid for is lost.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import combinations

from tempkit.types import Completion

__all__ = ["choose_pairs"]


def choose_pairs(
    cells: Mapping[float, Sequence[Completion]], wanted: int, *, place: int, seed: int
) -> list[tuple[Completion, Completion]]:
    """Return up to `wanted` pairs of one item's answers on one model, none of them twice.

    Args:
        cells: The answers by temperature, of every temperature of the run.
        wanted: How many pairs.
        place: The item's place among those that are judged: what makes items share the temperature pairs out evenly.
        seed: Of the choice.
    """
    rounds = sorted(combinations(cells, 2), key=lambda pair: _draw(seed, pair))
    if not rounds:
        return []
    start = place % len(rounds)
    rounds = rounds[start:] + rounds[:start]
    ordered = {t: sorted(found, key=lambda c: _draw(seed, _name(c))) for t, found in cells.items()}
    chosen: list[tuple[Completion, Completion]] = []
    turn = 0
    most = max(len(ordered[low]) * len(ordered[high]) for low, high in rounds)
    while len(chosen) < wanted and turn < most:
        for low, high in rounds:
            if len(chosen) < wanted and turn < len(ordered[low]) * len(ordered[high]):
                chosen.append(_nth(ordered[low], ordered[high], turn))
        turn += 1
    return chosen


def _nth(
    some: Sequence[Completion], others: Sequence[Completion], turn: int
) -> tuple[Completion, Completion]:
    """Return the pair of a turn: every answer once before any a second time, where both have equally many."""
    shift, place = divmod(turn, len(some))
    return some[place], others[(place + shift) % len(others)]


def _name(completion: Completion) -> Sequence[str | float | int]:
    key = completion.key
    return key.item, key.model, key.temperature, key.replicate


def _draw(seed: int, of: Sequence[object]) -> bytes:
    """Return a place in a random order that stays where it is when others join."""
    return hashlib.blake2b(json.dumps([seed, *of]).encode(), digest_size=8).digest()
