"""Whether texts alone show that the temperature does something: answers to a prompt agree less at a higher one.

How alike two answers are is how far they begin with the same words. Answers of two temperatures are compared within each prompt, and
the labels are permuted within it, so the test holds whatever the prompts are like.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Agreement", "TextTest", "agreement_within", "first_words", "power_to_see", "spread_test"]

DEPTH = 3
"""Words from the beginning that count."""
_PERMUTATIONS = 4999
_SIMULATIONS = 200

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


def power_to_see(lower: Texts, ratio: float, replicates: int, alpha: float, seed: int = 0) -> float:
    """Return how often `spread_test` would find a higher temperature that is `ratio` times the lower one, as far as the answers tell.

    Answers are taken to be drawn from the first words that were seen at the lower temperature, with their frequencies; at the
    higher one these are raised to 1/ratio. Words that were not seen would spread the answers further, so this is rather too low.
    """
    random = np.random.default_rng(seed)
    plans = []
    for some in lower.values():
        counts = Counter(first_words(text, 1) for text in some)
        p = np.array(list(counts.values()), dtype=float)
        p /= p.sum()
        q = p ** (1 / ratio)
        plans.append((p, q / q.sum()))
    if not plans:
        return 0.0
    found = 0
    for _ in range(_SIMULATIONS):
        differences, variances = [], []
        for p, q in plans:
            low, high = (random.multinomial(replicates, each) for each in (p, q))
            a, b = ((n * (n - 1)).sum() / (replicates * (replicates - 1)) for n in (low, high))
            differences.append(a - b)
            pooled = low + high
            total = int(pooled.sum())
            shuffled = [_split_difference(random, pooled, replicates, total) for _ in range(12)]
            variances.append(float(np.var(shuffled)))
        z = sum(differences) / max(float(np.sqrt(sum(variances))), 1e-9)
        found += z > _normal_quantile(alpha)
    return found / _SIMULATIONS


def _split_difference(
    random: np.random.Generator, pooled: NDArray[np.int64], replicates: int, total: int
) -> float:
    low = random.multivariate_hypergeometric(pooled, replicates)
    high = pooled - low
    rest = total - replicates
    return float(
        (low * (low - 1)).sum() / (replicates * (replicates - 1))
        - (high * (high - 1)).sum() / (rest * (rest - 1))
    )


def _normal_quantile(alpha: float) -> float:
    from scipy import stats

    return float(stats.norm.ppf(1 - alpha))


def _matrix(texts: Sequence[str]) -> NDArray[np.float64]:
    beginnings = [first_words(text) for text in texts]
    return np.array([[likeness(a, b) for b in beginnings] for a in beginnings])


def _within(matrix: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean likeness of pairs within the labelled answers, for each row of labels."""
    counts = labels.sum(axis=1)
    together = ((labels @ matrix) * labels).sum(axis=1)
    return np.asarray((together - counts) / (counts * (counts - 1)))
