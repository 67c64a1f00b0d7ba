"""How far an answer says what the other answers to the question say: a measure of quality where no reference says what is right.

What a model says most often, however it is asked, is right more often than what it says once (self-consistency, Wang et al.
2023). So an answer is held against the consensus: the mean of the answers at the other temperatures, each temperature
weighing the same however many answers it has. That is fair between temperatures by three decisions:

- An answer's own temperature is left out as a whole, and not the answer alone. At temperature 0 all answers are copies;
  with its copies left in, a temperature would agree with itself, the more so the lower it is and whatever it says.
- An answer agrees by the mean of its cosines with theirs, and not by its cosine with their mean. Then the difference
  between two temperatures is made of what each has in common with all the others, since what they have in common with each
  other is in both; and its expectation depends on no number of answers, so truncated answers and top-ups do not shift it.
- Answers of one replicate share their random numbers across temperatures, and so their beginnings. They are not compared
  with each other, because only warm temperatures would gain by it; unless a temperature has no other answer.

Truncated answers take part with the text that there is: a long answer's beginning says what it is about, all are truncated at the
same length, and how many are truncated is a measure of its own.

Two temperatures agree with each other equally, whatever they say, so three are needed. The consensus is that of the
temperatures asked: where most of them are too hot for the model, there is little to agree with, and differences shrink.
Agreement is not truth: a model can be wrong in the same way every time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tempkit.i18n import N_
from tempkit.measures.base import Measure
from tempkit.measures.block import View
from tempkit.measures.missing import Found
from tempkit.measures.vectors import Floats
from tempkit.types import Completion, SampleKey

__all__ = [
    "CONSENSUS",
    "LEAST_TEMPERATURES",
    "MEASURES",
    "agreement",
    "agreements",
]

LEAST_TEMPERATURES = 3
"""Temperatures with answers, of one item: the least from which any two of them are told apart."""


def _consensus(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = agreements(view)
    return [found[c.key] for c in completions]


CONSENSUS = Measure(
    name="consensus",
    title=N_("Agreement with the consensus"),
    family="consistency",
    version=1,
    unit="similarity",
    low=-1.0,
    high=1.0,
    direction="higher",
    of_completions=_consensus,
    min_n=1,
    needs=frozenset({"text", "embedder", "others"}),
    definition=N_(
        "The cosine of an answer's sentence embedding and those of the answers to the question at all other temperatures, averaged so that "
        "each temperature weighs the same. Its own temperature is left out, since answers that repeat each other agree "
        "with themselves. Truncated answers take part with the text that there is. Agreement is not truth: a model can be wrong in the same way every time."
    ),
    source=N_(
        "After self-consistency: Wang et al. 2023, arXiv 2203.11171; by mean likeness: Lin et al. 2024, arXiv 2305.19187"
    ),
)


MEASURES = (CONSENSUS,)


def agreements(view: View) -> dict[SampleKey, float]:
    """Return how far each completion with text agrees with the other temperatures; empty where these are too few."""

    def made() -> dict[SampleKey, float]:
        cells = [
            (np.array([c.key.replicate for c in some], np.int64), view.vectors.rows([c.text for c in some]))
            for some in view.answered
        ]
        keys = [c.key for some in view.answered for c in some]
        found = agreement(cells)
        return {} if found is None else dict(zip(keys, np.concatenate(found).tolist(), strict=True))

    return view.once("agreements", made)


def agreement(
    cells: Sequence[tuple[NDArray[np.int64], Floats]],
) -> list[NDArray[np.float64]] | None:
    """Return for each answer its mean cosine with the answers at the other temperatures, each weighing the same.

    Args:
        cells: One for each temperature: the answers' replicates, shape (n,), all different, and their unit vectors, shape
            (n, d). A temperature without answers, n = 0, counts as none.

    Returns:
        One array for each cell, shape (n,), values in [-1, 1]; None where fewer than three temperatures have answers.
    """
    answered = [place for place, (replicates, _) in enumerate(cells) if len(replicates)]
    if len(answered) < LEAST_TEMPERATURES:
        return None
    totals = {place: cells[place][1].sum(axis=0, dtype=np.float64) for place in answered}
    found = [np.zeros(len(replicates)) for replicates, _ in cells]
    for own in answered:
        replicates, rows = cells[own]
        for other in answered:
            if other == own:
                continue
            sums, counts = rows @ totals[other], np.full(len(rows), len(cells[other][0]))
            _, here, there = np.intersect1d(replicates, cells[other][0], return_indices=True)
            if len(cells[other][0]) > 1:
                sums[here] -= np.einsum("ij,ij->i", rows[here], cells[other][1][there], dtype=np.float64)
                counts[here] -= 1
            found[own] += sums / counts
        found[own] = np.clip(found[own] / (len(answered) - 1), -1.0, 1.0)
    return found
