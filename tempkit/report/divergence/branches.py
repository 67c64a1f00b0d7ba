"""How a tree of samples is laid out to be read: as a branch with what leaves it, and no larger than a page can take.

At each fork the way that most samples take goes on straight below, and only the others are set in. So the text that most
samples have in common is read from top to bottom, and the layout is never deeper than the logarithm of the number of
samples: at each step inwards at least half of them stay behind.

Where there are too many ways to show, the rarest at each fork are counted instead, and forks of few samples are passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tempkit.report.divergence.prefix_tree import Counts, Node, Strand, first_logprob, fork_entropy
from tempkit.text import text_of
from tempkit.types import FinishReason, TokenLogprob

__all__ = ["ROWS", "Branch", "Fork", "Rest", "Segment", "layout"]

ROWS = 48
"""How many lines the tree of an item may have."""

_LEAF, _RUN = 72, 160
"""Characters shown of a text that no other sample shares, and of a run between forks: its beginning and its end."""

_FEWEST = 2
"""Lines that the barest branch takes: a run, and what left along it."""

_HEAD = 60
"""Characters of a first token, which may be of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Ways that are counted and not shown."""

    ways: int = 0
    counts: Counts = ()

    def __add__(self, other: "Rest") -> "Rest":
        if not self.ways or not other.ways:
            return self if self.ways else other
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Rest(ways=self.ways + other.ways, counts=counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A place where samples diverge, between a segment of a branch and the next."""

    position: int
    """How many tokens stand before it."""
    entropy: tuple[float, float] | None
    """Bounds, in nats."""
    ways: tuple["Branch", ...]
    """What leaves the branch here, the most samples first."""
    rest: Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of tokens as one line; without any where samples end and others go on."""

    head: str | None
    """Its first token, by which it differs from the other ways; None at the root, and without a token."""
    text: str
    """What follows, at least its beginning."""
    tail: str
    """The end of what follows, where it was too long to show."""
    cut: bool
    """Whether something between `text` and `tail` is not shown."""
    tokens: int
    logprob: float | None
    """Of the first token of a way; None where it is not known, and at the root."""
    counts: Counts
    passed: Rest
    """What left the branch along it, at forks that are passed over."""
    endings: tuple[tuple[FinishReason, int], ...]
    """How its samples end, where they do: at its end, all that are left."""
    sample: tuple[int, int]
    """One of its samples, by column and replicate."""
    fork: Fork | None


Branch = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is shown."""

    fewest: int
    """The fewest samples of which a fork is shown; smaller ones are passed over."""
    ways: int
    """How many of the ways that leave a fork are shown at most."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Where samples go from a fork: on to a node, or to their end."""

    counts: Counts
    node: Node | None
    finish: FinishReason = "unknown"

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class _Line:
    """A segment before it is filled in: counting lines is cheap, so that many details can be tried."""

    node: Node
    """Where it ends."""
    start: int
    fork: Node | None
    """Where it comes from; None at the root."""
    endings: tuple[tuple[FinishReason, int], ...]
    """How its samples end, where they do."""
    counts: Counts
    passed: Rest
    ways: list[list["_Line"]]
    rest: Rest
    goes_on: bool


def layout(strands: Sequence[Strand], root: Node, rows: int = ROWS) -> Branch:
    """Return the tree as a branch of at most `rows` lines, in as much detail as they allow."""
    lines: list[_Line] = []
    for detail in _details(root.n):
        lines = _lines(root, None, detail)
        if _rows(lines) <= max(_FEWEST, rows):
            break
    return _filled(strands, lines)


