"""Put it together: a use case's profile and a section's scores in, a recommendation out.

Nothing is computed here that is not computed in `statistics`, and nothing is decided that is not decided in `choice`: this
module says which values go where, in which order temperatures drop out, and keeps every number on the way.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from msgspec import structs

from tempkit.compare.curves import Scale, mean_at
from tempkit.compare.tables import ScoredSection, Table
from tempkit.compare.turns import section_turn
from tempkit.errors import UsageError
from tempkit.language import gettext as _
from tempkit.statistics.best import BestSet, Standing, best_set, race
from tempkit.statistics.contrasts import contrast
from tempkit.statistics.trends import trend
from tempkit.usecases.caveats import caveats, without_values
from tempkit.usecases.choice import LEVEL, Choice, asked, choose
from tempkit.usecases.guards import check_guard
from tempkit.usecases.metric import Metric, metric, seen
from tempkit.usecases.needs import needs
from tempkit.usecases.profile import Primary, UseCase
from tempkit.usecases.result import (
    AtDefault,
    Cliff,
    GuardResult,
    LevelResult,
    Place,
    Recommendation,
    Sensitivity,
    TrendResult,
)
from tempkit.usecases.sentences import evidence
from tempkit.usecases.turn_words import turn_sentences

__all__ = ["DEFAULT_TEMPERATURE", "LEVEL", "ad_hoc", "recommend"]

DEFAULT_TEMPERATURE = 1.0
"""What most vendors' APIs use when none is given."""

_MAX_MISSING = 0.5
"""A temperature where more than this share of the primary measure's values is missing is not compared: what is left
there is a selection (the short answers, for instance) and no sample."""

_OTHER_MARGINS = (0.5, 2.0)
_SEED = 20240527


def recommend(section: ScoredSection, profile: UseCase) -> Recommendation:
    """Return which temperature serves `profile` best on the section's model, as far as its scores tell."""
    turned = section_turn(section)
    return replace(_judge(section, profile), turn=turned, turn_says=turn_sentences(turned))


def _judge(section: ScoredSection, profile: UseCase) -> Recommendation:
    confidence = asked(section.looks)
    guards = tuple(check_guard(guard, section, confidence) for guard in profile.guard)
    found = next(
        ((primary, table) for primary in profile.primary if (table := section.table(primary.measure))), None
    )
    if found is None:
        return _nothing(section, profile, guards)
    primary, table = found
    about = seen(metric(primary.measure, primary.direction), table)
    broken = {level.temperature for guard in guards for level in guard.levels if level.verdict == "broken"}
    missing = table.values.share_missing()
    candidates = [
        column
        for column, temperature in enumerate(table.temperatures)
        if temperature not in broken
        and table.values.present[:, column].any()
        and not (missing[column] or 0) > _MAX_MISSING
    ]
    if not candidates:
        return _nothing(section, profile, guards)
    best = best_set(
        table.values.array,
        margin=primary.margin,
        higher_is_better=about.higher_is_better,
        seed=_SEED,
        candidates=candidates,
        level=confidence,
        span=about.span,
    )
    choice = choose(best, profile.tie, margin=primary.margin, ruled_out=bool(broken))
    leader = choice.column if choice.column is not None else best.leader
    temperature = None if choice.column is None else table.temperatures[choice.column]
    made = Recommendation(
        use_case=profile.name,
        title=profile.title,
        wants=profile.wants,
        section=section.name,
        model=section.model.label,
        status=choice.status,
        temperature=temperature,
        acceptable=tuple(table.temperatures[column] for column in choice.acceptable),
        within=tuple(table.temperatures[column] for column in choice.within),
        p_best=None if leader is None else best.standings[leader].p_best,
        measure=about.name,
        measure_title=about.title,
        unit=about.unit,
        version=table.version,
        higher_is_better=about.higher_is_better,
        margin=primary.margin,
        items=best.n_items,
        level=confidence,
        looks=section.looks,
        levels=tuple(
            _level(table, column, about, best.standings[column], table.temperatures[column] in broken)
            for column in range(len(table.temperatures))
        ),
        guards=guards,
        cliff=_cliff(guards, temperature),
        trend=_trend(table, candidates),
        at_default=_at_default(table, about, choice),
        sensitivity=_sensitivity(best, profile, primary, table, ruled_out=bool(broken)),
        needs=needs(
            table.values.array,
            best,
            margin=primary.margin,
            span=about.span,
            per_item=about.per_cell,
        )
        if choice.status == "undecided"
        else None,
        racing=tuple(table.temperatures[column] for column in race(best))
        if choice.status == "undecided"
        else (),
        evidence=(),
        caveats=(),
        priors=profile.prior,
        tradeoff=profile.tradeoff,
    )
    return replace(
        made,
        evidence=evidence(made, profile),
        caveats=caveats(made, table, sum(len(p.items) for p in section.prompts), best.reason),
    )


