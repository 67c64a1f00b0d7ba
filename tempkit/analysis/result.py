"""What a comparison is: the answers at each temperature and how many there are, as frozen dataclasses.

Kept apart from how they are gathered, because everything downstream (report, recommendation, export) reads these words
and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tempkit.measures import INCOMPLETE_ENDS
from tempkit.running import Answerers
from tempkit.types import (
    Completion,
    Failure,
    FinishReason,
    Item,
    LogprobKind,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    joined_names,
)

__all__ = [
    "Cell",
    "Comparison",
    "Group",
    "ItemRow",
    "Level",
    "ModelFacts",
    "RunFacts",
    "Section",
    "Spent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is known of a run apart from its plan and its outcomes."""

    name: str
    id: str
    status: str
    created_at: datetime
    finished_at: datetime | None = None
    """None: it is not finished, or was never told."""
    version: str
    """Of tempkit."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able: Python, platform, package versions."""
    note: str | None = None
    """What somebody wrote of it."""
    planned: int
    """Samples the run was to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Completions of one cell with the same text and finish reason."""

    text: str
    finish_reason: FinishReason
    replicates: tuple[int, ...]
    seeds: tuple[int | None, ...]
    """Of each replicate; None where none was sent."""
    found: tuple[bool, ...]
    """For each of the item's facts, whether the text holds it."""
    example: Completion
    """The one with the lowest replicate: its tokens stand for the group's. Read from a store it is without them: they are many,
    and are read item by item where they are needed."""

    @property
    def count(self) -> int:
        return len(self.replicates)

    @property
    def incomplete(self) -> bool:
        """Whether it is not known to be complete."""
        return self.finish_reason in INCOMPLETE_ENDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One item on one model at one temperature."""

    temperature: float
    planned: int
    groups: tuple[Group, ...]
    """The most frequent first, then by lowest replicate."""
    failures: tuple[Failure, ...]
    unlisted: int = 0
    """Answers that are counted and in no group, as the run has more than one page can list."""

    @property
    def n(self) -> int:
        return sum(group.count for group in self.groups) + self.unlisted

    @property
    def pending(self) -> int:
        return max(0, self.planned - self.n - len(self.failures))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item on one model, at every temperature of the plan."""

    item: Item
    cells: tuple[Cell, ...]

    @property
    def listed(self) -> bool:
        """Whether its answers are in groups, and not just counted."""
        return not any(cell.unlisted for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Counts of one temperature in a section."""

    temperature: float
    planned: int
    completions: int
    failed: int
    truncated: int
    """Cut by `max_tokens`."""
    filtered: int
    """Cut by the provider's content filter."""
    unclear: int
    """Ended for a reason that is not known, so that they may be incomplete."""
    input_tokens: int | None
    """Sum; None where any completion's is not known."""
    output_tokens: int | None

    @property
    def pending(self) -> int:
        return max(0, self.planned - self.completions - self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A use case (or what names none: a prompt file, or all that was typed) on one model."""

    use_case: str | None
    prompts: tuple[Prompt, ...]
    model: ModelSpec
    kinds: tuple[LogprobKind, ...]
    """Of its completions, the most frequent first."""
    levels: tuple[Level, ...]
    rows: tuple[ItemRow, ...]

    @property
    def name(self) -> str:
        return self.use_case or joined_names(self.prompts)

    @property
    def listed(self) -> list[ItemRow]:
        """The rows whose answers there is room for on a page: the first of them."""
        return [row for row in self.rows if row.listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a model's completions took, as far as it was told; each sum with the number of completions it is of."""

    cost_usd: float
    costed: int
    input_tokens: int
    output_tokens: int
    counted: int
    """Completions whose tokens, in and out, are known."""
    latency_median_s: float | None
    """From the request, or the sample's first decoding step, to its end; None where it was never measured."""
    latency_p95_s: float | None
    timed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What was seen of a model over the whole run."""

    spec: ModelSpec
    info: ModelInfo | None
    completions: int
    kinds: Mapping[LogprobKind, int]
    sent: Mapping[str, tuple[Any, ...]]
    """Every parameter that was sent with the different values it had, in order of appearance."""
    altered: int
    """Completions whose temperature was sent as another value than requested, or not at all."""
    answerers: Answerers
    """Who made them."""
    spent: Spent

    @property
    def response_models(self) -> tuple[str, ...]:
        """As what it answered."""
        names = (who.name for who in self.answerers.counts)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """In which states."""
        return tuple(self.answerers.fingerprints())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything a report or a recommendation reads."""

    run: RunFacts
    plan: Plan
    models: tuple[ModelFacts, ...]
    sections: tuple[Section, ...]
    recovered: int
    """Samples that failed first and came back on a retry."""

    @property
    def completions(self) -> int:
        return sum(level.completions for section in self.sections for level in section.levels)

    @property
    def failed(self) -> int:
        return sum(level.failed for section in self.sections for level in section.levels)

    @property
    def pending(self) -> int:
        return max(0, self.run.planned - self.completions - self.failed)
