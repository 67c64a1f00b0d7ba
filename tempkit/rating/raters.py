"""Do raters agree with each other, and with what was measured or judged?

Alpha is K. Krippendorff's (Content Analysis, 2004, ch. 11; "Computing Krippendorff's alpha-reliability", 2011), for any number of
raters of whom some may have left pairs out. Which of two answers stands first is arbitrary, so each pair counts from both sides.
Bounds are those of a judge's kappa (`tempkit.judging`), which is the same but for the size of the sample: they hold at small
numbers, and take pairs of a question to hang together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from tempkit.judging import kappa_of
from tempkit.rating.opinions import Opinion
from tempkit.statistics import Floats

__all__ = ["Agreement", "Alike", "Metric", "agreement", "alpha", "shares_alike"]

Metric = Literal["nominal", "ordinal", "interval"]

_CONFIDENCE = 0.975
"""Of each bound by itself, so that both together hold at 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far raters agree beyond chance."""

    alpha: float | None
    """1 always, 0 as by chance; None where all said the same of everything."""
    low: float | None
    """It is at least this, 95 % with `high`."""
    high: float | None
    pairs: int
    """That more than one of them rated."""
    equal: float
    """The share of two raters' answers to one pair that are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How often something else prefers the answer that people prefer."""

    share: float
    low: float
    high: float
    pairs: int
    """In which people named a winner and the other told both answers apart."""


def agreement(opinions: Sequence[Opinion]) -> Agreement | None:
    """Return how far raters agree on pairs that several of them rated; None where there are none."""
    units = [found for found in _by_pair(opinions).values() if len(found) > 1]
    if not units:
        return None
    both = [(one, other) for unit in units for one, other in combinations(unit, 2)]
    kappa = kappa_of(
        [one.value for one, _ in both],
        [other.value for _, other in both],
        [one.pair.left.item for one, _ in both],
        middle=0.5,
        confidence=_CONFIDENCE,
    )
    mirrored = [[each.value for each in unit] for unit in units]
    mirrored += [[1 - value for value in values] for values in mirrored]
    return Agreement(
        alpha=alpha(mirrored, "interval"),
        low=None if kappa is None else kappa.low,
        high=None if kappa is None else kappa.high,
        pairs=len(units),
        equal=sum(one.value == other.value for one, other in both) / len(both),
    )


def alpha(units: Sequence[Sequence[float]], metric: Metric) -> float | None:
    """Return Krippendorff's alpha; None where all values are the same.

    Args:
        units: Of each thing that was rated, the values that it was given, by whomever; those with fewer than two do not count.
        metric: How far apart two values are.
    """
    kept = [unit for unit in units if len(unit) > 1]
    levels = sorted({value for unit in kept for value in unit})
    if len(levels) < 2:
        return None
    place = {value: i for i, value in enumerate(levels)}
    met = np.zeros((len(levels), len(levels)))
    for unit in kept:
        counts = np.bincount([place[value] for value in unit], minlength=len(levels)).astype(float)
        met += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    margins = met.sum(axis=1)
    n = margins.sum()
    apart = _apart(np.array(levels), margins, metric)
    expected = float((np.outer(margins, margins) * apart).sum() / (n - 1))
    seen = float((met * apart).sum())
    return 1 - seen / expected


def _apart(levels: Floats, margins: Floats, metric: Metric) -> Floats:
    """Return the squared differences between values, (values, values)."""
    if metric == "nominal":
        return 1 - np.eye(len(levels))
    if metric == "interval":
        return np.asarray((levels[:, np.newaxis] - levels) ** 2)
    below = np.cumsum(margins) - margins / 2
    return np.asarray((below[:, np.newaxis] - below) ** 2)


def shares_alike(verdicts: Mapping[str, Sequence[tuple[float, float]]]) -> Alike | None:
    """Return in which share of pairs something else prefers what people prefer; None where neither ever tells.

    Args:
        verdicts: By question, of each pair what people said of its first answer on average and what the other says: above 0.5 better,
            below 0.5 worse. Pairs with 0.5 by either do not count.
    """
    decided = [
        (question, people > 0.5, other > 0.5)
        for question, pairs in verdicts.items()
        for people, other in pairs
        if 0.5 not in (people, other)
    ]
    kappa = kappa_of(
        [float(people) for _, people, _ in decided],
        [float(other) for _, _, other in decided],
        [question for question, _, _ in decided],
        middle=0.5,
        confidence=_CONFIDENCE,
    )
    if kappa is None:
        return None
    low, share, high = ((1 + value) / 2 for value in (kappa.low, kappa.value, kappa.high))
    return Alike(share=share, low=low, high=high, pairs=len(decided))


def _by_pair(opinions: Sequence[Opinion]) -> dict[tuple[str, str], list[Opinion]]:
    found: dict[tuple[str, str], list[Opinion]] = {}
    for each in opinions:
        found.setdefault((each.sheet, each.code), []).append(each)
    return found
