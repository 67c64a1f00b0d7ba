"""The tree of what samples of one item have in common: runs of tokens that they share, and the places where they diverge.

Every sample is a path from the root. What no sample tells apart is one node, however long, so the tree is as small as the
differences are few. It is grown by splitting sets of samples token by token, without recursion: the work is
proportional to the number of tokens, and a text of any length or any number of samples is no deeper call.

Identical answers are one strand with a count. Samples that share a prefix were drawn from the same distribution, so what is
known of a place is known from any one of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from tempkit.softmax import entropy_bounds, known_entropy, known_logprob
from tempkit.types import FinishReason, LogprobKind, TokenLogprob

__all__ = ["Counts", "Node", "Strand", "first_logprob", "fork_entropy", "grow", "token_entropy"]

Counts = tuple[int, ...]
"""Samples by column, that is by temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """An answer with the number of samples that gave it in one cell."""

    column: int
    """Of its temperature."""
    replicate: int
    """The lowest of its samples."""
    count: int
    tokens: Sequence[TokenLogprob]
    finish: FinishReason
    kind: LogprobKind


@dataclass(slots=True)
class Node:
    """A run of tokens that the same samples share from `start` up to, without, `end`."""

    start: int
    end: int
    passing: list[int]
    """The strands through it, by index, in the order of columns and replicates."""
    counts: Counts
    endings: dict[FinishReason, Counts] = field(default_factory=dict)
    """The samples that end at its end, by how they end."""
    children: list["Node"] = field(default_factory=list)
    """Where the others go: the most samples first, then the coldest, then by text."""

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def parts(self) -> bool:
        """Whether samples diverge at its end. Those that all end there do not, even if some were truncated and some not."""
        return len(self.children) > 1 or bool(self.children and self.endings)

    def below(self) -> Iterator["Node"]:
        """Yield this node and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


def grow(strands: Sequence[Strand], columns: int) -> Node:
    """Return the root of the tree of `strands`; it shares no token where they have none in common.

    Args:
        strands: In any order; the tree does not depend on it.
        columns: How many temperatures there are.
    """
    order = sorted(range(len(strands)), key=lambda i: (strands[i].column, strands[i].replicate))
    root = Node(0, 0, order, _counts(strands, order, columns))
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node.end, ways, ended = _run(strands, node.passing, node.start)
        for finish in dict.fromkeys(strands[i].finish for i in ended):
            node.endings[finish] = _counts(
                strands, [i for i in ended if strands[i].finish == finish], columns
            )
        found = [
            (text, Node(node.end, node.end, way, _counts(strands, way, columns)))
            for text, way in ways.items()
        ]
        found.sort(key=lambda pair: (-pair[1].n, [-count for count in pair[1].counts], pair[0]))
        node.children = [child for _text, child in found]
        waiting += node.children
    return root


def _run(
    strands: Sequence[Strand], passing: Sequence[int], start: int
) -> tuple[int, dict[str, list[int]], list[int]]:
    """Return how far strands go together, who then goes where (by the next token's text), and who ends there."""
    if len(passing) == 1:
        return len(strands[passing[0]].tokens), {}, list(passing)
    end = start
    while True:
        ways: dict[str, list[int]] = {}
        ended = []
        for i in passing:
            tokens = strands[i].tokens
            if end < len(tokens):
                ways.setdefault(tokens[end].text, []).append(i)
            else:
                ended.append(i)
        if ended or len(ways) != 1:
            return end, ways, ended
        end += 1


def _counts(strands: Sequence[Strand], chosen: Sequence[int], columns: int) -> Counts:
    counts = [0] * columns
    for i in chosen:
        counts[strands[i].column] += strands[i].count
    return tuple(counts)


def first_logprob(strands: Sequence[Strand], fork: Node, passing: Sequence[int]) -> float | None:
    """Return the logprob of the token with which strands leave a fork; None where it is not known.

    Nor is it where the samples at the fork drew from different distributions, of which this would be one.
    """
    for i in _of_one_distribution(strands, fork, passing):
        value = strands[i].tokens[fork.end].logprob
        if known_logprob(value):
            return min(value, 0.0)
    return None


def fork_entropy(strands: Sequence[Strand], node: Node) -> tuple[float, float] | None:
    """Return bounds, equal where it is known, on the entropy in nats at the end of a node whose samples diverge.

    Where only the most probable tokens are known, and raw, the bounds hold for any vocabulary (`topk.entropy_bounds`).
    None where nothing is known, or where the samples' probabilities are of different distributions.
    """
    passing = _of_one_distribution(strands, node, node.passing)
    tokens = [
        (strands[i].kind, strands[i].tokens[node.end]) for i in passing if node.end < len(strands[i].tokens)
    ]
    for _kind, token in tokens:
        if (known := token_entropy(token)) is not None:
            return known, known
    listed = max((_listed(token) for kind, token in tokens if kind == "raw"), key=len, default=[])
    if not listed:
        return None
    low, high = entropy_bounds(np.array([listed]))
    return float(low[0]), float(high[0])


def token_entropy(token: TokenLogprob) -> float | None:
    """Return a token's entropy in nats where it is known, never below 0."""
    return max(0.0, token.entropy) if known_entropy(token.entropy) else None


def _of_one_distribution(strands: Sequence[Strand], fork: Node, passing: Sequence[int]) -> list[int]:
    """Return those of `passing` whose probabilities are of the one distribution that the samples at a fork drew from.

    Raw ones always are, up to rounding. Others may have the temperature in them, so they are only if all samples at the
    fork have the same.
    """
    raw = [i for i in passing if strands[i].kind == "raw"]
    if raw or any(strands[i].kind == "raw" for i in fork.passing):
        return raw
    same = sum(count > 0 for count in fork.counts) == 1
    return list(passing) if same and len({strands[i].kind for i in fork.passing}) == 1 else []


def _listed(token: TokenLogprob) -> list[float]:
    return sorted((min(value, 0.0) for _text, value in token.top if known_logprob(value)), reverse=True)
