"""Scores as arrays: for a use case on a model, each measure's values by item, temperature and replicate.

This is the form that statistics work on. A missing value is NaN and nothing else is; why values are missing is counted beside
it, by reason, because they are rarely a random part: long answers are truncated, and long answers are the hot ones.

What values can be is decided here, once for a run: as the registry says for a measure that it knows, unless some value
contradicts it. Scores can be imported under any name, percentages as `check_pass`: they are then numbers without a unit or a
range, since intervals and bounds that assume the registry's would be wrong.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tempkit.analysis.gathering import Gathered, Grid
from tempkit.measures import HUMAN_PREFERENCE, PREFERENCE, RUBRIC, known
from tempkit.statistics import Opinions, Values, beyond
from tempkit.types import Arm, Look, ModelSpec, Plan, Prompt, Reason, Score, joined_names

if TYPE_CHECKING:
    from tempkit.running import Answerers

__all__ = ["Repeats", "Scale", "ScoredSection", "Table", "scale_for", "tables", "use_cases"]

Repeats = Mapping[str, Mapping[float, int]]
"""How many answers were asked for, by item key and temperature."""

_NO_REASON: Mapping[Reason, int] = {}


@dataclass(frozen=True, slots=True)
class Scale:
    """What values of a measure can be."""

    unit: str
    """Empty where it is not known."""
    low: float | None
    high: float | None

    @property
    def span(self) -> float | None:
        """The width of the range, where it has both ends."""
        return None if self.low is None or self.high is None else self.high - self.low


def scale_for(measure: str, values: ArrayLike) -> Scale:
    """Return what values of a measure can be: by the registry, or by the values themselves.

    A measure that is not known but is always 0 or 1 is a share of passes. One that is known, and has a value outside its
    range by more than rounding, is not what its name says: nothing is then known of it.

    Args:
        measure: Its name.
        values: All that there are, of any shape; NaN for none.
    """
    given = np.asarray(values, dtype=np.float64)
    given = given[~np.isnan(given)]
    about = known(measure)
    if about is None:
        return Scale("share", 0.0, 1.0) if np.isin(given, (0.0, 1.0)).all() else Scale("", None, None)
    fits = not beyond(given, about.low, about.high).size
    return Scale(about.unit, about.low, about.high) if fits else Scale("", None, None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One measure, of one version, in one section."""

    measure: str
    version: str
    unit: str
    """Of its values; empty where it is not known."""
    items: tuple[str, ...]
    """Keys, one per row of the values."""
    values: Values
    """With the measure's range. One replicate for a measure of whole cells."""
    repeats: NDArray[np.int64] | None = None
    """How many answers were asked for, (items, temperatures); None: as many everywhere."""

    @classmethod
    def of(
        cls,
        measure: str,
        version: str,
        items: Sequence[str],
        temperatures: Sequence[float],
        numbers: ArrayLike,
        *,
        missing: Mapping[float, Mapping[Reason, int]] | None = None,
        scale: Scale | None = None,
        asked: Sequence[int] | None = None,
    ) -> Self:
        """Return a table of an array (items, temperatures, replicates), NaN for a missing value.

        Args:
            measure: Its name.
            version: Its version.
            items: Keys, one per row.
            temperatures: Rising, one per column.
            numbers: The values.
            missing: By temperature, how many values are missing for each reason.
            scale: What values can be; None: as `scale_for` finds in these.
            asked: By temperature, how many of the items were asked there; None: all of them.

        Raises:
            ValueError: As in `Values`.
        """
        found = scale_for(measure, numbers) if scale is None else scale
        reasons = [(missing or {}).get(temperature, _NO_REASON) for temperature in temperatures]
        values = Values(
            numbers, temperatures, low=found.low, high=found.high, missing=reasons, asked=asked,
            opinions=_opinions(measure, version),
        )  # fmt: skip
        return cls(measure=measure, version=version, unit=found.unit, items=tuple(items), values=values)

    @property
    def temperatures(self) -> tuple[float, ...]:
        """One per column of the values, rising."""
        return self.values.temperatures

    @property
    def missing(self) -> Mapping[float, Mapping[Reason, int]]:
        """How many values are missing for each reason, by those temperatures that lack any."""
        both = zip(self.values.temperatures, self.values.missing, strict=True)
        return {temperature: reasons for temperature, reasons in both if reasons}

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.values.counts.sum())

    @property
    def per_cell(self) -> bool:
        """Whether a value is one of all the answers in a cell."""
        about = known(self.measure)
        return about is not None and about.scope == "cell"

    def at(self, repeats: Repeats) -> Values:
        """Return the values that there were when so many answers had been asked for.

        A value of a whole cell is none of fewer answers, so it is left out where there were fewer.
        """
        then = np.array(
            [[repeats.get(key, {}).get(t, 0) for t in self.temperatures] for key in self.items],
            dtype=np.int64,
        ).reshape(len(self.items), len(self.temperatures))
        if self.per_cell:
            counts = self.repeats
            there = (then > 0) & (counts is not None and then >= np.asarray(counts))
            kept = there[:, :, np.newaxis]
        else:
            kept = np.arange(self.values.array.shape[2]) < then[:, :, np.newaxis]
        numbers = np.where(kept, self.values.array, np.nan)
        return self.values.replaced(numbers, asked=(then > 0).sum(axis=0).tolist())

    @property
    def imported(self) -> bool:
        """Whether its scores were taken elsewhere."""
        from tempkit.store import IMPORTED

        return self.version == IMPORTED

    @property
    def auxiliary(self) -> bool:
        """Whether its measure only serves another result."""
        about = known(self.measure)
        return about is not None and about.auxiliary


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSection:
    """A use case (or what names none: a prompt file, or all that was typed) on one model, with every measure that was taken."""

    use_case: str | None
    prompts: tuple[Prompt, ...]
    model: ModelSpec
    tables: tuple[Table, ...]
    own: str | None = None
    """The TOML of its use case, where that is the run's own; None for one that is shipped."""
    ignores_temperature: bool = False
    """Whether its model is known to ignore the temperature, so that answers differ by chance alone."""
    max_tokens: int | None = None
    """The lowest limit on an answer's tokens that its prompts were asked with; None where it is not known."""
    look: Look | None = None
    """The state of its data; None where there are none, or they are from no store."""
    looks: int = 1
    """How often its data have been looked at, each time with new ones, this time included."""
    planned_looks: int = 0
    """How many looks the run's design announced; 0: none."""
    rounds: tuple[Repeats, ...] = ()
    """What had been asked at each earlier look that the design announced."""
    arm: Arm | None = None
    """What its model is tried with, where that is an arm."""
    answerers: "Answerers | None" = None
    """Who made its answers; None where there are none, or they are from no store."""
    ends: date | None = None
    """When its model's provider switches it off; None where that is not known."""

    @property
    def name(self) -> str:
        return self.use_case or joined_names(self.prompts)

    @property
    def only_imported(self) -> bool:
        """Whether all its scores were imported, as of a run without answers."""
        return bool(self.tables) and all(table.imported for table in self.tables)

    @property
    def imported(self) -> Literal["answers", "scores"] | None:
        """What was brought in from elsewhere: answers, or scores alone; None for a run that asked its models itself."""
        from tempkit.store import IMPORTED

        if self.model.backend != IMPORTED:
            return None
        return "scores" if all(table.imported for table in self.tables) else "answers"

    def table(self, measure: str) -> Table | None:
        """Return the table of `measure`, of several versions the one with the most values; None where it has none."""
        found = [table for table in self.tables if table.measure == measure and table.count]
        return max(found, key=lambda table: table.count, default=None)

    def why_missing(self, measure: str) -> Reason | None:
        """Return the most frequent reason why `measure` has no values; None where it was not taken at all."""
        reasons: Counter[Reason] = Counter()
        for table in self.tables:
            if table.measure == measure:
                for counts in table.values.missing:
                    reasons.update(counts)
        return max(reasons, key=lambda reason: reasons[reason], default=None)


