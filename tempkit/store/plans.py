"""A plan into rows and back.

These are some hundred small rows per run, written once, so they go through SQLModel objects; outcomes, by the hundred
thousand, do not (see `writing`). What a plan is found by again (names, keys, labels) must be storable as it is: a
silently changed key would make a resumed run repeat samples that it already has.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from tempkit.errors import StoreError, one_line
from tempkit.store.models import ItemRow, ModelRow, PromptRow, RunRow
from tempkit.store.runs import free_name
from tempkit.store.text import dump_json, storable
from tempkit.types import (
    Arm,
    Budget,
    Check,
    Design,
    Item,
    Later,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SamplingParams,
    TopUp,
)

__all__ = ["add_topups", "in_place_of", "load_infos", "load_plan", "save_plan"]


def save_plan(
    connection: Connection,
    plan: Plan,
    infos: Mapping[str, ModelInfo],
    *,
    version: str,
    environment: Mapping[str, Any],
) -> str:
    """Write a new run with everything it needs and return its id."""
    _check_names(plan)
    with Session(connection) as session:
        run = RunRow(
            id=_free_id(session),
            name=free_name(session.connection(), plan.name),
            experiment=plan.name,
            status="running",
            created_at=datetime.now(UTC),
            seed=plan.seed,
            repeat=plan.repeat,
            temperatures=list(plan.temperatures),
            sampling={name: asdict(sampling) for name, sampling in plan.sampling.items()},
            tempkit_version=version,
            environment=dict(environment),
            budget=asdict(plan.budget) if plan.budget != Budget() else None,
            topups=[_topup_row(topup) for topup in plan.topups] or None,
            later=_later_row(plan.later),
            arms={label: asdict(arm) for label, arm in plan.arms.items()} or None,
            design=None if plan.design is None else asdict(plan.design),
            use_cases=dict(plan.use_cases) or None,
            planned=plan.sample_count,
        )
        session.add(run)
        session.flush()
        for position, spec in enumerate(plan.models):
            session.add(_model_row(run.id, position, spec, infos.get(spec.label, ModelInfo())))
        first_item = 0
        for position, prompt in enumerate(plan.prompts):
            row = _prompt_row(run.id, position, prompt)
            session.add(row)
            session.flush()  # its items need its id
            for offset, item in enumerate(prompt.items):
                session.add(_item_row(row, first_item + offset, item))
            first_item += len(prompt.items)
        session.flush()
        return run.id


def load_plan(connection: Connection, run_id: str) -> Plan:
    """Rebuild the plan that `save_plan` wrote."""
    with Session(connection) as session:
        run = _run(session, run_id)
        items: dict[int, list[ItemRow]] = {}
        for item in session.exec(
            select(ItemRow).where(ItemRow.run_id == run_id).order_by(col(ItemRow.position))
        ):
            items.setdefault(item.prompt_id, []).append(item)
        prompts = session.exec(
            select(PromptRow).where(PromptRow.run_id == run_id).order_by(col(PromptRow.position))
        )
        return Plan(
            name=run.experiment,
            prompts=tuple(_prompt(row, items.get(row.id or 0, ())) for row in prompts),
            models=tuple(
                ModelSpec(backend=row.backend, name=row.name, label=row.label, options=row.options)
                for row in _model_rows(session, run_id)
            ),
            temperatures=tuple(run.temperatures),
            repeat=run.repeat,
            seed=run.seed,
            sampling={name: _sampling(values, run) for name, values in run.sampling.items()},
            budget=Budget(**(run.budget or {})),
            topups=tuple(_topup(values) for values in run.topups or ()),
            later=_later(run.later or {}),
            arms={label: _arm(values, run) for label, values in (run.arms or {}).items()},
            design=None if run.design is None else _design(run.design, run),
            use_cases=run.use_cases or {},
        )


def add_topups(
    connection: Connection,
    run_id: str,
    topups: Sequence[TopUp],
    *,
    after: int,
    items: Mapping[str, Sequence[Item]],
) -> None:
    """Plan more samples for a run, of further items too, unless somebody did since there were `after` top-ups."""
    plan = load_plan(connection, run_id)
    if len(plan.topups) != after:
        raise StoreError(
            "another process has topped up this run meanwhile: see what there is, then try again"
        )
    more = plan.grown(topups, items)
    _check_names(more)
    with Session(connection) as session:
        run = _run(session, run_id)
        position = len(plan.items)
        prompts = session.exec(select(PromptRow).where(PromptRow.run_id == run_id))
        for row in sorted(prompts, key=lambda each: each.position):
            for item in items.get(row.name, ()):
                session.add(_item_row(row, position, item))
                position += 1
        run.topups = [_topup_row(each) for each in more.topups]
        run.later = _later_row(more.later)
        run.temperatures = list(more.temperatures)
        run.planned = more.sample_count
        run.status, run.finished_at = "interrupted", None
        session.add(run)
        session.flush()


def in_place_of(connection: Connection, run_id: str) -> str | None:
    """Return the id of the run whose design took this one's place; None where none did."""
    with Session(connection) as session:
        designs = session.exec(select(RunRow.id, RunRow.design).where(col(RunRow.design).is_not(None)))
        return next((id_ for id_, design in designs if (design or {}).get("in_place_of") == run_id), None)


def load_infos(connection: Connection, run_id: str) -> dict[str, ModelInfo]:
    """Return what was found on each model, by label, in the plan's order."""
    with Session(connection) as session:
        _run(session, run_id)
        return {
            row.label: ModelInfo(digest=row.digest, details=row.details)
            for row in _model_rows(session, run_id)
        }


