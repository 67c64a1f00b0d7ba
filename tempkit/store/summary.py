"""A run's cells at a glance, computed by the database: a run's tokens may be millions of rows."""

from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select

from tempkit.softmax import CERTAIN, LEAST_ENTROPY, MOST_ENTROPY, NOT_GIVEN
from tempkit.store.models import METADATA
from tempkit.store.records import CellSummary
from tempkit.store.runs import get_run
from tempkit.types import MOST_TOKENS, MOST_USD

__all__ = ["characters", "spent", "summarize"]

_COMPLETION = METADATA.tables["completion"]
_FAILURE = METADATA.tables["failure"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_TOKEN = METADATA.tables["token"]

_Cell = tuple[int, float]  # model id, temperature requested


def summarize(connection: Connection, run_id: str) -> list[CellSummary]:
    """Return one summary per model and temperature, in the plan's order of models; planned cells are never missing."""
    run = get_run(connection, run_id)
    models = connection.execute(
        select(_MODEL.c.id, _MODEL.c.label).where(_MODEL.c.run_id == run_id).order_by(_MODEL.c.position)
    ).all()
    completed = {_cell(row): row for row in connection.execute(_completed(connection, run_id))}
    distinct = {_cell(row): row.n for row in connection.execute(_distinct(run_id))}
    failed = {_cell(row): row.n for row in connection.execute(_failed(run_id))}
    temperatures = sorted({*run.temperatures, *(temperature for _, temperature in (*completed, *failed))})
    return [
        _summary(label, temperature, completed.get(cell), distinct.get(cell, 0), failed.get(cell, 0))
        for model_id, label in models
        for temperature in temperatures
        for cell in [(model_id, temperature)]
    ]


def spent(connection: Connection, run_id: str) -> tuple[float, int, int]:
    """Return the known costs in USD, the tokens of prompts and answers, and the number of a run's completions."""
    inputs, outputs = (_known(_COMPLETION.c[name], MOST_TOKENS) for name in ("input_tokens", "output_tokens"))
    tokens = func.coalesce(inputs, 0) + func.coalesce(outputs, 0)
    row = connection.execute(
        select(func.sum(_known(_COMPLETION.c.cost_usd, MOST_USD)), func.sum(tokens), func.count()).where(
            _COMPLETION.c.run_id == run_id
        )
    ).one()
    return float(row[0] or 0), int(row[1] or 0), int(row[2])


def characters(connection: Connection, run_id: str) -> dict[tuple[str, str], int]:
    """Return how many characters the completions of each item on each model have, by item key and model label."""
    query = (
        select(_ITEM.c.key, _MODEL.c.label, func.sum(func.length(_COMPLETION.c.text)))
        .select_from(
            _COMPLETION.join(_ITEM, _ITEM.c.id == _COMPLETION.c.item_id).join(
                _MODEL, _MODEL.c.id == _COMPLETION.c.model_id
            )
        )
        .where(_COMPLETION.c.run_id == run_id)
        .group_by(_ITEM.c.key, _MODEL.c.label)
    )
    return {(item, model): int(length) for item, model, length in connection.execute(query)}


def _completed(connection: Connection, run_id: str) -> Any:
    # What cannot be one counts as not known: one absurd value would be the mean of all.
    logprob = case((and_(_TOKEN.c.logprob > NOT_GIVEN, _TOKEN.c.logprob <= CERTAIN), _TOKEN.c.logprob))
    entropy = case((_TOKEN.c.entropy.between(LEAST_ENTROPY, MOST_ENTROPY), _TOKEN.c.entropy))
    tokens = (
        select(
            _TOKEN.c.completion_id,
            func.count().label("n"),
            func.count(logprob).label("logprobs"),
            func.sum(logprob).label("logprob"),
            func.count(entropy).label("entropies"),
            func.sum(entropy).label("entropy"),
        )
        .join(_COMPLETION, _COMPLETION.c.id == _TOKEN.c.completion_id)
        .where(_COMPLETION.c.run_id == run_id, _TOKEN.c.completion_id.between(*_numbers(connection, run_id)))
        .group_by(_TOKEN.c.completion_id)
        .subquery()
    )
    return (
        select(
            _COMPLETION.c.model_id,
            _COMPLETION.c.temperature_requested,
            func.count().label("n"),
            func.sum(case((_COMPLETION.c.finish_reason == "length", 1), else_=0)).label("truncated"),
            func.min(_COMPLETION.c.logprob_kind).label("kind"),
            func.max(_COMPLETION.c.logprob_kind).label("last_kind"),
            func.sum(func.coalesce(_known(_COMPLETION.c.output_tokens, MOST_TOKENS), tokens.c.n, 0)).label(
                "tokens"
            ),
            func.sum(tokens.c.n).label("stored_tokens"),
            func.sum(tokens.c.logprobs).label("logprobs"),
            func.sum(tokens.c.logprob).label("logprob"),
            func.sum(tokens.c.entropies).label("entropies"),
            func.sum(tokens.c.entropy).label("entropy"),
        )
        .join(tokens, tokens.c.completion_id == _COMPLETION.c.id, isouter=True)
        .where(_COMPLETION.c.run_id == run_id)
        .group_by(_COMPLETION.c.model_id, _COMPLETION.c.temperature_requested)
    )


def _numbers(connection: Connection, run_id: str) -> tuple[int, int]:
    """Return the lowest and the highest number of a run's completions: else PostgreSQL walks through the tokens of all runs."""
    query = select(func.min(_COMPLETION.c.id), func.max(_COMPLETION.c.id)).where(
        _COMPLETION.c.run_id == run_id
    )
    lowest, highest = connection.execute(query).one()
    return lowest or 0, highest or 0


def _known(column: Any, most: float) -> Any:
    """Return a column's value where it can be an amount, NULL otherwise."""
    return case((column.between(0, most), column))


def _distinct(run_id: str) -> Any:
    pairs = (
        select(
            _COMPLETION.c.model_id,
            _COMPLETION.c.temperature_requested,
            _COMPLETION.c.item_id,
            _COMPLETION.c.text,
        )
        .where(_COMPLETION.c.run_id == run_id)
        .distinct()
        .subquery()
    )
    return select(pairs.c.model_id, pairs.c.temperature_requested, func.count().label("n")).group_by(
        pairs.c.model_id, pairs.c.temperature_requested
    )


def _failed(run_id: str) -> Any:
    return (
        select(_FAILURE.c.model_id, _FAILURE.c.temperature_requested, func.count().label("n"))
        .where(_FAILURE.c.run_id == run_id, _FAILURE.c.retried_at.is_(None))
        .group_by(_FAILURE.c.model_id, _FAILURE.c.temperature_requested)
    )


def _cell(row: Row[Any]) -> _Cell:
    return row.model_id, row.temperature_requested


def _summary(
    label: str, temperature: float, row: Row[Any] | None, distinct: int, failures: int
) -> CellSummary:
    if row is None:
        return CellSummary(
            model=label,
            temperature=temperature,
            n=0,
            distinct_texts=0,
            mean_logprob=None,
            mean_entropy=None,
            logprob_kind="none",
            tokens=0,
            truncated=0,
            failures=failures,
        )
    one_kind = row.kind == row.last_kind
    return CellSummary(
        model=label,
        temperature=temperature,
        n=row.n,
        distinct_texts=distinct,
        mean_logprob=_mean(row.logprob, row.logprobs, row.stored_tokens) if one_kind else None,
        mean_entropy=_mean(row.entropy, row.entropies, row.stored_tokens),
        logprob_kind=row.kind if one_kind else "mixed",
        tokens=int(row.tokens),
        truncated=int(row.truncated),
        failures=failures,
    )


def _mean(total: Any, known: Any, tokens: Any) -> float | None:
    """The mean, only where the number is known for every token."""
    return float(total) / int(known) if known and known == tokens else None
