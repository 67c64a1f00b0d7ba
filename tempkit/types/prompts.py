"""Prompts and their items, as they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["SHAPING", "TYPED", "Check", "Item", "Message", "Prompt", "Role", "SamplingParams", "joined_names"]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One chat turn."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Check:
    """An assertion on a completion, with promptfoo's name for it."""

    type: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One prompt rendered with one row of its data: the statistical unit."""

    key: str
    """Unique in a plan and stable between runs: the prompt's name, a slash, the row's id."""
    prompt: str
    messages: tuple[Message, ...]
    variables: Mapping[str, Any] = field(default_factory=dict)
    """The row as given, without the reserved columns."""
    facts: tuple[tuple[str, ...], ...] = ()
    """Reference facts; each is a tuple of accepted wordings, any of which counts."""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingParams:
    """How tokens are drawn, apart from the temperature; neutral unless asked, so that temperature acts alone."""

    max_tokens: int = 256
    top_p: float = 1.0
    top_k: int = 0
    """0: no limit."""
    min_p: float = 0.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    stop: tuple[str, ...] = ()
    logprobs: int = 20
    """How many alternatives to keep per token; 0 keeps no logprobs at all."""


SHAPING = ("top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty")
"""The `SamplingParams` that reshape the distribution, beside the temperature."""

TYPED = "inline-"
"""What the names of typed prompts begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt file, rendered with all its rows."""

    name: str
    description: str = ""
    use_case: str | None = None
    language: str | None = None
    path: str | None = None
    """As the user gave it; None for a prompt typed on the command line."""
    source: str = ""
    """The file's text, kept so that a report can be repeated without the file."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The file's own sampling options, by `SamplingParams` field name (`temperature` never among them)."""
    suggested_temperature: float | None = None
    """The temperature the file names for itself. A sweep replaces it; a report says so."""
    items: tuple[Item, ...] = ()

    @property
    def typed(self) -> bool:
        """Whether it is a text that somebody typed, and has no file."""
        return self.path is None and self.name.startswith(TYPED)


def joined_names(prompts: Sequence[Prompt]) -> str:
    """Return what to call several prompts together: the names of the first two and how many more there are."""
    rest = len(prompts) - 2
    names = [p.name for p in prompts[:2]]
    return "+".join(names) + (f"+{rest}-more" if rest > 0 else "")
