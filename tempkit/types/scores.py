"""What is said of completions: scores, ratings, log-probabilities under a model, and looks at them."""

from dataclasses import dataclass

from tempkit.types.outcomes import SampleKey, TokenLogprob
from tempkit.types.prompts import Message
from tempkit.types.reasons import Reason

__all__ = ["LARGEST_SCORE", "Look", "Passage", "Rating", "Score", "Scored"]

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
    reason: Reason | None = None
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
    round: int | None = None
    """Which of the looks that the run's design announced it was; None for any other."""
