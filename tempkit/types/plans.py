"""Plans: everything that a run will do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from tempkit.types.arms import Arm
from tempkit.types.models import ModelSpec
from tempkit.types.prompts import Item, Prompt, SamplingParams

__all__ = ["Budget", "Design", "Later", "Plan", "TopUp"]


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
    items: tuple[str, ...] | None = None
    """Keys of the items that get them, of these prompts; None: all that the run began with."""
    round: int | None = None
    """Of the run's design, the round that asks for them, from 2; None: somebody asked for them by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What a plan's own `repeat` says nothing of: what it did not begin with, and temperatures that arms alone are asked at."""

    items: frozenset[str] = frozenset()
    """Keys."""
    temperatures: frozenset[float] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How a run spends its samples where they decide: written down before the first of them is drawn."""

    looks: int
    """Looks at the data that share the error budget evenly."""
    judged_by: Mapping[str, Any] = field(default_factory=dict)
    """What to decide by, where that is not what the prompts' use cases say: names and values as JSON has them."""
    finest: float = 0.0
    """The smallest step between temperatures that the grid is refined to; 0: it is not refined."""
    pool: Mapping[str, int] = field(default_factory=dict)
    """By prompt name, how many items there are to ask, those asked included."""
    fixed_limit: bool = False
    """Whether the limit on an answer's tokens was asked for, so that it is never raised."""
    expect: str | None = None
    """What every answer must contain beside its item's own facts, as it was asked for; further items get it too."""
    judge: str | None = None
    """The model that judges each round's answers, as on the command line; None: none does."""
    rubric: str | None = None
    """What a good answer is, for the judge; None: it compares answers in pairs."""
    in_place_of: str | None = None
    """The id of an earlier run of the same design whose answers were truncated too often; None: there is none."""


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
    later: Later = field(default_factory=Later)
    """Items and temperatures that came with top-ups, and temperatures of arms that are not in the grid."""
    arms: Mapping[str, Arm] = field(default_factory=dict)
    """Which of the models are arms, by label."""
    design: Design | None = None
    """None: all samples were planned by hand."""
    use_cases: Mapping[str, str] = field(default_factory=dict)
    """The run's own use cases: by name the TOML that describes each, so that no file is needed later. Prompts name them, and
    those shipped, in `Prompt.use_case`."""
    without_temperature: bool = field(default=False, compare=False)
    """Whether requests leave the temperature out, for a model that refuses or ignores every one; its one temperature is then a mere name. Of
    a judge's questions alone: a run compares temperatures. Not stored."""
    logprobs_required: bool = field(default=False, compare=False)
    """Whether their number was asked for, so that a model which returns fewer is refused. Not stored."""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for prompt in self.prompts for item in prompt.items)

    @property
    def cell_count(self) -> int:
        """Cells that have samples."""
        return sum(
            repeat > 0
            for model in self.models
            for row in self.repeats(model.label).values()
            for repeat in row.values()
        )

    def repeats(self, model: str) -> dict[str, Mapping[float, int]]:
        """Return how many samples each cell on a model has: by item key, for every temperature of the plan."""
        arm = self.arms.get(model)
        first = {
            t: self.repeat
            if (t not in self.later.temperatures if arm is None else t == arm.temperature)
            else 0
            for t in self.temperatures
        }
        none = dict.fromkeys(self.temperatures, 0)
        found: dict[str, Mapping[float, int]] = {
            item.key: none if item.key in self.later.items else first for item in self.items
        }
        prompts = {prompt.name: [item.key for item in prompt.items] for prompt in self.prompts}
        for topup in self.topups:
            if topup.model != model:
                continue
            keys = topup.items
            if keys is None:
                of = (key for name in topup.prompts for key in prompts[name])
                keys = tuple(key for key in of if key not in self.later.items)
            for key in keys:
                row = found[key]
                more = {t: max(row[t], topup.repeat) for t in topup.temperatures}
                found[key] = {**row, **more}
        return found

    def asked_at(self, model: str) -> tuple[float, ...]:
        """Return the temperatures at which a model has samples: of an arm its own alone."""
        rows = self.repeats(model).values()
        return tuple(t for t in self.temperatures if any(row[t] for row in rows))

    def compared_at(self, model: str) -> tuple[float, ...]:
        """Return the temperatures that a model stands at in tables: an arm at its own, the others at all but those of arms alone."""
        if model in self.arms:
            return (self.arms[model].temperature,)
        alone = self.later.temperatures.intersection(arm.temperature for arm in self.arms.values())
        alone -= set(self.asked_at(model)) if alone else set()
        return tuple(t for t in self.temperatures if t not in alone)

    def sampling_of(self, model: str, prompt: str) -> SamplingParams:
        """Return how tokens are drawn for a prompt on a model: as the run says, but for what an arm says otherwise."""
        arm = self.arms.get(model)
        return self.sampling[prompt] if arm is None else replace(self.sampling[prompt], **arm.sampling)  # type: ignore[arg-type]

    @property
    def topped_up(self) -> int:
        """How many of the samples were planned by top-ups."""
        return self.sample_count - replace(self, topups=()).sample_count

    @property
    def sample_count(self) -> int:
        return sum(sum(row.values()) for model in self.models for row in self.repeats(model.label).values())

    def round_of(self, prompts: Collection[str]) -> int:
        """Return the last round of the design for some prompts, from 1."""
        return max((t.round or 1 for t in self.topups if not set(prompts).isdisjoint(t.prompts)), default=1)

    def at_round(self, number: int) -> Self:
        """Return the plan as it was when a round of its design was planned, and nothing had been added by hand."""
        return replace(
            self, topups=tuple(t for t in self.topups if t.round is not None and t.round <= number)
        )

    def grown(self, topups: Sequence[TopUp], items: Mapping[str, Sequence[Item]]) -> Self:
        """Return the plan with more to do.

        Args:
            topups: What more; temperatures that the plan lacks come with them.
            items: By prompt name, further items for it.
        """
        there = {item.key for item in self.items}
        new = [item.key for more in items.values() for item in more]
        if there.intersection(new) or len(set(new)) < len(new):
            raise ValueError("an item is in the plan already")
        temperatures = {t for topup in topups for t in topup.temperatures} - set(self.temperatures)
        return replace(
            self,
            prompts=tuple(replace(p, items=(*p.items, *items.get(p.name, ()))) for p in self.prompts),
            temperatures=tuple(sorted({*self.temperatures, *temperatures})),
            topups=(*self.topups, *topups),
            later=Later(
                items=self.later.items.union(new),
                temperatures=self.later.temperatures | temperatures,
            ),
        )
