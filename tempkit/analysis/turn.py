"""TURN for a section: a temperature from token entropies alone, made from the scores that were taken already.

No token is read again: each completion has the mean entropy of what its tokens were drawn from, and these are averaged
over an item's samples, then over items. Truncated answers count, since entropies are of tokens and not of texts. At
temperature 0 there is no entropy and no logarithm of one, so that temperature is left out, and so are those at which
fewer than half of the items have a value.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tempkit.analysis.tables import ScoredSection, Table
from tempkit.measures import TEMPERED_ENTROPY, TEMPERED_LEAST, TEMPERED_MOST
from tempkit.statistics import MIN_ITEMS, MIN_TEMPERATURES, SMALLEST, turn_interval
from tempkit.types import Reason

__all__ = ["MIN_ITEMS", "MIN_TEMPERATURES", "EntropyAt", "SectionTurn", "TurnStatus", "section_turn"]

TurnStatus = Literal["found", "none", "open", "too few temperatures", "too few items", "not known"]
"""`none`: no turning point, so that the method takes the last interior temperature. `open`: the entropies are known within
bounds that allow several. `too few items`: none has an entropy at every temperature. `not known`: there are no entropies."""

_LEVEL = 0.95
_SEED = 20250210


@dataclass(frozen=True, slots=True, kw_only=True)
class EntropyAt:
    """The mean entropy of the distributions that tokens were drawn from at one temperature, over items."""

    temperature: float
    least: float
    most: float
    """In nats, above 0; equal to `least` where it is known exactly."""
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionTurn:
    """Where the logarithm of entropy begins to bend upwards, and on what that rests."""

    status: TurnStatus
    temperature: float | None
    """The turning point where it was found; the last interior temperature where there is none; else None."""
    possible: tuple[float, float] | None
    """The lowest and the highest that bounds of the entropies allow."""
    low: float | None
    high: float | None
    """The 95 % interval over items that are drawn anew; None where there is none."""
    share_found: float | None
    """Share of the redraws with a turning point."""
    level: float
    items: int
    """That have an entropy at every temperature looked at."""
    entropies: tuple[EntropyAt, ...]
    """At the temperatures looked at."""
    left_out: tuple[float, ...]
    """Temperatures of the run that were not looked at: 0, and those with too few values or no choice at all."""
    why_missing: Reason | None
    """Where entropies are not known: the most frequent reason."""


def section_turn(section: ScoredSection) -> SectionTurn:
    """Return the turning point of a section's mean entropy, or why there is none."""
    found = _by_item(section)
    if found is None:
        return _nothing("not known", section.why_missing(TEMPERED_ENTROPY.name))
    grid, least, most = found
    known = np.isfinite(least)
    columns = [
        column
        for column, temperature in enumerate(grid)
        if temperature > 0
        and 2 * known[:, column].sum() >= len(least)
        and np.nanmax(least[:, column]) > SMALLEST
    ]
    left_out = tuple(t for column, t in enumerate(grid) if column not in columns)
    least, most = least[:, columns], most[:, columns]
    entropies = tuple(
        EntropyAt(
            temperature=grid[column],
            least=float(np.nanmean(least[:, i])),
            most=float(np.nanmean(most[:, i])),
            items=int(np.isfinite(least[:, i]).sum()),
        )
        for i, column in enumerate(columns)
    )
    if len(columns) < MIN_TEMPERATURES:
        return _nothing("too few temperatures", None, entropies, left_out)
    complete = np.isfinite(least).all(axis=1)
    if not complete.any() or not (least[complete].max(axis=0) > SMALLEST).all():
        return _nothing("too few items", None, entropies, left_out)
    made = turn_interval([grid[c] for c in columns], least, upper=most, seed=_SEED, level=_LEVEL)
    status: TurnStatus = "open" if made.turn is None else "found" if made.turn.found else "none"
    return SectionTurn(
        status=status,
        temperature=None if made.turn is None else made.turn.temperature,
        possible=made.possible,
        low=made.low,
        high=made.high,
        share_found=made.share_found,
        level=made.level,
        items=made.n_prompts,
        entropies=entropies,
        left_out=left_out,
        why_missing=None,
    )


def _by_item(
    section: ScoredSection,
) -> tuple[tuple[float, ...], NDArray[np.float64], NDArray[np.float64]] | None:
    """Return temperatures and each item's least and greatest mean, (items, temperatures); None where nothing is known.

    An item whose entropies are all known has them in a table of its own; another has two ends, which meet for those of
    its completions that are known.
    """
    exact = section.table(TEMPERED_ENTROPY.name)
    ends = [section.table(TEMPERED_LEAST.name), section.table(TEMPERED_MOST.name)]
    there = [table for table in (exact, *ends) if table is not None]
    # Imported numbers that go below 0 are no entropies, whatever they are called.
    if not there or any(table.values.low is None for table in there):
        return None
    items = [item.key for prompt in section.prompts for item in prompt.items]
    items = items or list(dict.fromkeys(key for table in there for key in table.items))
    least, most = (_merged(items, exact, end) for end in ends)
    least, most = np.maximum(np.minimum(least, most), 0.0), np.maximum(least, most)
    measured = np.isfinite(least).any(axis=1)
    return (there[0].temperatures, least[measured], most[measured]) if measured.any() else None


def _merged(items: list[str], exact: Table | None, end: Table | None) -> NDArray[np.float64]:
    tables = [table for table in (exact, end) if table is not None]
    place = {key: i for i, key in enumerate(items)}
    merged = np.full((len(items), len(tables[0].temperatures)), np.nan)
    for (
        table
    ) in tables:  # the ends last: where an item has them, its exact values are of some completions only
        for key, row in zip(table.items, table.values.means, strict=True):
            if np.isfinite(row).any():
                merged[place[key]] = row
    return merged


def _nothing(
    status: TurnStatus,
    why_missing: Reason | None,
    entropies: tuple[EntropyAt, ...] = (),
    left_out: tuple[float, ...] = (),
) -> SectionTurn:
    return SectionTurn(
        status=status,
        temperature=None,
        possible=None,
        low=None,
        high=None,
        share_found=None,
        level=_LEVEL,
        items=0,
        entropies=entropies,
        left_out=left_out,
        why_missing=why_missing,
    )
