"""The one shape every statistic reads, and the step from samples to items.

Values lie in an array (items, temperatures, replicates). A hole (a sample that failed, was cut off, or was never asked
for) is NaN there and nowhere else: it enters no mean, and no result holds a NaN in place of "unknown". The item is the
unit, so all inference starts from `item_means`; replicates only make an item's mean more exact.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Floats", "checked", "is_constant", "item_means", "items_with_all", "temperature_means"]

Floats = NDArray[np.float64]

_ROUNDING = 1e-12


def checked(values: ArrayLike) -> Floats:
    """Return `values` as float64, shape (items, temperatures, replicates), holes as NaN.

    Raises:
        ValueError: The array has another number of axes, or holds an infinite value.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 3:
        raise ValueError(
            f"values must have the axes (items, temperatures, replicates), not {array.ndim} axes"
        )
    if np.isinf(array).any():
        raise ValueError("values hold an infinite number; leave such a sample out as NaN and say why")
    return array


def item_means(values: ArrayLike) -> Floats:
    """Return the mean over the replicates of each cell, (items, temperatures); NaN where a cell has no value.

    Raises:
        ValueError: As in `checked`.
    """
    array = checked(values)
    present = ~np.isnan(array)
    counts = present.sum(axis=2)
    totals = np.where(present, array, 0.0).sum(axis=2)
    means = np.full(counts.shape, np.nan)
    np.divide(totals, counts, out=means, where=counts > 0)
    return means


def items_with_all(means: Floats, *temperatures: int) -> NDArray[np.bool_]:
    """Return which items have a value at every one of `temperatures` (column numbers; none given: all), (items,)."""
    chosen = means[:, list(temperatures)] if temperatures else means
    return np.asarray(~np.isnan(chosen).any(axis=1))


def temperature_means(means: Floats) -> tuple[float | None, ...]:
    """Return per temperature the mean over the items that have a value there; None where no item has one."""
    columns = (column[~np.isnan(column)] for column in means.T)
    return tuple(float(column.mean()) if column.size else None for column in columns)


def is_constant(values: Floats, scale: float) -> bool:
    """Return whether `values` are all equal up to rounding.

    Args:
        values: Not empty, without NaN.
        scale: The largest magnitude that went into computing them; differences of equal pairs carry its rounding.
    """
    return bool(np.ptp(values) <= _ROUNDING * scale)
