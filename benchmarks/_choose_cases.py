"""Curves over temperature whose truth is known, with pools of items from which answers are drawn when they are asked for.

An item has a difficulty, an effect of its own at each temperature, and answers that vary by chance. The true mean of every temperature is
known exactly: over items like these, or over the pool where the pool is all there is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tempkit.adaptive import MOST_REPLICATES
from tempkit.decision import Scope

__all__ = ["COARSE", "FINE", "MARGIN", "Case", "Pool", "battery"]

Floats = NDArray[np.float64]

FINE = tuple(round(0.2 * step, 1) for step in range(9))
"""The full grid, 0 to 1.6."""
COARSE = FINE[::2]
MARGIN = 0.1
LIMIT = 0.05

X = np.array(FINE) / FINE[-1]
CURVES: dict[str, Callable[[Floats], Floats]] = {
    "null": lambda x: np.full(x.size, 0.6),
    "lone best": lambda x: np.where(np.isclose(x, 0.5), 0.8, 0.6),
    "slope": lambda x: 0.8 - 0.5 * x,
    "rise": lambda x: 0.3 + 0.5 * x,
    "cliff": lambda x: np.where(x <= 0.45, 0.5 + 0.5 * x, 0.2),
    "late cliff": lambda x: np.where(x <= 0.8, 0.35 + 0.4 * x, 0.2),
    "hump": lambda x: 0.75 - 2.5 * (x - 0.45) ** 2,
    "floor": lambda x: np.where(x < 0.3, 0.3, 0.8 - 0.4 * x),
    "slope with cliff": lambda x: np.where(x <= 0.45, 0.8 - 0.5 * x, 0.2),
    "two models": lambda x: 0.75 - 0.4 * x,
}
PAST = {"cliff": 0.45, "slope with cliff": 0.45, "late cliff": 0.8}
"""Beyond, every other answer loops, which a guard-rail forbids."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Answers that can be asked for: what each is worth, and whether it loops."""

    values: Floats
    """(models, items, temperatures, replicates)."""
    loops: Floats
    truth: Floats
    """True means, (models, temperatures)."""
    allowed: NDArray[np.bool_]
    """Where the guard-rail truly holds, (models, temperatures)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A curve, a kind of score, and a pool."""

    curve: str
    kind: str
    items: int
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        # A small pool is all that somebody has; a large one is a sample of what will be asked.
        object.__setattr__(self, "scope", "items_like_these" if self.items >= 100 else "these_items")

    @property
    def name(self) -> str:
        return f"{self.curve}, {self.kind}, {self.items} items"

    @property
    def models(self) -> int:
        return 2 if self.curve == "two models" else 1

    def draw(self, rng: np.random.Generator) -> Pool:
        """Return a pool of this kind."""
        replicates = MOST_REPLICATES if self.scope == "these_items" else 4
        first = CURVES[self.curve](X)
        means = np.clip(np.stack([first, first - 0.2][: self.models]), 0.05, 0.95)
        shape = (self.models, self.items, X.size)
        item = rng.normal(0, np.sqrt(0.7), (1, self.items, 1))
        cell = rng.normal(0, np.sqrt(0.3), shape)
        if self.kind == "right or wrong":
            a = 4.0 * means[:, np.newaxis, :]
            own = np.asarray(stats.beta.ppf(stats.norm.cdf(item + cell), a, 4.0 - a))
            values = (rng.random((*shape, replicates)) < own[..., np.newaxis]).astype(float)
        else:
            own = means[:, np.newaxis, :] + 0.25 * item + 0.1 * cell
            values = own[..., np.newaxis] + rng.normal(0, 0.2, (*shape, replicates))
        rates = np.zeros((self.models, X.size))
        if (past := PAST.get(self.curve)) is not None:
            rates[:, past < X] = 0.5
        loops = (rng.random(values.shape) < rates[:, np.newaxis, :, np.newaxis]).astype(float)
        truth = means if self.scope == "items_like_these" else own.mean(axis=1)
        return Pool(values=values, loops=loops, truth=truth, allowed=rates <= LIMIT)


def battery() -> list[Case]:
    """Return ten curves on three pools and two kinds of score."""
    return [
        Case(curve, kind, items)
        for kind in ("right or wrong", "continuous")
        for items in (12, 50, 200)
        for curve in CURVES
    ]
