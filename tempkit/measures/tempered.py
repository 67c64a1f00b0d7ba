"""How open the choice of tokens was at the temperature that they were drawn at.

The local engine knows every logit when it draws and keeps this entropy with each token. Of an API's answers only the most
probable tokens are known, which leaves two bounds; above temperature 1 they are far apart, so they are kept as two
measures, never as their middle, and whoever needs one number (`tempkit.analysis.turn`) says what they allow.
"""

from collections.abc import Sequence

from tempkit.i18n import N_
from tempkit.measures.base import Measure, Need, OfCompletions
from tempkit.measures.block import View
from tempkit.measures.logprobs import mean_of_entropies, of_entropies
from tempkit.measures.missing import Found, Missing
from tempkit.measures.reshaping import Alternatives, completion_means, reshaped
from tempkit.softmax import tempered_entropy_bounds
from tempkit.types import Completion, Reason, TokenLogprob

__all__ = [
    "MEASURES",
    "TEMPERED_ENTROPY",
    "TEMPERED_LEAST",
    "TEMPERED_MOST",
    "bounded",
    "is_bounded",
    "tempered_bounds",
    "tempered_entropy",
]


def _tempered_entropy(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [
        of_entropies(
            tempered_entropy(c.tokens), (t.entropy_tempered for t in c.tokens), Reason("entropy_bounds_only")
        )
        for c in completions
    ]


def _end(end: int) -> OfCompletions:
    taken = reshaped(
        lambda listed, temperature: [
            ends if isinstance(ends, Missing) else ends[end] for ends in tempered_bounds(listed, temperature)
        ]
    )

    def known(view: View, completions: Sequence[Completion]) -> list[Found]:
        exact = [tempered_entropy(c.tokens) for c in completions]
        bounded = iter(taken(view, [c for c, value in zip(completions, exact, strict=True) if value is None]))
        return [next(bounded) if value is None else value for value in exact]

    return known


def _measure(name: str, title: str, needs: frozenset[Need], definition: str, taken: OfCompletions) -> Measure:
    return Measure(
        name=name,
        title=title,
        family="logprobs",
        version=1,
        unit="nats",
        low=0.0,
        high=None,
        direction="neither",
        of_completions=taken,
        min_n=1,
        needs=needs,
        auxiliary="bounds" in needs,
        definition=definition,
        source="arXiv 2502.05234",
    )


TEMPERED_ENTROPY = _measure(
    "tempered_entropy",
    N_("Entropy at the temperature"),
    frozenset({"logprobs", "raw"}),
    N_(
        "How open the choice of each token was at the temperature that was sent: the entropy over the whole vocabulary, before any cut by top_p, top_k or min_p, averaged over the tokens of an answer, truncated ones included; 0 at "
        "temperature 0. Local models know it exactly. Where its logarithm begins to bend upwards as temperature rises, at two "
        "temperatures in a row, TURN (arXiv 2502.05234) finds its temperature."
    ),
    _tempered_entropy,
)

TEMPERED_LEAST = _measure(
    "tempered_entropy_least",
    N_("Entropy at the temperature, at least"),
    frozenset({"logprobs", "raw", "alternatives", "bounds"}),
    N_(
        "The least entropy at the temperature that was sent that the most probable tokens allow, before any cut by top_p, top_k or min_p, averaged over the tokens of an answer, truncated ones included. TURN (arXiv 2502.05234) is "
        "given where every curve between this and the greatest bends upwards from the same temperature on."
    ),
    _end(0),
)

TEMPERED_MOST = _measure(
    "tempered_entropy_most",
    N_("Entropy at the temperature, at most"),
    frozenset({"logprobs", "raw", "alternatives", "bounds"}),
    N_(
        "The greatest entropy at the temperature that was sent that the most probable tokens allow, before any cut by top_p, top_k or min_p, averaged over the tokens of an answer, truncated ones included: as if all others were "
        "equally probable."
    ),
    _end(1),
)


MEASURES = (TEMPERED_ENTROPY, TEMPERED_LEAST, TEMPERED_MOST)


def bounded(view: View) -> bool:
    """Return whether the entropy at the temperature is known within bounds only for some completion with raw logprobs."""
    return view.once(
        "bounded",
        lambda: any(
            c.logprob_kind == "raw" and is_bounded(c.tokens) for cell in view.cells for c in cell.completions
        ),
    )


def is_bounded(tokens: Sequence[TokenLogprob]) -> bool:
    """Return whether there are tokens, and the tempered entropy of one of them was not kept."""
    return any(token.entropy_tempered is None for token in tokens)


def tempered_entropy(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return the mean tempered entropy per token in nats; None without tokens or when any token's is not known."""
    return mean_of_entropies([token.entropy_tempered for token in tokens])


def tempered_bounds(listed: Alternatives, temperature: float) -> list[tuple[float, float] | Missing]:
    """Return for each completion the least and the greatest mean entropy at `temperature` >= 0, in nats."""
    if temperature == 0:  # nothing is drawn there, and so nothing shared among equals
        return [(0.0, 0.0)] * len(listed.lengths)
    means = completion_means(tempered_entropy_bounds(listed.top, temperature), listed.lengths)
    return [listed.faults[i] or ends for i, ends in enumerate(zip(*means, strict=True))]
