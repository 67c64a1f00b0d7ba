"""The tokens of answers as arrays: which alternatives there were at each position, and which was drawn."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tempkit.softmax import Floats
from tempkit.types import Completion, TokenLogprob

__all__ = ["NEAR", "Rows", "most_listed", "rows_of", "tokens_seen"]

_MARK = re.compile(r"<[|/\uff5c]?[^<>\s]{1,60}>|\[/?[A-Z_]{2,20}\]")
_MOST_MARKS = 1 - 1e-6
NEAR = 1e-4
"""Logprobs that are closer than this, in nats, are those of one token told twice."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Positions at which something was drawn."""

    top: Floats
    """Log-probabilities of the listed tokens, most probable first, shape (n, k); fewer are filled up with -inf."""
    drawn: Floats
    """Of the drawn token, shape (n,); -inf where it is not among those listed."""

    def __len__(self) -> int:
        return len(self.drawn)

    @property
    def listed(self) -> NDArray[np.bool_]:
        return np.isfinite(self.drawn)

    @property
    def gap(self) -> Floats:
        """How far the drawn token lies below the most probable one, in nats, shape (n,)."""
        return np.asarray(self.top[:, 0] - self.drawn)


def most_listed(completions: Iterable[Completion]) -> int:
    """Return the most alternatives that any token came with."""
    return max((len(token.top) for each in completions for token in each.tokens), default=0)


def tokens_seen(completions: Iterable[Completion]) -> int:
    """Return how many different tokens were drawn or listed anywhere."""
    return len(
        {text for c in completions for token in c.tokens for text in (token.text, *(t for t, _ in token.top))}
    )


def rows_of(completions: Sequence[Completion], full: int) -> Rows:
    """Return the positions of answers whose alternatives are known.

    Where a list is full, its last entry is left out: some servers put the drawn token there when it is not among the most
    probable ones, and such a list must not look as if an improbable token had been likely to be drawn from it.

    Marks such as the end of the text are left out: they stand among the alternatives and are never among the tokens of an answer, which
    are drawn given that it goes on. The others' logprobs are taken given that, too.

    Args:
        completions: The answers.
        full: So many were asked for. Where most lists are shorter, the server lists no more, and theirs is the full length.
    """
    tokens = [
        token
        for each in completions
        for token in each.tokens
        if len(token.top) > 1 and not _is_mark(token.text)
    ]
    lengths = Counter(len(token.top) for token in tokens)
    full = min([full, *(length for length, _ in lengths.most_common(1))])
    kept = [_values(token, full) for token in tokens]
    width = max((len(values) for values, _ in kept), default=1)
    top = np.full((len(kept), width), -np.inf)
    for i, (values, _) in enumerate(kept):
        top[i, : len(values)] = values
    return Rows(top, np.array([drawn for _, drawn in kept], dtype=np.float64))


def _values(token: TokenLogprob, full: int) -> tuple[list[float], float]:
    listed = token.top[: full - 1] if len(token.top) >= full > 1 else token.top
    values = [value for text, value in listed if not _is_mark(text)]
    if not values:
        return [0.0], 0.0
    marks = sum(math.exp(value) for text, value in listed if _is_mark(text))
    # What was drawn is no mark, so the rest is all that there was.
    shift = math.log1p(-min(marks, _MOST_MARKS))
    drawn = token.logprob
    if drawn is None:
        drawn = next((value for text, value in token.top if text == token.text), -np.inf)
    found = drawn - shift if drawn >= values[-1] - NEAR else -np.inf
    return [value - shift for value in values], found


def _is_mark(text: str) -> bool:
    """Return whether a token looks like one that ends an answer, which is never among an answer's tokens, or like another mark."""
    return not text or _MARK.fullmatch(text) is not None
