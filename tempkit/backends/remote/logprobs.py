"""Logprobs in the shape of OpenAI's Chat Completions, which others have taken over."""

from collections.abc import Iterable

import msgspec

from tempkit.types import TokenLogprob

__all__ = ["Token", "make_token", "read_tokens"]

_NOT_A_PROBABILITY = -9000.0
"""OpenAI writes -9999 for a token outside the ones it gives logprobs of."""


class Top(msgspec.Struct, gc=False):
    """An alternative."""

    token: str
    logprob: float | None = None


class Token(msgspec.Struct):
    """A generated token."""

    token: str
    logprob: float | None = None
    top_logprobs: list[Top] | None = None


def read_tokens(tokens: Iterable[Token]) -> tuple[TokenLogprob, ...]:
    """Return tempkit's tokens; llama.cpp's server lists the end-of-text token too, with no text."""
    return tuple(
        _token(
            t.token,
            t.logprob,
            # In one go: there are hundreds in every answer.
            tuple(
                [
                    (a.token, value)
                    for a in t.top_logprobs or ()
                    if (value := a.logprob) is not None and value > _NOT_A_PROBABILITY
                ]
            ),
        )
        for t in tokens
        if t.token
    )


def make_token(
    text: str, logprob: float | None, alternatives: Iterable[tuple[str, float | None]]
) -> TokenLogprob:
    """Return a token without what is no probability."""
    return _token(
        text, logprob, tuple([(t, v) for t, v in alternatives if v is not None and v > _NOT_A_PROBABILITY])
    )


def _token(text: str, logprob: float | None, top: tuple[tuple[str, float], ...]) -> TokenLogprob:
    if top and top[0][0] == text:  # as nearly always
        rank: int | None = 0
    else:
        rank = next((i for i, (t, _) in enumerate(top) if t == text), None)
    known = logprob is not None and logprob > _NOT_A_PROBABILITY
    return TokenLogprob(text=text, logprob=logprob if known else None, rank=rank, top=top)
