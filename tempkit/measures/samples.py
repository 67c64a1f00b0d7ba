"""What the cells of one item and model are compared on: equally many completions, equally many words.

Many measures of a cell grow or fall with its size, and temperature changes both how many answers are usable and how long
they are. So larger cells are cut down to the smallest; but one that is far smaller than the others drops out itself, rather
than hold all of them down.
"""

from collections.abc import Callable, Sequence

from tempkit.measures.base import Measure
from tempkit.measures.block import Cell, View, is_whole
from tempkit.measures.missing import Found, Missing, or_missing
from tempkit.types import Completion, Reason

__all__ = ["Cell", "common_budget", "comparable", "known", "sampled", "shared_budget"]

_LEAST_SHARE = 0.5
"""A cell needs at least this share of the completions that the item's fullest has."""


_TOO_FEW = {
    (False, False): ("few_answers", "far_fewer"),
    (True, False): ("few_complete", "far_fewer_complete"),
    (False, True): ("few_with_text", "far_fewer_with_text"),
    (True, True): ("few_complete_with_text", "far_fewer_complete_with_text"),
}
"""By whether a measure needs complete answers, and ones with text: the codes of the reasons of too few, and of far fewer than elsewhere."""


def sampled(view: View, measure: Measure, cell: Cell) -> tuple[Completion, ...] | Missing:
    """Return the completions of a cell that a cell measure may look at, equally many in every cell where it asks so."""
    key = (
        measure.needs_complete,
        "text" in measure.needs,
        "words" in measure.needs,
        measure.equal_n,
        measure.min_n,
    )
    found = view.once(
        ("samples", *key),
        lambda: comparable(
            measure,
            [(cell, [c for c in cell.completions if _usable(view, measure, c)]) for cell in view.cells],
        ),
    )
    return found[cell.temperature]


def _usable(view: View, measure: Measure, completion: Completion) -> bool:
    if measure.needs_complete and not is_whole(completion):
        return False
    if "words" in measure.needs:
        return len(view.word_ids(completion.text)) > 0
    return "text" not in measure.needs or bool(completion.text.strip())


def comparable(
    measure: Measure, usable: Sequence[tuple[Cell, Sequence[Completion]]]
) -> dict[float, tuple[Completion, ...] | Missing]:
    """Return by temperature the completions that a cell measure looks at, or why it has none.

    Where the measure asks for equal numbers, these are the first by replicate of each cell.

    Args:
        measure: Of cells.
        usable: Each cell with those of its completions that it may look at, by replicate.
    """
    counts = [len(some) for _, some in usable]
    most = max(counts, default=0)
    least = max(measure.min_n, _LEAST_SHARE * most if measure.equal_n else 0)
    n = min((count for count in counts if count >= least), default=0)
    few, far_fewer = _TOO_FEW[measure.needs_complete, bool(measure.needs & {"text", "words"})]
    found: dict[float, tuple[Completion, ...] | Missing] = {}
    for cell, some in usable:
        if not cell.completions:
            found[cell.temperature] = Missing(Reason("no_answers"))
        elif len(some) < measure.min_n:
            found[cell.temperature] = Missing(Reason(few, least=measure.min_n, n=len(some)))
        elif len(some) < least:
            found[cell.temperature] = Missing(Reason(far_fewer))
        else:
            found[cell.temperature] = tuple(some[:n] if measure.equal_n else some)
    return found


def common_budget(amounts: Sequence[int], least: int) -> int | None:
    """Return the smallest amount of words or bytes that is at least `least`; None when there is none.

    No share of the largest is asked for: hot answers run on until they are truncated, and must not push out cold ones.
    """
    return min((amount for amount in amounts if amount >= least), default=None)


def shared_budget(view: View, measure: Measure, least: int, size: Callable[[Completion], int]) -> int | None:
    """Return how many words or bytes every cell is compared on; None when no cell holds as many as `least`."""
    found = [sampled(view, measure, cell) for cell in view.cells]
    return common_budget([sum(map(size, some)) for some in found if not isinstance(some, Missing)], least)


def known(value: float | None) -> Found:
    """Return a value of a cell; None is one that too few completions gave."""
    return or_missing(value, Reason("too_few_answers"))
