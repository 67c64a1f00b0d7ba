"""How exactly a mean over given items is known, when only the answers to them are left to chance."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tempkit.statistics.values import SMALLEST, Floats, Values

__all__ = ["Noise", "noise_of_mean", "unit_of"]

_OF_PAIRS = 2.0
"""What the variance of a mean of comparisons is multiplied by. A comparison won at one temperature is lost at another, so that their
means err in opposite directions, and the variance of the difference is larger than the sum of both: at most twice (the variance of
a - b is never above 2 (var a + var b))."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The variance of a mean, and how well it is known; of independent means both parts add up."""

    variance: float
    """In squares of `unit_of` the values."""
    rest: float
    """What the square of the variance is divided by for Satterthwaite's degrees of freedom."""

    def __add__(self, other: "Noise") -> "Noise":
        return Noise(self.variance + other.variance, self.rest + other.rest)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the variance, at least 1; infinite where nothing of it was estimated."""
        return max(1.0, self.variance**2 / self.rest) if self.rest > 0 else math.inf


def noise_of_mean(values: Values, column: int, items: NDArray[np.bool_]) -> Noise | None:
    """Return the noise of a temperature's mean over some items; None where no item has two answers.

    Each item's mean has the variance of its answers over their number. An item with one answer is given the average variance
    of the others, so that each of those counts for more: F. E. Satterthwaite's degrees of freedom (Biometrics Bulletin 2, 1946)
    are few where few items stand for many.

    What a judge says of equal texts is one measurement with one error, however many answers it is said of. Where no cell of the
    temperature holds two, the average variance of all other cells stands in: that of different texts, which has more causes.

    Args:
        values: Of the measure.
        column: The temperature's.
        items: Which to take, (items,); each has at least one answer there.
    """
    counts = values.measurements[items, column]
    several = counts > 1
    squares = (values.deviations / unit_of(values)) ** 2
    if not several.any():
        return None if values.opinions != "of_texts" else _borrowed(values, squares, counts.size)
    spreads = squares[items, column][several]
    weights = 1 / counts[several] + (counts.size - several.sum()) / several.sum()
    shares = spreads * weights / counts.size**2
    if values.opinions == "of_pairs":
        shares = shares * _OF_PAIRS
    return Noise(float(shares.sum()), float((shares**2 / (counts[several] - 1)).sum()))


def _borrowed(values: Values, squares: Floats, items: int) -> Noise | None:
    """Return the noise of a mean over cells that hold one measurement each, by the spread of all cells that hold more."""
    known = values.measurements > 1
    if not known.any():
        return None
    freedom = int((values.measurements[known] - 1).sum())
    variance = float(squares[known].mean()) / items
    return Noise(variance, variance**2 / freedom)


def unit_of(values: Values) -> float:
    """Return what values are divided by before they are squared, so that neither huge nor tiny ones leave the range of a float."""
    return max(values.scale, values.span or 0.0, SMALLEST)
