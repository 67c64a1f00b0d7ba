"""Read an answer of Anthropic's Messages: an answer by itself, or the message in a batch's result."""

from typing import Any

import msgspec

from tempkit.backends.remote import Answer
from tempkit.backends.remote.choices import answer_of, choose
from tempkit.backends.remote.content_parts import count, said
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.errors_in_answers import error_in, no_answer

__all__ = ["read_message"]


class _Details(msgspec.Struct, gc=False):
    thinking_tokens: Any = None
    reasoning_tokens: Any = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: Any = None
    cache_read_input_tokens: Any = None
    cache_creation_input_tokens: Any = None
    output_tokens: Any = None
    output_tokens_details: _Details | None = None


class _Body(msgspec.Struct):
    id: Any = None
    content: Any = None
    stop_reason: Any = None
    usage: _Usage | None = None
    model: str | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)


def read_message(content: bytes) -> Answer:
    """Read an answer's body.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "a message")
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if not body.content and not body.stop_reason:  # with a reason, saying nothing is an answer
        raise no_answer(content, "content")
    usage = body.usage or _Usage()
    details = usage.output_tokens_details or _Details()
    thought = count(details.thinking_tokens)
    choice = choose(
        said(body.content),
        body.stop_reason,
        thinking_tokens=thought if thought is not None else count(details.reasoning_tokens),
    )
    return answer_of(
        (choice,),
        asked=usage.input_tokens,
        answered=usage.output_tokens,
        model=body.model,
        id_=body.id if isinstance(body.id, str) else None,
        cached=usage.cache_read_input_tokens,
        written=usage.cache_creation_input_tokens,
    )
