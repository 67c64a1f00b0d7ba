"""From a section's scores and a use case to a decision: which values are judged by what, and every number kept on the way.

Nothing is decided here: `judge` is the rule, and it is asked in both scopes. This module chooses the measure, lays out the
guard-rails, and gathers what a reader wants beside the pick.
"""

import math
from dataclasses import replace

from tempkit.analysis import ScoredSection, mean_at, scale_of, section_turn
from tempkit.decision.against_pick import against_pick
from tempkit.decision.answerers import highest_grade
from tempkit.decision.case import Case, chosen_case
from tempkit.decision.caveats import notes
from tempkit.decision.error_budget import level_at
from tempkit.decision.guard_rails import guard_results
from tempkit.decision.next_steps import steps
from tempkit.decision.profile import Primary, UseCase
from tempkit.decision.result import (
    AtDefault,
    Decision,
    Grade,
    PolicyPick,
    Scope,
    ScopeDecision,
    Standing,
    TemperatureResult,
    TrendResult,
)
from tempkit.decision.rule import Judgement
from tempkit.statistics import MIN_ITEMS, Policy, Values, first_shares, trend

__all__ = ["DEFAULT_TEMPERATURE", "decide"]

DEFAULT_TEMPERATURE = 1.0
"""What most vendors' APIs use when none is given."""

_SCOPES: tuple[Scope, ...] = ("items_like_these", "these_items")
_GRADES: tuple[Grade, ...] = ("none", "guess", "likely", "shown")
_DRAWS = 1000
_SEED = 20240527


def decide(
    section: ScoredSection,
    profile: UseCase,
    *,
    scope: Scope | None = None,
    policy: Policy | None = None,
) -> Decision:
    """Return which temperature serves a use case on the section's model, as far as its scores tell.

    Args:
        section: With the scores of all measures.
        profile: The use case.
        scope: The one that grades; None: items like these where there are enough of them, else these items.
        policy: How answers are used; None: the first way that the use case names and that these answers can be used in, else
            one at a time.

    Raises:
        UsageError: The policy cannot be asked of the measure's values.
    """
    variety = None if profile.variety is None else _decide(section, profile, (profile.variety,), scope, None)
    made = _decide(section, profile, profile.primary, scope, policy)
    return replace(made, variety=variety, turn=section_turn(section))


def _decide(
    section: ScoredSection,
    profile: UseCase,
    primaries: tuple[Primary, ...],
    scope: Scope | None,
    policy: Policy | None,
) -> Decision:
    case = chosen_case(section, profile, primaries)
    used = case.policy(policy)
    values = case.used_by(used)
    found = {each: case.judged(used, each) for each in _SCOPES}
    graded = scope or ("items_like_these" if found["items_like_these"].n >= MIN_ITEMS else "these_items")
    judgement = found[graded]
    guardrails = guard_results(profile, section, case.limits, judgement)
    policies = _policies(case, used, graded)
    noted = notes(
        section,
        primaries,
        case.table,
        values,
        judgement,
        guardrails,
        policies,
        higher_is_better=case.about.higher_is_better,
    )
    # Where every answer is as bad as can be, nothing tells what a temperature is worth.
    useless = any(note.code == "floor" for note in noted)
    most: Grade = "none" if useless else highest_grade(noted)
    scopes: dict[Scope, ScopeDecision] = {each: _scope(values, found[each], most) for each in _SCOPES}
    top, start = scopes[graded], profile.start
    return Decision(
        use_case=profile.name,
        profile=profile,
        section=section.name,
        model=section.model.label,
        arm=section.arm,
        measure=case.about.name if values.counts.any() else None,
        unit=case.table.unit,
        version=case.table.version,
        higher_is_better=case.about.higher_is_better,
        margin=case.primary.margin,
        level=level_at(section.looks, section.planned_looks),
        looks=section.looks,
        policy=str(used),
        pick=top.pick,
        grade=top.grade,
        effect=top.effect,
        regret_upper=top.regret_upper,
        regret_mean=top.regret_mean,
        p_within=top.p_within,
        scope=graded,
        scopes=scopes,
        items=int((values.counts > 0).any(axis=1).sum()),
        temperatures=_rows(case, values, judgement),
        guardrails=guardrails,
        cliff=min((each.cliff for each in guardrails if each.cliff is not None), default=None),
        floor=max((each.floor for each in guardrails if each.floor is not None), default=None),
        notes=noted,
        next=steps(
            section,
            values,
            case.table.values,
            found,
            graded,
            guardrails,
            noted,
            margin=case.primary.margin,
            per_answer=case.per_answer,
        ),
        policies=tuple(replace(each, grade=_at_most(each.grade, highest_grade(noted))) for each in policies),
        trend=_trend(values, judgement),
        at_default=_at_default(values, judgement),
        against_pick=against_pick(values, judgement),
        priors=profile.prior,
        start=None if start is None else start.temperatures[0],
        tradeoff=profile.tradeoff,
        imported=section.imported,
    )


