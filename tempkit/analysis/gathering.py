"""One measure's scores put into their places as they stream by: there may be fifty times as many as answers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

from tempkit.statistics import LARGEST
from tempkit.types import Prompt, Reason, Score

__all__ = ["Gathered", "Grid"]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows and columns of a section's tables."""

    rows: Mapping[str, int]
    """By item key, in the plan's order."""
    columns: Mapping[float, int]
    """By temperature, rising."""

    @classmethod
    def of(cls, prompts: Iterable[Prompt], temperatures: tuple[float, ...]) -> Self:
        items = (item.key for prompt in prompts for item in prompt.items)
        rows = {key: index for index, key in enumerate(items)}
        return cls(rows, {temperature: index for index, temperature in enumerate(temperatures)})

    @property
    def temperatures(self) -> tuple[float, ...]:
        return tuple(self.columns)


class Gathered:
    """The values of one measure in one section."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.missing: dict[float, Counter[Reason]] = {}
        """By temperature, how many values are missing for each reason."""
        self._values = np.full((len(grid.rows), len(grid.columns), 1), np.nan)
        self._measured = np.zeros(len(grid.rows), dtype=np.bool_)
        self._replicates = 1

    def add(self, score: Score, *, asked: bool) -> None:
        """Take a score of the section; what was not `asked` is not missing."""
        row, replicate = self.grid.rows[score.item], score.replicate or 0
        self._measured[row] = True
        if replicate >= self._replicates:
            self._replicates = replicate + 1
            self._make_room()
        if _is_usable(score.value):
            self._values[row, self.grid.columns[score.temperature], replicate] = score.value
        elif asked:
            why = (score.reason or Reason("unknown")) if score.value is None else Reason("out_of_range")
            self.missing.setdefault(score.temperature, Counter())[why] += 1

    def numbers(self) -> NDArray[np.float64]:
        """Return all values, of one dimension, without those that are missing."""
        return np.asarray(self._values[~np.isnan(self._values)])

    def measured(self) -> tuple[list[str], NDArray[np.float64]]:
        """Return the items that have any score, and their values: (items, temperatures, replicates), NaN for a missing one."""
        items = [key for key, row in self.grid.rows.items() if self._measured[row]]
        return items, self._values[self._measured, :, : self._replicates]

    def _make_room(self) -> None:
        rows, columns, room = self._values.shape
        if self._replicates > room:
            grown = np.full((rows, columns, max(self._replicates, 2 * room)), np.nan)
            grown[:, :, :room] = self._values
            self._values = grown


def _is_usable(value: float | None) -> TypeGuard[float]:
    """Whether a score is a number that can be computed with; NaN and what is infinite are not."""
    return value is not None and abs(value) <= LARGEST
