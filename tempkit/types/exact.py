"""What was computed, not counted, of a question's answers."""

from dataclasses import dataclass

__all__ = ["ExactAnswer", "ExactAnswers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactAnswer:
    """An accepted answer."""

    text: str
    probabilities: tuple[float, ...]
    """That were found of it, by temperature: at least so probable is it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactAnswers:
    """Bounds on the probability that an answer to an item on a model is accepted, at many temperatures."""

    item: str
    """The item's key."""
    model: str
    """The model's label."""
    temperatures: tuple[float, ...]
    """Increasing."""
    lower: tuple[float, ...]
    """By temperature, like all that follow."""
    upper: tuple[float, ...]
    closed: bool
    """Whether the item's checks leave few answers, so that most beginnings were ruled out at once."""
    passes: int
    """Beginnings of answers that the model was asked about."""
    tokens: int
    """That it evaluated for them, those of the prompt included."""
    answers: tuple[ExactAnswer, ...] = ()
    """The most probable accepted ones that were found."""
    signature: str = ""
    """Of what decides all this: equal ones need not be computed again."""
