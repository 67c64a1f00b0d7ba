"""Two answers to one question beside a decision: what a reader gets at the temperature picked, and what elsewhere.

An example persuades more than it should, so which one is shown follows a rule that knows nothing of the texts: of the
items, the one whose difference in the primary measure between the two temperatures is nearest to the mean difference, and
of its answers the most frequent one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tempkit.analysis import Cell, ItemRow, ScoredSection, Section
from tempkit.decision import Decision, usable_pick
from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import temperature as degrees
from tempkit.report.text.vocabulary import ending_word

__all__ = ["examples"]


def examples(found: Decision, section: Section, scored: ScoredSection) -> dict[str, Any] | None:
    """Return the item and its two answers as JSON-able data; None where there are not two to compare."""
    pair = _temperatures(found)
    if pair is None or found.measure is None:
        return None
    rows = _nearest_to_mean(found.measure, pair, section, scored)
    for row in rows:
        here, there = (_cell(row, t) for t in pair)
        if here.groups and there.groups:
            return {
                "item": row.item.key,
                "question": row.item.messages[-1].content
                if row.item.messages
                else None,  # an imported one has none
                "answers": [_answer(here, _here(found)), _answer(there, _there(found, pair[1]))],
            }
    return None


def _temperatures(found: Decision) -> tuple[float, float] | None:
    """Return the temperature picked (or leading), and where a guard-rail breaks, or else the one that is farthest behind."""
    known = [
        level for level in found.temperatures if level.mean is not None and level.place != "not_measured"
    ]
    ordered = sorted(known, key=lambda level: level.mean or 0.0, reverse=found.higher_is_better)
    leading = [level for level in ordered if level.place != "ruled_out"] or ordered
    if not leading:
        return None
    pick = usable_pick(found)
    here = leading[0].temperature if pick is None else pick
    broken = _broken(found)
    there = ordered[-1].temperature if broken is None else broken
    return None if here == there else (here, there)


def _broken(found: Decision) -> float | None:
    """Return where a guard-rail begins to break: the cliff, or else the floor."""
    return found.floor if found.cliff is None else found.cliff


def _nearest_to_mean(
    measure: str, pair: tuple[float, float], section: Section, scored: ScoredSection
) -> Sequence[ItemRow]:
    table = scored.table(measure)
    if table is None:
        return section.rows
    means = table.values.means
    here, there = (means[:, table.temperatures.index(t)] for t in pair)
    apart = there - here
    if not np.isfinite(apart).any():
        return section.rows
    far = np.abs(apart - np.nanmean(apart))
    by_item = dict(zip(table.items, np.where(np.isfinite(far), far, np.inf).tolist(), strict=True))
    return sorted(section.rows, key=lambda row: by_item.get(row.item.key, np.inf))


def _cell(row: ItemRow, temperature: float) -> Cell:
    return next(cell for cell in row.cells if cell.temperature == temperature)


def _answer(cell: Cell, why: str) -> dict[str, Any]:
    group = cell.groups[0]
    return {
        "temperature": degrees(cell.temperature),
        "why": why,
        "text": group.text,
        "ending": ending_word(group.finish_reason),
    }


def _here(found: Decision) -> str:
    return _("our pick") if usable_pick(found) is not None else _("the best so far")


def _there(found: Decision, temperature: float) -> str:
    if temperature == _broken(found):
        return _("where a guard-rail breaks")
    return _("the worst")
