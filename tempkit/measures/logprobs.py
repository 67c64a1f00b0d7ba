"""How sure the model was, from the token log-probabilities kept with every completion.

The functions do not know what a logprob is *of*: whoever averages them over completions must keep kinds apart. A
completion where any token's value is missing has no value at all, since the tokens that lack one are not a random part:
an API leaves out exactly the improbable ones.
"""

import math
from collections.abc import Sequence
from typing import TypeGuard

from tempkit.measures.base import Measure
from tempkit.types import TokenLogprob

__all__ = ["MEAN_ENTROPY", "MEAN_LOGPROB", "known_logprob", "mean_entropy", "mean_logprob"]

MEAN_LOGPROB = Measure(
    name="mean_logprob",
    title="Mean log-probability",
    unit="nats",
    direction="neither",
    scope="completion",
    min_n=1,
    definition=(
        "The log-probability of each token that was drawn, averaged over the tokens of an answer. 0 is certainty; −1 "
        "is a probability of 37 %, −3 of 5 %."
    ),
)

MEAN_ENTROPY = Measure(
    name="mean_entropy",
    title="Mean entropy",
    unit="nats",
    direction="neither",
    scope="completion",
    min_n=1,
    definition=(
        "How open the choice was before each token was drawn: the entropy of the distribution over the whole vocabulary, "
        "averaged over the tokens of an answer. 0 is no choice at all; 0.7 is like two equally likely tokens, 2.3 like ten."
    ),
)

_NOT_GIVEN = -9999.0
"""What OpenAI's API reports for a token outside the listed alternatives (its API reference, `logprobs.content.logprob`):
a marker, not a probability."""


def known_logprob(value: float | None) -> TypeGuard[float]:
    """Return whether `value` can be a log-probability: there, finite, and not an API's marker for "not given"."""
    return value is not None and math.isfinite(value) and value > _NOT_GIVEN


def mean_logprob(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return the mean logprob of the drawn tokens in nats; None without tokens or when any token's is not known."""
    values = [token.logprob for token in tokens if known_logprob(token.logprob)]
    if len(values) < MEAN_LOGPROB.min_n or len(values) < len(tokens):
        return None
    return math.fsum(values) / len(values)


def mean_entropy(tokens: Sequence[TokenLogprob]) -> float | None:
    """Return the mean entropy per token in nats; None without tokens or when any token's is not known."""
    values = [token.entropy for token in tokens if token.entropy is not None and math.isfinite(token.entropy)]
    if len(values) < max(MEAN_ENTROPY.min_n, len(tokens)):
        return None
    return math.fsum(values) / len(values)
