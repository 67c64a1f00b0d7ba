"""The rule: from values and guard-rails to a pick, a grade and an effect, in one scope. A pure function.

1. Guard-rails rule temperatures out (`statistics.guard_rails`), and so does having too few values.
2. Of what is left, every temperature gets bounds on its regret, all together (`statistics.mcb`).
3. The pick comes from those whose own mean is inside every limit: of the ones whose bound is within the margin and
   that are not shown to be behind, by the use case's rule, else of the ones whose mean is within the margin of the best mean the one with the smallest bound. There is one whenever anything can be compared.
4. The grade says how well it is shown that the pick is within the margin; the effect says whether temperature matters. Neither
   waits for the other.

`benchmarks/decisions.py` measures this function whole, guard-rails included, on data whose truth is known.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tempkit.decision.error_budget import (
    ALPHA_BROKEN,
    ALPHA_HOLDS,
    ALPHA_LOWER,
    ALPHA_UPPER,
    LIKELY,
    share_at,
)
from tempkit.decision.judgement import Judgement, remembered_leads, remembered_rails
from tempkit.decision.profile import Tie
from tempkit.decision.result import Effect, Grade, Place, Scope
from tempkit.statistics import (
    MIN_ITEMS,
    Differences,
    Floats,
    GuardRails,
    Regrets,
    Values,
    between_items,
    guard_rails,
    probability_within,
    regrets,
    within_items,
)

__all__ = ["MAX_MISSING", "Judgement", "Limit", "comparable", "differences", "judge"]

MAX_MISSING = 0.5
"""A temperature where more than this share of the values is missing is not compared: what is left there is a selection (the
short answers, for instance) and no sample. Nor is one that has so few of the items that another has, unless it was asked no more of them:
bounds on what is best would be as wide as those of the least known temperature."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limit:
    """A guard-rail as the rule takes it."""

    values: Values | None
    """Over the same temperatures as the values that are judged; None: it was not measured."""
    limit: float
    worse_above: bool
    relative: bool = False
    answers: Floats | None = None
    """How many different answers each cell holds, (items, temperatures); None: not known."""