def _opinions(measure: str, version: str) -> Opinions | None:
    """Return what a judge's values, a model's or people's, are of; None for what none said."""
    from tempkit.store import JUDGED

    of: dict[str, Opinions] = {
        RUBRIC.name: "of_texts",
        PREFERENCE.name: "of_pairs",
        HUMAN_PREFERENCE.name: "of_pairs",
    }
    return of.get(measure) if version.startswith(f"{JUDGED} ") else None


def tables(plan: Plan, scores: Iterable[Score]) -> list[ScoredSection]:
    """Sort scores into arrays, by use case and model in the plan's order."""
    sections = [(prompts, model) for prompts in use_cases(plan) for model in plan.models]
    where = {
        (item.key, model.label): index
        for index, (prompts, model) in enumerate(sections)
        for prompt in prompts
        for item in prompt.items
    }
    uneven = plan.design is not None or bool(plan.arms or plan.later.items or plan.later.temperatures)
    repeats = {model.label: plan.repeats(model.label) for model in plan.models} if uneven else {}
    grids = [Grid.of(prompts, plan.compared_at(model.label)) for prompts, model in sections]
    found: list[dict[tuple[str, str], Gathered]] = [{} for _ in sections]
    for score in scores:
        index, kind = where[score.item, score.model], (score.measure, score.version)
        if (gathered := found[index].get(kind)) is None:
            gathered = found[index][kind] = Gathered(grids[index])
        asked = repeats.get(score.model)
        gathered.add(score, asked=asked is None or bool(asked[score.item][score.temperature]))
    scales = {
        kind: scale_for(kind[0], np.concatenate([part[kind].numbers() for part in found if kind in part]))
        for part in found
        for kind in part
    }
    return [
        ScoredSection(
            use_case=prompts[0].use_case,
            prompts=tuple(prompts),
            model=model,
            tables=tuple(
                _table(kind, part, scales[kind], repeats.get(model.label))
                for kind, part in by_measure.items()
            ),
            own=plan.use_cases.get(prompts[0].use_case or ""),
            planned_looks=0 if plan.design is None else plan.design.looks,
            rounds=_rounds(plan, prompts, model),
            arm=plan.arms.get(model.label),
            max_tokens=min(
                (plan.sampling[p.name].max_tokens for p in prompts if p.name in plan.sampling), default=None
            ),
        )
        for (prompts, model), by_measure in zip(sections, found, strict=True)
    ]


