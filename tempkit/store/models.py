"""The store's tables.

A run is self-contained: its prompts, items and models are rows of its own, so that it can be resumed and reported on
another machine, years later, without its prompt files. Everything that was observed (completion, token, failure) is
only ever added to; the one change is a failure's `retried_at`, set when another attempt at the sample was stored. What a
batch still owes (batch_request) goes away as it comes.

Column names are what people write in their own SQL: renaming one is a breaking change. A change here needs a new
migration in `migrations/versions/`; a test compares the two.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from tempkit.store.declaring import METADATA, Base, json_column, time_column
from tempkit.store.sheet_models import RatingPairRow, RatingSheetRow
from tempkit.store.token_models import AlternativesRow, TokenRow

__all__ = [
    "METADATA",
    "AlternativesRow",
    "BatchRequestRow",
    "BatchRow",
    "CompletionRow",
    "ExactAnswerRow",
    "FailureRow",
    "ItemRow",
    "LookRow",
    "MetaRow",
    "ModelRow",
    "PromptRow",
    "RatingPairRow",
    "RatingRow",
    "RatingSheetRow",
    "RunRow",
    "ScoreRow",
    "ScoringRow",
    "TokenRow",
]


class MetaRow(Base, table=True):
    """Facts on the database itself."""

    __tablename__ = "store_meta"

    name: str = Field(primary_key=True)
    """`written_by`: the version of tempkit that last changed the schema."""
    value: str


class RunRow(Base, table=True):
    """One execution of one experiment."""

    __tablename__ = "run"

    id: str = Field(primary_key=True)
    """8 random hexadecimal digits."""
    name: str = Field(unique=True)
    experiment: str
    """The plan's own name; `name` is this one, with a number after it where it was taken."""
    status: str
    """running, interrupted, finished."""
    created_at: datetime = time_column()
    finished_at: datetime | None = time_column(nullable=True)
    seed: int = Field(sa_type=BigInteger)
    repeat: int
    temperatures: list[float] = json_column()
    sampling: dict[str, dict[str, Any]] = json_column()
    """By prompt name, the fields of `SamplingParams`."""
    tempkit_version: str
    environment: dict[str, Any] = json_column()
    budget: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The fields of `Budget`; null where there is none."""
    topups: list[dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The fields of each `TopUp`; null where there is none."""
    later: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The fields of `Later`, sorted; null where it is empty."""
    arms: dict[str, dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """By model label the fields of the `Arm`; null where no model is one."""
    design: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The fields of the `Design`; null for a run whose samples were all planned by hand."""
    embedder: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The fields of the `EmbedderChoice`; null for the bundled one."""
    reference: str | None = None
    """The reference model that its texts are scored under, as named on the command line; null where none was named."""
    use_cases: dict[str, str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    """The run's own use cases, by name the TOML of each; null where it has none."""
    note: str | None = None
    """What somebody wrote of the run; null for nothing."""
    planned: int | None = None
    """Samples that the run is to draw; null for a run without a top-up from before there were any."""


class PromptRow(Base, table=True):
    """A prompt file as it was when the run began."""

    __tablename__ = "prompt"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    position: int
    name: str
    description: str
    use_case: str | None = None
    language: str | None = None
    path: str | None = None
    source: str
    options: dict[str, Any] = json_column()
    suggested_temperature: float | None = None


class ItemRow(Base, table=True):
    """One prompt rendered with one row of its data."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("run_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    prompt_id: int = Field(foreign_key="prompt.id", index=True)
    position: int
    """In the whole plan, over all its prompts."""
    key: str
    messages: list[dict[str, str]] = json_column()
    variables: dict[str, Any] = json_column()
    facts: list[list[str]] = json_column()
    checks: list[dict[str, Any]] = json_column()
    digest: str
    """SHA-256 of the messages: equal digests in two runs are the same question."""


class ModelRow(Base, table=True):
    """A model as the user named it, and what was found when it was reached."""

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("run_id", "label"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    position: int
    label: str
    backend: str
    name: str
    options: dict[str, Any] = json_column()
    digest: str | None = None
    details: dict[str, Any] = json_column()


class CompletionRow(Base, table=True):
    """A sample that came back. Never updated."""

    __tablename__ = "completion"
    __table_args__ = (
        UniqueConstraint("run_id", "item_id", "model_id", "temperature_requested", "replicate"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    item_id: int = Field(foreign_key="item.id")
    model_id: int = Field(foreign_key="model.id")
    temperature_requested: float
    temperature_sent: float | None = None
    """Null when the parameter was left out of the request."""
    replicate: int
    seed: int | None = Field(default=None, sa_type=BigInteger)
    text: str
    finish_reason: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    logprob_kind: str
    params: dict[str, Any] = json_column()
    """Every parameter sent, under the provider's name for it."""
    response_model: str | None = None
    fingerprint: str | None = None
    attempts: int
    batch: str | None = None
    """The provider's id of the batch that it came in, for a part of the price; null where it was asked for by itself."""
    thinking: str | None = None
    """What the model wrote to think, before its answer; null where nothing of the kind came, or from before revision 0007."""
    thinking_tokens: int | None = None
    """How many of the output's tokens were thinking; null where that is not known."""
    response_id: str | None = None
    """The provider's id of the answer; null where it gave none, and in all rows from before revision 0012, like the next two."""
    cache_read_tokens: int | None = None
    """How many of the prompt's tokens the provider had in its cache."""
    cache_write_tokens: int | None = None
    """How many of them it put there."""
    address: str | None = None
    """Which of the model's several addresses gave it; null where it has one, and in all rows from before revision 0014."""
    created_at: datetime = time_column()


