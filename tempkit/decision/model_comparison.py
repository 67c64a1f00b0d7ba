"""Which model is better, each at its own best temperature?

Every temperature of the one is compared with every temperature of the other, question by question. For whichever temperature b
is the best of the second model, the differences from it hold together for all temperatures a of the first, so

    best of the first - best of the second >= max over a of min over b of (mean_a - mean_b - width_ba),

and the same the other way round: the bounds allow for both picks having been chosen by looking (multiple comparisons with the
best, applied to two groups; J. C. Hsu, Multiple Comparisons, 1996, chapter 4). Temperatures that a guard-rail rules out are no
choice and take no part.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal

import numpy as np

from tempkit.analysis import ScoredSection, Table
from tempkit.decision.error_budget import ALPHA_UPPER, share_at
from tempkit.decision.result import Decision, Rival
from tempkit.statistics import MIN_ITEMS, Differences, Floats, Values, between_items, within_items

__all__ = ["with_rivals"]

_REPLICATES = 2


def with_rivals(sections: Sequence[ScoredSection], decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions, each with how its model compares to the others for the same use case.

    Models are compared where the same measure decided, with single answers, on questions that both were asked.

    Args:
        sections: Of the decisions, in their order.
        decisions: Of a run, or of several that are shown together.
    """
    groups: dict[tuple[str, str, str | None], list[int]] = {}
    for place, each in enumerate(decisions):
        if each.measure is not None and each.pick is not None:
            groups.setdefault((each.use_case, each.section, each.measure), []).append(place)
    rivals: list[list[Rival]] = [[] for _ in decisions]
    for places in groups.values():
        pairs = list(combinations(places, 2))
        for one, other in pairs:
            found = _compared(sections[one], decisions[one], sections[other], decisions[other], len(pairs))
            if found is None:
                continue
            rivals[one].append(found)
            rivals[other].append(_reversed(found, decisions[one]))
    return [replace(each, rivals=tuple(own)) for each, own in zip(decisions, rivals, strict=True)]


def _compared(
    own: ScoredSection, one: Decision, rival: ScoredSection, other: Decision, pairs: int
) -> Rival | None:
    tables = own.table(one.measure or ""), rival.table(one.measure or "")
    if tables[0] is None or tables[1] is None or one.policy != "single" or other.policy != "single":
        return None
    columns = _compared_columns(tables[0], one), _compared_columns(tables[1], other)
    values = _side_by_side(tables[0], columns[0], tables[1], columns[1])
    if values is None:
        return None
    better = one.higher_is_better
    differences = between_items(values, higher_is_better=better)
    if int(values.items_with().sum()) < MIN_ITEMS:
        differences = within_items(values, higher_is_better=better, exact_at_zero=False)
    first = list(range(len(columns[0])))
    second = list(range(len(columns[0]), len(values.temperatures)))
    shares = (share_at(found.looks, section.planned_looks) for section, found in ((own, one), (rival, other)))
    alpha = ALPHA_UPPER * min(shares) / 2 / pairs
    low = _ahead(differences, first, second, alpha)
    high = -_ahead(differences, second, first, alpha)
    gap = differences.mean[np.ix_(first, second)]
    if np.isnan(gap).all():
        return None
    return Rival(
        model=other.model,
        pick=other.pick,
        difference=float(np.nanmax(np.nanmin(np.where(np.isnan(gap), np.inf, gap), axis=1))),
        low=float(low) if np.isfinite(low) else None,
        high=float(high) if np.isfinite(high) else None,
        verdict=_verdict(low, high, one.margin),
        n=int(values.items_with().sum()),
    )


def _compared_columns(table: Table, found: Decision) -> list[int]:
    """Return the columns that took part in a decision."""
    compared = {row.temperature for row in found.temperatures if row.regret_mean is not None}
    return [column for column, temperature in enumerate(table.temperatures) if temperature in compared]


def _side_by_side(one: Table, mine: list[int], other: Table, theirs: list[int]) -> Values | None:
    """Return both models' values of the items that they share, the temperatures of the one before those of the other."""
    shared = [key for key in one.items if key in set(other.items)]
    if not shared or not mine or not theirs:
        return None
    parts = [
        table.values.array[[table.items.index(key) for key in shared]][:, columns]
        for table, columns in ((one, mine), (other, theirs))
    ]
    depth = max(part.shape[2] for part in parts)
    both = np.concatenate([_deepened(part, depth) for part in parts], axis=1)
    spans = one.values.span, other.values.span
    span = spans[0] if spans[0] == spans[1] else None
    return Values(both, span=span, opinions=one.values.opinions)


def _deepened(part: Floats, depth: int) -> Floats:
    """Return values with room for `depth` replicates."""
    missing = np.full((*part.shape[:_REPLICATES], depth - part.shape[2]), np.nan)
    return np.concatenate([part, missing], axis=2)


def _ahead(found: Differences, first: Sequence[int], second: Sequence[int], alpha: float) -> float:
    """Return at least how far the best of the first columns lies ahead of the best of the second."""
    widths = np.array([found.half_widths(row, len(first), alpha) for row in second])[:, first].T
    gap = found.mean[np.ix_(first, second)]
    return float((np.where(np.isnan(gap), -np.inf, gap) - widths).min(axis=1).max())


def _verdict(low: float, high: float, margin: float) -> Literal["better", "worse", "alike", "unknown"]:
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    return "alike" if -margin <= low and high <= margin else "unknown"


def _reversed(found: Rival, one: Decision) -> Rival:
    """Return the same comparison as the other model sees it."""
    turned: dict[str, Literal["better", "worse", "alike", "unknown"]] = {"better": "worse", "worse": "better"}
    return replace(
        found,
        model=one.model,
        pick=one.pick,
        difference=-found.difference,
        low=None if found.high is None else -found.high,
        high=None if found.low is None else -found.low,
        verdict=turned.get(found.verdict, found.verdict),
    )
