"""Arms: settings beside the temperature that a model is tried with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Advice", "Arm", "Recommendation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is recommended for a model, as it is written where it was found."""

    values: Mapping[str, Any]
    """By the names that they have there."""
    source: str
    """Where that is; with the date for what was read elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """How those who made a model say that it is to be sampled, as far as it can be set."""

    temperature: float
    sampling: Mapping[str, float] = field(default_factory=dict)
    """`SamplingParams` fields by name."""
    left_out: tuple[str, ...] = ()
    """What else is recommended, and cannot be set: `name=value`, as it is called there."""
    source: str
    """As in `Advice`."""

    @property
    def settings(self) -> str:
        """As a person writes them: `0.7, top_p=0.9`."""
        return _settings(self.temperature, self.sampling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A model at one temperature, with sampling parameters of its own: one more choice beside its temperatures."""

    of: str
    """The label of the model that it is a variant of, in the same plan. Both draw the same random numbers."""
    temperature: float
    sampling: Mapping[str, float] = field(default_factory=dict)
    """`SamplingParams` fields by name, in place of what prompt and run say."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the model that are its own, such as `reasoning_effort`."""
    source: str = ""
    """Where the recommendation is from; empty for settings that somebody chose."""
    left_out: tuple[str, ...] = ()
    """As in `Recommendation`."""

    @property
    def recommended(self) -> bool:
        return bool(self.source)

    @property
    def settings(self) -> str:
        """As a person writes them: `0.7, top_p=0.9`."""
        options = (f"{name}={value}" for name, value in self.options.items())
        return ", ".join([_settings(self.temperature, self.sampling), *options])


def _settings(temperature: float, sampling: Mapping[str, float]) -> str:
    """Return a temperature and what goes with it, as a person writes them."""
    return ", ".join([f"{temperature:g}", *(f"{name}={value:g}" for name, value in sampling.items())])
