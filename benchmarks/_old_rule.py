"""The rule before multiple comparisons with the best: two-sided bounds for all pairs, Bonferroni, each pair with its own t.

Kept here to be measured against; nothing uses it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["smallest_bound"]


def smallest_bound(means: NDArray[np.float64], *, level: float = 0.95, span: float | None) -> float:
    """Return the smallest of the temperatures' upper bounds on how far they lie behind the best other.

    Args:
        means: Item means, (items, temperatures), without missing ones; higher is better.
        level: Confidence that all bounds hold together.
        span: The measure's range, where it has one.
    """
    n, size = means.shape
    alpha = (1 - level) / (size * (size - 1) / 2)
    apart = means[:, :, np.newaxis] - means[:, np.newaxis, :]
    middle, spread = apart.mean(axis=0), apart.std(axis=0, ddof=1)
    half = float(stats.t.ppf(1 - alpha / 2, n - 1)) * spread / np.sqrt(n)
    if span is not None:
        half = np.where(np.ptp(apart, axis=0) < 1e-12, (1 - alpha ** (1 / n)) * (span + np.abs(middle)), half)
    high = middle + half
    np.fill_diagonal(high, -np.inf)
    return float(high.max(axis=0).min())
