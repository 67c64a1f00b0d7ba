"""Measures: named numbers on completions and cells, one module per family.

Each is a pure function of plain values, and returns None or a reason rather than a number it cannot stand behind. `scores`
takes any of them from all completions of one item on one model.
"""

from collections.abc import Iterable

from tempkit.i18n.messages import spoken
from tempkit.measures import (
    checks,
    consensus,
    consistency,
    degeneration,
    diversity,
    ideas,
    judged,
    logprobs,
    peeperkorn,
    reshaping,
    tempered,
)
from tempkit.measures.base import Measure, Missing
from tempkit.measures.block import Block, Resources
from tempkit.measures.embedding import Embedder, WordLlamaEmbedder
from tempkit.measures.evaluate import scores
from tempkit.measures.peeperkorn import Reference

__all__ = [
    "DEFAULT",
    "JUDGED",
    "MEASURES",
    "Block",
    "Embedder",
    "Measure",
    "Missing",
    "Reference",
    "Resources",
    "WordLlamaEmbedder",
    "known",
    "needs_reference",
    "scores",
    "titled",
]

MEASURES = {
    measure.name: measure
    for measure in (
        checks.FACT_RECALL,
        checks.FACTS_RETURNED,
        checks.CHECK_PASS,
        consensus.CONSENSUS,
        consistency.MODAL_SHARE,
        consistency.MEAN_COSINE,
        consistency.SEMANTIC_ENTROPY,
        consistency.FIRST_DIVERGENCE,
        consistency.CLAIMS_SHARED,
        diversity.DISTINCT_SHARE,
        *diversity.DISTINCT.values(),
        diversity.SELF_BLEU,
        diversity.COSINE_DISTANCE,
        diversity.VENDI,
        diversity.COMPRESSION,
        ideas.UNIQUE_IDEAS,
        ideas.MARGINAL_IDEAS,
        ideas.NOVELTY_UTILITY,
        peeperkorn.NOVELTY,
        peeperkorn.NOVELTY_EDIT,
        peeperkorn.TYPICALITY,
        peeperkorn.COHESION,
        peeperkorn.INCOHERENCE,
        degeneration.LOOP,
        degeneration.LANGUAGE_SWITCH,
        degeneration.REFUSAL,
        degeneration.EMPTY,
        degeneration.TRUNCATED,
        logprobs.MEAN_ENTROPY,
        logprobs.MEAN_LOGPROB,
        logprobs.PERPLEXITY,
        tempered.TEMPERED_ENTROPY,
        tempered.TEMPERED_LEAST,
        tempered.TEMPERED_MOST,
        reshaping.N95,
        reshaping.LEAKAGE,
        reshaping.EFFECTIVE_TEMPERATURE,
        reshaping.EFFECTIVE_SE,
    )
}
"""Every measure by name, in the order in which a reader meets them."""

DEFAULT = tuple(name for name, measure in MEASURES.items() if "reference" not in measure.needs)
"""The names of those that are taken unless others are asked for: all that need no reference model."""

JUDGED = {measure.name: measure for measure in (judged.RUBRIC, judged.PREFERENCE)}
"""By name, those that no computation gives: a judge has to be asked."""


def known(name: str) -> Measure | None:
    """Return what is known of a measure, computed or judged; None for a name from elsewhere, such as an imported score's."""
    return MEASURES.get(name) or JUDGED.get(name)


def needs_reference(measures: Iterable[str]) -> bool:
    """Return whether any of these measures, by name, can only be taken under a reference model."""
    return any("reference" in about.needs for about in map(known, measures) if about is not None)


def titled(name: str) -> str:
    """Return a measure's title in the current language; a measure from elsewhere is called by its name."""
    about = known(name)
    return name if about is None else spoken(about.title)
