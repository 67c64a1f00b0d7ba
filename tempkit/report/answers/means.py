"""What the measure that a use case goes by says of each question at each temperature: the numbers of the answers' index.

A number is the mean over the answers of one cell, from the same table as every mean on the page, so the index and the charts
cannot differ. Beside it stands its quality, from 0 to 100 and always the higher the better, which is what its colour is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tempkit.analysis import Cell, ScoredSection, Table
from tempkit.i18n import said
from tempkit.measures import titled
from tempkit.report.text.text import count, figure, ngettext
from tempkit.report.text.text import gettext as _

__all__ = ["Means", "means", "suffix"]

_COUNTED = ("count", "ideas", "words")

_NARROW = 0.25
"""Of a measure's range: where all means lie closer together, colours go from the lowest to the highest of them."""


@dataclass(frozen=True, slots=True)
class Means:
    """The means of a section's questions."""

    table: Table
    higher_is_better: bool
    low: float
    high: float
    """What the colours go from, and to."""
    items: Mapping[str, int]
    temperatures: Mapping[float, int]

    @property
    def title(self) -> str:
        return titled(self.table.measure)

    def of_cell(self, item: str, cell: Cell) -> dict[str, Any]:
        """Return a cell's mean: `value`, `shown` in words, its `quality` from 0 to 100, and a `note` on what is missing.

        The first three are None where there is no value; `note` is then why, and else None or how many answers it is of.
        """
        row, column = self.items.get(item), self.temperatures.get(cell.temperature)
        if row is None or column is None or not self.table.values.counts[row, column]:
            return {"value": None, "shown": None, "quality": None, "note": self._why(cell, row, column)}
        value = float(self.table.values.means[row, column])
        of = int(self.table.values.counts[row, column])
        partly = not self.table.per_cell and of < cell.n
        return {
            "value": value,
            "shown": count(int(value)) if self._whole(value) else figure(value, self.table.unit),
            "quality": self._quality(value),
            "note": ngettext(
                "the score of %(num)s answer of %(all)s", "the mean of %(num)s answers of %(all)s", of
            )
            % {"num": count(of), "all": count(cell.n)}
            if partly
            else None,
        }

    def of_answers(self, item: str, temperature: float, replicates: Sequence[int]) -> float | None:
        """Return how good answers with one text are, the higher the better, to be put in order; None: not known."""
        row, column = self.items.get(item), self.temperatures.get(temperature)
        if row is None or column is None or self.table.per_cell:
            return None
        cell = self.table.values.array[row, column]
        found = cell[[r for r in replicates if r < len(cell)]]
        found = found[np.isfinite(found)]
        if not len(found):
            return None
        return round(float(found.mean()) * (1 if self.higher_is_better else -1), 6)

    def _whole(self, value: float) -> bool:
        return self.table.per_cell and self.table.unit in _COUNTED and value.is_integer()

    def _quality(self, value: float) -> int:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 1.0
        return round(100 * min(1.0, max(0.0, share if self.higher_is_better else 1 - share)))

    def _why(self, cell: Cell, row: int | None, column: int | None) -> str:
        """Say why a cell has no value, as exactly as is known: reasons are counted by temperature."""
        if not cell.n:
            return _("no score: every sample failed") if cell.failures else _("no score: not run")
        if row is None or column is None:
            return _("no score: this question was not measured")
        reasons = self.table.values.missing[column]
        if not reasons:
            return _("no score")
        known = sorted(reasons, key=lambda reason: reasons[reason], reverse=True)[:2]
        return _("no score; at this temperature scores are missing because: %(reasons)s") % {
            "reasons": "; ".join(said(reason) for reason in known)
        }


def means(scored: ScoredSection, measure: str | None, *, higher_is_better: bool) -> Means | None:
    """Return the means of a section by the measure that its decision goes by; None where there are none."""
    table = None if measure is None else scored.table(measure)
    if table is None:
        return None
    low, high = _scale(table)
    return Means(
        table=table,
        higher_is_better=higher_is_better,
        low=low,
        high=high,
        items={item: row for row, item in enumerate(table.items)},
        temperatures={temperature: column for column, temperature in enumerate(table.temperatures)},
    )


def suffix(temperature: float) -> str:
    """Return what the address of a cell ends with: the temperature, in every language alike."""
    return f"t-{temperature:.12g}"


def _scale(table: Table) -> tuple[float, float]:
    known = table.values.means[np.isfinite(table.values.means)]
    low, high = float(known.min()), float(known.max())
    ends = table.values.low, table.values.high
    if ends[0] is None or ends[1] is None or high - low < _NARROW * (ends[1] - ends[0]):
        return low, high
    return float(ends[0]), float(ends[1])
