"""What unit vectors say of the texts they stand for: how alike they are, and which belong together.

A cosine of sentence embeddings is a likeness of wording and topic, not of meaning: "8 bits" and "4 bits" are close. So
the clusters here can be told which texts contradict each other.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_CLUSTERED", "Floats", "clusters", "mean_cosine", "vendi"]

Floats = NDArray[np.floating[Any]]

MOST_CLUSTERED = 2000
"""The most different texts that are clustered together: the work grows with the square of their number, and 2,000 take
a fifth of a second and 50 MB."""


def mean_cosine(rows: Floats) -> float:
    """Return the mean cosine over all pairs of unit vectors, shape (n, d) with n >= 2, in [-1, 1].

    By the length of their sum, which takes no pairs: |sum|^2 = n + 2 (sum over pairs).
    """
    n = len(rows)
    total = rows.sum(axis=0, dtype=np.float64)
    squares = float(np.einsum("ij,ij->", rows, rows, dtype=np.float64))
    return min(1.0, max(-1.0, (float(total @ total) - squares) / (n * (n - 1))))


def vendi(rows: Floats) -> float:
    """Return the Vendi score of unit vectors, shape (n, d) with n >= 1, in [1, n].

    exp of the entropy of the eigenvalues of K / n, where K holds all cosines (Friedman & Dieng 2023, arXiv 2210.02410):
    the effective number of different texts. n identical vectors give 1, n orthogonal ones n.
    """
    values = np.linalg.svd(np.asarray(rows, dtype=np.float64), compute_uv=False) ** 2
    shares = values / values.sum()
    shares = shares[shares > 0]
    return float(min(len(rows), max(1.0, np.exp(-(shares * np.log(shares)).sum()))))


def clusters(
    rows: Floats, least_cosine: float, *, complete: bool = False, apart: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return a cluster number for each unit vector, shape (n, d) to (n,), from 0 in order of first appearance.

    Agglomerative: with average linkage two clusters join while their members' mean cosine is at least `least_cosine`;
    with `complete` linkage, while every pair's is.

    Args:
        rows: At most `MOST_CLUSTERED` of them.
        least_cosine: In (0, 1).
        complete: Whether every pair in a cluster must be that close.
        apart: Shape (n, n), symmetric: pairs that contradict each other. With complete linkage they never meet.
    """
    # Takes more than half a second to load, which a command that only names measures need not wait for.
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    n = len(rows)
    if n < 2:
        return np.zeros(n, dtype=np.int64)
    distances = np.clip(1.0 - (rows @ rows.T).astype(np.float64), 0.0, 2.0)
    if apart is not None:
        distances[apart] = 2.0
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "complete" if complete else "average")
    found = fcluster(tree, 1.0 - least_cosine + 1e-9, criterion="distance")
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)
