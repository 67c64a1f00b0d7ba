"""The one shape that every statistic takes: items x temperatures x replicates, with what is missing and why.

Values are checked once, when they are put into a `Values`; after that every function may rely on them. A missing value (a sample that
failed, was truncated, or was never asked for) is NaN in the array and nowhere else: it enters no mean, and no result holds
a NaN in place of "unknown". The item is the unit, so inference starts from the item means, which are computed once and kept;
replicates only make an item's mean more exact.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tempkit.types import LARGEST_SCORE, Reason

__all__ = [
    "LARGEST",
    "ROUNDING",
    "SLACK",
    "SMALLEST",
    "Floats",
    "Opinions",
    "Values",
    "beyond",
    "is_constant",
]

Floats = NDArray[np.float64]

Opinions = Literal["of_texts", "of_pairs"]
"""Values that a judge gives, whose errors answers share. `of_texts`: equal answers have one and the same. `of_pairs`: each comparison counts
for one answer and against another."""

LARGEST = LARGEST_SCORE
"""The largest magnitude of a value: cubes of it, summed, stay inside the range of a float."""

SMALLEST = 1e-100
"""Differences below this count as none: their squares would vanish."""

SLACK = 1e-6
"""How far a value may lie beyond the end of its measure's range, as a part of the range: some measures are computed in single
precision."""

ROUNDING = 1e-12
"""Differences below this part of the largest magnitude are rounding."""


class Values:
    """One measure's values over items, temperatures and replicates, checked, with the means that everything starts from.

    Args:
        array: (items, temperatures, replicates), NaN where a value is missing.
        temperatures: Strictly rising, one per column; None: 0, 1, 2 ... for data whose columns need no names.
        low: The measure's least possible value; None where there is none.
        high: The measure's greatest possible value; None where there is none.
        span: The width of the range that means can take where single values are not bound to one; by default high - low.
        missing: Per temperature, how many values could not be taken, by reason; None: no reason is known for any of them.
        asked: Per temperature, of how many items values were to be taken; None: of all alike.
        opinions: What the values are of, where a judge gave them; None: each answer was measured by itself.

    Raises:
        ValueError: The array has another number of axes, holds a number that is infinite or beyond `LARGEST`, or lies
            outside the range; the temperatures do not fit the columns, or do not rise.
    """

    def __init__(
        self,
        array: ArrayLike,
        temperatures: Sequence[float] | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        span: float | None = None,
        missing: Sequence[Mapping[Reason, int]] | None = None,
        asked: Sequence[int] | None = None,
        opinions: Opinions | None = None,
    ) -> None:
        self.opinions = opinions
        self.asked = None if asked is None else tuple(asked)
        self.array = np.array(array, dtype=np.float64)
        """(items, temperatures, replicates); it cannot be written to."""
        if self.array.ndim != 3:
            raise ValueError(
                f"values must have the axes (items, temperatures, replicates), not {self.array.ndim} axes"
            )
        self.array.flags.writeable = False
        columns = self.array.shape[1]
        self.temperatures = tuple(
            float(t) for t in (range(columns) if temperatures is None else temperatures)
        )
        self.low, self.high = low, high
        self._span = span
        self.missing: tuple[Mapping[Reason, int], ...] = (
            tuple({} for _ in range(columns)) if missing is None else tuple(missing)
        )
        self._check()

    def _check(self) -> None:
        columns = self.array.shape[1]
        if self.asked is not None and len(self.asked) != columns:
            raise ValueError(f"{len(self.asked)} counts of items asked for {columns} columns of values")
        if len(self.temperatures) != columns or len(self.missing) != columns:
            raise ValueError(
                f"{len(self.temperatures)} temperatures and {len(self.missing)} counts of what is missing for {columns} columns of values"
            )
        grid = np.array(self.temperatures)
        if not (np.abs(grid) <= LARGEST).all() or (np.diff(grid) <= 0).any():
            raise ValueError("temperatures must be finite and strictly rising; sort the columns with them")
        for end in (self.low, self.high):
            if end is not None and not abs(end) <= LARGEST:
                raise ValueError(f"the end of a measure's range is a finite number or None, not {end}")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"a measure's range must rise, not go from {self.low:g} to {self.high:g}")
        if not self.scale <= LARGEST:
            raise ValueError(
                f"values must lie between -{LARGEST:g} and {LARGEST:g}; leave a sample without one out"
            )
        outside = beyond(self.array[self.present], self.low, self.high)
        if outside.size:
            raise ValueError(
                f"the value {outside[0]:g} lies outside the measure's range, from {self.low} to {self.high}"
            )

    @cached_property
    def scale(self) -> float:
        """The largest magnitude of any value, 0 where there are none; infinite values are not left out."""
        known = self.array[self.present]
        return float(np.abs(known).max(initial=0.0))

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Where there is a value, (items, temperatures, replicates)."""
        return np.asarray(~np.isnan(self.array))

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Values per cell, (items, temperatures)."""
        return np.asarray(self.present.sum(axis=2), dtype=np.int64)

    @cached_property
    def means(self) -> Floats:
        """The mean over the replicates of each cell, (items, temperatures); NaN where a cell has no value."""
        return _divided(np.where(self.present, self.array, 0.0).sum(axis=2), self.counts)

    @cached_property
    def deviations(self) -> Floats:
        """The sample standard deviation of each cell's values, (items, temperatures); NaN where a cell has fewer than two."""
        scale = max(self.scale, SMALLEST)
        apart = np.where(self.present, self.array - self.means[:, :, np.newaxis], 0.0) / scale
        return scale * np.sqrt(_divided((apart**2).sum(axis=2), self.counts - 1))

    @cached_property
    def measurements(self) -> NDArray[np.int64]:
        """Measurements per cell that err by themselves, (items, temperatures): as many as values, but for a judge's of texts.

        Equal answers have one opinion between them, with one error. Which answers are equal is not known here, so that equal
        values count once: too few, never too many.
        """
        if self.opinions != "of_texts":
            return self.counts
        ordered = np.sort(self.array, axis=2)  # NaN last
        new = ordered[:, :, 1:] - ordered[:, :, :-1] > max(ROUNDING * self.scale, SMALLEST)
        return np.asarray(new.sum(axis=2) + (self.counts > 0), dtype=np.int64)

    @cached_property
    def temperature_means(self) -> tuple[float | None, ...]:
        """Per temperature the mean over the items that have a value there; None where no item has one."""
        columns = (column[~np.isnan(column)] for column in self.means.T)
        return tuple(float(column.mean()) if column.size else None for column in columns)

    @property
    def n_items(self) -> int:
        """Rows, whether they have values or not."""
        return int(self.array.shape[0])

    @property
    def span(self) -> float | None:
        """The width of the measure's range, where it has one."""
        if self._span is not None:
            return self._span
        return None if self.low is None or self.high is None else self.high - self.low

    def items_with(self, *columns: int) -> NDArray[np.bool_]:
        """Return which items have a value at every one of `columns` (none given: all), (items,)."""
        chosen = self.counts[:, list(columns)] if columns else self.counts
        return np.asarray((chosen > 0).all(axis=1))

    def share_missing(self) -> tuple[float | None, ...]:
        """Return per temperature the share of values that were to be taken and are missing; None where none were."""
        shares = []
        for column, reasons in enumerate(self.missing):
            absent, there = sum(reasons.values()), int(self.counts[:, column].sum())
            shares.append(absent / (absent + there) if absent + there else None)
        return tuple(shares)

    def select(self, columns: Sequence[int]) -> Self:
        """Return the values of some temperatures, in rising order of `columns`."""
        chosen = list(columns)
        return type(self)(
            self.array[:, chosen],
            [self.temperatures[column] for column in chosen],
            low=self.low,
            high=self.high,
            span=self._span,
            missing=[self.missing[column] for column in chosen],
            asked=None if self.asked is None else [self.asked[column] for column in chosen],
            opinions=self.opinions,
        )

    def replaced(self, array: Floats, *, asked: Sequence[int] | None = None) -> Self:
        """Return other values for the same cells whose means lie in the same range, such as answers used in another way."""
        return type(self)(
            array,
            self.temperatures,
            span=self.span,
            missing=self.missing,
            asked=self.asked if asked is None else asked,
            opinions=self.opinions,
        )


def beyond(values: Floats, low: float | None, high: float | None) -> Floats:
    """Return those of `values` that lie outside a range by more than rounding, (n,); an end that is None bounds nothing.

    >>> beyond(np.array([-0.2, 0.0, 1.0, 1.5]), 0.0, None).tolist()
    [-0.2]
    """
    slack = SLACK * (
        max(abs(low or 0.0), abs(high or 0.0), 1.0) if low is None or high is None else high - low
    )
    least = -math.inf if low is None else low - slack
    most = math.inf if high is None else high + slack
    return values[(values < least) | (values > most)]


def is_constant(values: Floats, scale: float) -> bool:
    """Return whether `values` are all equal up to rounding.

    Args:
        values: Not empty, without NaN.
        scale: The largest magnitude that went into computing them; differences of equal pairs carry its rounding.
    """
    return bool(np.ptp(values) <= max(ROUNDING * scale, SMALLEST))


def _divided(totals: Floats, counts: NDArray[np.int64]) -> Floats:
    result = np.full(totals.shape, np.nan)
    np.divide(totals, counts, out=result, where=counts > 0)
    return result
