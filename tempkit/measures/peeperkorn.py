"""Novelty, typicality, cohesion and incoherence, computed: what Peeperkorn et al. asked people to rate (arXiv 2405.00492).

Their exemplar is the story written at the lowest temperature, and so it is here: the completion at the run's lowest
temperature with the lowest sample number. Incoherence is perplexity under one fixed reference model, whatever drew the text:
under the model and temperature that drew it, a text is probable by construction.
"""

import math
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from tempkit.i18n import N_
from tempkit.measures.base import Measure
from tempkit.measures.block import Reference, View
from tempkit.measures.missing import Found, Missing, or_missing
from tempkit.measures.vectors import Floats
from tempkit.types import Completion, Reason, Scored

__all__ = [
    "COHESION",
    "INCOHERENCE",
    "LONGEST_EDITED",
    "MEASURES",
    "NOVELTY",
    "NOVELTY_EDIT",
    "TYPICALITY",
    "Reference",
    "cohesion",
    "edit_novelty",
    "incoherence",
    "novelty",
    "typicality",
]

_SOURCE = N_("After Peeperkorn et al. 2024, arXiv 2405.00492")

LONGEST_EDITED = 20_000
"""Characters: the edit distance takes time with the product of two lengths, and two texts of 20,000 take some 10 ms."""

_LEAST_SENTENCES = 2


def _novelty(view: View, completions: Sequence[Completion]) -> list[Found]:
    row = view.vectors.rows([view.typical[0].text])[0]
    rows = view.vectors.rows([c.text for c in completions])
    return [novelty(own, row) for own in rows]


def _edit_novelty(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [edit_novelty(c.text, view.typical[0].text) for c in completions]


def _typicality(view: View, completions: Sequence[Completion]) -> list[Found]:
    typical = view.vectors.rows([c.text for c in view.typical])
    total, own = typical.sum(axis=0, dtype=np.float64), {c.key for c in view.typical}
    rows = view.vectors.rows([c.text for c in completions])
    return [
        or_missing(typicality(row, total - row if c.key in own else total), Reason("no_other_answer"))
        for c, row in zip(completions, rows, strict=True)
    ]


def _cohesion(view: View, completions: Sequence[Completion]) -> list[Found]:
    found: list[Found] = []
    for c in completions:
        sentences = view.sentences(c)
        value = cohesion(view.vectors.rows(sentences)) if len(sentences) > 1 else None
        found.append(or_missing(value, Reason("few_sentences", n=len(sentences))))
    return found


def _incoherence(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [incoherence(view.scored[c.text]) for c in completions]


NOVELTY = Measure(
    name="novelty",
    title=N_("Novelty"),
    family="peeperkorn",
    version=1,
    unit="distance",
    low=0.0,
    high=2.0,
    direction="neither",
    of_completions=_novelty,
    min_n=1,
    needs=frozenset({"text", "embedder", "exemplar"}),
    needs_complete=True,
    definition=N_(
        "One minus the cosine of an answer's sentence embedding and that of the reference answer: the question's first complete answer at the "
        "run's lowest temperature. Nonsense is novel too."
    ),
    source=_SOURCE,
)

NOVELTY_EDIT = Measure(
    name="novelty_edit",
    title=N_("Novelty of wording"),
    family="peeperkorn",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="neither",
    of_completions=_edit_novelty,
    min_n=1,
    needs=frozenset({"text", "exemplar"}),
    needs_complete=True,
    definition=N_(
        "The share of characters that must be changed to turn an answer into the reference answer: the question's first complete answer at "
        "the run's lowest temperature. Unrelated texts of one language lie near .75."
    ),
    source=_SOURCE + "; " + N_("Levenshtein 1966, over the longer of the two"),
)

TYPICALITY = Measure(
    name="typicality",
    title=N_("Typicality"),
    family="peeperkorn",
    version=1,
    unit="similarity",
    low=-1.0,
    high=1.0,
    direction="neither",
    of_completions=_typicality,
    exemplar_too=True,
    min_n=1,
    needs=frozenset({"text", "embedder", "exemplar"}),
    needs_complete=True,
    definition=N_(
        "The cosine of an answer's sentence embedding and the mean of those of the complete answers to the question at the run's lowest "
        "temperature, the answer itself left out."
    ),
    source=_SOURCE,
)

COHESION = Measure(
    name="cohesion",
    title=N_("Cohesion"),
    family="peeperkorn",
    version=1,
    unit="similarity",
    low=-1.0,
    high=1.0,
    direction="neither",
    of_completions=_cohesion,
    min_n=1,
    needs=frozenset({"text", "embedder"}),
    definition=N_(
        "The cosine of neighbouring sentences' embeddings, averaged over an answer; needs two sentences. The unfinished last "
        "sentence of a truncated answer is left out. Repetition is cohesive too."
    ),
    source=_SOURCE,
)

INCOHERENCE = Measure(
    name="incoherence",
    title=N_("Incoherence"),
    family="peeperkorn",
    version=1,
    unit="nats",
    low=0.0,
    high=None,
    direction="lower",
    of_completions=_incoherence,
    min_n=5,
    needs=frozenset({"text", "reference"}),
    definition=N_(
        "How improbable an answer is, by itself, to a fixed reference model at temperature 1: minus the mean log-probability "
        "of its tokens. e to the power of it is the perplexity."
    ),
    source=_SOURCE,
)


MEASURES = (NOVELTY, NOVELTY_EDIT, TYPICALITY, COHESION, INCOHERENCE)


def novelty(row: Floats, exemplar: Floats) -> float:
    """Return one minus the cosine of two unit vectors, shapes (d,), in [0, 2]."""
    return min(2.0, max(0.0, 1.0 - float(row.astype(np.float64) @ exemplar)))


def edit_novelty(text: str, exemplar: str) -> float | Missing:
    """Return the Levenshtein distance divided by the longer text's length, in [0, 1]; 0 for equal texts."""
    if max(len(text), len(exemplar)) > LONGEST_EDITED:
        return Missing(Reason("too_long", most=LONGEST_EDITED))
    return float(Levenshtein.normalized_distance(text, exemplar))


def typicality(row: Floats, total: Floats) -> float | None:
    """Return the cosine of a unit vector and the mean of others, given as their sum; shapes (d,).

    None when there are no others, or when they cancel out and have no direction.
    """
    length = float(np.linalg.norm(total))
    if length < 1e-4:
        return None
    return min(1.0, max(-1.0, float(row.astype(np.float64) @ total) / length))


def cohesion(rows: Floats) -> float | None:
    """Return the mean cosine of neighbouring rows of unit vectors, shape (sentences, d); None for fewer than two."""
    if len(rows) < _LEAST_SENTENCES:
        return None
    cosines = np.einsum("ij,ij->i", rows[:-1], rows[1:], dtype=np.float64)
    return min(1.0, max(-1.0, float(cosines.mean())))


def incoherence(scored: Scored) -> float | Missing:
    """Return minus the mean raw logprob in nats of a text's tokens under the reference model, those without one left out."""
    if scored.reason is not None:
        return Missing(Reason("reference_gave_none", reason=scored.reason))
    known = [token.logprob for token in scored.tokens if token.logprob is not None]
    if len(known) < INCOHERENCE.min_n:
        return Missing(Reason("few_tokens", least=INCOHERENCE.min_n))
    mean = math.fsum(known) / len(known)
    return -mean if math.isfinite(mean) else Missing(Reason("token_impossible"))
