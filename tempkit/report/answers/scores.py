"""The scores of single answers, for the chips beside them: read from the same tables as every mean on the page.

Only what helps to judge an answer is a chip: the measure that the use case goes by, the checks, and what went wrong. The
thirty other measures describe tokens and cells, and stand in the charts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tempkit.analysis import ScoredSection, Table
from tempkit.measures import known, titled
from tempkit.report.text.text import count, figure
from tempkit.report.text.text import gettext as _

__all__ = ["CHECKS", "FLAGS", "Scores", "scores"]

CHECKS = "check_pass"
FLAGS = ("loop", "language_switch", "refusal")
"""Measures that are 1 where an answer fell apart; empty and truncated ones are marked anyway."""

_COUNTED = ("count", "ideas", "words")


@dataclass(frozen=True, slots=True)
class _Column:
    """A measure's values with where they stand."""

    table: Table
    title: str
    unit: str
    items: Mapping[str, int]
    temperatures: Mapping[float, int]
    whole_cells: bool

    def values(self, item: str, temperature: float, replicates: Sequence[int]) -> NDArray[np.float64]:
        """Return the known values of some replicates."""
        row, column = self.items.get(item), self.temperatures.get(temperature)
        if row is None or column is None:
            return np.empty(0)
        cell = self.table.values.array[row, column]
        found = cell if self.whole_cells else cell[[r for r in replicates if r < len(cell)]]
        return np.asarray(found[np.isfinite(found)])


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a section's answers."""

    shown: Sequence[_Column] = ()
    flags: Mapping[str, _Column] = field(default_factory=dict)

    def of_answers(
        self, item: str, temperature: float, replicates: Sequence[int]
    ) -> list[dict[str, str | bool | None]]:
        """Return the chips of answers with one text: `title`, `value` in words, and `passed` for checks, else None.

        Answers with one text can differ in a measure of their tokens: the value is then a range.
        """
        return [
            {
                "title": column.title,
                "value": _in_words(values, column.unit),
                "passed": _passed(column, values),
            }
            for column in self.shown
            if not column.whole_cells and len(values := column.values(item, temperature, replicates))
        ]

    def set_flags(self, item: str, temperature: float, replicates: Sequence[int]) -> list[str]:
        """Return which of `FLAGS` any of the answers has."""
        return [
            name for name, column in self.flags.items() if column.values(item, temperature, replicates).any()
        ]


def scores(scored: ScoredSection, primary: str | None) -> Scores:
    """Return the scores of a section, `primary` being the measure its recommendation goes by, if there is one."""
    names = dict.fromkeys(name for name in (primary, CHECKS) if name is not None)
    return Scores(
        [column for name in names if (column := _column(scored, name)) is not None],
        {name: column for name in FLAGS if (column := _column(scored, name)) is not None},
    )


def _column(scored: ScoredSection, name: str) -> _Column | None:
    table = scored.table(name)
    if table is None:
        return None
    about = known(name)
    return _Column(
        table=table,
        title=titled(name),
        unit=table.unit,
        items={item: row for row, item in enumerate(table.items)},
        temperatures={temperature: column for column, temperature in enumerate(table.temperatures)},
        whole_cells=about is not None and about.scope == "cell",
    )


def _in_words(values: NDArray[np.float64], unit: str) -> str:
    low, high = _one(float(values.min()), unit), _one(float(values.max()), unit)
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _one(value: float, unit: str) -> str:
    """Return one value; of things that are counted, a single answer or cell has a whole number, unlike a mean."""
    return count(int(value)) if unit in _COUNTED and value.is_integer() else figure(value, unit)


def _passed(column: _Column, values: NDArray[np.float64]) -> bool | None:
    is_check = column.table.measure == CHECKS and column.unit == "share"  # imported percentages are none
    return bool((values >= 1).all()) if is_check else None
