"""Scores as arrays: for a use case on a model, each measure's values by item, temperature and replicate.

This is the form that statistics work on. A hole is NaN and nothing else is; what the holes are is counted beside it, by
reason, because holes are rarely a random part: long answers are cut off, and long answers are the hot ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tempkit.measures import known
from tempkit.reasons import UNKNOWN
from tempkit.types import ModelSpec, Plan, Prompt, Score

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["ScoredSection", "Table", "load_tables", "tables", "use_cases"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One measure, of one version, in one section."""

    measure: str
    version: str
    items: tuple[str, ...]
    temperatures: tuple[float, ...]
    values: NDArray[np.float64]
    """(items, temperatures, replicates); NaN where there is no value. One replicate for a measure of whole cells."""
    missing: Mapping[float, Mapping[str, int]]
    """By temperature, how many values are missing for each reason."""

    @property
    def count(self) -> int:
        return int(np.isfinite(self.values).sum())

    @property
    def auxiliary(self) -> bool:
        """Whether its measure only serves another result."""
        about = known(self.measure)
        return about is not None and about.auxiliary

    def share_missing(self) -> NDArray[np.float64]:
        """Return by temperature the share of scores that were to be taken and have no value; NaN where none were."""
        absent = np.array([sum(self.missing.get(t, {}).values()) for t in self.temperatures], dtype=float)
        there = np.isfinite(self.values).sum(axis=(0, 2))
        whole = absent + there
        return np.asarray(np.divide(absent, whole, out=np.full(len(absent), np.nan), where=whole > 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSection:
    """A use case (or a prompt that names none) on one model, with every measure that was taken."""

    use_case: str | None
    prompts: tuple[Prompt, ...]
    model: ModelSpec
    tables: tuple[Table, ...]
    looks: int = 1
    """How often its data have been looked at: once, and once more for every top-up."""

    @property
    def name(self) -> str:
        return self.use_case or self.prompts[0].name

    def table(self, measure: str) -> Table | None:
        """Return the table of `measure`, of several versions the one with the most values; None where it has none."""
        found = [table for table in self.tables if table.measure == measure and table.count]
        return max(found, key=lambda table: table.count, default=None)

    def why_missing(self, measure: str) -> str | None:
        """Return the most frequent reason why `measure` has no values; None where it was not taken at all."""
        reasons: Counter[str] = Counter()
        for table in self.tables:
            if table.measure == measure:
                for counts in table.missing.values():
                    reasons.update(counts)
        return max(reasons, key=lambda reason: reasons[reason], default=None)


def load_tables(store: "Store", run: "RunRecord") -> list[ScoredSection]:
    """Return a run's scores by use case and model.

    Raises:
        StoreError: They cannot be read.
    """
    return tables(store.load_plan(run.id), store.scores(run.id))


def tables(plan: Plan, scores: Iterable[Score]) -> list[ScoredSection]:
    """Sort scores into arrays, by use case and model in the plan's order."""
    sections = [(prompts, model) for prompts in use_cases(plan) for model in plan.models]
    where = {
        (item.key, model.label): index
        for index, (prompts, model) in enumerate(sections)
        for prompt in prompts
        for item in prompt.items
    }
    found: list[dict[tuple[str, str], list[Score]]] = [{} for _ in sections]
    for score in scores:
        of = found[where[score.item, score.model]]
        of.setdefault((score.measure, score.version), []).append(score)
    return [
        ScoredSection(
            use_case=prompts[0].use_case,
            prompts=tuple(prompts),
            model=model,
            tables=tuple(
                _table(measure, version, prompts, plan.temperatures, part)
                for (measure, version), part in by_measure.items()
            ),
            looks=1 + sum(t.model == model.label and prompts[0].name in t.prompts for t in plan.topups),
        )
        for (prompts, model), by_measure in zip(sections, found, strict=True)
    ]


def use_cases(plan: Plan) -> list[list[Prompt]]:
    """Return prompts that belong together: those of one use case; a prompt that names none stands alone."""
    groups: dict[tuple[bool, str], list[Prompt]] = {}
    for prompt in plan.prompts:
        if prompt.items:
            groups.setdefault((prompt.use_case is None, prompt.use_case or prompt.name), []).append(prompt)
    return list(groups.values())


def _table(
    measure: str,
    version: str,
    prompts: Iterable[Prompt],
    temperatures: tuple[float, ...],
    scores: list[Score],
) -> Table:
    measured = {score.item for score in scores}
    items = [item.key for prompt in prompts for item in prompt.items if item.key in measured]
    row = {key: index for index, key in enumerate(items)}
    column = {temperature: index for index, temperature in enumerate(temperatures)}
    replicates = 1 + max(score.replicate or 0 for score in scores)
    values = np.full((len(items), len(temperatures), replicates), np.nan)
    missing: dict[float, Counter[str]] = {}
    for score in scores:
        if score.value is None:
            missing.setdefault(score.temperature, Counter())[score.reason or UNKNOWN] += 1
        else:
            values[row[score.item], column[score.temperature], score.replicate or 0] = score.value
    return Table(
        measure=measure,
        version=version,
        items=tuple(items),
        temperatures=temperatures,
        values=values,
        missing=missing,
    )
