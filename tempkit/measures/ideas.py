"""How many different ideas the answers to one item hold: what temperature is raised for in brainstorming.

An idea is an item of a list; two ideas are one when their sentence embeddings are close. Nonsense is unlike everything
else, so that counting alone would crown the highest temperature: only ideas in answers that pass are counted, where an
answer passes that is complete, is not degenerate, and meets all checks of its item. A cell with more samples finds more, so
counts are those expected of equally many samples (rarefaction).
"""

import math
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from tempkit.i18n import N_
from tempkit.measures.base import Measure
from tempkit.measures.block import Cell, View
from tempkit.measures.consistency import TOO_MANY, meanings
from tempkit.measures.missing import Found, Missing
from tempkit.measures.quality import quality
from tempkit.measures.samples import known
from tempkit.measures.vectors import MOST_CLUSTERED, Floats, clusters
from tempkit.types import Completion

__all__ = [
    "MARGINAL_IDEAS",
    "MEASURES",
    "NOVELTY_UTILITY",
    "PATIENCE",
    "SAME_IDEA",
    "UNIQUE_IDEAS",
    "group_ideas",
    "marginal_ideas",
    "novelty_utility",
    "rarefaction",
]

SAME_IDEA = 0.65
"""The mean cosine between two groups of wordings from which on they are one idea. Set on WordLlama's vectors: wordings of
one idea ("Carrot sticks and hummus", "Hummus with carrots") lie between .65 and .98, different ideas mostly below .5;
ideas that share most of their words ("Apple slices", "Banana slices": .48) come closest."""

PATIENCE = 0.8
"""The chance that a reader goes on to the next answer: p in NoveltyBench, and its value there."""


def _curve(view: View, cell: Cell) -> list[float] | Missing:
    """Return the expected number of different ideas in m of a cell's completions, m = 0, 1, ..."""
    return view.once(("ideas", cell.temperature), lambda: _made(view, cell))


def _made(view: View, cell: Cell) -> list[float] | Missing:
    owners: dict[str, set[int]] = {}
    for i, completion in enumerate(cell.completions):
        good = quality(view, completion)
        if isinstance(good, Missing):
            return good
        for idea in view.items[completion.text] if good else ():
            owners.setdefault(idea, set()).add(i)
    if len(owners) > MOST_CLUSTERED:
        return Missing(TOO_MANY)
    held = group_ideas(view.vectors.rows(list(owners)), list(owners.values())) if owners else []
    return [float(value) for value in rarefaction([len(samples) for samples in held], len(cell.completions))]


def _unique_ideas(view: View, cell: Cell, completions: Sequence[Completion]) -> Found:
    curve = _curve(view, cell)
    return curve if isinstance(curve, Missing) else curve[len(completions)]


def _marginal_ideas(view: View, cell: Cell, completions: Sequence[Completion]) -> Found:
    curve = _curve(view, cell)
    return curve if isinstance(curve, Missing) else known(marginal_ideas(curve, len(completions)))


