"""Read a Chat Completions answer.

Its JSON is decoded straight into the few fields that are wanted, checked on the way: a server may send anything. The SDK's own
objects, one per alternative of every token, cost more time than all the rest of a request.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from tempkit.backends.remote import Answer, Choice, RequestError
from tempkit.backends.remote.choices import answer_of, choose, choose_all
from tempkit.backends.remote.content_parts import MessageText, count, said, thoughts
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.errors_in_answers import error_in, no_answer
from tempkit.backends.remote.finish_reasons import end_of
from tempkit.backends.remote.logprobs import Token, older_tokens

__all__ = ["read_answer"]

_WITHOUT_MESSAGE = frozenset({"content_filter", "refusal", "tool_calls"})
"""Ends after which there may be no message: that is what they say."""


class _Logprobs(msgspec.Struct):
    content: list[Token] | None = None
    refusal: list[Token] | None = None
    # The older Completions' shape, which some servers keep.
    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float | None] | None] | None = None


class _Message(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    # By one of these names servers give the thoughts that they took out.
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    thinking: Any = None
    thinking_blocks: Any = None


class _Choice(msgspec.Struct):
    message: _Message | str | None = None
    text: str | None = None
    """The older Completions' text."""
    finish_reason: Any = None
    native_finish_reason: Any = None
    logprobs: _Logprobs | None = None
    error: Any = None


class _Details(msgspec.Struct):
    reasoning_tokens: Any = None
    cached_tokens: Any = None
    cache_write_tokens: Any = None


class _Usage(msgspec.Struct):
    prompt_tokens: Any = None
    completion_tokens: Any = None
    total_tokens: Any = None
    reasoning_tokens: Any = None
    completion_tokens_details: _Details | None = None
    prompt_tokens_details: _Details | None = None


class _Body(msgspec.Struct):
    id: Any = None
    choices: list[_Choice | None] | None = None
    usage: _Usage | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    provider: str | None = None
    """Which of several servers OpenRouter passed the request on to."""
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)


def read_answer(content: bytes) -> Answer:
    """Read an answer's body.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "a chat completion")
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if not body.choices:
        raise no_answer(content, "choices")
    usage = body.usage or _Usage()
    of_prompt = usage.prompt_tokens_details or _Details()
    thought = _thinking_tokens(usage)
    # Of several choices only the sum is told.
    of_each = thought if thought == 0 or len(body.choices) == 1 else None
    return answer_of(
        choose_all([_choice(choice, of_each) for choice in body.choices]),
        asked=usage.prompt_tokens,
        answered=_output_tokens(usage, thought),
        model=body.model,
        fingerprint=_state(body),
        id_=body.id if isinstance(body.id, str) else None,
        cached=of_prompt.cached_tokens,
        written=of_prompt.cache_write_tokens,
    )


def _state(body: _Body) -> str | None:
    """Return what tells a server, or a state of it, from others behind the same name."""
    passed_on = f"provider {body.provider}" if body.provider else None
    return ", ".join(filter(None, (passed_on, body.system_fingerprint))) or None


def _thinking_tokens(usage: _Usage) -> int | None:
    details = usage.completion_tokens_details
    counted = count(details.reasoning_tokens) if details is not None else None
    return counted if counted is not None else count(usage.reasoning_tokens)


def _output_tokens(usage: _Usage, thought: int | None) -> int | None:
    """Return the tokens of the output, those of thoughts included, which some providers count beside the rest."""
    asked, answered = count(usage.prompt_tokens), count(usage.completion_tokens)
    if (
        thought
        and asked is not None
        and answered is not None
        and count(usage.total_tokens) == asked + answered + thought
    ):
        return answered + thought
    return answered


def _choice(choice: _Choice | None, thinking_tokens: int | None) -> Choice | RequestError:
    if choice is None:
        return RequestError("bad_answer", "a choice cannot be read")
    try:
        words = _said(choice)
        return choose(
            words,
            choice.finish_reason,
            choice.native_finish_reason,
            tokens=_tokens(choice.logprobs) if choice.logprobs is not None else (),
            thinking_tokens=thinking_tokens,
            error=choice.error,
            always_ended=False,
        )
    except RequestError as e:
        return e


def _said(choice: _Choice) -> MessageText:
    message = choice.message
    if message is None or isinstance(message, str):
        text = choice.text if message is None else message
        ends = end_of(choice.finish_reason, choice.native_finish_reason)
        if text is None and not choice.error and ends != "error" and ends not in _WITHOUT_MESSAGE:
            raise RequestError("bad_answer", "a choice without a message")
        return said(text)
    words = said(message.content if message.content is not None or message.refusal else choice.text)
    if message.refusal:
        words.refuse(message.refusal)
    apart = (
        message.reasoning_content,
        message.reasoning,
        message.thinking,
        message.reasoning_details,
        message.thinking_blocks,
    )
    if any(apart) and (found := thoughts(*apart)) is not None:
        words.thinking.append(found)
    return words


def _tokens(logprobs: _Logprobs) -> Sequence[Token]:
    if logprobs.content is not None or logprobs.refusal is not None:
        return [*(logprobs.content or ()), *(logprobs.refusal or ())]
    return older_tokens(logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs)