def use_cases(plan: Plan) -> list[list[Prompt]]:
    """Return prompts that belong together: those of one use case, and those that were typed; any other that names none stands alone.

    A prompt whose items a design has not asked yet is among them: a later round may, and a section is to be the same in all.
    """
    pool = {} if plan.design is None else plan.design.pool
    groups: dict[tuple[bool, str], list[Prompt]] = {}
    for prompt in plan.prompts:
        if prompt.items or pool.get(prompt.name):
            alone = "" if prompt.typed else prompt.name
            groups.setdefault((prompt.use_case is None, prompt.use_case or alone), []).append(prompt)
    return list(groups.values())


def _table(kind: tuple[str, str], gathered: Gathered, scale: Scale, repeats: Repeats | None) -> Table:
    items, values = gathered.measured()
    temperatures = gathered.grid.temperatures
    if repeats is None:
        return Table.of(*kind, items, temperatures, values, missing=gathered.missing, scale=scale)
    planned = np.array([[repeats[key][t] for t in temperatures] for key in items], dtype=np.int64)
    asked = (planned > 0).sum(axis=0).tolist()
    made = Table.of(*kind, items, temperatures, values, missing=gathered.missing, scale=scale, asked=asked)
    return replace(made, repeats=planned)


def _rounds(plan: Plan, prompts: Sequence[Prompt], model: ModelSpec) -> tuple[Repeats, ...]:
    """Return what had been planned at each look of the design but the last, for a section's items."""
    if plan.design is None:
        return ()
    last = plan.round_of([prompt.name for prompt in prompts])
    return tuple(plan.at_round(number).repeats(model.label) for number in range(1, last + 1))
