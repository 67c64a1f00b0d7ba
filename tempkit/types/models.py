"""Models: how one is named, what it can do, and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from tempkit.types.arms import Advice

__all__ = [
    "BatchTerms",
    "Capabilities",
    "EmbedderChoice",
    "Embeddings",
    "LogprobKind",
    "ModelInfo",
    "ModelSpec",
    "Price",
    "TemperatureStatus",
    "TopPRule",
]

LogprobKind = Literal["raw", "tempered", "unknown", "none"]
"""What a logprob is of: `raw` log-softmax before temperature and truncation; `tempered` after; never mixed."""

TemperatureStatus = Literal["honoured", "rejected", "ignored", "unknown"]
"""What a model does with temperature. `rejected`: an error; `ignored`: no error and no effect."""

TopPRule = Literal["alone", "one", "one_at_zero"]
"""`alone`: never sent together with a temperature; `one`: 1 only; `one_at_zero`: 1 only when the temperature is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model as the user named it: `backend:name` with its options."""

    backend: str
    name: str
    label: str
    """What tables and reports call it; unique in a plan. By default `backend:name`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the backend needs to reach or load it (`base_url`, `api_key_env`, `n_ctx`, ...). Never a key itself."""

    @property
    def id(self) -> str:
        return f"{self.backend}:{self.name}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs in USD per token."""

    input_usd: float
    output_usd: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        return self.input_usd * input_tokens + self.output_usd * output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTerms:
    """What a provider's batch API takes, and for how much."""

    requests: int
    """The most requests in one batch."""
    bytes: int
    """The largest batch, as it is sent."""
    price: float
    """A request's price as a share of that of one asked for by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a backend promises for one model, known without asking the model."""

    temperature: TemperatureStatus = "honoured"
    temperature_min: float = 0.0
    temperature_max: float | None = None
    """None: no known upper limit."""
    temperature_zero: bool = True
    """Whether 0 is allowed, where the lowest temperature is 0."""
    temperature_accepts: tuple[float, ...] = ()
    """The temperatures that a model takes which rejects all others."""
    unsent: frozenset[str] = frozenset()
    """What its requests leave out, by the API's names: parameters that it refuses whatever their value, the temperature perhaps
    among them. It then draws at the one temperature that it accepts."""
    efforts: tuple[str, ...] = ()
    """The values of `reasoning_effort` that it is known to take."""
    instead: str = ""
    """What to do about a temperature that it does not honour."""
    source: str = ""
    """Where this is known from, and since when."""
    ends: date | None = None
    """From this day on it is not to be had any more; None: no end is known."""
    successor: str = ""
    """The model that answers under its name from then on; "": none does, or none is known."""
    successor_temperature: TemperatureStatus = "unknown"
    """What that model does with temperature."""
    top_p: TopPRule | None = None
    logprob_kind: LogprobKind = "unknown"
    max_logprobs: int | None = None
    """The most alternatives per token it returns; None: no known limit; 0: it returns none."""
    seed: bool = False
    """Whether a seed is sent and meant to be honoured."""
    max_choices: int = 1
    """The most answers that it gives to one request."""
    params: frozenset[str] = frozenset()
    """The `SamplingParams` fields it can honour; a plan that sets another one is refused."""
    price: Price | None = None
    """None: not known. A model that computes on this machine costs nothing."""
    batch: BatchTerms | None = None
    """None: it has no batch API that its backend knows."""
    recommended: Advice | None = None
    """How it is meant to be sampled, where that is known without asking the model; None: it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What was found when the model was reached or loaded: recorded with the run so that it can be defended later."""

    digest: str | None = None
    """Of the model's file, `algorithm:hex`; None where there is no file to digest."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able facts: engine and its version, sizes, context length, chat template's digest, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderChoice:
    """The embedding model that a run's texts are compared by."""

    model: str
    """`backend:name`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """As in `ModelSpec`."""
    name: str
    """What the versions of scores made with it call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """What an embedding model makes of texts."""

    vectors: tuple[Sequence[float], ...]
    """One for each text, in their order, all of one length; as the model gives them, of any norm."""
    cut: frozenset[int] = frozenset()
    """Places of the texts that were longer than the model reads, so that only their beginnings count."""
    note: str | None = None
    """What a person should know of the model as an embedder."""
