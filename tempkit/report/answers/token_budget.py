"""Which answers' tokens a page carries, so that a long run's page can still be opened.

Tokens with their alternatives are several times the size of everything else. A page therefore carries those of as many texts
as a budget allows: of each item the most frequent text at every temperature first, then the second most frequent ones, and
so on. No temperature and no model is preferred, and what is left out is said beside the answer.
"""

from collections.abc import Iterator

from tempkit.analysis import Comparison, Group
from tempkit.text import TYPICAL
from tempkit.types import SampleKey

__all__ = ["TOKEN_BYTES", "carried"]

TOKEN_BYTES = 540_000
"""For all tokens on a page, packed: of a run of 500 answers this is the most frequent text of nearly every cell."""

_BYTES_PER_TOKEN = 32
"""Packed, with its alternatives: what texts took whose every position has other alternatives, the worst case."""


def carried(comparison: Comparison, budget: int = TOKEN_BYTES) -> frozenset[SampleKey]:
    """Return the samples whose tokens a page carries: one for each text, `Group.example`.

    Args:
        comparison: The run.
        budget: In bytes, packed, as far as can be told before the tokens are read.
    """
    chosen: set[SampleKey] = set()
    left = budget
    for groups in _in_turn(comparison):
        left -= sum(map(_bytes, groups))
        if left < 0:
            break
        chosen |= {group.example.key for group in groups}
    return frozenset(chosen)


def _in_turn(comparison: Comparison) -> Iterator[list[Group]]:
    """Yield an item's texts of one rank at all temperatures: all first ones, item by item of every section, then all second ones."""
    rows = [
        (place, section, row)
        for section, each in enumerate(comparison.sections)
        for place, row in enumerate(each.rows)
    ]
    rows.sort(key=lambda entry: entry[:2])
    deepest = max((len(cell.groups) for _, _, row in rows for cell in row.cells), default=0)
    for rank in range(deepest):
        for _, _, row in rows:
            groups = [cell.groups[rank] for cell in row.cells if rank < len(cell.groups)]
            if with_tokens := [group for group in groups if group.example.logprob_kind != "none"]:
                yield with_tokens


def _bytes(group: Group) -> int:
    tokens = group.example.output_tokens
    return _BYTES_PER_TOKEN * (int(len(group.text) // TYPICAL) + 1 if tokens is None else tokens)
