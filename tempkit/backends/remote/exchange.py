"""What goes between `RemoteBackend` and an adapter: one request's answer, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass

from tempkit.errors import one_line
from tempkit.types import FailureKind, FinishReason, TokenLogprob

__all__ = [
    "UNREADABLE",
    "Answer",
    "Choice",
    "Quota",
    "RequestError",
    "Unread",
    "read_whole",
    "unreadable",
]

UNREADABLE = (LookupError, TypeError, ValueError)
"""What reading an answer may come to that holds something else than its adapter expects."""


@dataclass
class RequestError(Exception):
    """One request that brought no completion. Adapters raise it; it never leaves a backend."""

    kind: FailureKind
    message: str
    retry_after_s: float | None = None
    """What the server asked for."""
    gives_up: bool = False
    """No other sample of this model would fare better: a refused key, an exhausted account, a refused temperature."""
    overload: bool = False
    """The server said that there are too many requests at once."""
    attempts: int = 0
    status: int | None = None
    """Of HTTP, where there was an answer."""

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer's headers say is left; None where they say nothing."""

    requests: int | None = None
    requests_reset_s: float | None = None
    tokens: int | None = None
    tokens_reset_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One text of an answer."""

    text: str
    """The answer alone, without what was written to think."""
    finish_reason: FinishReason
    tokens: tuple[TokenLogprob, ...] = ()
    """Of the text alone."""
    thinking: str | None = None
    thinking_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request's answer."""

    choices: tuple[Choice, ...]
    input_tokens: int | None = None
    output_tokens: int | None = None
    """Of all choices together."""
    response_model: str | None = None
    fingerprint: str | None = None
    quota: Quota = Quota()


Unread = Callable[[], Answer]
"""Reads an answer that has come; raises `RequestError` when it is none."""


def unreadable(error: Exception) -> RequestError:
    """Make the error for an answer of an unexpected kind, from what reading it came to."""
    return RequestError("bad_answer", f"the answer cannot be read: {one_line(repr(error))}")


def read_whole(reply: Answer | Unread) -> Answer:
    """Return an answer, read if it was not, with at least one text in it.

    Raises:
        RequestError: It is none.
    """
    try:
        answer = reply if isinstance(reply, Answer) else reply()
    except UNREADABLE as e:
        raise unreadable(e) from e
    if not answer.choices:
        raise RequestError("bad_answer", "the answer has no choices")
    return answer
