"""The columns of exported tables: the one vocabulary that `export` writes and `import` reads back.

Where OpenTelemetry's conventions for generative AI have a name for a thing, that is its name here, so that a sample can
stand beside a trace from elsewhere (open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md, and for
errors the general registry, v1.41). Where the store has a name for the same thing, both are there. Everything else has the name that it has in the store and in `import`. A sample is
one answer, so its `finish_reason` and `text` are single values, for which the conventions have lists only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "FORMAT_VERSION",
    "MESSAGES",
    "REASON",
    "REPLICATE",
    "SAMPLE",
    "SCORE",
    "SCORES",
    "TOKEN",
    "TOKENS",
    "VERSION",
    "Column",
    "Kind",
    "is_export",
]

Kind = Literal["text", "integer", "number", "strings", "alternatives", "tokens", "json"]
"""What a column holds. The last four are nested: JSON in a cell of CSV."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    about: str
    """What it holds, in a sentence without its full stop."""


FORMAT_VERSION = "1.1"
"""Of these columns. The first number grows when a column of before means something else or is gone, and a tempkit reads no newer one; the
second when there are more. Files without a version are of 1.0.
"""

VERSION = Column("format_version", "text", "of these columns")
"""In every row of every table."""

SCORE = "score."
"""What a measure's column begins with."""

REASON = "score_reason."
"""What the column begins with that says why a measure has no value."""

_KEY = (
    Column("run", "text", "the run's name"),
    Column("prompt", "text", "the prompt's name"),
    Column("use_case", "text", "what the prompt is for; empty where it does not say"),
    Column("item", "text", "the item's key: the prompt rendered with one row of its data"),
    Column("model", "text", "the model's label in the run"),
    Column("temperature", "number", "the temperature that was asked for"),
)
REPLICATE = Column(
    "replicate", "integer", "the number of the sample among those that differ in nothing else, from 0"
)

SAMPLE: tuple[Column, ...] = (
    *_KEY,
    REPLICATE,
    Column("status", "text", "completion or failure"),
    Column("text", "text", "the answer; absent for a failure"),
    Column("thinking", "text", "what the model wrote to think, before its answer"),
    Column(
        "finish_reason",
        "text",
        "stop, length (truncated at max_tokens), content_filter, refusal, tool_calls, unstated, unknown",
    ),
    Column("error.type", "text", "why there is no answer: connection, timeout, rate_limit, rejected, ..."),
    Column("error.message", "text", "the failure in words"),
    Column("gen_ai.operation.name", "text", "what was asked for: chat, generate_content"),
    Column("gen_ai.provider.name", "text", "who was asked; for local models the backend"),
    Column("gen_ai.request.model", "text", "the model's name in the request"),
    Column(
        "gen_ai.request.temperature", "number", "the temperature that was sent; empty when it was left out"
    ),
    Column("gen_ai.request.seed", "integer", "the sample's seed; empty where none was sent"),
    Column("gen_ai.request.max_tokens", "integer", "as sent; so are the next five, empty when left out"),
    Column("gen_ai.request.top_p", "number", "the share of probability that was kept"),
    Column("gen_ai.request.top_k", "number", "how many tokens were kept; 0: all"),
    Column("gen_ai.request.frequency_penalty", "number", "the penalty on repeated tokens"),
    Column("gen_ai.request.presence_penalty", "number", "the penalty on tokens that were there before"),
    Column("gen_ai.request.stop_sequences", "strings", "the texts that end an answer"),
    Column(
        "gen_ai.request.choice.count", "integer", "answers asked for at once; empty where that was not said"
    ),
    Column("gen_ai.response.id", "text", "the provider's id of the answer"),
    Column(
        "gen_ai.response.finish_reasons", "strings", "finish_reason, as the list that the conventions have"
    ),
    Column("gen_ai.response.model", "text", "the model's name in the response"),
    Column("gen_ai.usage.input_tokens", "integer", "tokens of the prompt, by the model's own count"),
    Column("gen_ai.usage.output_tokens", "integer", "tokens of the answer, by the model's own count"),
    Column("gen_ai.usage.reasoning.output_tokens", "integer", "how many of these were thinking"),
    Column(
        "gen_ai.usage.cache_read.input_tokens",
        "integer",
        "tokens of the prompt that were in the provider's cache",
    ),
    Column("gen_ai.usage.cache_creation.input_tokens", "integer", "tokens of the prompt that were put there"),
    Column("thinking_tokens", "integer", "as gen_ai.usage.reasoning.output_tokens"),
    Column("fingerprint", "text", "what the provider calls the system that answered"),
    Column("address", "text", "which of the model's several addresses gave it; empty where it has one"),
    Column("params", "json", "every sampling parameter sent, under the provider's name for it"),
    Column("latency_s", "number", "wall time in seconds; empty in a batch"),
    Column("cost_usd", "number", "cost in US dollars; empty where the price is not known"),
    Column("attempts", "integer", "how often it was tried"),
    Column("batch", "text", "the provider's id of the batch that it came in"),
    Column(
        "logprob_kind", "text", "what its logprobs are of: raw (before temperature), tempered, unknown, none"
    ),
)
"""One row per sample. Behind these come `score.MEASURE` and, where a value is missing, `score_reason.MEASURE`."""

MESSAGES = Column("gen_ai.input.messages", "json", "the prompt as it was sent, in OpenTelemetry's form")

_OF_TOKEN = (
    Column("position", "integer", "its place in the answer, from 0"),
    Column("text", "text", "the token"),
    Column("logprob", "number", "natural logarithm of its probability, of the sample's logprob_kind"),
    Column(
        "entropy", "number", "of the whole vocabulary at this place, in nats; empty where it is not known"
    ),
    Column("entropy_tempered", "number", "the same at the sample's temperature, before any cut"),
    Column("rank", "integer", "0 for the most probable token"),
    Column("token_id", "integer", "its number in the model's vocabulary"),
    Column("top", "alternatives", "the most probable tokens with their logprobs, most probable first"),
)

TOKENS = Column("tokens", "tokens", "the answer's tokens, each with " + ", ".join(c.name for c in _OF_TOKEN))
"""In JSON Lines, with the sample."""

TOKEN: tuple[Column, ...] = (
    *(column for column in _KEY if column.name not in ("prompt", "use_case")),
    REPLICATE,
    Column("logprob_kind", "text", "what the logprobs are of: raw (before temperature), tempered, unknown"),
    *_OF_TOKEN,
)
"""One row per token, where rows cannot be nested."""

SCORES: tuple[Column, ...] = (
    *_KEY,
    Column("replicate", "integer", "as in a sample; empty for a measure of all samples at this temperature"),
    Column("measure", "text", "the measure's name"),
    Column("version", "text", "the measure's version, with what else decides its value"),
    Column("value", "number", "its value; empty where it could not be taken"),
    Column("status", "text", "ok or missing"),
    Column("reason", "text", "why it is missing"),
    Column(
        "gen_ai.evaluation.name",
        "text",
        "the measure's name, as the conventions call it; so are the next two",
    ),
    Column("gen_ai.evaluation.score.value", "number", "its value"),
    Column("gen_ai.evaluation.explanation", "text", "why it is missing"),
)
"""One row per score, those of whole cells among them."""


def is_export(columns: Sequence[str]) -> bool:
    """Say whether a table's columns are those of exported samples; further ones may stand among them."""
    return {"run", "item", "model", "temperature", "status", "gen_ai.request.model"} <= set(columns)
