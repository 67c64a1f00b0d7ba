"""What a report keeps of how the samples of one item on one model part: a small tree, and a few figures about it.

The tokens themselves are many and are let go once this is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from tempkit.analysis import ItemRow
from tempkit.report.divergence.branches import Branch, layout
from tempkit.report.divergence.prefix_tree import Node, Strand, fork_entropy, grow, token_entropy
from tempkit.text import text_of
from tempkit.types import Completion, LogprobKind

__all__ = ["Departure", "Departures", "Divergence", "divergence"]

_QUOTED = 48
"""Characters of the text before the first fork."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """The samples of one temperature: one cell."""

    temperature: float
    n: int
    texts: int
    """How many different ones."""
    first: int | None
    """How many tokens stand before the first fork; None where there is none."""
    alone: int | None
    """How many tokens stand before the last fork, where it leaves every sample by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The lowest temperature at which samples leave the one text of the coldest."""

    temperature: float
    n: int
    of: int
    first: int
    """How many tokens of that text the first to leave it have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """Where the samples of an item on a model part."""

    branch: Branch
    levels: tuple[Departures, ...]
    """By column of the tree: those with samples that have tokens."""
    kind: LogprobKind
    """Of the probabilities in the tree: `raw` where there are any."""
    missing: int
    """Samples that are in no tree, because their tokens are not known."""
    shared: int
    """Tokens that all samples begin with."""
    before: str
    """The end of the text of these tokens."""
    entropy: tuple[float, float] | None
    """Bounds on the entropy at the first fork, in nats; None where it is not known, or where nothing diverges."""
    at_forks: float | None
    """Mean raw entropy where samples diverge."""
    elsewhere: float | None
    """Mean raw entropy where two samples or more go on together."""
    departure: Departure | None

    @property
    def n(self) -> int:
        return sum(level.n for level in self.levels)


def divergence(row: ItemRow, examples: Iterable[Completion]) -> Divergence | None:
    """Return where samples diverge, given the examples of its texts with their tokens; None with fewer than two samples.

    An answer that has a text and no tokens is counted as missing; an empty one needs none.
    """
    with_tokens = {each.key: each for each in examples}
    groups = [
        (cell.temperature, group, with_tokens.get(group.example.key, group.example))
        for cell in row.cells
        for group in cell.groups
    ]
    n = sum(group.count for _t, group, _example in groups)
    if n < 2:
        return None
    known = [each for each in groups if each[2].tokens or not each[2].text]
    if not any(example.tokens for _t, _group, example in known):
        known = []
    temperatures = sorted({t for t, _group, _example in known})
    strands = [
        Strand(
            column=temperatures.index(t),
            replicate=example.key.replicate,
            count=group.count,
            tokens=example.tokens,
            finish=example.finish_reason,
            kind=example.logprob_kind,
        )
        for t, group, example in known
    ]
    kinds = {strand.kind for strand in strands if strand.tokens}
    root = grow(strands, len(temperatures))
    levels = [
        _level(t, [strand for strand in strands if strand.column == i], len(temperatures))
        for i, t in enumerate(temperatures)
    ]
    return Divergence(
        branch=layout(strands, root) if strands else (),
        levels=tuple(levels),
        kind="raw" if "raw" in kinds else kinds.pop() if len(kinds) == 1 else "unknown",
        missing=n - sum(strand.count for strand in strands),
        shared=root.end,
        before=text_of(strands[0].tokens[max(0, root.end - _QUOTED) : root.end])[-_QUOTED:]
        if strands
        else "",
        entropy=fork_entropy(strands, root) if root.parts else None,
        at_forks=_mean(_at_forks(strands, root)),
        elsewhere=_mean(_elsewhere(strands, root)),
        departure=_departure(strands, temperatures) if levels and levels[0].texts == 1 else None,
    )


def _level(temperature: float, strands: Sequence[Strand], columns: int) -> Departures:
    root = grow(strands, columns)
    nodes = list(root.below())
    texts = sum(bool(node.endings) for node in nodes)
    return Departures(
        temperature=temperature,
        n=root.n,
        texts=texts,
        first=root.end if root.parts else None,
        alone=max(node.end for node in nodes if node.parts) if 1 < root.n == texts else None,
    )


def _departure(strands: Sequence[Strand], temperatures: Sequence[float]) -> Departure | None:
    """Return the first to leave the one text that the samples of the lowest temperature have."""
    text = next([token.text for token in strand.tokens] for strand in strands if strand.column == 0)
    for column, temperature in enumerate(temperatures[1:], 1):
        here = [strand for strand in strands if strand.column == column]
        shared = [(_shared(text, strand), strand.count) for strand in here]
        left = [(length, count) for length, count in shared if length is not None]
        if left:
            return Departure(
                temperature=temperature,
                n=sum(count for _length, count in left),
                of=sum(strand.count for strand in here),
                first=min(length for length, _count in left),
            )
    return None


def _shared(text: Sequence[str], strand: Strand) -> int | None:
    """Return how many tokens of `text` a strand begins with; None if it is the same."""
    for i, (one, token) in enumerate(zip(text, strand.tokens, strict=False)):
        if one != token.text:
            return i
    return None if len(text) == len(strand.tokens) else min(len(text), len(strand.tokens))


def _at_forks(strands: Sequence[Strand], root: Node) -> Iterator[float]:
    for node in root.below():
        if node.parts and (found := _entropy(strands, node.passing, node.end)) is not None:
            yield found


def _elsewhere(strands: Sequence[Strand], root: Node) -> Iterator[float]:
    for node in root.below():
        if node.n < 2:
            continue
        for position in range(
            node.start + (node is not root), node.end
        ):  # a branch's first token stood at the fork
            if (found := _entropy(strands, node.passing[:1], position)) is not None:
                yield found


def _entropy(strands: Sequence[Strand], passing: Sequence[int], position: int) -> float | None:
    for i in passing:
        strand = strands[i]
        if strand.kind == "raw" and position < len(strand.tokens):
            return token_entropy(strand.tokens[position])
    return None


def _mean(values: Iterator[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None
