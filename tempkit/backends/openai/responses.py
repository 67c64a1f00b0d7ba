"""OpenAI's Responses, for models that Chat Completions does not serve.

Through OpenAI's SDK, which knows how to sign and where to send; its retries and its time limit are off, and its objects are
not made, because ours are read from the bytes. Responses takes neither a seed nor several answers nor penalties nor stops.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from tempkit.backends.remote import Answer, Reply, RequestError, status_error
from tempkit.backends.remote.choices import answer_of, choose
from tempkit.backends.remote.connection_errors import unreached
from tempkit.backends.remote.content_parts import MessageText, count, thoughts
from tempkit.backends.remote.decoding import decode, loose
from tempkit.backends.remote.errors_in_answers import error_in, no_answer
from tempkit.backends.remote.http_errors import body_text
from tempkit.backends.remote.logprobs import Token
from tempkit.backends.remote.sdk_http import sdk_client
from tempkit.types import Message, SamplingParams

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["PARAMS", "Responses", "lay_out", "read_response", "response_body"]

PARAMS = frozenset({"max_tokens", "top_p", "logprobs"})


class _Part(msgspec.Struct):
    type: str | None = None
    text: Any = None
    refusal: Any = None
    logprobs: list[Token] | None = None


class _Output(msgspec.Struct):
    type: str | None = None
    content: list[_Part | None] | str | None = None
    summary: Any = None
    """Of thoughts."""


class _Incomplete(msgspec.Struct):
    reason: Any = None


class _Details(msgspec.Struct):
    reasoning_tokens: Any = None
    cached_tokens: Any = None


class _Usage(msgspec.Struct):
    input_tokens: Any = None
    output_tokens: Any = None
    output_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None


class _Body(msgspec.Struct):
    id: Any = None
    status: str | None = None
    output: list[_Output | None] | None = None
    incomplete_details: _Incomplete | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)
_BROKEN = ("failed", "cancelled", "canceled")


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
        from openai import APIStatusError, AsyncOpenAI, OpenAIError

        if self._client is None:
            # No time limit: `RemoteBackend` has one over the whole request, where this would be over each read.
            self._client = AsyncOpenAI(
                api_key=self._key or "none",
                base_url=self._base_url,
                max_retries=0,
                timeout=None,
                http_client=sdk_client(),
            )
        try:
            body = response_body(name, messages, params)
            response = await self._client.post("/responses", cast_to=Response, body=body)
        except APIStatusError as e:
            url, said = f"{self._base_url}/responses", body_text(e.response.content)
            raise status_error(e.status_code, e.response.headers, e.body, said, url) from e
        except (OpenAIError, HTTPError) as e:  # the latter while the answer was read
            raise unreached(e) from e
        return Reply(response.status_code, response.headers, response.content)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def response_body(name: str, messages: Sequence[Message], params: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out a request."""
    said = [{"role": m.role, "content": m.content} for m in messages]
    return {"model": name, "input": said, "store": False, **params}


def lay_out(sampling: SamplingParams, temperature: float) -> dict[str, Any]:
    """Lay out the sampling parameters under this API's names."""
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
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if body.status in _BROKEN:
        raise RequestError("server", f"the response is {body.status}: nothing is said of why")
    if body.status not in ("completed", "incomplete") or body.output is None:
        problem = no_answer(content, "output")
        if problem.kind == "bad_answer" and body.status:
            problem.message = f"the response is {body.status}: {problem.message}"
        raise problem
    words, tokens = MessageText(), list[Token]()
    for output in body.output:
        if output is not None:
            _hear(output, words, tokens)
    if not (any(words.text) or any(words.refusal)) or any(_is_unread(output) for output in body.output):
        words = _in_any_shape(content, words)
    reason = body.incomplete_details.reason if body.incomplete_details else None
    usage = body.usage or _Usage()
    details = usage.output_tokens_details or _Details()
    choice = choose(
        words,
        reason if body.status == "incomplete" else "completed",
        tokens=tokens,
        thinking_tokens=count(details.reasoning_tokens),
    )
    return answer_of(
        (choice,),
        asked=usage.input_tokens,
        answered=usage.output_tokens,
        model=body.model,
        id_=body.id if isinstance(body.id, str) else None,
        cached=(usage.input_tokens_details or _Details()).cached_tokens,
    )


def _hear(output: _Output, words: MessageText, tokens: list[Token]) -> None:
    """Add what one of a response's outputs says."""
    if output.type == "reasoning":
        texts = (
            None
            if isinstance(output.content, str)
            else [part.text for part in output.content or () if part is not None]
        )
        if (found := thoughts(output.summary, output.content if texts is None else texts)) is not None:
            words.thinking.append(found)
    elif output.type in ("message", None):
        if output.content is None or isinstance(output.content, str):
            words.add(output.content)
            return
        for part in output.content:
            if part is None:
                continue
            if part.type == "refusal" or (part.text is None and part.refusal is not None):
                words.refuse(part.refusal)
            else:
                words.add({"type": part.type, "text": part.text})
                tokens += part.logprobs or ()


def _is_unread(output: _Output | None) -> bool:
    """Whether an output may have said something in another shape than is decoded at once."""
    if output is None or output.type not in ("message", None):
        return output is None
    return output.content is None or (isinstance(output.content, list) and None in output.content)


def _in_any_shape(content: bytes, known: MessageText) -> MessageText:
    """Read the words of a response whose outputs are in other shapes than the API's own.

    Args:
        content: The response.
        known: What was read of it so far: its thoughts.

    Raises:
        RequestError: They may be text, and cannot be read.
    """
    try:
        whole = loose(content)
    except ValueError:  # too long to be read a second time
        return known
    words = MessageText(thinking=known.thinking)
    for each in whole.get("output") or ():
        kind = each.get("type") if isinstance(each, dict) else None
        if kind == "reasoning":
            continue
        words.add(each.get("content") if isinstance(each, dict) and kind in ("message", None) else each)
    if not (any(words.text) or any(words.refusal)):
        words.add(whole.get("output_text"))
    return words
