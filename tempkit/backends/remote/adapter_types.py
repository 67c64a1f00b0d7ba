"""What goes between `RemoteBackend` and an adapter: one request's answer, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from tempkit.errors import one_line
from tempkit.types import FailureKind, FinishReason, TokenLogprob

__all__ = [
    "UNREADABLE_ERRORS",
    "Answer",
    "Choice",
    "Quota",
    "RequestError",
    "Scope",
    "Unread",
    "read_whole",
    "unreadable",
]

UNREADABLE_ERRORS = (ValueError, ArithmeticError, RecursionError)
"""What reading an answer may come to that holds something else than was expected: text that is none, numbers out of all bounds,
brackets without end. Anything else is a fault of the adapter."""

Scope = Literal["sample", "item", "temperature", "model"]
"""What a request's failure concerns, as far as it can be told from it alone: this sample, or whatever else has the same prompt, the
same temperature or the same model."""


@dataclass
class RequestError(Exception):
    """One request that brought no completion. Adapters raise it; it never leaves a backend."""

    kind: FailureKind
    message: str
    retry_after_s: float | None = None
    """What the server asked for."""
    scope: Scope = "sample"
    """`model` only where no other sample of it could fare better: a refused key, an unknown model, an exhausted account."""
    overload: bool = False
    """The server said that there are too many requests at once."""
    attempts: int = 0
    unread: int = 0
    """How many of them brought what cannot be read."""
    status: int | None = None
    """Of HTTP, where there was an answer."""
    code: str = ""
    """The server's own word for what went wrong, by which two failures are told to be alike."""
    address: str = ""
    """What was asked, where it is known."""

    @property
    def gives_up(self) -> bool:
        """No other sample of this model would fare better."""
        return self.scope == "model"

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
    unmatched: bool = False
    """Tokens came, and are left out because they do not come to the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request's answer."""

    choices: tuple[Choice, ...]
    input_tokens: int | None = None
    output_tokens: int | None = None
    """Of all choices together."""
    response_model: str | None = None
    fingerprint: str | None = None
    response_id: str | None = None
    cache_read_tokens: int | None = None
    """Of the prompt's, like the next."""
    cache_write_tokens: int | None = None
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
    except UNREADABLE_ERRORS as e:
        raise unreadable(e) from e
    if not answer.choices:
        raise RequestError("bad_answer", "the answer has no choices")
    if (answer.input_tokens or 0) < 0 or (
        answer.output_tokens or 0
    ) < 0:  # "not known", as some servers say it
        asked, answered = (None if (n or 0) < 0 else n for n in (answer.input_tokens, answer.output_tokens))
        answer = replace(answer, input_tokens=asked, output_tokens=answered)
    return answer
