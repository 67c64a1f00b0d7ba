"""A use case's guard-rails: as the rule takes them, and as a reader sees what came of them."""

import math
from collections.abc import Sequence

import numpy as np

from tempkit.analysis import Repeats, ScoredSection, Table
from tempkit.decision.metric import metric
from tempkit.decision.profile import Guard, UseCase
from tempkit.decision.result import GuardLevel, GuardResult
from tempkit.decision.rule import Judgement, Limit
from tempkit.measures import DISTINCT_SHARE
from tempkit.statistics import Floats, GuardRails, Values
from tempkit.types import Reason

__all__ = ["guard_results", "limits_of"]


def limits_of(profile: UseCase, section: ScoredSection, repeats: Repeats | None = None) -> tuple[Limit, ...]:
    """Return a use case's guard-rails with the section's values of them.

    Args:
        profile: The use case.
        section: The section.
        repeats: As they were when so many answers had been asked for; None: as they are.
    """
    found = [(guard, section.table(guard.measure)) for guard in profile.guard]
    return tuple(
        Limit(
            values=None if table is None else _values(table, repeats),
            limit=guard.limit,
            worse_above=guard.worse == "above",
            relative=guard.relative,
            answers=None if table is None else _different_answers(section, table, repeats),
        )
        for guard, table in found
    )


def _values(table: Table, repeats: Repeats | None) -> Values:
    return table.values if repeats is None else table.at(repeats)


def _different_answers(section: ScoredSection, table: Table, repeats: Repeats | None) -> Floats | None:
    """Return how many different answers each cell of a table holds, (items, temperatures), at least 1; None: not known."""
    shares = section.table(DISTINCT_SHARE.name)
    if shares is None or shares.temperatures != table.temperatures:
        return None
    place = {key: row for row, key in enumerate(shares.items)}
    rows = [place.get(key) for key in table.items]
    share = np.array(
        [[math.nan] * len(table.temperatures) if row is None else shares.values.means[row] for row in rows]
    )
    different = np.round(share.reshape(table.values.counts.shape) * table.values.counts)
    # Scores can be imported under any name, so a share may be no share.
    counts = _values(table, repeats).counts
    return np.where(different >= 1, np.minimum(different, np.maximum(counts, 1)), 1.0)


def guard_results(
    profile: UseCase, section: ScoredSection, limits: Sequence[Limit], found: Judgement
) -> tuple[GuardResult, ...]:
    """Return what came of each guard-rail, at every temperature."""
    return tuple(
        _result(guard, section, limit.values, rails)
        for guard, limit, rails in zip(profile.guard, limits, found.rails, strict=True)
    )


def _result(
    guard: Guard, section: ScoredSection, values: Values | None, rails: GuardRails | None
) -> GuardResult:
    measured = values is not None and rails is not None
    grid = values.temperatures if values is not None else ()

    own = [
        None if values is None or not guard.relative else _mean(values, column) for column in range(len(grid))
    ]

    def at(column: int | None) -> float | None:
        return None if column is None else grid[column]

    return GuardResult(
        measure=guard.measure,
        unit=_unit(guard, section),
        limit=guard.limit,
        worse=guard.worse,
        relative=guard.relative,
        why=guard.why,
        cliff=at(rails.cliff) if rails is not None else None,
        floor=at(rails.floor) if rails is not None else None,
        levels=()
        if rails is None
        else tuple(
            GuardLevel(
                temperature=temperature,
                mean=rail.mean,
                low=rail.low,
                high=rail.high,
                verdict=rail.verdict,
                inside=rail.inside,
                n=rail.n,
                own_mean=own_mean,
            )
            for temperature, rail, own_mean in zip(grid, rails.rails, own, strict=True)
        ),
        ruled_out=() if rails is None else tuple(grid[column] for column in rails.ruled_out),
        reason=None if measured else section.why_missing(guard.measure) or Reason("not_measured"),
    )


def _unit(guard: Guard, section: ScoredSection) -> str:
    """Return the unit of a guard-rail's values: what they are, where they contradict what the measure's name says."""
    table = section.table(guard.measure)
    return metric(guard.measure, "lower").unit if table is None else table.unit


def _mean(values: Values, column: int) -> float | None:
    """Return a measure's own mean over the items that have values at a temperature."""
    known = values.means[values.counts[:, column] > 0, column]
    return float(known.mean()) if known.size else None
