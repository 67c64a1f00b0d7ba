"""From a judge's answers to scores, agreement and standings; pure, the same for the same answers.

A grade counts when both of its answers can be read, a comparison likewise; a comparison is won when both orders say so and is a
tie otherwise. What is missing stays missing, with the judge's own reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tempkit.judging.consistency import Answers, Consistency, Verdict, of_grades, of_pairs
from tempkit.judging.layout import Graded, ItemPairings, Pairing, Section, Work
from tempkit.judging.parse import Reading
from tempkit.judging.result import JudgedTemperature, SectionResult
from tempkit.judging.strengths import strengths
from tempkit.statistics import mean_interval
from tempkit.types import Reason, SampleKey, Score

__all__ = ["WITHHELD", "Outcome", "consistency_of", "scores_of", "standings"]

WITHHELD: Mapping[Verdict, Reason] = {
    "unreliable": Reason("judge_unreliable"),
    "unknown": Reason("judge_not_shown"),
}
"""Why a judge's scores are not used, where they are not."""
_NO_ANSWER = Reason("judge_silent")

Readings = Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value in [0, 1], or why there is none."""

    value: float | None
    reason: Reason | None = None


def grade_of(graded: Graded, readings: Readings) -> Outcome:
    """Return the mean of both grades, moved from 1-5 to 0-1."""
    found = _both(graded.questions, readings)
    return found if isinstance(found, Outcome) else Outcome((sum(found) / 2 - 1) / 4)


def result_of(pair: Pairing, readings: Readings) -> Outcome:
    """Return how a comparison ended for its first completion: 1 won, 0 lost, 0.5 a tie."""
    if pair.questions is None:
        return Outcome(0.5)
    found = _both(pair.questions, readings)
    if isinstance(found, Outcome):
        return found
    first, second = found[0], 1 - found[1]
    return Outcome(first if first == second else 0.5)


def _both(keys: tuple[str, str], readings: Readings) -> tuple[float, float] | Outcome:
    values = []
    for key in keys:
        reading = readings.get(key, Reading(None, _NO_ANSWER))
        if reading.value is None:
            return Outcome(None, reading.reason)
        values.append(reading.value)
    return values[0], values[1]


def consistency_of(work: Work, readings: Readings, *, min_kappa: float) -> Consistency:
    """Return how far the judge agrees with itself; equal texts count once.

    Args:
        work: What was to be judged.
        readings: What the judge said.
        min_kappa: What its kappa must be shown to be at least.
    """
    questions = [(each.questions, block.item) for _, block in work.blocks for each in block.graded]
    questions += [
        (each.questions, block.item) for _, block in work.blocks for each in block.pairs if each.questions
    ]
    asked = {tuple(sorted(keys)): (keys, item) for keys, item in questions}
    found = [
        (both, item)
        for keys, item in asked.values()
        if not isinstance(both := _both(keys, readings), Outcome)
    ]
    again = [both for keys in work.again if not isinstance(both := _both(keys, readings), Outcome)]
    if work.mode == "grades":
        grades = [Answers(*both, item) for both, item in found]
        return of_grades(grades, asked=len(asked), min_kappa=min_kappa, again=again)
    results = [Answers(first, 1 - second, item) for (first, second), item in found]
    return of_pairs(results, asked=len(asked), min_kappa=min_kappa, again=again)


def scores_of(
    work: Work, readings: Readings, *, measure: str, version: str, verdict: Verdict
) -> Iterator[Score]:
    """Yield a score for every completion that is judged or left out, block by block.

    Args:
        work: What was to be judged.
        readings: What the judge said.
        measure: The scores' name.
        version: Their version.
        verdict: On the judge: no score has a value unless it is `reliable`.
    """
    for section, block in work.blocks:
        outcomes: dict[SampleKey, Outcome] = {key: Outcome(None, reason) for key, reason in block.left_out}
        outcomes |= _grades(block, readings) if work.mode == "grades" else _shares(block, readings)
        for key, outcome in outcomes.items():
            why = WITHHELD.get(verdict) if outcome.value is not None else outcome.reason
            yield Score(
                item=block.item,
                model=section.model,
                temperature=key.temperature,
                replicate=key.replicate,
                measure=measure,
                version=version,
                value=None if why is not None else outcome.value,
                reason=why,
            )


def _grades(block: ItemPairings, readings: Readings) -> dict[SampleKey, Outcome]:
    return {graded.sample: grade_of(graded, readings) for graded in block.graded}


def _shares(block: ItemPairings, readings: Readings) -> dict[SampleKey, Outcome]:
    """Return each completion's share of wins; one that was drawn for no pair has no entry."""
    found: dict[SampleKey, list[Outcome]] = {}
    for pair in block.pairs:
        verdict = result_of(pair, readings)
        mirrored = verdict if verdict.value is None else Outcome(1 - verdict.value)
        found.setdefault(pair.one, []).append(verdict)
        found.setdefault(pair.other, []).append(mirrored)
    return {
        key: Outcome(sum(values) / len(values))
        if (values := [v.value for v in all_ if v.value is not None])
        else all_[0]
        for key, all_ in found.items()
    }


