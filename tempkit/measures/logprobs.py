"""How sure the model was, from the token log-probabilities kept with every completion.

The plain means do not know what a logprob is *of*: whoever averages them over completions must keep kinds apart. A
completion where any token's value is missing has no value at all, since the tokens that lack one are not a random part:
an API leaves out exactly the improbable ones.
"""

import math
from collections.abc import Iterable, Sequence

from tempkit.i18n import N_
from tempkit.measures.base import Measure
from tempkit.measures.block import View
from tempkit.measures.missing import Found, Missing
from tempkit.measures.reshaping import all_listed, alternatives_of, entropy_from_top
from tempkit.softmax import CERTAIN, known_entropy, known_logprob
from tempkit.types import Completion, Reason, TokenLogprob

__all__ = [
    "MEAN_ENTROPY",
    "MEAN_LOGPROB",
    "MEASURES",
    "PERPLEXITY",
    "mean_entropy",
    "mean_logprob",
    "mean_of_entropies",
    "of_entropies",
    "perplexity",
]


def _mean_logprob(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [_of_logprobs(c, mean_logprob(c.tokens)) for c in completions]


def _perplexity(_: View, completions: Sequence[Completion]) -> list[Found]:
    return [_of_logprobs(c, perplexity(c.tokens)) for c in completions]


def _of_logprobs(completion: Completion, value: float | None) -> Found:
    if value is not None:
        return value
    beyond = any(t.logprob is not None and t.logprob > CERTAIN for t in completion.tokens)
    return Missing(Reason("logprob_invalid") if beyond else Reason("logprob_unknown"))


def _mean_entropy(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = [of_entropies(mean_entropy(c.tokens), (t.entropy for t in c.tokens)) for c in completions]
    bounded = [
        i
        for i, (value, c) in enumerate(zip(found, completions, strict=True))
        if isinstance(value, Missing) and c.logprob_kind == "raw" and all_listed(c.tokens)
    ]
    if bounded:
        values = entropy_from_top(alternatives_of(view, [completions[i] for i in bounded]))
        for i, value in zip(bounded, values, strict=True):
            found[i] = value
    return found


_UNKNOWN_ENTROPY = Reason("entropy_unknown")


def of_entropies(
    value: float | None, entropies: Iterable[float | None], reason: Reason = _UNKNOWN_ENTROPY
) -> Found:
    """Return a mean of entropies, or why there is none: one of them is no entropy, or else `reason`."""
    if value is not None:
        return value
    beyond = any(each is not None and not known_entropy(each) for each in entropies)
    return Missing(Reason("entropy_invalid") if beyond else reason)


MEAN_LOGPROB = Measure(
    name="mean_logprob",
    title=N_("Mean log-probability"),
    family="logprobs",
    version=1,
    unit="nats",
    low=None,
    high=0.0,
    direction="neither",
    of_completions=_mean_logprob,
    min_n=1,
    needs=frozenset({"logprobs"}),
    definition=N_(
        "The log-probability of each sampled token, averaged over the tokens of an answer. 0 is certainty; −1 "
        "is a probability of 37 %, −3 of 5 %."
    ),
)

MEAN_ENTROPY = Measure(
    name="mean_entropy",
    title=N_("Mean entropy"),
    family="logprobs",
    version=1,
    unit="nats",
    low=0.0,
    high=None,
    direction="neither",
    of_completions=_mean_entropy,
    min_n=1,
    needs=frozenset({"logprobs"}),
    definition=N_(
        "How open the choice was before each token was sampled: the entropy of the distribution over the whole vocabulary, "
        "averaged over the tokens of an answer. 0 is no choice at all; 0.7 is like two equally likely tokens, 2.3 like ten. "
        "Where a model lists only the most probable tokens, it is known within bounds, and given where these are less than "
        "0.05 apart."
    ),
)

PERPLEXITY = Measure(
    name="perplexity",
    title=N_("Perplexity"),
    family="logprobs",
    version=1,
    unit="ratio",
    low=1.0,
    high=None,
    direction="neither",
    of_completions=_perplexity,
    min_n=1,
    needs=frozenset({"logprobs", "raw"}),
    definition=N_(
        "e to the power of minus the mean log-probability, under the model itself at temperature 1: as if each token had "
        "been sampled from so many equally likely ones. It is of the model that wrote the answer, and no measure of quality."
    ),
    source="Jelinek et al. 1977",
)

MEASURES = (MEAN_ENTROPY, MEAN_LOGPROB, PERPLEXITY)

_LEAST_MEAN = -700.0
"""Below it, exp of minus the mean has no finite number."""


def mean_logprob(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return the mean logprob of the drawn tokens in nats; None without tokens or when any token's is not known."""
    values = [token.logprob for token in tokens if token.logprob is not None]
    if len(values) < max(MEAN_LOGPROB.min_n, len(tokens)):
        return None
    total = sum(values)
    known = math.isfinite(total) and known_logprob(min(values)) and known_logprob(max(values))
    return total / len(values) if known else None


def mean_entropy(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return the mean entropy per token in nats; None without tokens or when any token's is not known."""
    return mean_of_entropies([token.entropy for token in tokens])


def mean_of_entropies(entropies: Sequence[float | None]) -> float | None:
    """Return the mean of tokens' entropies, 0 or more; None without tokens or when any is not known."""
    values = [value for value in entropies if value is not None]
    if len(values) < max(MEAN_ENTROPY.min_n, len(entropies)):
        return None
    total = sum(values)
    known = math.isfinite(total) and known_entropy(min(values)) and known_entropy(max(values))
    return max(0.0, total / len(values)) if known else None


def perplexity(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return exp(-mean logprob), 1 or more; None where the mean is not known or the result has no finite number."""
    mean = mean_logprob(tokens)
    return math.exp(-mean) if mean is not None and mean > _LEAST_MEAN else None
