"""The one way out of a backend for text that a server wrote: no key that it repeats gets any further.

A failure's words lose what is only the beginning of a key, too. An answer is kept as it is but for whole keys, and only where
it holds one: its tokens then lose the same characters as its text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tempkit.text import REDACTED, any_secret, holds_secret, secret_spans, without_secrets
from tempkit.types import Completion, Failure, Outcome, TokenLogprob

__all__ = ["hushed"]


def hushed(outcome: Outcome) -> Outcome:
    """Return an outcome without any key in what the server wrote."""
    if not any_secret():
        return outcome
    if isinstance(outcome, Failure):
        message = without_secrets(outcome.message)
        return outcome if message == outcome.message else replace(outcome, message=message)
    if not any(holds_secret(text) for text in _texts(outcome)):
        return outcome
    return replace(
        outcome,
        text=_kept(outcome.text),
        thinking=None if outcome.thinking is None else _kept(outcome.thinking),
        tokens=tuple(_tokens(outcome.tokens)),
        response_model=_named(outcome.response_model),
        fingerprint=_named(outcome.fingerprint),
        response_id=_named(outcome.response_id),
    )


def _kept(text: str) -> str:
    """Return an answer's text with the mark in the place of every whole key."""
    parts, at = [], 0
    for start, end in secret_spans(text):
        parts += [text[at:start], REDACTED]
        at = end
    return "".join([*parts, text[at:]])


def _named(name: str | None) -> str | None:
    return None if name is None else without_secrets(name)


def _texts(completion: Completion) -> Iterator[str]:
    yield completion.text
    yield completion.thinking or ""
    yield completion.response_model or ""
    yield completion.fingerprint or ""
    yield completion.response_id or ""
    yield "".join([token.text for token in completion.tokens])
    yield "\n".join([text for token in completion.tokens for text, _ in token.top])


def _tokens(tokens: Sequence[TokenLogprob]) -> Iterator[TokenLogprob]:
    """Yield tokens whose texts join up to the text without keys: the mark stands in the first token of one."""
    joined = "".join([token.text for token in tokens])
    instead = {
        i: REDACTED if i == start else "" for start, end in secret_spans(joined) for i in range(start, end)
    }
    at = 0
    for token in tokens:
        place, at = at, at + len(token.text)
        kept = "".join([instead.get(i, joined[i]) for i in range(place, at)])
        top = tuple((kept if text == token.text else _kept(text), logprob) for text, logprob in token.top)
        yield replace(token, text=kept, top=top)
