"""What the store answers besides the dataclasses of `tempkit.types`: a run's record and a cell's summary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tempkit.types import EmbedderChoice

__all__ = ["AnsweredBy", "CellSummary", "RunRecord", "RunStatus", "ScoredBlock", "Uncounted"]

RunStatus = Literal["running", "interrupted", "finished"]
"""A run that was killed stays `running`; resuming it is safe all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run, with how far it has come."""

    id: str
    """8 hexadecimal digits."""
    name: str
    """Unique in its database."""
    experiment: str
    """The plan's name; `name` differs from it by a number where that name was taken."""
    status: RunStatus
    created_at: datetime
    """UTC, aware: `isoformat()` ends in `+00:00`. So is `finished_at`."""
    finished_at: datetime | None
    """None until the run is finished."""
    seed: int
    repeat: int
    temperatures: tuple[float, ...]
    tempkit_version: str
    environment: Mapping[str, Any]
    embedder: EmbedderChoice | None
    """What its texts are compared by; None: the bundled embedder."""
    reference: str | None
    """The reference model that its texts are scored under, as named on the command line; None: none was named."""
    planned: int
    """Samples the plan asks for, top-ups included."""
    topped_up: int
    """How many of them top-ups have added."""
    note: str | None
    """What somebody wrote of it; None for nothing."""
    imported: bool
    """Whether its models were asked elsewhere, so that there may be scores without completions."""
    completions: int
    failures: int
    """Failures that stand: samples that neither completed nor were tried again since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSummary:
    """All samples of one model at one temperature, over all items."""

    model: str
    """The model's label."""
    temperature: float
    """As requested."""
    n: int
    """Completions."""
    distinct_texts: int
    """Distinct (item, text) pairs: equals `n` when no answer was given twice to the same item."""
    mean_logprob: float | None
    """Mean over all tokens, in nats. None: no tokens, a logprob that is not a number, or kinds that must not be mixed."""
    mean_entropy: float | None
    """Mean over all tokens, in nats. None where it is not known for every token."""
    logprob_kind: str
    """The completions' `LogprobKind`; `mixed` when they differ; `none` when there are no completions."""
    tokens: int
    """Tokens generated, by the model's own count; by the tokens stored where it gave none."""
    truncated: int
    """Completions cut by `max_tokens`."""
    failures: int
    """Failures that stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBlock:
    """What there is of one item on one model, and how it was last scored."""

    completions: int
    scored: int | None
    """How many of them there were when it was last scored; None: it never was."""
    signature: str | None
    """By which measures it was; None: by none."""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """What an item's completions on a model came to without a count of their tokens, or without a cost."""

    item: str
    model: str
    prompts: int
    """How often the prompt was not counted."""
    characters: int
    """Of the answers, thoughts included, that were not counted."""
    unpriced_prompts: int
    """How many of `prompts` came without a cost."""
    unpriced_characters: int
    """How many of `characters` did."""
    unpriced_input: int
    """Tokens of prompts that were counted and came without a cost."""
    unpriced_output: int
    """Tokens of answers likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredBy:
    """How many of the completions of a prompt on a model, at a temperature, were made by whom."""

    prompt: str
    """Its name."""
    model: str
    """The label of the model that was asked."""
    temperature: float
    """As requested."""
    name: str | None
    """Of the model that answered, as the server gave it; None where it gave none."""
    fingerprint: str | None
    """Of its state, likewise."""
    address: str | None = None
    """At which of the model's several addresses; None where it has one."""
    n: int
