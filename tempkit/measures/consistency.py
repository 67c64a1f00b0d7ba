"""How far the completions of one cell agree: word for word, in meaning, and in what they claim.

For facts and support this is a good sign, for ideas a bad one, so most of these have no direction. Agreement is not
truth: a model may be wrong in the same way every time.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from tempkit.i18n import N_
from tempkit.measures.base import Measure
from tempkit.measures.block import Cell, View
from tempkit.measures.missing import Found, Missing
from tempkit.measures.samples import known
from tempkit.measures.vectors import MOST_CLUSTERED, Floats, clusters, mean_cosine
from tempkit.measures.wording import normalize
from tempkit.measures.words import finished_sentences, words
from tempkit.types import Completion, Reason

__all__ = [
    "CLAIMS_SHARED",
    "FIRST_DIVERGENCE",
    "MEAN_COSINE",
    "MEASURES",
    "MODAL_SHARE",
    "SAME_MEANING",
    "SEMANTIC_ENTROPY",
    "TOO_MANY",
    "claims",
    "claims_shared",
    "entropy_of",
    "first_divergence",
    "mean_similarity",
    "meanings",
    "modal_share",
]

SAME_MEANING = 0.75
"""The least cosine between any two answers of one meaning. Set on WordLlama's vectors: short paraphrases of one answer lie
between .7 and .95, answers about something else below .7; it cannot tell a statement from its denial."""

TOO_MANY = Reason("too_many_texts", most=MOST_CLUSTERED)


def _modal_share(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return known(modal_share([view.words[c.text] or c.text.strip() for c in completions]))


def _mean_cosine(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return known(mean_similarity(view.vectors.rows([c.text for c in completions])))


def _semantic_entropy(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    texts = list(dict.fromkeys(c.text for c in completions))
    if len(texts) > MOST_CLUSTERED:
        return Missing(TOO_MANY)
    labels = dict(zip(texts, meanings(view.vectors.rows(texts), texts).tolist(), strict=True))
    return known(entropy_of([labels[c.text] for c in completions]))


def _first_divergence(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    if view.has_tokens:
        return known(first_divergence([[t.text for t in c.tokens] for c in completions]))
    return known(first_divergence([c.text.split() for c in completions]))


def _claims_shared(_: View, __: Cell, completions: Sequence[Completion]) -> Found:
    shared = claims_shared([claims(c.text) for c in completions])
    return Missing(Reason("no_claims")) if shared is None else shared


MODAL_SHARE = Measure(
    name="modal_share",
    title=N_("Most frequent answer"),
    family="consistency",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="neither",
    of_cell=_modal_share,
    min_n=2,
    needs=frozenset(),
    needs_complete=True,
    equal_n=True,
    definition=N_(
        "The share of the complete answers to one question at one temperature that are the most frequent one, ignoring case, "
        "spacing and punctuation."
    ),
)

MEAN_COSINE = Measure(
    name="mean_cosine",
    title=N_("Mean similarity of answers"),
    family="consistency",
    version=1,
    unit="similarity",
    low=-1.0,
    high=1.0,
    direction="neither",
    of_cell=_mean_cosine,
    min_n=2,
    needs=frozenset({"text", "embedder"}),
    needs_complete=True,
    definition=N_(
        "The cosine of two answers' sentence embeddings, averaged over all pairs of complete answers to one question at one "
        "temperature. It tells topics and wordings apart better than meanings."
    ),
)

SEMANTIC_ENTROPY = Measure(
    name="semantic_entropy",
    title=N_("Semantic entropy"),
    family="consistency",
    version=1,
    unit="nats",
    low=0.0,
    high=None,
    direction="neither",
    of_cell=_semantic_entropy,
    min_n=2,
    needs=frozenset({"text", "embedder"}),
    needs_complete=True,
    equal_n=True,
    definition=N_(
        "How many different things are said, and how evenly: the entropy of the shares of clusters of like answers, where "
        "answers that state different numbers never share one. 0: one meaning; 0.7: two, equally often. From few answers "
        "it is too low, since meanings that were not sampled do not count."
    ),
    source=N_("Kuhn et al. 2023, arXiv 2302.09664; on its bias: arXiv 2509.14478"),
)

FIRST_DIVERGENCE = Measure(
    name="first_divergence",
    title=N_("First difference"),
    family="consistency",
    version=1,
    unit="words",
    low=0.0,
    high=None,
    direction="neither",
    of_cell=_first_divergence,
    also=lambda view: "tokens" if view.has_tokens else "words",
    min_n=2,
    needs=frozenset(),
    definition=N_(
        "How many tokens two answers have in common before they first differ, averaged over all pairs of answers to one "
        "question at one temperature; words where a model gives no tokens. Two equal answers count with their full length."
    ),
)

CLAIMS_SHARED = Measure(
    name="claims_shared",
    title=N_("Claims shared by all"),
    family="consistency",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="neither",
    of_cell=_claims_shared,
    min_n=2,
    needs=frozenset({"words"}),
    needs_complete=True,
    equal_n=True,
    definition=N_(
        "Of all numbers and names in the complete answers to one question at one temperature, the share that every answer holds. "
        "Names are capitalised words inside a sentence, so a language that capitalises all nouns gives more."
    ),
)

MEASURES = (MODAL_SHARE, MEAN_COSINE, SEMANTIC_ENTROPY, FIRST_DIVERGENCE, CLAIMS_SHARED)

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:[.,]\d+)*")
_LIST_NUMBER = re.compile(r"^[ \t>#*_]{0,12}\(?\d{1,3}[.):\]](?=[ \t*_])", re.MULTILINE)


def modal_share(answers: Sequence[Hashable]) -> float | None:
    """Return the share of the most frequent answer, in (0, 1]; None for fewer than two.

    Args:
        answers: Equal for answers that count as one; `tempkit.measures.words.words` of the texts, say.
    """
    if len(answers) < MODAL_SHARE.min_n:
        return None
    return max(Counter(answers).values()) / len(answers)


def mean_similarity(rows: Floats) -> float | None:
    """Return the mean cosine over pairs of unit vectors, shape (n, d), in [-1, 1]; None for fewer than two."""
    return mean_cosine(rows) if len(rows) >= MEAN_COSINE.min_n else None


def meanings(rows: Floats, texts: Sequence[str]) -> NDArray[np.int64]:
    """Return a cluster number for each text: complete linkage at cosine .75, no two that state different numbers together.

    Args:
        rows: The texts' unit vectors, shape (n, d).
        texts: The n texts.
    """
    numbers = [frozenset(_numbers(text)) for text in texts]
    apart = np.zeros((len(texts), len(texts)), dtype=bool)
    stated = [i for i, found in enumerate(numbers) if found]
    for i in stated:
        for j in stated:
            apart[i, j] = numbers[i].isdisjoint(numbers[j])
    return clusters(rows, SAME_MEANING, complete=True, apart=apart)


def entropy_of(labels: Sequence[Hashable]) -> float | None:
    """Return the plug-in entropy in nats of the labels' shares; None for fewer than two labels.

    -sum s ln s over the observed shares s, which underestimates: the bias is about (classes - 1) / 2n.
    """
    if len(labels) < SEMANTIC_ENTROPY.min_n:
        return None
    counts = Counter(labels).values()
    return abs(math.fsum(-count / len(labels) * math.log(count / len(labels)) for count in counts))


def first_divergence(texts: Sequence[Sequence[str]]) -> float | None:
    """Return the mean number of leading tokens that two of the texts share, over all pairs; None for fewer than two.

    Sorted, two texts share what all neighbours between them share: so the sum over pairs is a sum of minima over runs,
    and no pair is compared.
    """
    n = len(texts)
    if n < FIRST_DIVERGENCE.min_n:
        return None
    ranked = sorted(tuple(text) for text in texts)
    total, ending = 0, 0
    runs: list[tuple[int, int]] = []
    for left, right in itertools.pairwise(ranked):
        shared, width = _shared(left, right), 1
        while runs and runs[-1][0] >= shared:
            height, more = runs.pop()
            ending -= height * more
            width += more
        runs.append((shared, width))
        ending += shared * width
        total += ending
    return total / (n * (n - 1) / 2)


def claims(text: str) -> frozenset[str]:
    """Return the numbers and names in `text`: what an answer can be held to. The numbers of a list are left out."""
    names: set[str] = set()
    for sentence in finished_sentences(text):
        inside = re.split(r"[\s/]+", sentence)[1:]
        names.update(w for part in inside if part[:1].isupper() for w in words(part) if len(w) > 1)
    return frozenset(names).union(_numbers(text))


def claims_shared(claimed: Sequence[frozenset[str]]) -> float | None:
    """Return the share of all claims that every text makes, in [0, 1]; None for fewer than two texts or without a claim."""
    made = frozenset[str]().union(*claimed)
    if len(claimed) < CLAIMS_SHARED.min_n or not made:
        return None
    return len(made.intersection(*claimed)) / len(made)


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def _numbers(text: str) -> set[str]:
    if not _DIGIT.search(text):
        return set()
    return set(_NUMBER.findall(normalize(_LIST_NUMBER.sub("", text))))