def _check_names(plan: Plan) -> None:
    _check("run name", [plan.name])
    _check("prompt name", [prompt.name for prompt in plan.prompts])
    _check("item key", [item.key for item in plan.items])
    _check("model label", [spec.label for spec in plan.models])
    _check("model name", [spec.id for spec in plan.models], unique=False)
    _check("use case", plan.use_cases)


def _check(what: str, names: Iterable[str], *, unique: bool = True) -> None:
    seen = set()
    for name in names:
        if storable(name) != name:
            raise StoreError(
                f"the {what} {one_line(repr(name), 60)} has a character that no database keeps: rename it"
            )
        if unique and name in seen:
            raise StoreError(f"the {what} {one_line(repr(name), 60)} occurs twice in the plan: rename one")
        seen.add(name)


def _free_id(session: Session) -> str:
    while session.get(RunRow, made := secrets.token_hex(4)) is not None:
        pass
    return made


def _model_row(run_id: str, position: int, spec: ModelSpec, info: ModelInfo) -> ModelRow:
    return ModelRow(
        run_id=run_id,
        position=position,
        label=spec.label,
        backend=spec.backend,
        name=spec.name,
        options=dict(spec.options),
        digest=info.digest,
        details=dict(info.details),
    )


def _prompt_row(run_id: str, position: int, prompt: Prompt) -> PromptRow:
    return PromptRow(
        run_id=run_id,
        position=position,
        name=prompt.name,
        description=storable(prompt.description),
        use_case=_storable(prompt.use_case),
        language=_storable(prompt.language),
        path=_storable(prompt.path),
        source=storable(prompt.source),
        options=dict(prompt.options),
        suggested_temperature=prompt.suggested_temperature,
    )


def _item_row(prompt: PromptRow, position: int, item: Item) -> ItemRow:
    messages = [{"role": message.role, "content": message.content} for message in item.messages]
    return ItemRow(
        run_id=prompt.run_id,
        prompt_id=prompt.id or 0,
        position=position,
        key=item.key,
        messages=messages,
        variables=dict(item.variables),
        facts=[list(fact) for fact in item.facts],
        checks=[{"type": check.type, "value": check.value} for check in item.checks],
        digest=hashlib.sha256(dump_json(messages).encode()).hexdigest(),
    )


def _run(session: Session, run_id: str) -> RunRow:
    run = session.get(RunRow, run_id)
    if run is None:
        raise StoreError(f"no run with the id {run_id!r}: `tempkit runs` lists them")
    return run


def _model_rows(session: Session, run_id: str) -> Iterable[ModelRow]:
    return session.exec(select(ModelRow).where(ModelRow.run_id == run_id).order_by(col(ModelRow.position)))


def _prompt(row: PromptRow, items: Iterable[ItemRow]) -> Prompt:
    return Prompt(
        name=row.name,
        description=row.description,
        use_case=row.use_case,
        language=row.language,
        path=row.path,
        source=row.source,
        options=row.options,
        suggested_temperature=row.suggested_temperature,
        items=tuple(_item(item, row.name) for item in items),
    )


def _item(row: ItemRow, prompt: str) -> Item:
    messages: list[Any] = row.messages
    return Item(
        key=row.key,
        prompt=prompt,
        messages=tuple(Message(message["role"], message["content"]) for message in messages),
        variables=row.variables,
        facts=tuple(tuple(fact) for fact in row.facts),
        checks=tuple(Check(check["type"], check["value"]) for check in row.checks),
    )


def _sampling(values: dict[str, Any], run: RunRow) -> SamplingParams:
    unknown = set(values) - {field.name for field in fields(SamplingParams)}
    if unknown:  # ignoring one would resume the run with other samples than it has
        raise StoreError(
            f"run {run.name!r} sets {', '.join(sorted(unknown))}, which this tempkit does not know: "
            f"pip install 'tempkit>={run.tempkit_version}'"
        )
    return SamplingParams(**{**values, "stop": tuple(values.get("stop", ()))})


def _topup_row(topup: TopUp) -> dict[str, Any]:
    # What is not set is left out, as in the rows of those who knew nothing of it.
    return {name: value for name, value in asdict(topup).items() if value is not None}


def _topup(values: Mapping[str, Any]) -> TopUp:
    items = values.get("items")
    return TopUp(
        model=values["model"],
        prompts=tuple(values["prompts"]),
        temperatures=tuple(values["temperatures"]),
        repeat=values["repeat"],
        items=None if items is None else tuple(items),
        round=values.get("round"),
    )


def _later_row(later: Later) -> dict[str, Any] | None:
    if later == Later():
        return None
    return {"items": sorted(later.items), "temperatures": sorted(later.temperatures)}


def _later(values: Mapping[str, Any]) -> Later:
    return Later(
        items=frozenset(values.get("items", ())), temperatures=frozenset(values.get("temperatures", ()))
    )


def _arm(values: Mapping[str, Any], run: RunRow) -> Arm:
    given = set(values["sampling"]) - {field.name for field in fields(SamplingParams)}
    if unknown := given | set(values) - {field.name for field in fields(Arm)}:  # as of what a run sets
        raise StoreError(
            f"run {run.name!r} has an arm with {', '.join(sorted(unknown))}, which this tempkit does not know: "
            f"pip install 'tempkit>={run.tempkit_version}'"
        )
    return Arm(**{**values, "left_out": tuple(values["left_out"])})


def _design(values: Mapping[str, Any], run: RunRow) -> Design:
    unknown = set(values) - {field.name for field in fields(Design)}
    if unknown:  # going on by half a design would spend samples otherwise than was announced
        raise StoreError(
            f"run {run.name!r} was designed with {', '.join(sorted(unknown))}, which this tempkit does not know: "
            f"pip install 'tempkit>={run.tempkit_version}'"
        )
    return Design(**values)


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)