def ad_hoc(
    measure: str, margin: float, direction: Literal["higher", "lower"] | None, base: UseCase | None
) -> UseCase:
    """Return a use case for a measure that the user named, with the rest of `base` where one was named too.

    Raises:
        UsageError: The margin is not above 0.
    """
    if not 0 < margin < float("inf"):
        raise UsageError(
            f"a margin must be above 0, not {margin:g}: it is the smallest difference that matters"
        )
    primary = Primary(measure=measure, margin=margin, why=_("named by the user"), direction=direction)
    if base is not None:
        return structs.replace(base, primary=(primary,))
    about = metric(measure, direction)
    return UseCase(
        name=measure,
        title=about.title,
        wants=(_("%s as high as possible.") if about.higher_is_better else _("%s as low as possible."))
        % measure,
        why=_("A measure named by the user, without guard-rails."),
        tie="lowest",
        tie_why=_("of temperatures that serve equally well the lowest one repeats itself most exactly"),
        primary=(primary,),
    )


def _nothing(section: ScoredSection, profile: UseCase, guards: tuple[GuardResult, ...]) -> Recommendation:
    primary = profile.primary[0]
    confidence = asked(section.looks)
    about = metric(primary.measure, primary.direction)
    made = Recommendation(
        use_case=profile.name,
        title=profile.title,
        wants=profile.wants,
        section=section.name,
        model=section.model.label,
        status="undecided",
        temperature=None,
        acceptable=(),
        within=(),
        p_best=None,
        measure=None,
        measure_title=about.title,
        unit=about.unit,
        version="",
        higher_is_better=about.higher_is_better,
        margin=primary.margin,
        items=0,
        level=confidence,
        looks=section.looks,
        levels=(),
        guards=guards,
        cliff=_cliff(guards, None),
        trend=None,
        at_default=None,
        sensitivity=(),
        needs=None,
        racing=(),
        evidence=(),
        caveats=(),
        priors=profile.prior,
        tradeoff=profile.tradeoff,
    )
    reasons = {each.measure: section.why_missing(each.measure) for each in profile.primary}
    return replace(made, evidence=evidence(made, profile), caveats=without_values(reasons))


def _level(table: Table, column: int, about: Metric, standing: Standing, ruled_out: bool) -> LevelResult:
    estimate = mean_at(table.values.means[:, column], Scale(about.unit, about.low, about.high))
    interval = estimate.interval
    temperature = table.temperatures[column]
    return LevelResult(
        temperature=temperature,
        mean=estimate.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        items=estimate.n_items,
        samples=int(table.values.counts[:, column].sum()),
        missing=sum(table.values.missing[column].values()),
        place=_place(standing, ruled_out),
        behind=standing.behind,
        behind_low=standing.behind_low,
        behind_high=standing.behind_high,
        p_best=standing.p_best,
    )


def _place(standing: Standing, ruled_out: bool) -> Place:
    if ruled_out:
        return "ruled out"
    if not standing.compared:
        return "not measured"
    if standing.excluded:
        return "excluded"
    if standing.within:
        return "within"
    return "worse" if standing.worse else "open"


def _cliff(guards: Sequence[GuardResult], temperature: float | None) -> Cliff | None:
    found = [(guard.cliff, guard.measure) for guard in guards if guard.cliff is not None]
    if not found:
        return None
    at, measure = min(found)
    return Cliff(temperature=at, measure=measure, distance=None if temperature is None else at - temperature)


def _trend(table: Table, candidates: Sequence[int]) -> TrendResult | None:
    """Return the trend over the temperatures that can be compared; None with fewer than two of them."""
    if len(candidates) < 2:
        return None
    found = trend(table.values, candidates, level=LEVEL)
    return TrendResult(
        slope=found.slope,
        low=None if found.interval is None else found.interval.low,
        high=None if found.interval is None else found.interval.high,
        rank_correlation=found.spearman,
        p_value=found.p_value,
        items=found.n_items,
        reason=found.interval_reason or found.p_reason,
    )


def _at_default(table: Table, about: Metric, choice: Choice) -> AtDefault | None:
    if choice.column is None or DEFAULT_TEMPERATURE not in table.temperatures:
        return None
    default = table.temperatures.index(DEFAULT_TEMPERATURE)
    if default == choice.column:
        return None
    found = contrast(table.values, default, choice.column, level=LEVEL)
    if found.difference is None:
        return None
    sign = 1 if about.higher_is_better else -1
    ends = [] if found.interval is None else sorted((sign * found.interval.low, sign * found.interval.high))
    return AtDefault(
        temperature=DEFAULT_TEMPERATURE,
        loss=sign * found.difference,
        low=ends[0] if ends else None,
        high=ends[1] if ends else None,
    )


def _sensitivity(
    best: BestSet, profile: UseCase, primary: Primary, table: Table, *, ruled_out: bool
) -> tuple[Sensitivity, ...]:
    found = []
    for factor in _OTHER_MARGINS:
        margin = primary.margin * factor
        other = choose(best, profile.tie, margin=margin, ruled_out=ruled_out)
        temperature = None if other.column is None else table.temperatures[other.column]
        found.append(Sensitivity(margin=margin, status=other.status, temperature=temperature))
    return tuple(found)
