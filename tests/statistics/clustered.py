"""Data sets whose truth is known, shaped like a sweep: items, temperatures, replicates."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = np.full(5, 0.6)
"""Five temperatures without any difference."""


def normal_sets(
    rng: np.random.Generator,
    sets: int,
    items: int,
    replicates: int,
    means: Floats = LEVEL,
    *,
    item: float = 0.3,
    interaction: float = 0.15,
    noise: float = 0.3,
) -> Floats:
    """Item effect + item x temperature effect + noise around the temperatures' means, with an axis of data sets first."""
    return np.asarray(
        means[:, np.newaxis]
        + rng.normal(0, item, (sets, items, 1, 1))
        + rng.normal(0, interaction, (sets, items, means.size, 1))
        + rng.normal(0, noise, (sets, items, means.size, replicates))
    )


def normal(
    rng: np.random.Generator,
    items: int,
    replicates: int,
    means: Floats = LEVEL,
    *,
    item: float = 0.3,
    interaction: float = 0.15,
    noise: float = 0.3,
) -> Floats:
    """One of `normal_sets`."""
    return normal_sets(rng, 1, items, replicates, means, item=item, interaction=interaction, noise=noise)[0]


def bernoulli_sets(
    rng: np.random.Generator, sets: int, items: int, replicates: int, means: Floats = LEVEL
) -> Floats:
    """Right or wrong answers, each cell with its own probability: the temperature's mean + item effect + cell effect.

    Effects are symmetric and kept inside [0, 1] on both sides alike, so the mean over items is the temperature's mean.
    """
    own = rng.normal(0, 0.12, (sets, items, 1)) + rng.normal(0, 0.1, (sets, items, means.size))
    room = np.minimum(means, 1 - means)
    probability = means + np.clip(own, -room, room)
    draws = rng.random((sets, items, means.size, replicates))
    return (draws < probability[..., np.newaxis]).astype(np.float64)


def bernoulli(rng: np.random.Generator, items: int, replicates: int, means: Floats = LEVEL) -> Floats:
    """One of `bernoulli_sets`."""
    return bernoulli_sets(rng, 1, items, replicates, means)[0]


def skewed(rng: np.random.Generator, items: int, replicates: int) -> Floats:
    """Answers that are nearly always right on most items and mostly wrong on a few: Beta(4, 1), whose mean is 0.8."""
    probability = rng.beta(4, 1, (items, 5))
    return (rng.random((items, 5, replicates)) < probability[:, :, np.newaxis]).astype(np.float64)
