"""Sort a run's outcomes into sections: a use case on one model, its answers by item and temperature.

What the answers are worth is not said here: measures have been taken of them already, and stand in `tables`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest

from tempkit.analysis.result import Comparison, ItemRow, Level, RunFacts, Section
from tempkit.analysis.tables import use_cases
from tempkit.analysis.tally import CellTally, ModelTally
from tempkit.errors import ReportError
from tempkit.store import IMPORTED
from tempkit.types import Completion, Failure, ModelInfo, ModelSpec, Plan, Prompt, SampleKey

__all__ = ["MOST_LISTED", "compare"]

MOST_LISTED = 20_000
"""Answers that a run is kept with: a page of so many is as large as a browser opens at once, and they take 100 MB of memory."""


def compare(
    run: RunFacts,
    plan: Plan,
    infos: Mapping[str, ModelInfo],
    completions: Iterable[Completion],
    failures: Iterable[Failure],
    *,
    most_listed: int = MOST_LISTED,
) -> Comparison:
    """Group a run's outcomes by use case and model.

    Args:
        run: Facts about the run.
        plan: What the run was to do.
        infos: By model label; a model that was never reached is absent.
        completions: In any order; read once.
        failures: In any order; one of a sample that also has a completion counts as recovered, not as failed.
        most_listed: Answers to keep, as they were planned: those to the first questions of each section. The others are counted.

    Raises:
        ReportError: An outcome is not in the plan, or a sample has two completions: the figures would be wrong.
    """
    items = {item.key: item for item in plan.items}
    listed = _listed(plan, most_listed)
    cells = {
        (item, model.label, temperature): CellTally(listed=(item, model.label) in listed)
        for item in items
        for model in plan.models
        for temperature in plan.temperatures
    }
    models = {model.label: ModelTally() for model in plan.models}
    for completion in completions:
        key = completion.key
        tally = _cell(cells, key)
        if key.replicate in tally.seen:
            raise ReportError(f"{_where(key)} has two completions; the run's data is damaged")
        tally.add(completion, items[key.item])
        models[key.model].add(completion)
    recovered: set[SampleKey] = set()
    for failure in failures:
        cell = _cell(cells, failure.key)
        if failure.key.replicate in cell.seen:
            recovered.add(failure.key)
        else:
            cell.failures[failure.key.replicate] = failure
    # An import was planned elsewhere: the answers in its file are all there were to be.
    imported = any(tally.seen for tally in cells.values()) and all(
        model.backend == IMPORTED for model in plan.models
    )

    repeats = {model.label: plan.repeats(model.label) for model in plan.models}

    def planned(tally: CellTally, item: str, model: ModelSpec, temperature: float) -> int:
        return (
            tally.kinds.total() + len(tally.failures) if imported else repeats[model.label][item][temperature]
        )

    def section(prompts: Sequence[Prompt], model: ModelSpec) -> Section:
        keys = [item.key for prompt in prompts for item in prompt.items]
        temperatures = plan.compared_at(model.label)
        table = {key: [cells[key, model.label, t] for t in temperatures] for key in keys}
        columns = list(zip(*table.values(), strict=True))
        kinds = Counter(
            kind for tallies in table.values() for tally in tallies for kind in tally.kinds.elements()
        )
        return Section(
            use_case=prompts[0].use_case,
            prompts=tuple(prompts),
            model=model,
            kinds=tuple(kind for kind, _ in kinds.most_common()),
            levels=tuple(
                _level(
                    t,
                    sum(planned(cell, key, model, t) for key, cell in zip(table, column, strict=True)),
                    column,
                )
                for t, column in zip(temperatures, columns, strict=False)
            ),
            rows=tuple(
                ItemRow(
                    item=items[key],
                    cells=tuple(
                        tally.cell(t, planned(tally, key, model, t))
                        for t, tally in zip(temperatures, row, strict=True)
                    ),
                )
                for key, row in table.items()
            ),
        )

    return Comparison(
        run=run,
        plan=plan,
        models=tuple(models[spec.label].facts(spec, infos.get(spec.label)) for spec in plan.models),
        sections=tuple(section(prompts, model) for prompts in use_cases(plan) for model in plan.models),
        recovered=len(recovered),
    )


def _listed(plan: Plan, most: int) -> set[tuple[str, str]]:
    """Return the questions, by key, on models, by label, whose answers there is room for: the first of each section, then the second, ..."""
    sections = [
        [(item.key, model.label) for prompt in prompts for item in prompt.items]
        for prompts in use_cases(plan)
        for model in plan.models
    ]
    answers = {
        (item, model.label): sum(repeats.values())
        for model in plan.models
        for item, repeats in plan.repeats(model.label).items()
    }
    listed: set[tuple[str, str]] = set()
    for turn in zip_longest(*sections):
        for each in turn:
            if each is not None:
                most -= answers[each]
                if most < 0 and listed:
                    return listed
                listed.add(each)
    return listed


def _cell(cells: Mapping[tuple[str, str, float], CellTally], key: SampleKey) -> CellTally:
    tally = cells.get((key.item, key.model, key.temperature))
    if tally is None:
        raise ReportError(f"{_where(key)} is not in the run's plan; the run's data is damaged")
    return tally


def _where(key: SampleKey) -> str:
    return f"sample {key.replicate} of item {key.item!r} on {key.model!r} at temperature {key.temperature:g}"


def _level(temperature: float, planned: int, tallies: Sequence[CellTally]) -> Level:
    def total(of: Callable[[CellTally], int | None]) -> int | None:
        values = [of(tally) for tally in tallies]
        return None if None in values else sum(value for value in values if value is not None)

    return Level(
        temperature=temperature,
        planned=planned,
        completions=sum(tally.kinds.total() for tally in tallies),
        failed=sum(len(tally.failures) for tally in tallies),
        truncated=sum(tally.count("length") for tally in tallies),
        filtered=sum(tally.count("content_filter") for tally in tallies),
        unclear=sum(tally.count("unknown") for tally in tallies),
        input_tokens=total(lambda tally: tally.input_tokens),
        output_tokens=total(lambda tally: tally.output_tokens),
    )
