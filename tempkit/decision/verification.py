"""Test a kept decision again: is its temperature still within the margin of its neighbours, and does it keep its guard-rails?

How the errors are paid for is written in `tempkit.statistics.retesting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tempkit.analysis import ScoredSection
from tempkit.decision.case import DETERMINISTIC, chosen_case
from tempkit.decision.decide import known
from tempkit.decision.error_budget import ALPHA_HOLDS
from tempkit.decision.metric import metric
from tempkit.decision.profile import Guard, UseCase
from tempkit.decision.result import Scope
from tempkit.decision.rule import Limit, comparable, differences
from tempkit.errors import UsageError
from tempkit.measures import titled
from tempkit.statistics import Policy, Verdict, guard_rails, leads

__all__ = ["Lead", "RailCheck", "Recheck", "neighbours", "recheck", "relative_to"]

_APART = 0.2
"""How far neighbours are where the temperatures that were tried are not known."""

Standing = Literal["broken", "holds", "open"]
"""`broken`: a neighbour is shown to be better by more than the margin, or a guard-rail is shown to be broken. `holds`: it is shown that no
neighbour is, and no mean is beyond a guard-rail; whether they are shown to hold too is in `Recheck.rails_hold`. `open`: nothing is
shown against it, but not enough for it either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A neighbour, and how far it is ahead of the temperature that is tested, in the measure's unit."""

    temperature: float
    mean: float | None
    """Below 0 where it is behind; None where it could not be compared."""
    low: float | None
    """At least so far; None where nothing bounds it."""
    high: float | None
    """At most so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RailCheck:
    """A guard-rail at the temperature that is tested."""

    measure: str
    title: str
    unit: str
    limit: float
    mean: float | None
    inside: bool | None
    """Whether the mean is inside the limit; None where it was not measured."""
    verdict: Verdict | Literal["not_measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """What the answers say of a temperature that was decided for."""

    standing: Standing
    within: bool
    """Whether it is shown to be within the margin of its neighbours, whatever the guard-rails are."""
    leads: tuple[Lead, ...]
    rails: tuple[RailCheck, ...]
    unit: str
    title: str
    """Of the measure."""
    mean: float | None
    """Of the measure, at the temperature itself."""
    items: int
    """Questions with a value at it."""

    @property
    def rails_hold(self) -> bool:
        """Whether every guard-rail is shown to hold."""
        return all(rail.verdict == "holds" for rail in self.rails)


def neighbours(temperature: float, tried: Sequence[float]) -> tuple[float, ...]:
    """Return the temperatures to compare one with: those beside it that were tried, else a little lower and higher.

    >>> neighbours(0.4, (0.0, 0.4, 0.8, 1.2)), neighbours(0.1, ())
    ((0.0, 0.8), (0.0, 0.3))
    """
    lower, higher = [t for t in tried if t < temperature], [t for t in tried if t > temperature]
    if temperature in tried and len(tried) > 1:
        return (*lower[-1:], *higher[:1])
    around = (round(max(0.0, temperature - _APART), 6), round(temperature + _APART, 6))
    return tuple(t for t in around if t != temperature)


def relative_to(profile: UseCase, temperature: float, tried: Sequence[float]) -> tuple[float, ...]:
    """Return the temperature that guard-rails of the use case are relative to, where one is needed beside those compared."""
    lowest = min(tried, default=temperature)
    return (lowest,) if lowest < temperature and any(guard.relative for guard in profile.guard) else ()


def recheck(
    section: ScoredSection,
    profile: UseCase,
    *,
    temperature: float,
    beside: Sequence[float],
    scope: Scope,
    policy: Policy,
    alpha: float,
    looks: int,
) -> Recheck:
    """Return what the answers so far say of a temperature.

    Args:
        section: With the answers' scores, at this temperature, at those beside it, and at what guard-rails are relative to.
        profile: The use case, with the one measure that decides.
        temperature: The one that was decided for.
        beside: Its neighbours.
        scope: Whom the claim is about.
        policy: How answers are used.
        alpha: The probability of a false alarm that this look may spend.
        looks: How many there are going to be.

    Raises:
        UsageError: The policy cannot be asked of these answers.
    """
    case = chosen_case(section, profile, profile.primary)
    try:
        values = case.values(policy)
    except ValueError as e:
        raise UsageError(f"{policy} cannot be asked of {case.about.name}: {e}") from e
    shares = 2 if profile.guard else 1
    holds = ALPHA_HOLDS / looks
    rails = _rails(profile.guard, case.limits, temperature, scope, alpha / shares, holds)
    usable = [values.temperatures[column] for column in comparable(values)]
    compared = sorted(t for t in (temperature, *beside) if t in usable)
    found: tuple[Lead, ...] = tuple(Lead(temperature=t, mean=None, low=None, high=None) for t in beside)
    verdict = "open"
    if temperature in compared and len(compared) > 1:
        chosen = compared.index(temperature)
        made = leads(
            differences(
                values.select([values.temperatures.index(t) for t in compared]),
                case.about.higher_is_better,
                scope,
                section.model.backend in DETERMINISTIC,
            ),
            chosen,
            margin=case.primary.margin,
            alpha_ahead=alpha / shares,
            alpha_holds=holds,
        )
        verdict = made.verdict
        place = {t: column for column, t in enumerate(compared)}
        found = tuple(
            Lead(
                temperature=t,
                mean=known(made.mean[place[t]]) if t in place else None,
                low=known(made.low[place[t]]) if t in place else None,
                high=known(made.high[place[t]]) if t in place else None,
            )
            for t in beside
        )
    within = verdict == "holds" and len(compared) == len(beside) + 1
    broken = verdict == "ahead" or any(rail.verdict == "broken" for rail in rails)
    # Limits are shown to hold by many more items than margins are, so nobody waits for that while the means are inside.
    kept = within and all(rail.inside is not False for rail in rails)
    column = values.temperatures.index(temperature) if temperature in values.temperatures else None
    return Recheck(
        standing="broken" if broken else "holds" if kept else "open",
        within=within,
        leads=found,
        rails=rails,
        unit=case.table.unit,
        title=case.about.title,
        mean=None if column is None else values.temperature_means[column],
        items=0 if column is None else int((values.counts[:, column] > 0).sum()),
    )


def _rails(
    guards: Sequence[Guard],
    limits: Sequence[Limit],
    temperature: float,
    scope: Scope,
    alpha: float,
    alpha_holds: float,
) -> tuple[RailCheck, ...]:
    return tuple(
        _rail(guard, limit, temperature, scope, alpha / len(guards), alpha_holds)
        for guard, limit in zip(guards, limits, strict=True)
    )


def _rail(
    guard: Guard, limit: Limit, temperature: float, scope: Scope, alpha: float, alpha_holds: float
) -> RailCheck:
    values, mean, inside = limit.values, None, None
    verdict: Verdict | Literal["not_measured"] = "not_measured"
    if values is not None and temperature in values.temperatures:
        column = values.temperatures.index(temperature)
        # No other temperature is called broken here, so none has to share its alpha.
        columns = [0, column] if limit.relative and column else [column]
        found = guard_rails(
            values.select(columns),
            limit.limit,
            worse_above=limit.worse_above,
            alpha_broken=alpha,
            alpha_holds=alpha_holds,
            these_items=scope == "these_items",
            relative=limit.relative,
            answers=None if limit.answers is None else limit.answers[:, columns],
        ).rails[-1]
        mean, inside = found.mean, found.inside
        verdict = "not_measured" if mean is None else found.verdict
    return RailCheck(
        measure=guard.measure,
        title=titled(guard.measure),
        unit=metric(guard.measure, "higher").unit,
        limit=guard.limit,
        mean=mean,
        inside=inside,
        verdict=verdict,
    )
