"""The words of tempkit as frozen dataclasses: what flows from a prompt file to a report.

They hold data and check nothing that needs another module; `Plan` is here, and not beside the code that builds it,
because the store and the comparison read it too. Names of request fields are OpenAI's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = [
    "LARGEST_SCORE",
    "TYPED",
    "BatchTerms",
    "Budget",
    "Capabilities",
    "Check",
    "Completion",
    "EmbedderChoice",
    "Embeddings",
    "Failure",
    "FailureKind",
    "FinishReason",
    "Item",
    "LogprobKind",
    "Look",
    "Message",
    "ModelInfo",
    "ModelSpec",
    "Outcome",
    "Passage",
    "Plan",
    "Price",
    "Prompt",
    "Rating",
    "Role",
    "Sample",
    "SampleKey",
    "SamplingParams",
    "Score",
    "Scored",
    "Sweep",
    "TemperatureStatus",
    "TokenLogprob",
    "TopPRule",
    "TopUp",
    "joined_names",
]

Role = Literal["system", "user", "assistant"]

FinishReason = Literal["stop", "length", "content_filter", "refusal", "tool_calls", "unstated", "unknown"]
"""Why a completion ended. `length`: cut by `max_tokens`, so it must not be scored as if whole. `content_filter`: cut, or withheld, by the
provider. `refusal`: the model declined, and the provider says so; the text is what it said. `unstated`: where it comes from nothing was said
of its end, as in a table without a column for that; it is taken as whole. `unknown`: something was said of its end that nobody here knows, so
it is not known to be whole."""

LogprobKind = Literal["raw", "tempered", "unknown", "none"]
"""What a logprob is of: `raw` log-softmax before temperature and truncation; `tempered` after; never mixed."""

TemperatureStatus = Literal["honoured", "rejected", "ignored", "unknown"]
"""What a model does with temperature. `rejected`: an error; `ignored`: no error and no effect."""

TopPRule = Literal["alone", "one", "one_at_zero"]
"""`alone`: never sent together with a temperature; `one`: 1 only; `one_at_zero`: 1 only when the temperature is 0."""

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
    instead: str = ""
    """What to do about a temperature that it does not honour."""
    source: str = ""
    """Where this is known from, and since when."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What was found when the model was reached or loaded: recorded with the run so that it can be defended later."""

    digest: str | None = None
    """Of the model's file, `algorithm:hex`; None where there is no file to digest."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able facts: engine and its version, sizes, context length, chat template's digest, ..."""


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
    """Every sampling parameter sent, by its name on the wire, the seed included."""
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


LARGEST_SCORE = 1e100
"""The largest magnitude of a score: cubes of such numbers, summed, stay inside the range of a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A measure's value on one completion or on a whole cell, or the reason why there is none."""

    item: str
    """The item's key."""
    model: str
    """The model's label."""
    temperature: float
    replicate: int | None
    """None: the score is of the cell."""
    measure: str
    version: str
    """Of the measure, with whatever else decides its value (embedder, logprob kind, reference model), e.g. `1 raw`.
    Scores of different versions are never compared."""
    value: float | None
    """At most `LARGEST_SCORE` in magnitude; None where the measure could not be taken."""
    reason: str | None = None
    """Why there is no value; None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a person, or a model as judge, said of a completion. It cannot be computed again, so it is only ever added."""

    sample: SampleKey
    rater: str
    measure: str
    """The question asked."""
    value: float
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A given text to be scored by a model, token by token (teacher-forced)."""

    text: str
    messages: tuple[Message, ...] = ()
    """The conversation it answers; without one it is scored by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a model says of a passage."""

    index: int
    """Of the passage, in the order given."""
    tokens: tuple[TokenLogprob, ...] = ()
    """Of the text alone, with raw logprobs. A first token that nothing comes before has none."""
    reason: str | None = None
    """Why there is no score; None when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """What an embedding model makes of texts."""

    vectors: tuple[Sequence[float], ...]
    """One for each text, in their order, all of one length; as the model gives them, of any norm."""
    cut: frozenset[int] = frozenset()
    """Places of the texts that were longer than the model reads, so that only their beginnings count."""
    note: str | None = None
    """What a person should know of the model as an embedder."""


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
class Look:
    """A state of the data that a decision was read from. Whoever looks more often gives chance more tries, so looks are counted."""

    prompt: str
    """The first prompt of the use case, by its name: there is one decision for each use case and model."""
    model: str
    """The model's label."""
    digest: str
    """Of what the data were: equal digests are the same data, and another decision from them is no new look."""
    completions: int | None
    """That there were; None for a look from before they were counted."""
    scores: int | None
    """That were not computed from completions: imported, or by a judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run may cost at most; None: no limit."""

    usd: float | None = None
    tokens: int | None = None
    """Of prompts and answers together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """More samples for some cells of a plan, asked for once its first samples were seen."""

    model: str
    """The model's label."""
    prompts: tuple[str, ...]
    """Names of the prompts whose items get them."""
    temperatures: tuple[float, ...]
    """Some of the plan's."""
    repeat: int
    """Samples per cell, those of the plan included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a run will do, before it does it: pure data, the same for the same inputs."""

    name: str
    prompts: tuple[Prompt, ...]
    models: tuple[ModelSpec, ...]
    temperatures: tuple[float, ...]
    repeat: int
    seed: int
    sampling: Mapping[str, SamplingParams]
    """By prompt name."""
    budget: Budget = field(default_factory=Budget)
    topups: tuple[TopUp, ...] = ()
    use_cases: Mapping[str, str] = field(default_factory=dict)
    """The run's own use cases: by name the TOML that describes each, so that no file is needed later. Prompts name them, and
    those shipped, in `Prompt.use_case`."""
    logprobs_required: bool = field(default=False, compare=False)
    """Whether their number was asked for, so that a model which returns fewer is refused. Not stored."""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for prompt in self.prompts for item in prompt.items)

    @property
    def cell_count(self) -> int:
        return len(self.items) * len(self.models) * len(self.temperatures)

    def repeat_of(self, prompt: str, model: str, temperature: float) -> int:
        """Return how many samples each cell of a prompt's items has on a model at a temperature."""
        more = (
            topup.repeat
            for topup in self.topups
            if model == topup.model and prompt in topup.prompts and temperature in topup.temperatures
        )
        return max(self.repeat, *more, 0)

    @property
    def topped_up(self) -> int:
        """How many of the samples were planned by top-ups."""
        return self.sample_count - replace(self, topups=()).sample_count

    @property
    def sample_count(self) -> int:
        return sum(
            len(prompt.items) * self.repeat_of(prompt.name, model.label, temperature)
            for prompt in self.prompts
            for model in self.models
            for temperature in self.temperatures
        )
