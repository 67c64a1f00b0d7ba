"""OpenAI's Responses, for models that Chat Completions does not serve.

Through OpenAI's SDK, which knows how to sign and where to send; its retries and its time limit are off, and its objects are
not made, because ours are read from the bytes. Responses takes neither a seed nor several answers nor penalties nor stops.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from tempkit.backends.remote import Answer, Choice, Reply, RequestError, status_error
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.logprobs import Token, read_tokens
from tempkit.errors import one_line
from tempkit.types import FinishReason, Message, SamplingParams

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["PARAMS", "Responses", "lay_out", "read_response", "response_body"]

PARAMS = frozenset({"max_tokens", "top_p", "logprobs"})


class _Text(msgspec.Struct):
    type: str
    text: str = ""
    logprobs: list[Token] | None = None
    refusal: str | None = None


class _Output(msgspec.Struct):
    type: str
    content: list[_Text] | None = None


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Body(msgspec.Struct):
    status: str | None = None
    output: list[_Output] | None = None
    incomplete_details: _Incomplete | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)
_INCOMPLETE: dict[str | None, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}


class Responses:
    """A client for one model.

    Args:
        base_url: Where it is.
        key: "" where there is none.
    """

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url, self._key = base_url, key
        self._client: AsyncOpenAI | None = None

    async def send(self, name: str, messages: Sequence[Message], params: dict[str, Any]) -> Reply:
        """Make one request, once.

        Raises:
            RequestError: There is no answer.
        """
        from httpx2 import HTTPError, Response
        from openai import APIConnectionError, APIStatusError, AsyncOpenAI

        if self._client is None:
            # No time limit: `RemoteBackend` has one over the whole request, where this would be over each read.
            self._client = AsyncOpenAI(
                api_key=self._key or "none", base_url=self._base_url, max_retries=0, timeout=None
            )
        try:
            body = response_body(name, messages, params)
            response = await self._client.post("/responses", cast_to=Response, body=body)
        except APIStatusError as e:
            raise status_error(e.status_code, e.response.headers, e.body, e.message) from e
        except APIConnectionError as e:
            raise RequestError("connection", one_line(e.__cause__ or e)) from e
        except HTTPError as e:  # while the answer was read
            raise RequestError("connection", one_line(e) or type(e).__name__) from e
        return Reply(response.status_code, response.headers, response.content)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def response_body(name: str, messages: Sequence[Message], params: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out a request."""
    said = [{"role": m.role, "content": m.content} for m in messages]
    return {"model": name, "input": said, "store": False, **params}


def lay_out(sampling: SamplingParams, temperature: float) -> dict[str, Any]:
    """Lay out the sampling parameters by their names on this wire."""
    params: dict[str, Any] = {
        "temperature": temperature,
        "top_p": sampling.top_p,
        "max_output_tokens": sampling.max_tokens,
    }
    if sampling.logprobs:
        params |= {"include": ["message.output_text.logprobs"], "top_logprobs": sampling.logprobs}
    return params


def read_response(content: bytes) -> Answer:
    """Read an answer; reasoning is no part of its text.

    Raises:
        RequestError: It is none.
    """
    body = decode(_decoder, content, "a response")
    if body.status not in ("completed", "incomplete") or body.output is None:
        why = one_line(body.error, 200) if body.error else "nothing is said of why"
        raise RequestError("bad_answer", f"the response is {body.status or 'of no status'}: {why}")
    parts = [part for output in body.output if output.type == "message" for part in output.content or ()]
    finish: FinishReason = "stop"
    if body.status == "incomplete":
        finish = _INCOMPLETE.get(
            body.incomplete_details.reason if body.incomplete_details else None, "unknown"
        )
    elif any(part.type == "refusal" for part in parts):
        finish = "content_filter"
    usage = body.usage or _Usage()
    return Answer(
        choices=(
            Choice(
                text="".join(part.text or part.refusal or "" for part in parts),
                finish_reason=finish,
                tokens=tuple(token for part in parts for token in read_tokens(part.logprobs or ())),
            ),
        ),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        response_model=body.model,
    )