def judge(
    values: Values,
    limits: Sequence[Limit],
    *,
    margin: float,
    higher_is_better: bool,
    tie: Tie,
    scope: Scope,
    looks: int = 1,
    planned_looks: int = 0,
    exact_at_zero: bool = False,
    tested: Sequence[GuardRails | None] | None = None,
    before: Sequence[Judgement] = (),
) -> Judgement:
    """Return the pick, its grade and whether temperature matters, with every number behind it.

    Args:
        values: Of the measure that decides.
        limits: The guard-rails.
        margin: The smallest difference that matters, above 0, in the measure's unit.
        higher_is_better: The measure's direction.
        tie: Which to take of temperatures that are shown to be near the best.
        scope: Whom the claims are about.
        looks: Which look at the data this is, from 1.
        planned_looks: How many were announced before the first sample was drawn.
        exact_at_zero: Whether the model is deterministic at temperature 0.
        tested: What came of the guard-rails, in place of `limits`, where columns are not the temperatures of one model.
        before: What was judged at earlier looks that were announced, each with its own share of alpha: what was shown then stays
            shown.
    """
    columns = len(values.temperatures)
    share = share_at(looks, planned_looks)
    rails = _rails(limits, scope, share) if tested is None else tuple(tested)
    rails = remembered_rails(values.temperatures, rails, before)
    ruled_out = {column for found in rails if found is not None for column in found.ruled_out}
    inside = tuple(_inside(rails, column) for column in range(columns))
    usable = comparable(values)
    compared = [column for column in usable if column not in ruled_out]
    all_out = not compared and bool(usable)
    if all_out:  # nothing keeps the guard-rails: which is best of those that break them can still be told
        compared = usable
    mean, lower = np.full(columns, math.nan), np.full(columns, math.nan)
    upper = np.full(columns, math.inf)
    if not compared:
        return Judgement(
            scope=scope,
            pick=None,
            grade="none",
            effect="unknown",
            compared=(),
            ruled_out=tuple(sorted(ruled_out)),
            places=_places(columns, (), ruled_out, lower, upper, margin, ()),
            mean=mean,
            lower=lower,
            upper=upper,
            p_within=None,
            n=0,
            rails=rails,
            inside=inside,
            differences=None,
            temperatures=values.temperatures,
        )
    chosen = values.select(compared)
    found = differences(chosen, higher_is_better, scope, exact_at_zero)
    bounds = regrets(
        found,
        alpha_upper=ALPHA_UPPER * share,
        alpha_lower=ALPHA_LOWER * share,
        before=remembered_leads(chosen.temperatures, before),
    )
    if chosen.span is not None:  # no mean lies farther from another than the measure reaches
        known = np.isfinite(bounds.upper)
        bounds = replace(bounds, upper=np.where(known, np.minimum(bounds.upper, chosen.span), math.inf))
    mean[compared], lower[compared], upper[compared] = bounds.mean, bounds.lower, bounds.upper
    allowed = [place for place, column in enumerate(compared) if inside[column] is not False]
    uneven = chosen.asked is not None and len(set(chosen.asked)) > 1
    place = _taken(bounds, allowed or list(range(len(compared))), margin, tie, uneven=uneven)
    p_within = probability_within(found, place, margin)
    pick = compared[place]
    n = _counted(chosen, found, scope)
    may_be_best = tuple(column for column, may in zip(compared, bounds.may_be_best, strict=True) if may)
    return Judgement(
        scope=scope,
        pick=pick,
        grade=_grade(
            bound=float(bounds.upper[place]),
            p_within=p_within,
            margin=margin,
            rails=rails,
            pick=pick,
            kept=bool(allowed) and not all_out,
            alone=len(compared) == 1 and (columns == 1 or len(ruled_out) < columns - 1),
            enough=scope == "these_items" or n >= MIN_ITEMS,
        ),
        effect="unknown" if all_out or len(compared) < 2 else _effect(bounds, margin),
        compared=tuple(compared),
        ruled_out=tuple(sorted(ruled_out)),
        places=_places(columns, compared, ruled_out, lower, upper, margin, may_be_best),
        mean=mean,
        lower=lower,
        upper=upper,
        p_within=p_within,
        n=n,
        rails=rails,
        inside=inside,
        differences=found,
        may_be_best=may_be_best,
        temperatures=values.temperatures,
        leads=bounds.leads,
    )


def _rails(limits: Sequence[Limit], scope: Scope, share: float) -> tuple[GuardRails | None, ...]:
    measured = sum(limit.values is not None for limit in limits)
    return tuple(
        None
        if limit.values is None
        else guard_rails(
            limit.values,
            limit.limit,
            worse_above=limit.worse_above,
            alpha_broken=ALPHA_BROKEN * share / measured,
            alpha_holds=ALPHA_HOLDS * share,
            these_items=scope == "these_items",
            relative=limit.relative,
            answers=limit.answers,
        )
        for limit in limits
    )


def _inside(rails: Sequence[GuardRails | None], column: int) -> bool | None:
    """Return whether a column's means are inside every limit that was measured; None where one has no mean there."""
    found = [each.rails[column].inside for each in rails if each is not None]
    if False in found:
        return False
    return None if None in found else True


def comparable(values: Values) -> list[int]:
    """Return the columns that have values enough to be compared."""
    missing = values.share_missing()
    items = (values.counts > 0).sum(axis=0)
    planned = np.asarray(values.asked if values.asked is not None else np.ones(len(items)))
    least = (1 - MAX_MISSING) * items.max(initial=0) * planned / max(1, planned.max(initial=1))
    return [
        column
        for column in range(len(values.temperatures))
        if items[column] and items[column] >= least[column] and (missing[column] or 0.0) <= MAX_MISSING
    ]


