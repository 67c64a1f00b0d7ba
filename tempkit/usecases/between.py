"""Whether use cases want different temperatures of one model: the question that folklore answers with yes."""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby

from tempkit.usecases.result import Recommendation
from tempkit.usecases.words import listed

__all__ = ["between"]


def between(found: Sequence[Recommendation]) -> list[str]:
    """Return a sentence for each two use cases on one model, by what is shown and not by what leads."""
    by_model = groupby(sorted(found, key=lambda each: each.model), key=lambda each: each.model)
    return [
        sentence
        for model, group in by_model
        for one, other in combinations(group, 2)
        for sentence in _pair(model, one, other)
    ]


def _pair(model: str, one: Recommendation, other: Recommendation) -> Iterator[str]:
    grid = [level.temperature for level in one.levels]
    if not one.acceptable or not other.acceptable or grid != [level.temperature for level in other.levels]:
        return
    open_to = [(each.title, _possible(each)) for each in (one, other)]
    shared = [t for t in grid if all(t in possible for _title, possible in open_to)]
    parts = [
        f"{listed(some, grid)} {_remain(some)} possible for {title} alone"
        for title, possible in open_to
        if (some := [t for t in possible if t not in shared])
    ]
    if not shared:
        yield f"On {model}, {one.title} and {other.title} want different temperatures: {'; '.join(parts)}."
    elif parts:
        yield (
            f"On {model}, {one.title} and {other.title} do not want quite the same: {'; '.join(parts)}; "
            f"{listed(shared, grid)} {_remain(shared)} possible for both."
        )
    else:
        yield (
            f"On {model}, nothing shows that {one.title} and {other.title} want different temperatures: "
            f"{listed(shared, grid)} {_remain(shared)} possible for both."
        )


def _possible(each: Recommendation) -> list[float]:
    """Return the temperatures that nothing speaks against; that one could not be compared is no evidence against it."""
    return [
        level.temperature
        for level in each.levels
        if level.temperature in each.acceptable or level.place == "not measured"
    ]


def _remain(temperatures: Sequence[float]) -> str:
    return "remains" if len(temperatures) == 1 else "remain"
