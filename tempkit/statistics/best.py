"""Which temperatures may be the best: multiple comparisons with the best, and no winner that the data do not show.

How far temperature j lies behind the best is max over k of (mean_k - mean_j). Bounds that hold for all pairs at once give
bounds for that maximum: its lower bound is the largest lower bound, its upper bound the largest upper bound. So with
confidence `level`, every statement made here about every temperature is true together (J. C. Hsu, Multiple Comparisons,
1996, chapter 4: confidence intervals for "each against the best of the others").

A temperature that can be neither excluded nor shown to be near the best stays acceptable, and that is the honest answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tempkit.phrases import N_, Phrase
from tempkit.statistics.arrays import Floats, checked, item_means, items_with_all
from tempkit.statistics.bootstrap import bootstrap_means
from tempkit.statistics.intervals import MIN_ITEMS, NO_SPREAD, check_level, check_span
from tempkit.statistics.simultaneous import PairBounds, pair_bounds
from tempkit.statistics.values import Values

__all__ = ["BestSet", "Standing", "best_set", "race"]

_WITHOUT = Phrase(N_("%(n)d of %(whole)d temperatures have no values"))
_NOTHING = N_("nothing to compare: fewer than two temperatures have values")
_SHARED = Phrase(N_("a pair of temperatures shares %(n)d items; bounds need at least %(least)d"))
_UNBOUNDED = Phrase(N_("%(n)d pairs have no bounds: %(why)s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One temperature against the best of the others, in the measure's unit, larger meaning worse."""

    column: int
    """Which temperature, as its column in the values."""
    compared: bool
    """False: it was not a candidate, or has no values; nothing is then claimed of it."""
    behind: float | None
    """How far its mean lies behind the best other; below 0 for the leader, by its lead. None: not all pairs have items."""
    behind_low: float | None
    """It is at least this far behind; None when nothing bounds it."""
    behind_high: float | None
    """It is at most this far behind; None when nothing bounds it."""
    p_best: float | None
    """Share of bootstrap draws in which its mean is the best, ties split; None without draws, or with too few items that have all
    candidates. A description: even so it claims too much when items differ in which temperature suits them."""
    excluded: bool
    """Shown to be worse than the best by more than the margin."""
    worse: bool
    """Shown to be worse than the best by anything at all."""
    within: bool
    """Shown to be within the margin of the best."""

    @property
    def acceptable(self) -> bool:
        """Compared and not excluded."""
        return self.compared and not self.excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSet:
    """Every temperature's standing, and what all of the standings rest on."""

    standings: tuple[Standing, ...]
    """One per column of the values."""
    margin: float
    level: float
    """Confidence that all bounds hold together."""
    n_items: int
    """The fewest items behind any pair of compared temperatures; with only one of them, its items."""
    reason: str | None
    """Why something could not be shown; None when every pair has bounds."""

    @property
    def acceptable(self) -> tuple[int, ...]:
        """Columns not shown to be worse than the best by more than the margin."""
        return tuple(s.column for s in self.standings if s.acceptable)

    @property
    def leader(self) -> int | None:
        """The column with the best mean over shared items; None when the pairs do not say."""
        known = [(s.behind, s.column) for s in self.standings if s.behind is not None]
        return min(known)[1] if known else None