def differences(values: Values, higher_is_better: bool, scope: Scope, exact_at_zero: bool) -> Differences:
    """Return the differences between temperatures as the scope asks for them."""
    over_items = between_items(values, higher_is_better=higher_is_better)
    if scope == "items_like_these":
        return over_items
    found = within_items(values, higher_is_better=higher_is_better, exact_at_zero=exact_at_zero)
    # With one answer per cell the noise cannot be told from how items differ; their spread holds both, so it is no less.
    unknown = ~np.isfinite(found.error) & ~np.isfinite(found.unseen) & ~np.eye(found.size, dtype=bool)
    return over_items if unknown.any() else found


def _counted(values: Values, found: Differences, scope: Scope) -> int:
    """Return what the bounds rest on: answers, or items, of the pair of temperatures that shares the fewest."""
    if scope == "these_items":
        return int(values.counts.sum())
    pairs = found.counts[~np.eye(found.size, dtype=bool)]
    return int(pairs.min()) if pairs.size else int(values.items_with().sum())


def _taken(bounds: Regrets, allowed: Sequence[int], margin: float, tie: Tie, *, uneven: bool) -> int:
    """Return the place to take: of those within the margin, else of those that look so the one with the smallest bound, else with the best mean.

    Args:
        bounds: On all regrets.
        allowed: Places to take from.
        margin: The difference that begins to matter.
        tie: Which of several.
        uneven: Whether some were asked of more items than others: bounds then tell more of that than of which is best, and the
            best mean was right more often (`benchmarks/choose.py`).
    """
    slack = _ROUNDING * margin
    best = [place for place in allowed if bounds.upper[place] <= margin]
    best = [
        place for place in best if bounds.may_be_best[place]
    ] or best  # near enough, but known to be behind
    if not best:
        bounded = np.isfinite(bounds.upper[list(allowed)]).any() and not uneven
        order = bounds.upper if bounded else np.nan_to_num(bounds.mean, nan=math.inf)
        # A bound may be small because answers happened to be alike: that is no reason to take what itself looks worse.
        near = [place for place in allowed if bounds.mean[place] <= margin + slack] or list(allowed)
        least = min(order[place] for place in near)
        best = [place for place in near if order[place] <= least + slack]
    places = {"lowest": 0, "middle": (len(best) - 1) // 2, "highest": len(best) - 1}
    return best[places[tie]]


def _grade(
    *,
    bound: float,
    p_within: float | None,
    margin: float,
    rails: Sequence[GuardRails | None],
    pick: int,
    kept: bool,
    alone: bool,
    enough: bool,
) -> Grade:
    """Return how well it is shown that the pick is near the best.

    Args:
        bound: Of its regret.
        p_within: That it is within the margin.
        margin: The difference that begins to matter.
        rails: The guard-rails.
        pick: Its column.
        kept: Whether some temperature is inside every limit.
        alone: Whether it is compared with none, though guard-rails do not rule the others out.
        enough: Whether there are items enough to say anything of the scope.
    """
    if not enough:
        return "none"
    if alone:
        return "guess"
    measured = [each.rails[pick] for each in rails if each is not None]
    if not kept or len(measured) < len(rails) or any(rail.mean is None for rail in measured):
        return "guess"
    if bound <= margin:
        return "shown" if all(rail.verdict == "holds" for rail in measured) else "likely"
    return "likely" if p_within is not None and p_within >= LIKELY else "guess"


def _effect(bounds: Regrets, margin: float) -> Effect:
    if (bounds.lower > margin).any():
        return "matters"
    return "does_not_matter" if (bounds.upper <= margin).all() else "unknown"


def _places(
    columns: int,
    compared: Sequence[int],
    ruled_out: set[int],
    lower: Floats,
    upper: Floats,
    margin: float,
    may_be_best: Collection[int],
) -> tuple[Place, ...]:
    def place(column: int) -> Place:
        if column in ruled_out:
            return "ruled_out"
        if column not in compared:
            return "not_measured"
        if upper[column] <= margin:
            return "within"
        if lower[column] > margin:
            return "excluded"
        return "open" if column in may_be_best else "worse"

    return tuple(place(column) for column in range(columns))
