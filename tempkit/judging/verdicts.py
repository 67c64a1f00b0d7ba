"""From a judge's answers to scores, agreement and standings; pure, the same for the same answers.

A grade counts when both of its answers can be read, a comparison likewise; a comparison is won when both orders say so and is a
tie otherwise. What is missing stays missing, with the judge's own reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tempkit.judging.consistency import Consistency, of_grades, of_pairs
from tempkit.judging.layout import Graded, ItemPairings, Pairing, Section, Work
from tempkit.judging.parse import Reading
from tempkit.judging.result import JudgedTemperature, SectionResult
from tempkit.judging.strengths import strengths
from tempkit.statistics import mean_interval
from tempkit.types import Reason, SampleKey, Score

__all__ = ["NOT_SHOWN", "Verdict", "consistency_of", "scores_of", "standings"]

NOT_SHOWN = Reason("judge_not_shown")
_NO_ANSWER = Reason("judge_silent")

Readings = Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A value in [0, 1], or why there is none."""

    value: float | None
    reason: Reason | None = None


def grade_of(graded: Graded, readings: Readings) -> Verdict:
    """Return the mean of both grades, moved from 1-5 to 0-1."""
    found = _both(graded.questions, readings)
    return found if isinstance(found, Verdict) else Verdict((sum(found) / 2 - 1) / 4)


def result_of(pair: Pairing, readings: Readings) -> Verdict:
    """Return how a comparison ended for its first completion: 1 won, 0 lost, 0.5 a tie."""
    if pair.questions is None:
        return Verdict(0.5)
    found = _both(pair.questions, readings)
    if isinstance(found, Verdict):
        return found
    first, second = found[0], 1 - found[1]
    return Verdict(first if first == second else 0.5)


def _both(keys: tuple[str, str], readings: Readings) -> tuple[float, float] | Verdict:
    values = []
    for key in keys:
        reading = readings.get(key, Reading(None, _NO_ANSWER))
        if reading.value is None:
            return Verdict(None, reading.reason)
        values.append(reading.value)
    return values[0], values[1]


def consistency_of(work: Work, readings: Readings) -> Consistency:
    """Return how far the judge agrees with itself; equal texts count once."""
    questions = [graded.questions for _, block in work.blocks for graded in block.graded]
    questions += [pair.questions for _, block in work.blocks for pair in block.pairs if pair.questions]
    keys = {tuple(sorted(asked)): asked for asked in questions}
    found = [both for asked in keys.values() if not isinstance(both := _both(asked, readings), Verdict)]
    if work.mode == "grades":
        return of_grades(found, asked=len(keys), seed=work.seed)
    return of_pairs([(first, 1 - second) for first, second in found], asked=len(keys))


def scores_of(work: Work, readings: Readings, *, measure: str, version: str, shown: bool) -> Iterator[Score]:
    """Yield a score for every completion that is judged or left out, block by block.

    Args:
        work: What was to be judged.
        readings: What the judge said.
        measure: The scores' name.
        version: Their version.
        shown: Whether the judge was shown to go by the texts; else no score has a value.
    """
    for section, block in work.blocks:
        verdicts: dict[SampleKey, Verdict] = {key: Verdict(None, reason) for key, reason in block.left_out}
        verdicts |= _grades(block, readings) if work.mode == "grades" else _shares(block, readings)
        for key, verdict in verdicts.items():
            withheld = verdict.value is not None and not shown
            yield Score(
                item=block.item,
                model=section.model,
                temperature=key.temperature,
                replicate=key.replicate,
                measure=measure,
                version=version,
                value=None if withheld else verdict.value,
                reason=NOT_SHOWN if withheld else verdict.reason,
            )


def _grades(block: ItemPairings, readings: Readings) -> dict[SampleKey, Verdict]:
    return {graded.sample: grade_of(graded, readings) for graded in block.graded}


def _shares(block: ItemPairings, readings: Readings) -> dict[SampleKey, Verdict]:
    """Return each completion's share of wins; one that was drawn for no pair has no entry."""
    found: dict[SampleKey, list[Verdict]] = {}
    for pair in block.pairs:
        verdict = result_of(pair, readings)
        mirrored = verdict if verdict.value is None else Verdict(1 - verdict.value)
        found.setdefault(pair.one, []).append(verdict)
        found.setdefault(pair.other, []).append(mirrored)
    return {
        key: Verdict(sum(values) / len(values))
        if (values := [v.value for v in all_ if v.value is not None])
        else all_[0]
        for key, all_ in found.items()
    }


def standings(work: Work, readings: Readings) -> tuple[SectionResult, ...]:
    """Return where each temperature stands, in every section of which something was judged."""
    return tuple(
        (_graded if work.mode == "grades" else _compared)(section, readings, work.seed)
        for section in work.sections
        if any(block.graded or block.pairs for block in section.blocks)
    )


def _graded(section: Section, readings: Readings, _: int) -> SectionResult:
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


def _compared(section: Section, readings: Readings, seed: int) -> SectionResult:
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
        for (temperature, at), found in zip(column.items(), strengths(wins, seed=seed), strict=True)
    ]
    return _section(section, int((wins.sum(axis=(1, 2)) > 0).sum()), levels)


def _section(section: Section, items: int, levels: list[JudgedTemperature]) -> SectionResult:
    return SectionResult(name=section.name, model=section.model, items=items, levels=tuple(levels))
