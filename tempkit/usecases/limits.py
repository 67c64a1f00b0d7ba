"""A use case's guard-rails: as the rule takes them, and as a reader sees what came of them."""

from collections.abc import Sequence

from tempkit.compare.tables import ScoredSection
from tempkit.phrases import N_
from tempkit.statistics.guard_rails import GuardRails
from tempkit.statistics.values import Values
from tempkit.usecases.decision import GuardLevel, GuardResult
from tempkit.usecases.judge import Judgement, Limit
from tempkit.usecases.metric import metric
from tempkit.usecases.profile import Guard, UseCase

__all__ = ["guard_results", "limits_of"]

_NOT_MEASURED = N_("not measured in this run")


def limits_of(profile: UseCase, section: ScoredSection) -> tuple[Limit, ...]:
    """Return a use case's guard-rails with the section's values of them."""
    return tuple(
        Limit(
            values=None if (table := section.table(guard.measure)) is None else table.values,
            limit=guard.limit,
            worse_above=guard.worse == "above",
            relative=guard.relative,
        )
        for guard in profile.guard
    )


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
    about = metric(guard.measure, "lower" if guard.worse == "above" else "higher")
    measured = values is not None and rails is not None
    grid = values.temperatures if values is not None else ()

    def at(column: int | None) -> float | None:
        return None if column is None else grid[column]

    return GuardResult(
        measure=guard.measure,
        unit=about.unit,
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
            )
            for temperature, rail in zip(grid, rails.rails, strict=True)
        ),
        ruled_out=() if rails is None else tuple(grid[column] for column in rails.ruled_out),
        reason=None if measured else section.why_missing(guard.measure) or _NOT_MEASURED,
    )
