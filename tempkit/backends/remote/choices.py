"""One text of an answer, from what was said, why it ended and the tokens that were listed."""

from collections.abc import Sequence

from tempkit.backends.asking_anew import being_asked_anew
from tempkit.backends.remote.adapter_types import Answer, Choice, RequestError
from tempkit.backends.remote.alignment import align
from tempkit.backends.remote.content_parts import MessageText, count
from tempkit.backends.remote.errors_in_answers import broken_off, error_in
from tempkit.backends.remote.finish_reasons import End, end_of
from tempkit.backends.remote.logprobs import Token
from tempkit.types import FinishReason

__all__ = ["answer_of", "choose", "choose_all"]

_LONGEST_NAME = 1000


def choose(
    said: MessageText,
    *ends: object,
    tokens: Sequence[Token] = (),
    thinking_tokens: int | None = None,
    error: object = None,
    always_ended: bool = True,
) -> Choice:
    """Return a choice.

    Args:
        said: What was said.
        ends: Names of why it ended; the first that is known counts.
        tokens: As they were listed.
        thinking_tokens: How many the provider says were thoughts.
        error: What stands where this choice's error would.
        always_ended: Whether whoever answers so always says why it ended, so that saying nothing means nothing good. Of those that
            are many servers', some never do: from these an end that is not said is `unstated`.

    Raises:
        RequestError: It broke off.
    """
    end: End = end_of(*ends) if always_ended or any(ends) else "unstated"
    if (found := error_in(error)) is not None:
        raise found
    if end == "error":
        raise broken_off(next((name for name in ends if name), ""))
    finish: FinishReason = "refusal" if any(said.refusal) else end
    text = "".join([*said.text, *said.refusal])
    if not text and said.unread is not None:
        raise RequestError("bad_answer", f"the answer's text cannot be read: {said.unread}")
    thinking = "\n\n".join(each for each in said.thinking if each) or None
    if not tokens:
        return Choice(text=text, finish_reason=finish, thinking=thinking, thinking_tokens=thinking_tokens)
    found_tokens = align(tokens, text, end, thought=bool(thinking or thinking_tokens))
    if (anew := being_asked_anew()) is not None:
        anew.thoughts_in_logprobs += bool(found_tokens.thinking_tokens or (not text and thinking_tokens))
    return Choice(
        text=text,
        finish_reason=finish,
        tokens=found_tokens.tokens,
        thinking=thinking or found_tokens.thinking,
        thinking_tokens=thinking_tokens or found_tokens.thinking_tokens or thinking_tokens,
        unmatched=bool(text) and not found_tokens.tokens,
    )


def choose_all(made: Sequence[Choice | RequestError]) -> tuple[Choice, ...]:
    """Return those choices that came whole: one that broke off takes no other with it.

    Raises:
        RequestError: None came whole.
    """
    readable = tuple(each for each in made if isinstance(each, Choice))
    if not readable and made:
        raise next(each for each in made if isinstance(each, RequestError))
    return readable


def answer_of(
    choices: tuple[Choice, ...],
    *,
    asked: object,
    answered: object,
    model: str | None,
    fingerprint: str | None = None,
    id_: str | None = None,
    cached: object = None,
    written: object = None,
) -> Answer:
    """Return an answer; its counts of tokens are None where they are none that it can have, as zero for a prompt or a text.

    Args:
        choices: What it holds.
        asked: How many tokens the prompt had, as told.
        answered: And all choices together.
        model: Which model the server says that it was.
        fingerprint: And in which state.
        id_: What the server calls the answer.
        cached: How many of the prompt's tokens it had in its cache, as told.
        written: And put there.
    """
    output = count(answered)
    if output == 0 and any(choice.text or choice.thinking for choice in choices):
        output = None
    return Answer(
        choices=choices,
        input_tokens=count(asked) or None,
        output_tokens=output,
        response_model=_name(model),
        fingerprint=_name(fingerprint),
        response_id=_name(id_),
        cache_read_tokens=count(cached),
        cache_write_tokens=count(written),
    )


def _name(text: str | None) -> str | None:
    """Return a name; what is too long to be one says nothing."""
    return text if text is None or len(text) <= _LONGEST_NAME else None
