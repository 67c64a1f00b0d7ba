"""Outcomes into rows: the one hot path of the store.

A completion of 256 tokens is 258 rows, so tokens' rows are plain tuples for the driver, and the others dictionaries for SQLAlchemy Core; an
ORM object per token would cost more than all the rest. Everything happens in the caller's one transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from tempkit.errors import StoreError
from tempkit.store.bulk import insert_many, insert_meanwhile, insert_numbered
from tempkit.store.models import METADATA
from tempkit.store.packing import pack_tops
from tempkit.store.text import storable
from tempkit.types import Completion, Failure, Outcome, SampleKey

__all__ = ["RunIds", "add_outcomes", "is_stored", "load_ids", "sample_columns"]

_ALTERNATIVES = METADATA.tables["alternatives"]
_COMPLETION = METADATA.tables["completion"]
_FAILURE = METADATA.tables["failure"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_RUN = METADATA.tables["run"]
_TOKEN = METADATA.tables["token"]

_TOKEN_COLUMNS = tuple(column.name for column in _TOKEN.c if column.name != "top")
"""What a token's row says: its alternatives are with those of the completion's others."""

_INT32 = 2**31

_THIS_STANDING = (  # the failures of one sample that stand; `b_` because bare column names would be taken for SET
    (_FAILURE.c.run_id == bindparam("b_run"))
    & (_FAILURE.c.item_id == bindparam("b_item"))
    & (_FAILURE.c.model_id == bindparam("b_model"))
    & (_FAILURE.c.temperature_requested == bindparam("b_temperature"))
    & (_FAILURE.c.replicate == bindparam("b_replicate"))
    & _FAILURE.c.retried_at.is_(None)
)
_COMPLETED = exists().where(
    *(
        _COMPLETION.c[name] == _FAILURE.c[name]
        for name in ("run_id", "item_id", "model_id", "temperature_requested", "replicate")
    )
)
_SUPERSEDE = update(_FAILURE).where(_THIS_STANDING).values(retried_at=bindparam("b_now"))
_SUPERSEDE_COMPLETED = _SUPERSEDE.where(_COMPLETED)


@dataclass(frozen=True, slots=True)
class RunIds:
    """Row ids of a run's items, by key, and models, by label. They never change."""

    items: Mapping[str, int]
    models: Mapping[str, int]


def load_ids(connection: Connection, run_id: str) -> RunIds:
    """Return the run's row ids."""
    if connection.execute(select(_RUN.c.id).where(_RUN.c.id == run_id)).first() is None:
        raise StoreError(f"no run with the id {run_id!r}: `tempkit runs` lists them")
    items = connection.execute(select(_ITEM.c.key, _ITEM.c.id).where(_ITEM.c.run_id == run_id))
    models = connection.execute(select(_MODEL.c.label, _MODEL.c.id).where(_MODEL.c.run_id == run_id))
    return RunIds({row.key: row.id for row in items}, {row.label: row.id for row in models})


def is_stored(connection: Connection, run_id: str, ids: RunIds, outcome: Outcome, at: datetime) -> bool:
    """Whether an outcome was inserted with this time: to the microsecond, so by the same batch."""
    table = _COMPLETION if isinstance(outcome, Completion) else _FAILURE
    sample = sample_columns(run_id, ids, outcome.key)
    same = (table.c[name] == value for name, value in sample.items())
    return bool(connection.execute(select(exists().where(*same, table.c.created_at == at))).scalar())


