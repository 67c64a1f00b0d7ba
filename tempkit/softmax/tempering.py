"""Softmax at a temperature, on whole-vocabulary logits.

Raw log-probabilities l are the log-softmax of the logits; at temperature T the probability of token i is
exp(l_i / T) / sum_j exp(l_j / T). T = 1 is the model itself; as T falls to 0 all mass goes to the most probable token.
All functions work row by row on arrays of shape (..., vocabulary).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["entropy", "inverse_temperature", "log_softmax", "tempered"]

Floats = NDArray[np.floating[Any]]


def log_softmax(logits: Floats) -> Floats:
    """Return natural-log probabilities of logits, shape (..., V) to (..., V), each row summing to 1 in probability.

    Example:
        Two equal logits are ln(1/2) each.

        >>> log_softmax(np.array([5.0, 5.0])).round(4).tolist()
        [-0.6931, -0.6931]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    total = np.exp(shifted).sum(axis=-1, keepdims=True, dtype=np.float64)
    return np.asarray(shifted - np.log(total), dtype=np.float64)


def tempered(logits: Floats, temperature: float) -> Floats:
    """Return probabilities at `temperature` > 0, shape (..., V); logits or raw log-probabilities give the same.

    Raises:
        ValueError: `temperature` is not above 0: there the distribution is a choice among equals, not a softmax.

    Example:
        Probabilities of 4 to 1 are as their roots at temperature 2, as their squares at 1/2.

        >>> tempered(np.log([0.8, 0.2]), 2.0).round(4).tolist()
        [0.6667, 0.3333]
        >>> tempered(np.log([0.8, 0.2]), 0.5).round(4).tolist()
        [0.9412, 0.0588]
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, not {temperature}")
    return np.asarray(
        np.exp(log_softmax(np.asarray(logits, dtype=np.float64) * inverse_temperature(temperature)))
    )


def entropy(probabilities: Floats) -> Floats:
    """Return Shannon entropies in nats, shape (..., V) to (...).

    Example:
        Four equally likely tokens have ln 4, two have ln 2.

        >>> entropy(np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0]])).round(4).tolist()
        [1.3863, 0.6931]
    """
    p = np.asarray(probabilities, dtype=np.float64)
    logs = np.log(p, where=p > 0, out=np.zeros_like(p))
    return np.asarray(-(p * logs).sum(axis=-1))


def inverse_temperature(temperature: float) -> float:
    """Return 1/T, held at 1e30 so that 32-bit products stay finite.

    At 1e30 any two different 32-bit logits are infinitely far apart already, so the distribution is the same.

    Example:
        >>> inverse_temperature(0.5), inverse_temperature(0.0) > 1e29
        (2.0, True)
    """
    return 1 / max(temperature, 1e-30)
