"""Read a Chat Completions answer.

Its JSON is decoded straight into the few fields that are wanted, checked on the way: a server may send anything. The SDK's own
objects, one per alternative of every token, cost more time than all the rest of a request.
"""

from typing import Any

import msgspec

from tempkit.backends.remote import Answer, Choice, RequestError
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.logprobs import Token, make_token, read_tokens
from tempkit.errors import one_line
from tempkit.types import FinishReason, TokenLogprob

__all__ = ["read_answer"]

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
}


class _Logprobs(msgspec.Struct):
    content: list[Token] | None = None
    # The older Completions' shape, which some servers keep.
    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)


def read_answer(content: bytes) -> Answer:
    """Read an answer's body.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "a chat completion")
    if not body.choices:
        said = f": {one_line(body.error, 200)}" if body.error else ""
        raise RequestError("bad_answer", f"the answer has no choices{said}")
    usage = body.usage or _Usage()
    return Answer(
        choices=tuple(_choice(choice) for choice in body.choices),
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        response_model=body.model,
        fingerprint=body.system_fingerprint,
    )


def _choice(choice: _Choice) -> Choice:
    return Choice(
        text=choice.message.content or "",
        finish_reason=_FINISH.get(choice.finish_reason or "", "unknown"),
        tokens=_tokens(choice.logprobs) if choice.logprobs else (),
    )


def _tokens(logprobs: _Logprobs) -> tuple[TokenLogprob, ...]:
    if logprobs.content is None:
        return _older(logprobs)
    return read_tokens(logprobs.content)


def _older(logprobs: _Logprobs) -> tuple[TokenLogprob, ...]:
    texts = logprobs.tokens or []
    values = logprobs.token_logprobs or [None] * len(texts)
    tops = logprobs.top_logprobs or [None] * len(texts)
    if not len(texts) == len(values) == len(tops):
        raise RequestError("bad_answer", "tokens and logprobs are not of one number")
    return tuple(
        make_token(text, value, _descending(top or {}))
        for text, value, top in zip(texts, values, tops, strict=True)
        if text
    )


def _descending(top: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(top.items(), key=lambda pair: -pair[1])
