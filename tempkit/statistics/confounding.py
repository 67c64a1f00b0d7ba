"""Whether something that changed in the course of a run changed with the temperature, so that nobody can tell the two apart."""

from collections.abc import Sequence

import numpy as np
from scipy import special

__all__ = ["goes_with"]

_LEAST = 4
"""Answers below which nothing is said."""
_APART = 0.5
"""By how much of the answers the mixes at two temperatures differ, at least."""
_ALPHA = 0.001


def goes_with(counts: Sequence[Sequence[int]]) -> bool:
    """Return whether what is in the rows changed with what is in the columns.

    Two columns must differ in half of their mix (total variation distance), by more than chance (Pearson's chi-square test of
    independence at the level .001); or every column holds one row alone, and not all of them the same: then nothing can tell
    rows from columns, whether by chance or not.

    Args:
        counts: How often each row was seen in each column, (rows, columns).

    >>> goes_with([[50, 0], [0, 50]]), goes_with([[25, 25], [25, 25]])
    (True, False)
    """
    table = np.asarray(counts, dtype=np.int64)
    if table.ndim != 2 or table.sum() < _LEAST:
        return False
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return False
    if ((table > 0).sum(axis=0) == 1).all():
        return True
    mix = table / table.sum(axis=0)
    distance = np.abs(mix[:, :, np.newaxis] - mix[:, np.newaxis, :]).sum(axis=0).max() / 2
    if distance < _APART:
        return False
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    return bool(special.chdtrc(freedom, statistic) < _ALPHA)
