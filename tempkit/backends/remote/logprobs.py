"""Logprobs in the shape of OpenAI's Chat Completions, which others have taken over, and what is a probability in them.

Servers list alternatives in orders of their own (some put the drawn token first), so they are sorted here, and a rank is told by the
values: how many alternatives are more probable than what was drawn.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

import msgspec

from tempkit.backends.asking_anew import AskedAnew, being_asked_anew
from tempkit.softmax import CERTAIN
from tempkit.types import TokenLogprob

__all__ = ["Token", "Top", "make_token", "older_tokens", "read_token"]

_NOT_A_PROBABILITY = -9000.0
"""OpenAI writes -9999 for a token outside the ones it gives logprobs of."""
_NEAR = 1e-5
"""How much the values of one token may differ by rounding, where a server tells it twice."""


class Top(msgspec.Struct, gc=False):
    """An alternative."""

    token: str
    logprob: float | None = None


class Token(msgspec.Struct):
    """A generated token, as it was listed."""

    token: str
    logprob: float | None = None
    bytes: list[int] | None = None
    top_logprobs: list[Top] | None = None
    token_id: int | None = None


def read_token(token: Token, text: str) -> TokenLogprob:
    """Return tempkit's token.

    Args:
        token: As it was listed.
        text: What it is in the answer.
    """
    # In one go: there are hundreds in every answer.
    top = [
        (a.token, value)
        for a in token.top_logprobs or ()
        if (value := a.logprob) is not None and value > _NOT_A_PROBABILITY
    ]
    if (anew := being_asked_anew()) is not None:
        _note(anew, token.logprob, [a.logprob for a in token.top_logprobs or ()])
    return _token(text, token.logprob, top, token.token_id)


def make_token(
    text: str, logprob: float | None, alternatives: Iterable[tuple[str, float | None]]
) -> TokenLogprob:
    """Return a token without what is no probability, its alternatives sorted."""
    listed = list(alternatives)
    top = [(t, v) for t, v in listed if v is not None and v > _NOT_A_PROBABILITY]
    if (anew := being_asked_anew()) is not None:
        _note(anew, logprob, [v for _, v in listed])
    return _token(text, logprob, top, None)


def _note(anew: AskedAnew, logprob: float | None, listed: Sequence[float | None]) -> None:
    """Note for a probe what is going to be put right in a token."""
    values = [value for value in listed if value is not None]
    anew.listed += bool(values)
    anew.unsorted += any(after > before + _NEAR for before, after in pairwise(values))
    anew.markers += any(value <= _NOT_A_PROBABILITY for value in (logprob, *values) if value is not None)


def _token(
    text: str, logprob: float | None, top: list[tuple[str, float]], token_id: int | None
) -> TokenLogprob:
    top.sort(key=_value, reverse=True)
    if top and top[0][1] > CERTAIN:
        top = [pair for pair in top if pair[1] <= CERTAIN]
    if logprob is None or not _NOT_A_PROBABILITY < logprob <= CERTAIN:
        logprob = None
        rank = _rank(text, None, top)
    elif top and top[0][1] <= logprob + _NEAR:  # as mostly
        rank = 0
    else:
        rank = _rank(text, logprob, top)
    return TokenLogprob(text, logprob, None, rank, tuple(top), token_id)


def _rank(text: str, logprob: float | None, top: list[tuple[str, float]]) -> int | None:
    """Return how many alternatives are more probable than the token; None where all are, because then more may be."""
    if logprob is None:
        logprob = next((value for t, value in top if t == text), None)
        if logprob is None:
            return None
    more = sum(value > logprob + _NEAR for _, value in top)
    return more if more < len(top) else None


def older_tokens(
    texts: Sequence[str] | None,
    logprobs: Sequence[float | None] | None,
    tops: Sequence[dict[str, float | None] | None] | None,
) -> list[Token]:
    """Return tokens from the older Completions' shape: lists beside one another. One of another length says nothing."""
    texts = texts or ()
    values = logprobs if logprobs is not None and len(logprobs) == len(texts) else [None] * len(texts)
    listed = tops if tops is not None and len(tops) == len(texts) else [None] * len(texts)
    return [
        Token(text, value, top_logprobs=[Top(t, v) for t, v in (top or {}).items()])
        for text, value, top in zip(texts, values, listed, strict=True)
    ]


_value = itemgetter(1)
