"""Sort a run's outcomes into sections: a use case on one model, its answers by item and temperature.

What the answers are worth is not said here: measures have been taken of them already, and stand in `tables`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from tempkit.analysis.result import Comparison, ItemRow, Level, RunFacts, Section
from tempkit.analysis.tables import use_cases
from tempkit.analysis.tally import CellTally, ModelTally
from tempkit.errors import ReportError
from tempkit.store import IMPORTED
from tempkit.types import Completion, Failure, ModelInfo, ModelSpec, Plan, Prompt, SampleKey

__all__ = ["compare"]


def compare(
    run: RunFacts,
    plan: Plan,
    infos: Mapping[str, ModelInfo],
    completions: Iterable[Completion],
    failures: Iterable[Failure],
) -> Comparison:
    """Group a run's outcomes by use case and model.

    Args:
        run: Facts about the run.
        plan: What the run was to do.
        infos: By model label; a model that was never reached is absent.
        completions: In any order; read once.
        failures: In any order; one of a sample that also has a completion counts as recovered, not as failed.

    Raises:
        ReportError: An outcome is not in the plan, or a sample has two completions: the figures would be wrong.
    """
    items = {item.key: item for item in plan.items}
    cells = {
        (item, model.label, temperature): CellTally()
        for item in items
        for model in plan.models
        for temperature in plan.temperatures
    }
    models = {model.label: ModelTally() for model in plan.models}
    done: set[SampleKey] = set()
    for completion in completions:
        key = completion.key
        if key in done:
            raise ReportError(f"{_where(key)} has two completions; the run's data is damaged")
        done.add(key)
        _cell(cells, key).add(completion, items[key.item])
        models[key.model].add(completion)
    recovered: set[SampleKey] = set()
    for failure in failures:
        cell = _cell(cells, failure.key)
        if failure.key in done:
            recovered.add(failure.key)
        else:
            cell.failures[failure.key.replicate] = failure
    # An import was planned elsewhere: the answers in its file are all there were to be.
    imported = bool(done) and all(model.backend == IMPORTED for model in plan.models)

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
