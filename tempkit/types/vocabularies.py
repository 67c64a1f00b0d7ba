"""What a model may say next: its vocabulary, and its logits behind given beginnings."""

from dataclasses import dataclass

__all__ = ["NextTokens", "Vocabulary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """A model's tokens."""

    pieces: tuple[bytes, ...]
    """By token id, what each adds to a text; a token may be part of a character, and a control token adds nothing."""
    ends: frozenset[int]
    """The ids of those that end a text or a turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTokens:
    """What a model says of the token behind each of several beginnings of an answer."""

    logits: tuple[bytes, ...]
    """One row for each beginning, in their order: 32-bit floats in this machine's order, by token id, before any temperature."""
    prompt_tokens: int
    n_ctx: int
    """The most tokens that prompt and answer may have together."""
    thinking: bool
    """Whether the prompt ends with a mark that has the model think before it answers."""
    evaluated: int
    """Tokens that were evaluated for this, those of the prompt included."""
