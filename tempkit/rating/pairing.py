"""Which pairs people are shown: few, and shared out evenly over temperatures, pairs of temperatures and questions.

A question is taken with as many temperatures as it has, in pairs of two, so that it stands in the results with all of them; the
next question with other pairs. Which pairs those are is drawn: of many ways to pair its temperatures, the one that has been
used least. A pair of equal texts is a tie that nobody has to be asked about; where only some answers of a question are equal at two
temperatures, their share is kept with the pair, and counts as ties in that proportion. Without that, two temperatures whose
answers hardly ever differ would look as different as the few that do.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

import numpy as np

from tempkit.rating.candidates import Candidates, looks_like
from tempkit.types import Completion

__all__ = ["Drawn", "choose", "most_pairs"]

_WAYS = 60
"""Ways to pair a question's temperatures that are tried."""
_AGAIN = 3
"""What a pair of temperatures counts more where the question has had it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Two answers to one question, in the order in which they are shown."""

    left: Completion
    right: Completion
    alike: float
    """The share of equal texts among the pairs of the question's answers at these two temperatures."""
    shown: bool


@dataclass(slots=True)
class _Counts:
    """How often what was taken."""

    temperatures: Counter[float] = field(default_factory=Counter)
    edges: Counter[tuple[float, float]] = field(default_factory=Counter)
    here: Counter[tuple[str, float, float]] = field(default_factory=Counter)
    """By question and pair of temperatures."""
    left: Counter[tuple[float, float]] = field(default_factory=Counter)
    """By pair of temperatures, how often more the lower one was shown first."""

    def surplus(self, temperatures: Collection[float]) -> float:
        """Return how much more than the average temperature these were taken, so that those which few questions have come first."""
        middle = self.temperatures.total() / max(1, len(self.temperatures))
        return sum(self.temperatures[t] - middle for t in temperatures)

    def take(self, question: str, edge: tuple[float, float]) -> None:
        self.temperatures.update(edge)
        self.edges[edge] += 1
        self.here[question, *edge] += 1


class _Cells:
    """The answers to one question, and which pairs of them are left."""

    def __init__(self, cells: Mapping[float, Sequence[Completion]], rng: np.random.Generator) -> None:
        self.ordered = {
            t: [found[i] for i in rng.permutation(len(found))] for t, found in sorted(cells.items())
        }
        self.texts = {t: [looks_like(each.text) for each in found] for t, found in self.ordered.items()}
        self.used: set[frozenset[str]] = set()
        self.left = {edge: self._pairs(*edge) for edge in combinations(self.ordered, 2)}
        self.silent: set[tuple[float, float]] = set()

    def alike(self, low: float, high: float) -> float:
        there = Counter(self.texts[high])
        equal = sum(there[text] for text in self.texts[low])
        return equal / (len(self.texts[low]) * len(self.texts[high]))

    def next(self, edge: tuple[float, float]) -> tuple[Completion, Completion] | None:
        """Return the next pair of different texts that was not shown yet; None when there is none left."""
        found = next(self.left[edge], None) if edge in self.left else None
        if found is None:
            self.left.pop(edge, None)
        return found

    def _pairs(self, low: float, high: float) -> Iterator[tuple[Completion, Completion]]:
        some, others = self.ordered[low], self.ordered[high]
        for shift in range(
            len(others)
        ):  # every answer once before any a second time, where both have equally many
            for place, one in enumerate(some):
                other = others[(place + shift) % len(others)]
                texts = frozenset((looks_like(one.text), looks_like(other.text)))
                if len(texts) == 2 and texts not in self.used:
                    self.used.add(texts)
                    yield one, other


def choose(section: Candidates, wanted: int, rng: np.random.Generator) -> list[Drawn]:
    """Return up to `wanted` pairs to show, and those between them that are ties without being shown."""
    cells = {key: _Cells(found, rng) for key, found in section.questions.items() if len(found) > 1}
    turns = Counter(dict.fromkeys(sorted(cells), 0))
    counts, chosen, shown = _Counts(Counter(dict.fromkeys(section.temperatures, 0))), list[Drawn](), 0
    while shown < wanted and turns:
        key = min(turns, key=lambda each: (turns[each], counts.surplus(cells[each].ordered), rng.random()))
        found = list(_of_question(key, cells[key], counts, wanted - shown, rng))
        chosen += found
        placed = sum(each.shown for each in found)
        shown += placed
        turns[key] += 1
        if not placed:
            del turns[key]
    return chosen


def most_pairs(section: Candidates, limit: int) -> int:
    """Return how many pairs of different texts a section has, or `limit` where it has more."""
    rng = np.random.default_rng(0)
    every = (
        found
        for cells in section.questions.values()
        for pairs in list(_Cells(cells, rng).left.values())
        for found in pairs
    )
    return sum(1 for _ in islice(every, limit))


def _of_question(
    key: str, cells: _Cells, counts: _Counts, wanted: int, rng: np.random.Generator
) -> Iterator[Drawn]:
    """Yield what a question adds at its turn: its temperatures in pairs, or any pair that is left."""
    edges = _paired(key, cells, counts, rng)
    any_left = sorted(cells.left, key=lambda edge: (_cost(key, edge, counts), rng.random()))
    shown = 0
    for edge in [*edges, None, *any_left]:
        if shown == wanted or (edge is None and shown):
            return
        if edge is None:
            continue
        found = cells.next(edge)
        if found is not None:
            counts.take(key, edge)
            shown += 1
            yield _sided(found, edge, cells.alike(*edge), counts, rng)
            if edge not in edges:
                return
        elif edge not in cells.silent and cells.alike(*edge) == 1:
            cells.silent.add(edge)
            counts.here[key, *edge] += 1
            yield Drawn(
                left=cells.ordered[edge[0]][0], right=cells.ordered[edge[1]][0], alike=1.0, shown=False
            )


def _paired(key: str, cells: _Cells, counts: _Counts, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return a question's temperatures in pairs that were used least, those of temperatures that were used least first."""
    temperatures = list(cells.ordered)
    if len(temperatures) % 2:  # one has to be left out: one that was taken most
        temperatures.remove(max(temperatures, key=lambda t: (counts.temperatures[t], rng.random())))

    def way() -> tuple[float, list[tuple[float, float]]]:
        drawn = rng.permutation(temperatures).tolist()
        pairs = [(min(two), max(two)) for two in zip(drawn[0::2], drawn[1::2], strict=True)]
        return sum(_cost(key, edge, counts) for edge in pairs), pairs

    _, best = min((way() for _ in range(_WAYS if len(temperatures) > 2 else 1)), key=lambda each: each[0])
    return sorted(best, key=lambda edge: sum(counts.temperatures[t] for t in edge))


def _cost(key: str, edge: tuple[float, float], counts: _Counts) -> float:
    return float((1 + counts.edges[edge] + _AGAIN * counts.here[key, *edge]) ** 2)


def _sided(
    pair: tuple[Completion, Completion],
    edge: tuple[float, float],
    alike: float,
    counts: _Counts,
    rng: np.random.Generator,
) -> Drawn:
    """Return a pair in the order to show it in: each temperature as often first as second, beginning by lot."""
    low_first = rng.random() < 0.5 if counts.left[edge] == 0 else counts.left[edge] < 0
    counts.left[edge] += 1 if low_first else -1
    left, right = pair if low_first else pair[::-1]
    return Drawn(left=left, right=right, alike=alike, shown=True)
