"""What people's ratings of a run come to: where each temperature stands, who rated, and with what they agree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tempkit.judging import chosen_use_cases, use_case_name
from tempkit.measures import HUMAN_PREFERENCE, known
from tempkit.rating.chances import chances
from tempkit.rating.opinions import Opinion, opinions_of
from tempkit.rating.raters import Agreement, Alike, agreement, shares_alike
from tempkit.statistics import MIN_ITEMS, Floats, sign_test
from tempkit.types import Reason, SampleKey, Score, SheetPair

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = [
    "MeasureAlike",
    "RatedSection",
    "RatedTemperature",
    "Rater",
    "RatingResults",
    "pair_means",
    "results_of",
    "value_of",
]

_ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """Somebody who rated."""

    id: str
    name: str
    """Empty where they gave none."""
    answers: int
    ties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTemperature:
    """One temperature in one section."""

    temperature: float
    pairs: int
    """With an answer at it, that somebody rated."""
    won: float | None
    """The share of these that it won, ties as halves."""
    chance: float | None
    """Of winning against the average other temperature, equal texts as ties; None where it met none."""
    low: float | None
    """Of the chance, 95 %."""
    high: float | None
    reason: Reason | None
    """Why there is no interval; None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureAlike:
    """How often a measure, or a judge, prefers what people prefer."""

    measure: str
    alike: Alike


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedSection:
    """A use case, or a prompt that names none, on one model."""

    name: str
    model: str
    questions: int
    pairs: int
    levels: tuple[RatedTemperature, ...]
    measures: tuple[MeasureAlike, ...]
    """Those that told at least as many pairs apart as an interval takes, the most alike first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingResults:
    """All that people said of a run."""

    raters: tuple[Rater, ...]
    pairs: int
    """That somebody rated."""
    asked: int
    """That the sheets show which somebody rated."""
    agreement: Agreement | None
    """None where no pair was rated by two."""
    first: float | None
    """The share of wins that went to the answer shown first; None without any."""
    first_favoured: bool
    """Whether that is too far from one half to be chance (an exact binomial test at 5 %)."""
    sections: tuple[RatedSection, ...]


def value_of(pair: SheetPair, value: float) -> float:
    """Return what a pair tells of the answer shown first: equal texts of the question count as ties in their proportion."""
    return pair.alike / 2 + (1 - pair.alike) * value


def pair_means(opinions: Iterable[Opinion]) -> list[tuple[SheetPair, float]]:
    """Return each pair with what its raters said of its first answer on average."""
    found: dict[tuple[str, str], list[Opinion]] = {}
    for each in opinions:
        found.setdefault((each.sheet, each.code), []).append(each)
    return [(of[0].pair, sum(each.value for each in of) / len(of)) for of in found.values()]


def results_of(store: "Store", run: "RunRecord") -> RatingResults | None:
    """Return what people's ratings of a run come to; None where nobody has rated anything.

    Raises:
        StoreError: The run cannot be read.
    """
    sheets = store.sheets(run.id)
    opinions = opinions_of(store.ratings(run.id), sheets) if sheets else []
    if not opinions:
        return None
    means = pair_means(opinions)
    rated = {each.sheet for each in opinions}
    silent = [(pair, 0.5) for sheet in sheets if sheet.id in rated for pair in sheet.pairs if not pair.shown]
    plan = store.load_plan(run.id)
    place = {
        (item.key, model.label): (use_case_name(prompts), model.label)
        for prompts in chosen_use_cases(plan, None)
        for model in plan.models
        for prompt in prompts
        for item in prompt.items
    }
    grouped: dict[tuple[str, str], list[tuple[SheetPair, float]]] = {}
    for pair, value in [*means, *silent]:
        grouped.setdefault(place[pair.left.item, pair.left.model], []).append((pair, value))
    scores = _comparable(store.scores(run.id))
    wins = [each.value for each in opinions if each.value != 0.5]
    firsts = sum(value == 1 for value in wins)
    return RatingResults(
        raters=_raters(opinions),
        pairs=len(means),
        asked=sum(pair.shown for sheet in sheets if sheet.id in rated for pair in sheet.pairs),
        agreement=agreement(opinions),
        first=firsts / len(wins) if wins else None,
        first_favoured=bool(wins) and sign_test(firsts, len(wins)) < _ALPHA,
        sections=tuple(
            _section(*of, grouped[of], scores) for of in dict.fromkeys(place.values()) if of in grouped
        ),
    )


def _raters(opinions: Sequence[Opinion]) -> tuple[Rater, ...]:
    found: dict[str, list[Opinion]] = {}
    for each in opinions:
        found.setdefault(each.rater, []).append(each)
    return tuple(
        Rater(id=id_, name=of[0].name, answers=len(of), ties=sum(each.value == 0.5 for each in of))
        for id_, of in found.items()
    )


def _section(
    name: str, model: str, pairs: Sequence[tuple[SheetPair, float]], scores: "Mapping[str, _Values]"
) -> RatedSection:
    shown = [(pair, value) for pair, value in pairs if pair.shown]
    return RatedSection(
        name=name,
        model=model,
        questions=len({pair.left.item for pair, _ in shown}),
        pairs=len(shown),
        levels=_levels(pairs),
        measures=_measures(shown, scores),
    )


def _levels(pairs: Sequence[tuple[SheetPair, float]]) -> tuple[RatedTemperature, ...]:
    temperatures = sorted({key.temperature for pair, _ in pairs for key in (pair.left, pair.right)})
    column = {t: i for i, t in enumerate(temperatures)}
    row = {key: i for i, key in enumerate(dict.fromkeys(pair.left.item for pair, _ in pairs))}
    wins = np.zeros((len(row), len(column), len(column)))
    met, won = Counter[float](), dict.fromkeys(temperatures, 0.0)
    for pair, value in pairs:
        one, other, of = pair.left.temperature, pair.right.temperature, row[pair.left.item]
        counted = value_of(pair, value)
        wins[of, column[one], column[other]] += counted
        wins[of, column[other], column[one]] += 1 - counted
        if pair.shown:
            met.update((one, other))
            won[one] += value
            won[other] += 1 - value
    chance, low, high = _intervals(wins)
    few = Reason("few_items", least=MIN_ITEMS, n=len(row)) if len(row) < MIN_ITEMS else None
    return tuple(
        RatedTemperature(
            temperature=t,
            pairs=met[t],
            won=won[t] / met[t] if met[t] else None,
            chance=float(chance[i]),
            low=None if few else float(low[i]),
            high=None if few else float(high[i]),
            reason=few,
        )
        for t, i in column.items()
    )


def _intervals(wins: Floats) -> tuple[Floats, Floats, Floats]:
    found = chances(wins[np.newaxis])
    return found.chance[0], found.low[0], found.high[0]


_Values = Mapping[SampleKey | tuple[str, str, float], float]
"""A measure's values, higher being better, by answer, or by item, model and temperature for one of whole cells."""


