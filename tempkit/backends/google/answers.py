"""Read Gemini's answer: its JSON is decoded straight into the few fields that are wanted, checked on the way."""

from dataclasses import replace
from typing import Any

import msgspec

from tempkit.backends.remote import Answer, Choice, RequestError
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.logprobs import make_token
from tempkit.errors import one_line
from tempkit.types import FinishReason, TokenLogprob

__all__ = ["read_answer"]

_FILTERED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")
_FINISH: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",  # cut as well, so it must not be scored as if whole
    **dict.fromkeys(_FILTERED, "content_filter"),
}


class _Part(msgspec.Struct, gc=False):
    text: str | None = None
    thought: bool | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Token(msgspec.Struct, rename="camel", gc=False):
    token: str | None = None
    token_id: int | None = None
    log_probability: float | None = None


class _Alternatives(msgspec.Struct):
    candidates: list[_Token] | None = None


class _Logprobs(msgspec.Struct, rename="camel"):
    chosen_candidates: list[_Token] | None = None
    top_candidates: list[_Alternatives] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None
    logprobs_result: _Logprobs | None = None


class _Usage(msgspec.Struct, rename="camel", gc=False):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Feedback(msgspec.Struct, rename="camel", gc=False):
    block_reason: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    prompt_feedback: _Feedback | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)


def read_answer(content: str) -> Answer:
    """Read an answer's body.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "an answer of Gemini's")
    if not body.candidates:
        if body.prompt_feedback and body.prompt_feedback.block_reason:
            raise RequestError("rejected", f"the prompt was blocked: {body.prompt_feedback.block_reason}")
        said = f": {one_line(body.error, 200)}" if body.error else ""
        raise RequestError("bad_answer", f"the answer has no candidates{said}")
    usage = body.usage_metadata or _Usage()
    counts = [n for n in (usage.candidates_token_count, usage.thoughts_token_count) if n is not None]
    return Answer(
        choices=tuple(_choice(candidate) for candidate in body.candidates),
        input_tokens=usage.prompt_token_count,
        output_tokens=sum(counts) if counts else None,  # thinking is paid for like the rest
        response_model=body.model_version,
    )


def _choice(candidate: _Candidate) -> Choice:
    parts = (candidate.content and candidate.content.parts) or ()
    if not parts and not candidate.finish_reason:  # with a reason, saying nothing is an answer
        raise RequestError("bad_answer", "a candidate without content")
    return Choice(
        text="".join(part.text or "" for part in parts if not part.thought),
        finish_reason=_FINISH.get(candidate.finish_reason or "", "unknown"),
        tokens=_tokens(candidate.logprobs_result) if candidate.logprobs_result else (),
    )


def _tokens(logprobs: _Logprobs) -> tuple[TokenLogprob, ...]:
    chosen = logprobs.chosen_candidates or []
    tops = logprobs.top_candidates or [_Alternatives()] * len(chosen)
    if len(tops) != len(chosen):
        raise RequestError("bad_answer", "tokens and logprobs are not of one number")
    return tuple(_token(t, top) for t, top in zip(chosen, tops, strict=True) if t.token)


def _token(token: _Token, top: _Alternatives) -> TokenLogprob:
    alternatives = [(a.token or "", a.log_probability) for a in top.candidates or ()]
    return replace(
        make_token(token.token or "", token.log_probability, alternatives), token_id=token.token_id
    )
