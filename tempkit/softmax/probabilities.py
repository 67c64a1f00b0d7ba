"""What can be a log-probability and what an entropy, wherever tokens are read.

Servers, imported tables and older databases hold markers and mistakes beside them: a number that no probability has is no
value, and whatever would be computed from it is missing.
"""

from typing import TypeGuard

__all__ = ["CERTAIN", "LEAST_ENTROPY", "MOST_ENTROPY", "NOT_GIVEN", "known_entropy", "known_logprob"]

NOT_GIVEN = -9999.0
"""What OpenAI's API reports for a token outside the listed alternatives (its API reference, `logprobs.content.logprob`):
a marker, not a probability."""

CERTAIN = 1e-3
"""The largest logprob: that of certainty, and what rounding may add to it."""

LEAST_ENTROPY, MOST_ENTROPY = -1e-3, 100.0
"""In nats: none, less what rounding may take; and more than any vocabulary has (ln 300,000 is 12.6)."""


def known_logprob(value: float | None) -> TypeGuard[float]:
    """Return whether `value` can be a log-probability: there, of a probability, and no API's marker for "not given".

    Example:
        >>> known_logprob(-0.5), known_logprob(0.5), known_logprob(NOT_GIVEN), known_logprob(None)
        (True, False, False, False)
    """
    return value is not None and NOT_GIVEN < value <= CERTAIN


def known_entropy(value: float | None) -> TypeGuard[float]:
    """Return whether `value` can be the entropy of a token's distribution: there, and in its range.

    Example:
        >>> known_entropy(0.0), known_entropy(-1.0), known_entropy(None)
        (True, False, False)
    """
    return value is not None and LEAST_ENTROPY <= value <= MOST_ENTROPY