def _comparable(scores: Iterable[Score]) -> dict[str, _Values]:
    """Return the values of every measure of which it is known which way is better, of its most frequent version."""
    found: dict[str, dict[str, dict[SampleKey | tuple[str, str, float], float]]] = {}
    for score in scores:
        about = known(score.measure)
        if score.value is None or about is None or about.auxiliary or score.measure == HUMAN_PREFERENCE.name:
            continue
        if about.direction == "neither":
            continue
        cell = score.item, score.model, score.temperature
        key = cell if score.replicate is None else SampleKey(*cell, score.replicate)
        turned = score.value if about.direction == "higher" else -score.value
        found.setdefault(score.measure, {}).setdefault(score.version, {})[key] = turned
    return {measure: max(versions.values(), key=len) for measure, versions in found.items()}


def _measures(
    pairs: Sequence[tuple[SheetPair, float]], scores: Mapping[str, _Values]
) -> tuple[MeasureAlike, ...]:
    found = []
    for measure, values in scores.items():
        verdicts: dict[str, list[tuple[float, float]]] = {}
        for pair, people in pairs:
            one, other = (_value(values, key) for key in (pair.left, pair.right))
            if one is not None and other is not None:
                said = 0.5 if one == other else float(one > other)
                verdicts.setdefault(pair.left.item, []).append((people, said))
        alike = shares_alike(verdicts)
        if alike is not None and alike.pairs >= MIN_ITEMS:
            found.append(MeasureAlike(measure=measure, alike=alike))
    return tuple(sorted(found, key=lambda each: (-each.alike.low, -each.alike.share, each.measure)))


def _value(values: _Values, key: SampleKey) -> float | None:
    return values.get(key, values.get((key.item, key.model, key.temperature)))
