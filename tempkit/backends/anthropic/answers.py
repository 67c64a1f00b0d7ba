"""Read an answer of Anthropic's Messages: an answer by itself, or the message in a batch's result."""

from typing import Any

import msgspec

from tempkit.backends.remote import Answer, Choice, RequestError
from tempkit.backends.remote.decoding import decode
from tempkit.errors import one_line
from tempkit.types import FinishReason

__all__ = ["read_message"]

_FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",  # cut as well, so it must not be scored as if whole
    "refusal": "content_filter",
    "tool_use": "tool_calls",
}


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Body(msgspec.Struct):
    content: list[_Block] | None = None
    stop_reason: str | None = None
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
    if not body.content and not body.stop_reason:  # with a reason, saying nothing is an answer
        said = f": {one_line(body.error, 200)}" if body.error else ""
        raise RequestError("bad_answer", f"the answer has no content{said}")
    usage = body.usage or _Usage()
    choice = Choice(
        text="".join(block.text or "" for block in body.content or () if block.type == "text"),
        finish_reason=_FINISH.get(body.stop_reason or "", "unknown"),
    )
    return Answer(
        choices=(choice,),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        response_model=body.model,
    )
