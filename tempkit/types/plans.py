"""Plans: everything that a run will do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tempkit.types.models import ModelSpec
from tempkit.types.prompts import Item, Prompt, SamplingParams

__all__ = ["Budget", "Plan", "TopUp"]


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