def _policies(case: Case, used: Policy, scope: Scope) -> tuple[PolicyPick, ...]:
    if not case.per_answer:
        return ()
    others = [each for text in case.profile.policies if (each := Policy.parse(text)) != used]
    found = [(each, case.judged(each, scope)) for each in others if case.takes(each)]
    return tuple(
        PolicyPick(
            policy=str(each),
            pick=None if made.pick is None else case.table.temperatures[made.pick],
            grade=made.grade,
            regret_upper=None if made.pick is None else known(made.upper[made.pick]),
        )
        for each, made in found
    )


def _at_most(grade: Grade, most: Grade) -> Grade:
    return min(grade, most, key=_GRADES.index)


def _scope(values: Values, found: Judgement, most: Grade) -> ScopeDecision:
    pick = found.pick
    return ScopeDecision(
        scope=found.scope,
        pick=None if pick is None else values.temperatures[pick],
        grade=_at_most(found.grade, most),
        effect=found.effect,
        regret_upper=None if pick is None else known(found.upper[pick]),
        regret_mean=None if pick is None else known(found.mean[pick]),
        p_within=found.p_within,
        n=found.n,
        standings=tuple(
            Standing(
                temperature=temperature,
                regret_mean=known(found.mean[column]),
                regret_lower=known(found.lower[column]),
                regret_upper=known(found.upper[column]),
                place=found.places[column],
            )
            for column, temperature in enumerate(values.temperatures)
        ),
    )


def known(number: float) -> float | None:
    """Return a number, or None where it is none or infinite."""
    return float(number) if math.isfinite(number) else None


def _rows(case: Case, values: Values, found: Judgement) -> tuple[TemperatureResult, ...]:
    scale = scale_of(case.table)
    better = case.about.higher_is_better
    columns = list(found.compared)
    shares = first_shares(values.means[:, columns], higher_is_better=better, draws=_DRAWS, seed=_SEED)
    first = dict(zip(columns, shares or (), strict=False))
    worst = values.low if better else values.high
    missing = [sum(reasons.values()) for reasons in values.missing]

    def row(column: int) -> TemperatureResult:
        estimate = mean_at(values.means[:, column], scale)
        interval, there = estimate.interval, int(values.counts[:, column].sum())
        guess = None
        if worst is not None and missing[column] and there:
            total = float(values.array[:, column][values.present[:, column]].sum())
            guess = (total + worst * missing[column]) / (there + missing[column])
        return TemperatureResult(
            temperature=values.temperatures[column],
            mean=estimate.mean,
            low=None if interval is None else interval.low,
            high=None if interval is None else interval.high,
            regret_mean=known(found.mean[column]),
            regret_lower=known(found.lower[column]),
            regret_upper=known(found.upper[column]),
            place=found.places[column],
            n=estimate.n_items,
            samples=there,
            missing=missing[column],
            worst_mean=guess,
            first_share=first.get(column),
            inside_limits=found.inside[column] if case.limits else True,
        )

    return tuple(map(row, range(len(values.temperatures))))


def _trend(values: Values, found: Judgement) -> TrendResult | None:
    """Return the trend over the temperatures that were compared; None with fewer than two of them."""
    if len(found.compared) < 2:
        return None
    made = trend(values, list(found.compared))
    return TrendResult(
        slope=made.slope,
        low=None if made.interval is None else made.interval.low,
        high=None if made.interval is None else made.interval.high,
        rank_correlation=made.spearman,
        p_value=made.p_value,
        items=made.n_items,
    )


def _at_default(values: Values, found: Judgement) -> AtDefault | None:
    if found.pick is None or found.differences is None or DEFAULT_TEMPERATURE not in values.temperatures:
        return None
    default = values.temperatures.index(DEFAULT_TEMPERATURE)
    if default == found.pick or default not in found.compared:
        return None
    loss = found.differences.mean[found.compared.index(found.pick), found.compared.index(default)]
    if not math.isfinite(loss):
        return None
    return AtDefault(
        temperature=DEFAULT_TEMPERATURE, loss=float(loss), loss_upper=known(found.upper[default])
    )
