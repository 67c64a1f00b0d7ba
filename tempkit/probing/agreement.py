"""Whether texts alone show that the temperature does something: answers to a prompt agree less at a higher one.

How alike two answers are is how far they begin with the same words. Answers of two temperatures are compared within each prompt, and
the labels are permuted within it, so the test holds whatever the prompts are like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Agreement",
    "TextTest",
    "agreement_within",
    "falls_no_more",
    "first_words",
    "same_source_test",
    "spread_test",
]

DEPTH = 3
"""Words from the beginning that count."""
_PERMUTATIONS = 4999
_RESAMPLED = 4000
_LEAST_PROMPTS = 5
_FLOOR = 0.005
"""Of agreement, so that none at all has a logarithm."""

Texts = Mapping[str, Sequence[str]]
"""Answers by prompt."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike answers to the same prompt are, 0 to 1, averaged over prompts."""

    value: float
    pairs: int


@dataclass(frozen=True, slots=True)
class TextTest:
    """Whether answers at a lower temperature agree more than at a higher one."""

    lower: float
    """Agreement at the lower temperature; likewise at the higher one."""
    higher: float
    p_value: float
    """One-sided, by permutation within prompts."""


def first_words(text: str, depth: int = DEPTH) -> tuple[str, ...]:
    """Return the words that a text begins with; of one without blanks its beginnings of some characters stand for words."""
    words = text.split()
    if len(words) == 1 and len(words[0]) > 4:
        words = [words[0][i : i + 4] for i in range(0, len(words[0]), 4)]
    return tuple(words[:depth])


def likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Return the share of the first `DEPTH` words that two answers have in common from the beginning, 1 for equal short ones."""
    if a == b:
        return 1.0
    same = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        same += 1
    return same / DEPTH


def agreement_within(texts: Texts) -> Agreement:
    """Return how alike answers to the same prompt are; prompts with one answer say nothing."""
    found, pairs = [], 0
    for some in texts.values():
        if len(some) > 1:
            matrix = _matrix(some)
            n = len(some)
            found.append((matrix.sum() - n) / (n * (n - 1)))
            pairs += n * (n - 1) // 2
    return Agreement(float(np.mean(found)) if found else 1.0, pairs)


def spread_test(lower: Texts, higher: Texts, seed: int = 0) -> TextTest:
    """Test whether answers agree more at the lower of two temperatures than at the higher one.

    Args:
        lower: Answers by prompt; prompts that the other lacks are left out.
        higher: Likewise.
        seed: Of the permutations.
    """
    random = np.random.default_rng(seed)
    prompts = [name for name in lower if name in higher and len(lower[name]) > 1 and len(higher[name]) > 1]
    if not prompts:
        return TextTest(1.0, 1.0, 1.0)
    observed = [0.0, 0.0]
    permuted = np.zeros(_PERMUTATIONS)
    for name in prompts:
        matrix = _matrix([*lower[name], *higher[name]])
        low, of = len(lower[name]), len(matrix)
        labels = np.zeros((_PERMUTATIONS + 1, of))
        labels[0, :low] = 1
        labels[1:] = random.permuted(np.tile(labels[0], (_PERMUTATIONS, 1)), axis=1)
        a, b = _within(matrix, labels), _within(matrix, 1 - labels)
        observed[0] += a[0] / len(prompts)
        observed[1] += b[0] / len(prompts)
        permuted += (a[1:] - b[1:]) / len(prompts)
    more = (permuted >= observed[0] - observed[1] - 1e-12).sum()
    return TextTest(observed[0], observed[1], float((more + 1) / (_PERMUTATIONS + 1)))


def same_source_test(one: Texts, other: Texts, seed: int = 0) -> float:
    """Return the probability, by permutation within prompts, that answers of one model to the same prompts differ as much as these do.

    The statistic is how much more alike answers of one side are among themselves than with those of the other (the maximum mean
    discrepancy of Gretton et al. 2012, with likeness as the kernel).

    Args:
        one: Answers by prompt; prompts that the other lacks are left out.
        other: Likewise.
        seed: Of the permutations.
    """
    random = np.random.default_rng(seed)
    prompts = [name for name in one if name in other and len(one[name]) > 1 and len(other[name]) > 1]
    total = np.zeros(_PERMUTATIONS + 1)
    for name in prompts:
        matrix = _matrix([*one[name], *other[name]])
        first = len(one[name])
        labels = np.zeros((_PERMUTATIONS + 1, len(matrix)))
        labels[0, :first] = 1
        labels[1:] = random.permuted(np.tile(labels[0], (_PERMUTATIONS, 1)), axis=1)
        between = ((labels @ matrix) * (1 - labels)).sum(axis=1) / (first * (len(matrix) - first))
        total += _within(matrix, labels) + _within(matrix, 1 - labels) - 2 * between
    if not prompts:
        return 1.0
    return float((total >= total[0] - 1e-12).sum() / len(total))


def falls_no_more(half: Texts, one: Texts, high: Texts, seed: int = 0) -> float:
    """Return how likely it is, by resampling prompts, that agreement goes on falling above 1 as it fell before.

    An honest temperature that makes answers agree less from 1/2 to 1 makes them agree less again from 1 to 2. Agreement is a sum of products of
    powers of probabilities, so its logarithm is smooth in the temperature; half of the fall before is asked for.

    Args:
        half: Answers by prompt at temperature 1/2.
        one: Likewise at 1.
        high: Likewise at the highest temperature, above 1.
        seed: Of the resampling.

    Returns:
        A small number where the answers above 1 agree as those at 1 do, though they agreed more at 1/2; 1 where nothing is known.
    """
    names = [n for n in half if all(len(of.get(n, ())) > 1 for of in (half, one, high))]
    if len(names) < _LEAST_PROMPTS:
        return 1.0
    found = np.array(
        [[agreement_within({n: of[n]}).value for of in (half, one, high)] for n in names], dtype=float
    )
    chosen = np.random.default_rng(seed).integers(len(names), size=(_RESAMPLED, len(names)))
    logs = np.log(found[chosen].mean(axis=1) + _FLOOR)
    before, after = logs[:, 0] - logs[:, 1], logs[:, 1] - logs[:, 2]
    return float((after >= before / 2).mean())


def _matrix(texts: Sequence[str]) -> NDArray[np.float64]:
    beginnings = [first_words(text) for text in texts]
    return np.array([[likeness(a, b) for b in beginnings] for a in beginnings])


def _within(matrix: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean likeness of pairs within the labelled answers, for each row of labels."""
    counts = labels.sum(axis=1)
    together = ((labels @ matrix) * labels).sum(axis=1)
    return np.asarray((together - counts) / (counts * (counts - 1)))