def _novelty_utility(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    passing: dict[str, int] = {}
    for completion in completions:
        good = quality(view, completion)
        if isinstance(good, Missing):
            return good
        if good:
            passing.setdefault(completion.text, len(passing))
    if len(passing) > MOST_CLUSTERED:
        return Missing(TOO_MANY)
    texts = list(passing)
    grouped = meanings(view.vectors.rows(texts), texts).tolist() if texts else []
    labels = [grouped[passing[c.text]] if quality(view, c) is True else None for c in completions]
    return known(novelty_utility(labels))


UNIQUE_IDEAS = Measure(
    name="unique_ideas",
    title=N_("Different good ideas"),
    family="ideas",
    version=1,
    unit="ideas",
    low=0.0,
    high=None,
    direction="higher",
    of_cell=_unique_ideas,
    counted="%(share)s",
    min_n=2,
    needs=frozenset({"list", "embedder"}),
    equal_n=True,
    definition=N_(
        "How many different ideas are in the lists that answer one question at one temperature, as expected of equally many "
        "answers at every temperature. Ideas whose wordings are close are one. Only answers count that are complete, "
        "not empty, in one language, not in a loop, no refusal, and pass all checks of the question."
    ),
    source=N_("Rarefaction: Hurlbert 1971; by samples: Colwell et al. 2012, doi 10.1093/jpe/rtr044"),
)

MARGINAL_IDEAS = Measure(
    name="marginal_ideas",
    title=N_("New ideas per further answer"),
    family="ideas",
    version=1,
    unit="ideas",
    low=0.0,
    high=None,
    direction="higher",
    of_cell=_marginal_ideas,
    min_n=2,
    needs=frozenset({"list", "embedder"}),
    equal_n=True,
    definition=N_(
        "How many ideas the last answer to one question at one temperature adds that no other answer had: the slope at the "
        "end of the curve of ideas over answers, with equally many answers at every temperature. Only answers count that are complete, "
        "not empty, in one language, not in a loop, no refusal, and pass all checks of the question."
    ),
    source="Colwell et al. 2012, doi 10.1093/jpe/rtr044",
)

NOVELTY_UTILITY = Measure(
    name="novelty_utility",
    title=N_("Utility of new answers"),
    family="ideas",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="higher",
    of_cell=_novelty_utility,
    min_n=2,
    needs=frozenset({"embedder"}),
    equal_n=True,
    definition=N_(
        "What a reader gains who reads the answers to one question one after the other and goes on with a chance of .8 each "
        "time: an answer counts when it passes and is unlike all that passed before it. 1: every answer is new and good. "
        "Only answers count that are complete, "
        "not empty, in one language, not in a loop, no refusal, and pass all checks of the question."
    ),
    source=N_("NoveltyBench, arXiv 2504.05228; an answer's utility here is 1 or 0"),
)


MEASURES = (UNIQUE_IDEAS, MARGINAL_IDEAS, NOVELTY_UTILITY)


def group_ideas(rows: Floats, owners: Sequence[AbstractSet[int]]) -> list[frozenset[int]]:
    """Return for each different idea which samples hold it.

    Args:
        rows: Unit vectors of different wordings, shape (n, d); at most `MOST_CLUSTERED`.
        owners: For each of the n, the samples that hold this wording.
    """
    labels = clusters(rows, SAME_IDEA)
    found: list[set[int]] = [set() for _ in range(int(labels.max(initial=-1)) + 1)]
    for label, samples in zip(labels.tolist(), owners, strict=True):
        found[label] |= samples
    return [frozenset(samples) for samples in found]


def rarefaction(held: Sequence[int], samples: int) -> NDArray[np.float64]:
    """Return how many different ideas are expected in m of the samples drawn at random, shape (samples + 1,), m = 0, 1, ...

    R(m) = sum over ideas of 1 - C(N - s, m) / C(N, m), where s of N samples hold the idea: exact, nothing is drawn.

    Args:
        held: For each idea, how many samples hold it, 1 or more.
        samples: N, those without any idea among them.
    """
    m = np.arange(samples + 1)
    log_factorial = np.array([math.lgamma(i + 1) for i in range(samples + 1)])
    curve = np.zeros(samples + 1)
    for times, ideas in Counter(held).items():
        without = samples - times
        kept = m[: without + 1]
        logs = log_factorial[without] - log_factorial[without - kept]
        logs += log_factorial[samples - kept] - log_factorial[samples]
        missed = np.zeros(samples + 1)
        missed[: without + 1] = np.exp(logs)
        curve += ideas * (1 - missed)
    return curve


def marginal_ideas(curve: Sequence[float] | NDArray[np.float64], samples: int) -> float | None:
    """Return how many ideas the last of `samples` samples is expected to add; None for fewer than two.

    Args:
        curve: As from `rarefaction`.
        samples: At most as many as the curve has.
    """
    if samples < MARGINAL_IDEAS.min_n:
        return None
    return max(0.0, float(curve[samples] - curve[samples - 1]))


def novelty_utility(labels: Sequence[int | None], patience: float = PATIENCE) -> float | None:
    """Return (1 - p) / (1 - p^k) sum p^(i - 1) u_i over k answers, in [0, 1]; None for fewer than two.

    u_i is 1 for an answer that passes and is the first of its cluster, and 0 for any other.

    Args:
        labels: For each answer in the order of reading its cluster; None for an answer that does not pass.
        patience: p, in (0, 1).
    """
    k = len(labels)
    if k < NOVELTY_UTILITY.min_n:
        return None
    seen: set[int] = set()
    total = 0.0
    for i, label in enumerate(labels):
        if label is not None and label not in seen:
            seen.add(label)
            total += patience**i
    return total * (1 - patience) / (1 - patience**k)
