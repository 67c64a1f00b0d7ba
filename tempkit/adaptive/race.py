"""One race over temperatures, or over models and temperatures together.

With several models the question is which of all their temperatures is best, so they run in one race: every bound is on how far a
temperature of one model lies behind the best temperature of any. Guard-rails rule out within a model, since a cliff is a model's own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tempkit.adaptive.elimination import contenders
from tempkit.decision import Judgement, Limit, Scope, Tie, judge
from tempkit.statistics import GuardRails, Values

__all__ = ["Entrant", "Standings", "standings"]

_APART = 1e6
"""Between the temperatures of one model and those of the next, where they stand side by side."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entrant:
    """One model in the race."""

    values: Values
    limits: tuple[Limit, ...] = ()
    exact_at_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standings:
    """How the race stands."""

    alone: tuple[Judgement, ...]
    """Of each model by itself."""
    together: Judgement
    """Of all that are compared, the columns of one model after another; of a single model its own."""
    pick: tuple[int, int] | None
    """The model and the column that are best so far; None where nothing can be compared."""
    columns: tuple[tuple[int, int], ...]
    """The model and the column of each of `together`'s columns."""
    racing: tuple[tuple[int, ...], ...]
    """By model, the columns to sample further; empty where the best of all is shown."""

    @property
    def shown(self) -> bool:
        """Whether it is shown to lie within the margin of the best, and its guard-rails to hold."""
        return self.together.grade == "shown"


def standings(
    entrants: Sequence[Entrant],
    *,
    margin: float,
    higher_is_better: bool,
    tie: Tie,
    scope: Scope,
    looks: int,
    planned_looks: int,
    before: Sequence[Standings] = (),
    items: float = math.inf,
) -> Standings:
    """Return how models and temperatures stand.

    Args:
        entrants: The models, with values of the same items in the same rows.
        margin: As `judge` takes it, like what follows.
        higher_is_better: See there.
        tie: See there.
        scope: See there.
        looks: See there.
        planned_looks: See there.
        before: How it stood at the earlier looks.
        items: How many more can be asked, over all models and temperatures.
    """
    alone = tuple(
        judge(
            each.values,
            each.limits,
            margin=margin,
            higher_is_better=higher_is_better,
            tie=tie,
            scope=scope,
            looks=looks,
            planned_looks=planned_looks,
            exact_at_zero=each.exact_at_zero,
            before=[then.alone[model] for then in before],
        )
        for model, each in enumerate(entrants)
    )
    if len(entrants) == 1:
        together, columns = alone[0], [(0, column) for column in range(len(alone[0].places))]
    else:
        columns = _entering(alone)
        together = judge(
            _side_by_side([each.values for each in entrants], columns),
            (),
            higher_is_better=higher_is_better,
            tie="lowest",
            scope=scope,
            exact_at_zero=False,
            tested=_rails(alone, columns),
            margin=margin,
            looks=looks,
            planned_looks=planned_looks,
            before=[then.together for then in before],
        )
    racing = [columns[place] for place in contenders(together, margin=margin, items=items)]
    for model, (each, found) in enumerate(zip(entrants, alone, strict=True)):
        racing += [(model, base) for base in _bases(each, found, [c for m, c in racing if m == model])]
    return Standings(
        alone=alone,
        together=together,
        pick=None if together.pick is None else columns[together.pick],
        columns=tuple(columns),
        racing=tuple(
            tuple(sorted({column for of, column in racing if of == model})) for model in range(len(entrants))
        ),
    )


def _entering(alone: Sequence[Judgement]) -> list[tuple[int, int]]:
    """Return the models' columns that are compared: what a guard-rail rules out only where it rules out everything."""
    every = [(model, column) for model, found in enumerate(alone) for column in found.compared]
    kept = [(model, column) for model, column in every if column not in alone[model].ruled_out]
    return kept or every


def _side_by_side(parts: Sequence[Values], columns: Sequence[tuple[int, int]]) -> Values:
    """Return the chosen columns of several models as those of one, numbered 0, 1, 2 ..."""
    replicates = max(part.array.shape[2] for part in parts)
    padded = [
        np.pad(part.array, ((0, 0), (0, 0), (0, replicates - part.array.shape[2])), constant_values=np.nan)
        for part in parts
    ]
    first = parts[0]
    asked = [parts[model].asked for model, _column in columns]
    return Values(
        np.stack([padded[model][:, column] for model, column in columns], axis=1)
        if columns
        else np.zeros((first.n_items, 0, replicates)),
        # Each model's temperatures in a stretch of their own, so that a column means the same at every look.
        [_APART * model + parts[model].temperatures[column] for model, column in columns],
        low=first.low,
        high=first.high,
        span=first.span,
        missing=[parts[model].missing[column] for model, column in columns],
        asked=None
        if None in asked
        else [
            each[column] for each, (_model, column) in zip(asked, columns, strict=True) if each is not None
        ],
        opinions=first.opinions,
    )


def _rails(alone: Sequence[Judgement], columns: Sequence[tuple[int, int]]) -> list[GuardRails | None]:
    """Return what came of each guard-rail, for the chosen columns: of models that have any, since the others have no values."""
    found: list[GuardRails | None] = []
    entered = {model for model, _column in columns}
    for number in range(max(len(each.rails) for each in alone)):
        of = {model: alone[model].rails[number] for model in entered}
        rails = tuple(each.rails[column] for model, column in columns if (each := of[model]) is not None)
        measured = len(rails) == len(columns)
        found.append(GuardRails(rails=rails, ruled_out=(), cliff=None, floor=None) if measured else None)
    return found


def _bases(entrant: Entrant, found: Judgement, racing: Sequence[int]) -> list[int]:
    """Return the temperature that a guard-rail compares with, where one of those in the race is still to be shown to keep it."""
    needed = []
    for limit, rails in zip(entrant.limits, found.rails, strict=True):
        if rails is None or not limit.relative or not racing or limit.values is None:
            continue
        there = np.flatnonzero(limit.values.counts.any(axis=0))
        if there.size and any(rails.rails[column].verdict == "unknown" for column in racing):
            needed.append(int(there[0]))
    return needed
