"""Read Gemini's answer: its JSON is decoded straight into the few fields that are wanted, checked on the way."""

from typing import Any

import msgspec

from tempkit.backends.remote import Answer, Choice, RequestError
from tempkit.backends.remote.choices import answer_of, choose, choose_all
from tempkit.backends.remote.content_parts import count, said
from tempkit.backends.remote.decoding import decode, excerpt
from tempkit.backends.remote.errors_in_answers import error_in, no_answer
from tempkit.backends.remote.logprobs import Token, Top

__all__ = ["read_answer"]


class _Listed(msgspec.Struct, rename="camel", gc=False):
    token: str | None = None
    token_id: int | None = None
    log_probability: float | None = None


class _Alternatives(msgspec.Struct):
    candidates: list[_Listed] | None = None


class _Logprobs(msgspec.Struct, rename="camel"):
    chosen_candidates: list[_Listed] | None = None
    top_candidates: list[_Alternatives | None] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: Any = None
    finish_reason: Any = None
    logprobs_result: _Logprobs | None = None
    error: Any = None


class _Usage(msgspec.Struct, rename="camel", gc=False):
    prompt_token_count: Any = None
    candidates_token_count: Any = None
    thoughts_token_count: Any = None
    cached_content_token_count: Any = None


class _Feedback(msgspec.Struct, rename="camel", gc=False):
    block_reason: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate | None] | None = None
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    response_id: Any = None
    prompt_feedback: _Feedback | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Body)


def read_answer(content: str) -> Answer:
    """Read an answer's body.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "an answer of Gemini's")
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if not body.candidates:
        if body.prompt_feedback and body.prompt_feedback.block_reason:
            reason = excerpt(body.prompt_feedback.block_reason, 80)
            raise RequestError("rejected", f"the prompt was blocked: {reason}")
        raise no_answer(content, "candidates")
    usage = body.usage_metadata or _Usage()
    answered, thought = count(usage.candidates_token_count), count(usage.thoughts_token_count)
    # Of several candidates only the sum is told.
    of_each = thought if thought == 0 or len(body.candidates) == 1 else None
    counts = [n for n in (answered, thought) if n is not None]
    return answer_of(
        choose_all([_choice(candidate, of_each) for candidate in body.candidates]),
        asked=usage.prompt_token_count,
        answered=sum(counts) if counts else None,  # thinking is paid for like the rest
        model=body.model_version,
        id_=body.response_id if isinstance(body.response_id, str) else None,
        cached=usage.cached_content_token_count,
    )


def _choice(candidate: _Candidate | None, thinking_tokens: int | None) -> Choice | RequestError:
    if candidate is None:
        return RequestError("bad_answer", "a candidate cannot be read")
    content = candidate.content
    parts = content.get("parts") if isinstance(content, dict) else content
    if not parts and not candidate.finish_reason and not candidate.error:
        return RequestError(
            "bad_answer", "a candidate without content"
        )  # with a reason, saying nothing is an answer
    try:
        return choose(
            said(parts),
            candidate.finish_reason,
            tokens=_tokens(candidate.logprobs_result) if candidate.logprobs_result is not None else (),
            thinking_tokens=thinking_tokens,
            error=candidate.error,
        )
    except RequestError as e:
        return e


def _tokens(logprobs: _Logprobs) -> list[Token]:
    """Return the tokens; alternatives of another number than these say nothing."""
    chosen = logprobs.chosen_candidates or []
    tops = logprobs.top_candidates
    if tops is None or len(tops) != len(chosen):
        tops = [None] * len(chosen)
    return [
        Token(
            each.token or "",
            each.log_probability,
            top_logprobs=[Top(a.token or "", a.log_probability) for a in (top and top.candidates) or ()],
            token_id=each.token_id,
        )
        for each, top in zip(chosen, tops, strict=True)
    ]
