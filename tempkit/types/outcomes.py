"""What is asked of a model and what comes back: samples, completions with their tokens, failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tempkit.types.models import LogprobKind, ModelSpec
from tempkit.types.prompts import Item, SamplingParams

__all__ = [
    "Completion",
    "Failure",
    "FailureKind",
    "FinishReason",
    "Outcome",
    "Sample",
    "SampleKey",
    "Sweep",
    "TokenLogprob",
]

FinishReason = Literal["stop", "length", "content_filter", "refusal", "tool_calls", "unstated", "unknown"]
"""Why a completion ended. `length`: cut by `max_tokens`, so it must not be scored as if complete. `content_filter`: cut, or withheld, by the
provider. `refusal`: the model declined, and the provider says so; the text is what it said. `unstated`: where it comes from nothing was said
of its end, as in a table without a column for that; it is taken as complete. `unknown`: something was said of its end that nobody here knows, so
it is not known to be complete."""

FailureKind = Literal[
    "connection",
    "timeout",
    "rate_limit",
    "auth",
    "rejected",
    "server",
    "bad_answer",
    "context_length",
    "decode",
    "batch_expired",
    "batch_cancelled",
    "batch_failed",
]
"""Why a sample has no completion. `rejected`: the model refused the request itself (HTTP 4xx); `bad_answer`: something
came back that is not a completion; `context_length`: the prompt does not fit; `decode`: the local engine failed; `batch_...`:
how the batch that it was in ended before its turn came."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One draw to make inside a sweep."""

    temperature: float
    replicate: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One item on one model with every pending sample of it: the unit of work a backend is handed."""

    item: Item
    model: ModelSpec
    sampling: SamplingParams
    samples: tuple[Sample, ...]
    without_temperature: bool = False
    """Whether requests leave the temperature out."""

    def key(self, sample: Sample) -> "SampleKey":
        return SampleKey(self.item.key, self.model.label, sample.temperature, sample.replicate)


@dataclass(frozen=True, slots=True, order=True)
class SampleKey:
    """What makes a sample unique in a run."""

    item: str
    model: str
    """The model's label."""
    temperature: float
    replicate: int


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One generated token.

    The end-of-text token is not among them, so the texts join up to the completion; where a stop text cut a token in
    two, the local engine keeps the last token whole, and one of a server's has the part of its text that is in the answer.
    """

    text: str
    """As text; bytes that are no UTF-8 by themselves are written `\\xNN`. Empty where it is a part of a character that a later token ends."""
    logprob: float | None
    """Natural logarithm, of the completion's `logprob_kind`; None where the server gave no probability."""
    entropy: float | None = None
    """Of the whole vocabulary's distribution at this position, in nats; None where only some logprobs are known."""
    rank: int | None = None
    """0 for the most probable token; None when it is not known."""
    top: tuple[tuple[str, float], ...] = ()
    """The most probable tokens with their logprobs, most probable first."""
    token_id: int | None = None
    entropy_tempered: float | None = None
    """Of the distribution at the sample's temperature, over the whole vocabulary and before any cut by top_p, top_k or
    min_p, in nats; 0 at temperature 0. None where only some logprobs are known, or nothing was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A sample that came back."""

    key: SampleKey
    seed: int | None
    text: str
    finish_reason: FinishReason
    temperature_sent: float | None
    """What went to the model; None when the parameter was left out."""
    params: Mapping[str, Any]
    """Every sampling parameter sent, under the provider's name for it, the seed included."""
    tokens: tuple[TokenLogprob, ...] = ()
    logprob_kind: LogprobKind = "none"
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_s: float | None = None
    """Wall time from the request, or from the sample's first decoding step, to its end; None in a batch."""
    response_model: str | None = None
    fingerprint: str | None = None
    cost_usd: float | None = None
    attempts: int = 1
    batch: str | None = None
    """The provider's id of the batch that it came in, at the batch's price; None: it was asked for by itself."""
    thinking: str | None = None
    """What the model wrote before its answer to think, kept apart from `text` and never scored; None: nothing of the kind came."""
    thinking_tokens: int | None = None
    """How many of the output's tokens were thinking; they are not among `tokens`. None: not known."""
    response_id: str | None = None
    """The provider's id of the answer; of several texts in one answer they share it."""
    cache_read_tokens: int | None = None
    """How many of the prompt's tokens the provider had in its cache, as it says; None: it says nothing of it."""
    cache_write_tokens: int | None = None
    """How many of them it put there."""
    address: str | None = None
    """Which of the model's addresses gave it, as `host:port`; None where it has one alone."""
    unmatched: bool = False
    """Whether tokens came that are left out, because they do not match the text; said at the end of a run, and not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A sample that did not come back: stored like a completion, never dropped."""

    key: SampleKey
    kind: FailureKind
    message: str
    attempts: int = 1
    seed: int | None = None
    temperature_sent: float | None = None
    batch: str | None = None
    """The provider's id of the batch that it was in; None: it was asked for by itself."""


Outcome = Completion | Failure