def _details(n: int) -> Iterator[_Detail]:
    """Yield ever less detail of n samples, in the end the branch alone."""
    yield _Detail(2, n)
    fewest = 2
    while fewest <= n:
        yield from (_Detail(fewest, 12), _Detail(fewest, 6))
        fewest += max(1, fewest // 2)
    yield _Detail(fewest, 0)


def _lines(node: Node, parent: Node | None, detail: _Detail) -> list[_Line]:
    """Return the branch that begins with a node; it calls itself only for what leaves the branch (see above)."""
    lines: list[_Line] = []
    start, counts, passed = node.start, node.counts, Rest()
    while True:
        on, leaving = _ways(node)
        if on is None or (node.n < detail.fewest and on.node is None):
            endings = node.endings if on is None else {on.finish: on.counts}
            ends = tuple((how, sum(n)) for how, n in sorted(endings.items()))
            passed += _counted(leaving)
            lines.append(_Line(node, start, parent, ends, counts, passed, [], Rest(), goes_on=False))
            return lines
        if node.n < detail.fewest and on.node is not None:
            passed, node = passed + _counted(leaving), on.node
            continue
        most = detail.ways + (
            len(leaving) == detail.ways + 1
        )  # to count one takes as much room as to show it
        ways = [
            [_ending(node, way)] if way.node is None else _lines(way.node, node, detail)
            for way in leaving[:most]
        ]
        rest = _counted(leaving[most:])
        lines.append(_Line(node, start, parent, (), counts, passed, ways, rest, goes_on=True))
        if on.node is None:
            return [*lines, _ending(node, on)]
        parent, node, start, counts, passed = node, on.node, on.node.start, on.counts, Rest()


def _ending(node: Node, way: _Way) -> _Line:
    return _Line(node, node.end, node, ((way.finish, way.n),), way.counts, Rest(), [], Rest(), goes_on=False)


def _ways(node: Node) -> tuple[_Way | None, list[_Way]]:
    """Return the way that goes on as the branch (None: nothing diverges here) and the others, the most samples first."""
    if not node.parts:
        return None, []
    ways = [_Way(child.counts, child) for child in node.children]
    ways += [_Way(counts, None, finish) for finish, counts in sorted(node.endings.items())]
    ways.sort(key=lambda way: (-way.n, [-count for count in way.counts], way.node is None))
    return ways[0], ways[1:]


def _counted(ways: Sequence[_Way]) -> Rest:
    return sum((Rest(ways=1, counts=way.counts) for way in ways), Rest())


def _rows(lines: Sequence[_Line]) -> int:
    """Return how many lines a branch takes, with what leaves it and its forks."""
    return sum(
        1
        + line.goes_on
        + (line.rest.ways > 0)
        + (line.passed.ways > 0)
        + sum(_rows(way) for way in line.ways)
        for line in lines
    )


def _filled(strands: Sequence[Strand], lines: Sequence[_Line]) -> Branch:
    return tuple(_segment(strands, line) for line in lines)


def _segment(strands: Sequence[Strand], line: _Line) -> Segment:
    node = line.node
    passing = (strands[i] for i in node.passing)
    here = {finish for finish, _n in line.endings}
    of = next(each for each in passing if not here or (each.finish in here and len(each.tokens) == node.end))
    run = of.tokens[line.start : node.end]
    head = _head(run) if run and line.fork is not None else None
    text, tail, cut = _shortened(run, len(head or ""), leaf=not line.goes_on)
    return Segment(
        head=head,
        text=text,
        tail=tail,
        cut=cut,
        tokens=len(run),
        logprob=None if line.fork is None or not run else first_logprob(strands, line.fork, node.passing),
        counts=line.counts,
        passed=line.passed,
        endings=line.endings,
        sample=(of.column, of.replicate),
        fork=Fork(
            position=node.end,
            entropy=fork_entropy(strands, node),
            ways=tuple(_filled(strands, way) for way in line.ways),
            rest=line.rest,
        )
        if line.goes_on
        else None,
    )


def _head(run: Sequence[TokenLogprob]) -> str:
    """Return the text of a run's first token, or of its first tokens where one alone is half a character."""
    text = text_of(run[:8])
    heads = (text_of(run[:i]) for i in range(1, min(5, len(run) + 1)))
    return next((head for head in heads if text.startswith(head)), text)[:_HEAD]


def _shortened(run: Sequence[TokenLogprob], skip: int, *, leaf: bool) -> tuple[str, str, bool]:
    """Return the beginning of a run's text after `skip` characters, its end, and whether something is between them."""
    most = _LEAF if leaf else _RUN
    enough = 8 * (most + skip)  # tokens: a character may take several
    front = text_of(run[:enough])[skip:]
    if len(run) <= enough and len(front) <= most:
        return front, "", False
    if leaf:
        return front[:most], "", True
    half = most // 2
    return front[:half], text_of(run[-enough:])[-half:], True
