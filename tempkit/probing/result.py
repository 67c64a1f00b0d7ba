"""What a probe found: plain values, the same in the file that is kept, in `--json` and on the screen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tempkit.types import LogprobKind

__all__ = [
    "Answering",
    "Determinism",
    "Effect",
    "Logprobs",
    "Parameter",
    "ProbeResult",
    "PromptLength",
    "Seed",
    "Status",
    "Temperature",
    "Thinking",
]

Status = Literal["honoured", "rejected", "ignored", "clamped", "remapped", "unknown"]
"""What a model does with the temperature. `clamped`: honoured up to a limit; `remapped`: another temperature is at work than the one sent."""

Taken = Literal["taken", "dropped", "refused", "not_sent", "unknown"]
"""What became of a parameter. `dropped`: no error and no effect; `not_sent`: its adapter knows that the API has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How a nominal temperature behaves."""

    temperature: float
    behaves_like: float | None
    """None: it could not be told."""
    se: float | None
    tokens: int
    """Drawn tokens that this rests on."""
    detectable: float | None
    """By which share less than what was sent it must be to be found 95 times in 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """What the temperature does."""

    status: Status
    why: str
    """The finding in a sentence."""
    by: Literal["logprobs", "texts", "refusals", "nothing"]
    """What it was found from."""
    scale_seen: bool
    """Whether a constant factor on every temperature would have been noticed; it takes raw logprobs."""
    limit: float | None = None
    """Where it is clamped."""
    factor: float | None = None
    """What every temperature is multiplied by."""
    truncation: str | None = None
    """What truncates before the temperature: `min_p`, `top_k`, `top_p`, or `some`."""
    effects: tuple[Effect, ...] = ()
    p_value: float | None = None
    """Of the temperature's being honoured; without logprobs, of its doing nothing."""
    accepts: tuple[float, ...] = ()
    """Temperatures that were taken."""
    refused: tuple[float, ...] = ()
    says: str = ""
    """The provider's words when it refuses one."""
    largest: float | None = None
    """The largest that was taken."""
    bounded: bool = False
    """Whether a larger one was refused."""
    zero: bool | None = None
    """Whether 0 is taken; None: that was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logprobs:
    """What logprobs come, and what they are of."""

    kind: LogprobKind
    most: int = 0
    """The most alternatives that a token came with."""
    asked: int = 0
    limited: bool = False
    """Whether fewer came than were asked for, or more were refused."""
    truncated: bool = False
    """Whether they are of what a truncation left."""
    unsorted: bool = False
    """Whether alternatives come in another order than from the most probable one down."""
    markers: bool = False
    """Whether numbers come that are no probabilities, such as -9999."""
    unmatched: int = 0
    """Answers whose tokens are not those of the text."""
    noise: float | None = None
    """How far slopes between equal requests vary; 0: not at all."""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Determinism:
    """How far answers at temperature 0 differ."""

    temperature: float | None = 0.0
    """None: 0 is not taken, so this was not asked."""
    alone: float | None = None
    """Share of the answers, asked one after the other, that differ from their prompt's most frequent one."""
    together: float | None = None
    """Likewise, asked many at once."""
    answers: int = 0
    gap: float | None = None
    """Median difference in nats between the two most probable tokens, where answers begin to differ."""
    near_ties: bool = False
    """Whether they begin to differ only where two tokens are next to equally probable."""
    greedy: bool | None = None
    """Whether the most probable token is taken; None: that cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a seed does, at temperature 1."""

    status: Literal["honoured", "partly", "ignored", "refused", "not_sent", "unknown"]
    same: int = 0
    """Pairs with the same seed that gave the same answer."""
    other: int = 0
    """Pairs with different seeds that did."""
    of: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What became of one parameter."""

    status: Taken
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """What the model writes to think."""

    status: Literal["none", "apart", "in_text", "in_logprobs"]
    tokens: int = 0
    """The most that any answer was counted with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptLength:
    """What becomes of a long prompt."""

    status: Literal["complete", "cut", "refused", "unknown"]
    words: int = 0
    """Of the longest prompt that was asked."""
    counted: int | None = None
    """Tokens that the server counted in it."""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Whether one model answered from the first request to the last."""

    status: Literal["same", "changed", "unknown"]
    models: tuple[str, ...] = ()
    """What the server called it."""
    differing: int = 0
    """Of the last answers, those that are not what the first ones were."""
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """All that a probe found."""

    model: str
    temperature: Temperature
    logprobs: Logprobs
    determinism: Determinism | None = None
    """None, here as below: it was not asked."""
    seed: Seed | None = None
    n: Parameter | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """By name in `SamplingParams`."""
    thinking: Thinking | None = None
    prompt: PromptLength | None = None
    answering: Answering | None = None
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    date: str = ""
    """ISO 8601, of the day."""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        data = asdict(self)
        data["tokens"] = self.input_tokens + self.output_tokens
        return data