def best_set(
    values: ArrayLike,
    *,
    margin: float,
    higher_is_better: bool,
    seed: int,
    candidates: Sequence[int] | None = None,
    level: float = 0.95,
    span: float | None = None,
    draws: int = 4000,
) -> BestSet:
    """Return which temperatures can still be the best, or close enough to it.

    Differences are paired over the items that have both temperatures. A pair that shares fewer than 5 items has no
    bounds: it excludes nothing, and while it stands open neither of the two can be shown to be near the best.

    Args:
        values: (items, temperatures, replicates), NaN for a hole.
        margin: A difference too small to matter, 0 or more, in the measure's unit.
        higher_is_better: The measure's direction.
        seed: Of the bootstrap behind `p_best`; it decides nothing else.
        candidates: Columns to compare, for instance those that passed the guard-rails; None for all.
        level: Confidence that all bounds hold together, in (0, 1).
        span: The measure's largest minus its smallest possible value, where it has them.
        draws: Of that bootstrap; 0 for none.

    Raises:
        ValueError: As in `checked`, or a margin, level, span or candidate that makes no sense.
    """
    array = checked(values)
    check_level(level)
    if not (margin >= 0 and math.isfinite(margin)):
        raise ValueError(f"a margin is 0 or a positive number, not {margin}")
    wanted = sorted(set(range(array.shape[1]) if candidates is None else candidates))
    if not wanted or wanted[0] < 0 or wanted[-1] >= array.shape[1]:
        raise ValueError(f"candidates must be columns from 0 to {array.shape[1] - 1}, at least one")
    means = item_means(array)
    check_span(span, means)
    means = means if higher_is_better else -means
    compared = [column for column in wanted if items_with_all(means, column).any()]
    bounds = pair_bounds(means[:, compared], level=level, span=span) if len(compared) > 1 else None
    p_best = _p_best(array[:, compared], higher_is_better, seed, draws)
    standings = {
        column: _standing(column, place, bounds, p_best[place], margin)
        for place, column in enumerate(compared)
    }
    alone = int(items_with_all(means, *compared).sum()) if compared else 0
    return BestSet(
        standings=tuple(standings.get(column) or _not_compared(column) for column in range(array.shape[1])),
        margin=margin,
        level=level,
        n_items=bounds.n_items if bounds else alone,
        reason=_reason(len(wanted), len(compared), bounds),
    )


def race(best: BestSet) -> tuple[int, ...]:
    """Return the columns that need more samples: undecided ones, and the leader as long as there are any.

    Undecided is neither excluded nor shown to be within the margin; the leader is what they are measured against. Empty
    when only one temperature is compared. Looking again after each batch gives chance more than one try: for up to k
    looks, call `best_set` with a level of 1 - (1 - level) / k each time. Where items are what lacks, more samples of the
    same items cannot decide: see `samples_needed`.
    """
    if sum(s.compared for s in best.standings) < 2:
        return ()
    open_ones = {s.column for s in best.standings if s.compared and not s.excluded and not s.within}
    if open_ones and best.leader is not None:
        open_ones.add(best.leader)
    return tuple(sorted(open_ones))


def _standing(
    column: int, place: int, bounds: PairBounds | None, p_best: float | None, margin: float
) -> Standing:
    behind = low = high = None
    if bounds is not None:
        others = np.arange(len(bounds.low)) != place
        behind = _known(float(bounds.estimate[others, place].max()))
        low = _known(float(bounds.low[others, place].max()))
        high = _known(float(bounds.high[others, place].max()))
    return Standing(
        column=column,
        compared=True,
        behind=behind,
        behind_low=low,
        behind_high=high,
        p_best=p_best,
        excluded=low is not None and low > margin,
        worse=low is not None and low > 0,
        within=high is not None and high <= margin,
    )


def _not_compared(column: int) -> Standing:
    return Standing(
        column=column,
        compared=False,
        behind=None,
        behind_low=None,
        behind_high=None,
        p_best=None,
        excluded=False,
        worse=False,
        within=False,
    )


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _p_best(array: Floats, higher_is_better: bool, seed: int, draws: int) -> list[float | None]:
    """Return each column's share of bootstrap draws in which it is the best, over items that have all columns."""
    whole = array[items_with_all(item_means(array))]
    if not draws or len(whole) < MIN_ITEMS or not array.shape[1]:
        return [None] * array.shape[1]
    drawn = bootstrap_means(Values(whole), draws=draws, rng=np.random.default_rng(seed))
    drawn = drawn if higher_is_better else -drawn
    top = drawn.max(axis=1, keepdims=True)
    winners = drawn >= top - 1e-12 * np.abs(drawn).max()
    shares = (winners / winners.sum(axis=1, keepdims=True)).mean(axis=0)
    return [float(share) for share in shares]


def _reason(wanted: int, compared: int, bounds: PairBounds | None) -> str | None:
    notes = []
    if compared < wanted:
        notes.append(_WITHOUT(n=wanted - compared, whole=wanted))
    if bounds is None:
        notes.append(_NOTHING)
    elif bounds.n_items < MIN_ITEMS:
        notes.append(_SHARED(n=bounds.n_items, least=MIN_ITEMS))
    elif bounds.unbounded:
        notes.append(_UNBOUNDED(n=bounds.unbounded, why=NO_SPREAD))
    return "; ".join(notes) or None
