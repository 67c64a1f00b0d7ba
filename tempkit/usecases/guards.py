"""Guard-rails: at which temperatures an answer does what it must never do."""

import numpy as np

from tempkit.compare.tables import ScoredSection
from tempkit.phrases import N_
from tempkit.statistics.cliffs import GuardRail, cliff
from tempkit.usecases.metric import Metric, metric, seen
from tempkit.usecases.profile import Guard
from tempkit.usecases.result import GuardLevel, GuardResult

__all__ = ["check_guard"]

_NOT_MEASURED = N_("not measured in this run")
_ONE_TEMPERATURE = N_("only one temperature has values")


def check_guard(guard: Guard, section: ScoredSection, level: float) -> GuardResult:
    """Return a guard-rail's verdict at every temperature."""
    about = metric(guard.measure, "lower" if guard.worse == "above" else "higher")
    table = section.table(guard.measure)
    if table is None:
        return _result(guard, about, None, (), section.why_missing(guard.measure) or _NOT_MEASURED)
    about = seen(about, table)
    usable = table.values.present.any(axis=(0, 2))
    columns = [int(column) for column in np.flatnonzero(usable)]
    values, span = table.values.select(columns).array, about.span
    first: list[GuardLevel] = []
    if guard.relative:
        values = values - table.values.means[:, columns[0], np.newaxis, np.newaxis]
        span = None if span is None else 2 * span
        first = [_at_lowest(table.temperatures[columns[0]])]
        columns, values = columns[1:], values[:, 1:]
    if not columns:
        return _result(guard, about, None, tuple(first), _ONE_TEMPERATURE)
    found = cliff(
        values,
        [table.temperatures[column] for column in columns],
        guard.limit,
        higher_is_better=guard.worse == "below",
        level=level,
        span=span,
    )
    levels = (*first, *(_level(rail, about, relative=guard.relative) for rail in found.rails))
    reasons = {rail.reason for rail in found.rails if rail.reason}
    return _result(guard, about, found.temperature, levels, "; ".join(sorted(reasons)) or None)


def _result(
    guard: Guard, about: Metric, at: float | None, levels: tuple[GuardLevel, ...], reason: str | None
) -> GuardResult:
    return GuardResult(
        measure=guard.measure,
        title=about.title,
        unit=about.unit,
        limit=guard.limit,
        worse=guard.worse,
        relative=guard.relative,
        why=guard.why,
        cliff=at,
        levels=levels,
        reason=reason,
    )


def _at_lowest(temperature: float) -> GuardLevel:
    """The lowest temperature is what the others are measured from, so it holds by definition."""
    return GuardLevel(temperature=temperature, mean=0.0, low=None, high=None, verdict="holds")


def _level(rail: GuardRail, about: Metric, *, relative: bool) -> GuardLevel:
    interval = rail.interval
    if interval is not None and not relative and about.low is not None and about.high is not None:
        interval = interval.clipped(about.low, about.high)
    return GuardLevel(
        temperature=rail.temperature,
        mean=rail.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        verdict=rail.verdict,
    )
