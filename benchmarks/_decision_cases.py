"""Data sets whose truth is known, for the whole decision: curves over temperature, kinds of scores, guard-rails.

A data set has item effects (hard and easy questions), effects of an item at a temperature (a temperature suits some questions
and not others), and noise of single answers. The true mean of every temperature is known exactly, over items like these and
over the items drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tempkit.decision.rule import Limit
from tempkit.statistics import Values

__all__ = ["CURVES", "ITEMS", "KINDS", "MARGIN", "TEMPERATURES", "Case", "DataSet", "cases"]

Floats = NDArray[np.float64]

ITEMS = (5, 8, 12, 20, 50)
TEMPERATURES = (4, 6, 11)
MARGIN = 0.1
_LIMIT = 0.05


def _null(x: Floats) -> Floats:
    return np.full(x.size, 0.6)


def _lone_best(x: Floats) -> Floats:
    return np.where(np.arange(x.size) == x.size // 2, 0.62, 0.5)


def _slope(x: Floats) -> Floats:
    return 0.7 - 0.3 * x


def _cliff(x: Floats) -> Floats:
    return np.where(x <= 0.6, 0.7, 0.2)


def _hump(x: Floats) -> Floats:
    return 0.65 - 0.6 * (x - 0.45) ** 2


def _floor(x: Floats) -> Floats:
    return np.where(x < 0.25, 0.3, 0.65)


CURVES: dict[str, Callable[[Floats], Floats]] = {
    "null": _null,
    "lone best": _lone_best,
    "slope": _slope,
    "cliff": _cliff,
    "hump": _hump,
    "floor": _floor,
}
"""True means over a grid from 0 to 1."""

KINDS = (
    "right or wrong",
    "right or wrong, bimodal, unequal",
    "continuous, missing",
    "skewed, missing, unequal",
)
"""Bimodal: most questions are nearly always or nearly never answered. Missing: a tenth of the values, in single cells and at random.
Unequal: from one to as many replicates as there are."""


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """One data set with its truth."""

    values: Values
    limits: tuple[Limit, ...]
    like_these: Floats
    """True means over items like these, (temperatures,)."""
    these: Floats
    """True means over the items drawn."""
    broken_like_these: NDArray[np.bool_]
    """Where the guard-rail is truly beyond its limit, (temperatures,)."""
    broken_these: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of data sets."""

    items: int
    temperatures: int
    kind: str
    curve: str
    replicates: int = 4
    bad: float | None = None
    """The rate at which a guard-rail of 5 % is broken, at every temperature; None: it holds, but for a cliff or a floor."""

    def draw(self, rng: np.random.Generator) -> DataSet:
        """Return a data set of this kind."""
        x = np.linspace(0, 1, self.temperatures)
        means = CURVES[self.curve](x)
        shape = (self.items, self.temperatures)
        if self.kind.startswith("right or wrong"):
            own = _chances(rng, means, self.items, spread=0.5 if "bimodal" in self.kind else 4.0)
            numbers = (rng.random((*shape, self.replicates)) < own[..., np.newaxis]).astype(float)
            span = 1.0
        else:
            odd = 0.2 - rng.exponential(0.2, shape) if "skewed" in self.kind else rng.normal(0, 0.1, shape)
            own = means + rng.normal(0, 0.25, (self.items, 1)) + odd
            numbers = own[..., np.newaxis] + rng.normal(0, 0.2, (*shape, self.replicates))
            span = None
        if "missing" in self.kind:
            numbers[rng.random(numbers.shape) < 0.1] = np.nan
        if "unequal" in self.kind:
            kept = rng.integers(1, self.replicates + 1, shape)
            numbers[np.arange(self.replicates) >= kept[..., np.newaxis]] = np.nan
        limit, rates, own_rates = self._guard(rng, x)
        return DataSet(
            values=Values(numbers, x, low=None if span is None else 0.0, high=span),
            limits=(limit,),
            like_these=means,
            these=own.mean(axis=0),
            broken_like_these=rates > _LIMIT,
            broken_these=own_rates > _LIMIT,
        )

    def _guard(self, rng: np.random.Generator, x: Floats) -> tuple[Limit, Floats, Floats]:
        """Return whether answers loop: rarely, but beyond a cliff or before a floor, or everywhere."""
        rates = np.full(x.size, 0.002 if self.bad is None else self.bad)
        if self.bad is None and self.curve == "cliff":
            rates[x > 0.85] = 0.5
        if self.bad is None and self.curve == "floor":
            rates[x < 0.15] = 0.5
        own = _chances(rng, rates, self.items, spread=4.0)
        numbers = rng.random((self.items, x.size, self.replicates)) < own[..., np.newaxis]
        limit = Limit(
            values=Values(numbers.astype(float), x, low=0.0, high=1.0),
            limit=_LIMIT,
            worse_above=True,
            answers=np.full((self.items, x.size), float(self.replicates)),
        )
        return limit, rates, own.mean(axis=0)


def _chances(rng: np.random.Generator, means: Floats, items: int, *, spread: float) -> Floats:
    """Return each cell's chance, (items, temperatures): beta with the temperature's mean, alike within an item."""
    item = rng.normal(0, np.sqrt(0.7), (items, 1))
    cell = rng.normal(0, np.sqrt(0.3), (items, means.size))
    return np.asarray(stats.beta.ppf(stats.norm.cdf(item + cell), spread * means, spread * (1 - means)))


def cases() -> list[Case]:
    """Return the whole battery: items x temperatures x kinds of scores x curves."""
    return [
        Case(items=items, temperatures=temperatures, kind=kind, curve=curve)
        for kind in KINDS
        for items in ITEMS
        for temperatures in TEMPERATURES
        for curve in CURVES
    ]