class FailureRow(Base, table=True):
    """An attempt that did not come back. It stands while `retried_at` is null, and is never deleted."""

    __tablename__ = "failure"
    __table_args__ = (
        Index("ix_failure_sample", "run_id", "item_id", "model_id", "temperature_requested", "replicate"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    item_id: int = Field(foreign_key="item.id")
    model_id: int = Field(foreign_key="model.id")
    temperature_requested: float
    temperature_sent: float | None = None
    replicate: int
    seed: int | None = Field(default=None, sa_type=BigInteger)
    kind: str
    message: str
    attempts: int
    batch: str | None = None
    """As in `completion`."""
    created_at: datetime = time_column()
    retried_at: datetime | None = time_column(nullable=True)
    """When a later outcome of the same sample was stored."""


class ScoreRow(Base, table=True):
    """A measure's value on one sample, or on a whole cell when `replicate` is null. Computed anew, it is replaced."""

    __tablename__ = "score"
    __table_args__ = (
        Index("ix_score_measure", "run_id", "measure"),
        Index("ix_score_block", "run_id", "item_id", "model_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    item_id: int = Field(foreign_key="item.id")
    model_id: int = Field(foreign_key="model.id")
    completion_id: int | None = Field(default=None, foreign_key="completion.id", index=True)
    """Null for a cell's score, and for an imported score of a text that was not."""
    temperature_requested: float
    replicate: int | None = None
    measure: str
    version: str
    value: float | None = None
    """Null where the measure could not be taken; `reason` says why."""
    status: str
    """ok, missing."""
    reason: str | None = None
    """A code of `tempkit.types.reasons`, with its parameters as JSON behind it; another text is somebody else's words."""
    created_at: datetime = time_column()


class ScoringRow(Base, table=True):
    """When an item on a model was last scored: by what, and how much there was of it."""

    __tablename__ = "scoring"

    run_id: str = Field(primary_key=True, foreign_key="run.id")
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    model_id: int = Field(primary_key=True, foreign_key="model.id")
    signature: str
    """Of the measures with their versions and whatever else decides their values."""
    completions: int
    """That there were: with more of them the scores are out of date."""
    created_at: datetime = time_column()


class ExactAnswerRow(Base, table=True):
    """Bounds on the probability that an answer to an item on a model is accepted. Computed anew, they are replaced."""

    __tablename__ = "exact_answer"

    run_id: str = Field(primary_key=True, foreign_key="run.id")
    item_id: int = Field(primary_key=True, foreign_key="item.id")
    model_id: int = Field(primary_key=True, foreign_key="model.id")
    temperatures: list[float] = json_column()
    lower: list[float] = json_column()
    """By temperature, like `upper`."""
    upper: list[float] = json_column()
    closed: bool
    """Whether the item's checks leave few answers."""
    passes: int
    """Beginnings of answers that the model was asked about."""
    tokens: int
    """That it evaluated for them, those of the prompt included."""
    answers: list[dict[str, Any]] = json_column()
    """The fields of each `ExactAnswer`."""
    signature: str
    """Of what decides all this."""
    created_at: datetime = time_column()


class LookRow(Base, table=True):
    """A state of a use case's data on a model that a decision was read from."""

    __tablename__ = "look"
    __table_args__ = (UniqueConstraint("run_id", "prompt_id", "model_id", "digest"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    prompt_id: int = Field(foreign_key="prompt.id")
    """The use case's first prompt."""
    model_id: int = Field(foreign_key="model.id")
    digest: str
    """Of the data; for a look from before revision 0006 only its number."""
    completions: int | None = None
    """That there were; null, like the two below, for a look from before revision 0006."""
    scores: int | None = None
    """That were not computed from completions."""
    round: int | None = None
    """Which of the looks that the run's design announced it was; null for any other."""
    created_at: datetime | None = time_column(nullable=True)


class RatingRow(Base, table=True):
    """What a person, or a model as judge, said of a completion. A changed mind is a new row; the newest counts."""

    __tablename__ = "rating"

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id", index=True)
    completion_id: int = Field(foreign_key="completion.id", index=True)
    rater: str
    measure: str
    """The question asked."""
    value: float
    comment: str | None = None
    created_at: datetime = time_column()


class BatchRow(Base, table=True):
    """Samples handed to a provider together."""

    __tablename__ = "batch"

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id", index=True)
    model_id: int = Field(foreign_key="model.id")
    tag: str = Field(unique=True)
    """Ours; the provider is told it with the batch."""
    remote_id: str | None = None
    """The provider's id."""
    state: str
    """submitting, open, collected, refused. Of one that is `submitting` nobody knows yet whether the provider took it."""
    requests: int
    created_at: datetime = time_column()
    submitted_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)


class BatchRequestRow(Base, table=True):
    """A sample that a batch still owes. No sample can be in two batches at once."""

    __tablename__ = "batch_request"
    __table_args__ = (
        UniqueConstraint("run_id", "item_id", "model_id", "temperature_requested", "replicate"),
    )

    batch_id: int = Field(primary_key=True, foreign_key="batch.id")
    number: int = Field(primary_key=True)
    run_id: str = Field(foreign_key="run.id")
    item_id: int = Field(foreign_key="item.id")
    model_id: int = Field(foreign_key="model.id")
    temperature_requested: float
    replicate: int
    seed: int | None = Field(default=None, sa_type=BigInteger)
    params: dict[str, Any] = json_column()