def standings(work: Work, readings: Readings, *, shrinks: float | None) -> tuple[SectionResult, ...]:
    """Return where each temperature stands, in every section of which something was judged.

    Args:
        work: What was to be judged.
        readings: What the judge said.
        shrinks: As `Consistency` has it: intervals of strengths reach as far as they would for a judge without error.
    """
    return tuple(
        _graded(section, readings)
        if work.mode == "grades"
        else _compared(section, readings, work.seed, shrinks)
        for section in work.sections
        if any(block.graded or block.pairs for block in section.blocks)
    )


def _graded(section: Section, readings: Readings) -> SectionResult:
    column = {temperature: index for index, temperature in enumerate(section.temperatures)}
    sums = np.zeros((len(section.blocks), len(column)))
    counts, missing = np.zeros_like(sums), np.zeros(len(column), dtype=int)
    for row, block in enumerate(section.blocks):
        for graded in block.graded:
            verdict, at = grade_of(graded, readings), column[graded.sample.temperature]
            if verdict.value is None:
                missing[at] += 1
            else:
                sums[row, at] += verdict.value
                counts[row, at] += 1
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    levels = []
    for temperature, at in column.items():
        estimate = mean_interval(means[:, at], span=1.0)
        interval = None if estimate.interval is None else estimate.interval.clipped(0.0, 1.0)
        levels.append(
            JudgedTemperature(
                temperature=temperature,
                share=estimate.mean,
                strength=None,
                low=None if interval is None else interval.low,
                high=None if interval is None else interval.high,
                reason=estimate.reason,
                judged=int(counts[:, at].sum()),
                missing=int(missing[at]),
            )
        )
    return _section(section, int((counts.sum(axis=1) > 0).sum()), levels)


def _compared(section: Section, readings: Readings, seed: int, shrinks: float | None) -> SectionResult:
    column = {temperature: index for index, temperature in enumerate(section.temperatures)}
    wins = np.zeros((len(section.blocks), len(column), len(column)))
    missing = np.zeros(len(column), dtype=int)
    for row, block in enumerate(section.blocks):
        for pair in block.pairs:
            verdict = result_of(pair, readings)
            one, other = column[pair.one.temperature], column[pair.other.temperature]
            if verdict.value is None:
                missing[[one, other]] += 1
            else:
                wins[row, one, other] += verdict.value
                wins[row, other, one] += 1 - verdict.value
    games = (wins + wins.transpose(0, 2, 1)).sum(axis=(0, 2))
    won = wins.sum(axis=(0, 2))
    levels = [
        JudgedTemperature(
            temperature=temperature,
            share=float(won[at] / games[at]) if games[at] else None,
            strength=found.chance,
            low=found.low,
            high=found.high,
            reason=found.reason,
            judged=round(float(games[at])),
            missing=int(missing[at]),
        )
        for (temperature, at), found in zip(
            column.items(), strengths(wins, seed=seed, shrinks=shrinks), strict=True
        )
    ]
    return _section(section, int((wins.sum(axis=(1, 2)) > 0).sum()), levels)


def _section(section: Section, items: int, levels: list[JudgedTemperature]) -> SectionResult:
    return SectionResult(name=section.name, model=section.model, items=items, levels=tuple(levels))