def add_outcomes(
    connection: Connection, run_id: str, ids: RunIds, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Insert a batch. A sample's earlier failures no longer stand, nor does a failure of a completed sample."""
    samples = [sample_columns(run_id, ids, outcome.key) for outcome in outcomes]
    supersede = [_bind(sample, now) for sample in samples]
    connection.execute(_SUPERSEDE, supersede)

    completions: list[tuple[dict[str, Any], Completion]] = []
    failures: list[dict[str, Any]] = []
    last = {outcome.key: index for index, outcome in enumerate(outcomes)}
    for index, (sample, outcome) in enumerate(zip(samples, outcomes, strict=True)):
        if isinstance(outcome, Completion):
            completions.append((_completion_row(sample, outcome, now), outcome))
        else:
            retried_at = now if last[outcome.key] > index else None
            failures.append({**_failure_row(sample, outcome), "created_at": now, "retried_at": retried_at})
    if completions:
        ids_ = insert_numbered(connection, _COMPLETION, [row for row, _ in completions])
        numbered = [(id_, each) for id_, (_, each) in zip(ids_, completions, strict=True)]
        tokens = [row for id_, each in numbered for row in _token_rows(id_, each)]
        if tokens:
            alternatives = insert_meanwhile(
                connection, _TOKEN, _TOKEN_COLUMNS, tokens, lambda: _alternatives(numbered)
            )
            if alternatives:
                insert_many(connection, _ALTERNATIVES, ("completion_id", "packed"), alternatives)
    if failures:
        connection.execute(insert(_FAILURE), failures)
        # Two processes on one run: the other one may have completed what failed here.
        connection.execute(_SUPERSEDE_COMPLETED, supersede)


def sample_columns(run_id: str, ids: RunIds, key: SampleKey) -> dict[str, Any]:
    """Return the columns that say which sample a row is of."""
    try:
        item_id, model_id = ids.items[key.item], ids.models[key.model]
    except KeyError as error:
        raise StoreError(
            f"run {run_id} has no item or model {error.args[0]!r}: its plan is another one"
        ) from None
    return {
        "run_id": run_id,
        "item_id": item_id,
        "model_id": model_id,
        "temperature_requested": key.temperature,
        "replicate": key.replicate,
    }


def _bind(sample: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "b_run": sample["run_id"],
        "b_item": sample["item_id"],
        "b_model": sample["model_id"],
        "b_temperature": sample["temperature_requested"],
        "b_replicate": sample["replicate"],
        "b_now": now,
    }


def _completion_row(sample: dict[str, Any], completion: Completion, now: datetime) -> dict[str, Any]:
    return {
        **sample,
        "temperature_sent": completion.temperature_sent,
        "seed": completion.seed,
        "text": storable(completion.text),
        "finish_reason": completion.finish_reason,
        "input_tokens": _count(completion.input_tokens),
        "output_tokens": _count(completion.output_tokens),
        "latency_s": _number(completion.latency_s),
        "cost_usd": _number(completion.cost_usd),
        "logprob_kind": completion.logprob_kind,
        "params": completion.params,
        "response_model": _storable(completion.response_model),
        "fingerprint": _storable(completion.fingerprint),
        "attempts": completion.attempts,
        "batch": _storable(completion.batch),
        "thinking": _storable(completion.thinking),
        "thinking_tokens": _count(completion.thinking_tokens),
        "response_id": _storable(completion.response_id),
        "cache_read_tokens": _count(completion.cache_read_tokens),
        "cache_write_tokens": _count(completion.cache_write_tokens),
        "address": _storable(completion.address),
        "created_at": now,
    }


def _failure_row(sample: dict[str, Any], failure: Failure) -> dict[str, Any]:
    return {
        **sample,
        "temperature_sent": failure.temperature_sent,
        "seed": failure.seed,
        "kind": failure.kind,
        "message": storable(failure.message),
        "attempts": failure.attempts,
        "batch": _storable(failure.batch),
    }


def _token_rows(completion_id: int, completion: Completion) -> Iterator[tuple[Any, ...]]:
    """Yield a row per token, in the order of `_TOKEN_COLUMNS`; `_number` and `_count` are written out, as calls would be half of the time."""
    for position, token in enumerate(completion.tokens):
        logprob, entropy, tempered = token.logprob, token.entropy, token.entropy_tempered
        rank, token_id = token.rank, token.token_id
        yield (
            completion_id,
            position,
            storable(token.text),
            logprob if logprob == logprob else None,
            entropy if entropy == entropy else None,
            rank if rank is None or -_INT32 <= rank < _INT32 else None,
            token_id if token_id is None or -_INT32 <= token_id < _INT32 else None,
            tempered if tempered == tempered else None,
        )


def _alternatives(numbered: Sequence[tuple[int, Completion]]) -> list[tuple[int, bytes]]:
    packed = ((id_, pack_tops([token.top for token in each.tokens])) for id_, each in numbered)
    return [(id_, blob) for id_, blob in packed if blob is not None]


def _number(value: float | None) -> float | None:
    """NaN is null: SQLite makes it so anyway, and PostgreSQL's NaN would spoil every mean."""
    return None if value is None or isnan(value) else value


def _count(value: int | None) -> int | None:
    """Null for what no count can be: a server may send any number, and one must not stop the run."""
    return value if value is None or -_INT32 <= value < _INT32 else None


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)
