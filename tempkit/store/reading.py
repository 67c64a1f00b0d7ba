"""Rows back into outcomes.

A run's completions with all tokens may be larger than the memory, so only their ids, in order, are read at once (8 bytes
each); rows follow in small chunks, each on a connection of its own. Nothing is held open while the caller works on
what it got, so it may write meanwhile. That is consistent, because a stored outcome never changes.
"""

from array import array
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from tempkit.errors import StoreError
from tempkit.store.codec import unpack
from tempkit.store.models import METADATA
from tempkit.store.packing import unpack_tops
from tempkit.text import without_thinking
from tempkit.types import Completion, Failure, SampleKey, TokenLogprob

__all__ = ["Connect", "of_block", "read_completions", "read_failures", "read_keys"]

Connect = Callable[[], AbstractContextManager[Connection]]

_ALTERNATIVES = METADATA.tables["alternatives"]
_COMPLETION = METADATA.tables["completion"]
_FAILURE = METADATA.tables["failure"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_TOKEN = METADATA.tables["token"]

_TOKEN_COLUMNS = tuple(
    _TOKEN.c[name]
    for name in ("completion_id", "text", "logprob", "entropy", "rank", "token_id", "entropy_tempered")
)

_CHUNK = 50  # completions; with 1,000 tokens and 20 alternatives each still only some 15 MB


def read_keys(connection: Connection, run_id: str, *, standing_failures: bool) -> set[SampleKey]:
    """Return the samples that completed, or those whose failure stands."""
    table = _FAILURE if standing_failures else _COMPLETION
    query = _of_run(select(), table, run_id).add_columns(*_key_columns(table))
    if standing_failures:
        query = query.where(_FAILURE.c.retried_at.is_(None))
    return {SampleKey(*row) for row in connection.execute(query)}


def read_completions(
    connect: Connect,
    run_id: str,
    *,
    tokens: bool,
    top: bool | Container[SampleKey],
    of: tuple[str, str] | None = None,
) -> Iterator[Completion]:
    """Yield the run's completions, or those of one item and model, by item, model, temperature and replicate."""
    with connect() as connection:
        ids = _ids(connection, _COMPLETION, run_id, of=of)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK].tolist()
        with connect() as connection:
            rows = {row.id: row for row in connection.execute(_by_ids(_COMPLETION, chunk))}
            listed = [id_ for id_ in chunk if (top if isinstance(top, bool) else _key(rows[id_]) in top)]
            bare = [] if len(listed) == len(chunk) else sorted(set(chunk) - set(listed))
            found = _token_rows(connection, listed, top=True) if tokens else {}
            found |= _token_rows(connection, bare, top=False) if tokens else {}
            packed = _packed(connection, listed) if tokens else {}
        for id_ in chunk:
            # Blobs are unpacked one completion at a time: as Python objects they are ten times their size.
            # What older versions stored as one text may begin with thoughts.
            made = _completion(rows[id_], _tokens(found.pop(id_, ()), packed.pop(id_, None)))
            # Where thoughts are stored they were taken out before: what else looks like a mark is the answer's.
            yield made if made.thinking is not None else without_thinking(made)


def read_failures(connect: Connect, run_id: str, *, standing: bool) -> Iterator[Failure]:
    """Yield the run's failures in the same order, those of one sample oldest first."""
    with connect() as connection:
        ids = _ids(connection, _FAILURE, run_id, standing=standing)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK].tolist()
        with connect() as connection:
            rows = {row.id: row for row in connection.execute(_by_ids(_FAILURE, chunk))}
        for id_ in chunk:
            yield _failure(rows[id_])


def _of_run(query: Select[Any], table: Any, run_id: str) -> Select[Any]:
    joined = table.join(_ITEM, _ITEM.c.id == table.c.item_id).join(_MODEL, _MODEL.c.id == table.c.model_id)
    return query.select_from(joined).where(table.c.run_id == run_id)


def _key_columns(table: Any) -> tuple[Any, ...]:
    return (
        _ITEM.c.key.label("item_key"),
        _MODEL.c.label.label("model_label"),
        table.c.temperature_requested,
        table.c.replicate,
    )


def _ids(
    connection: Connection,
    table: Any,
    run_id: str,
    *,
    standing: bool = False,
    of: tuple[str, str] | None = None,
) -> "array[int]":
    query = _of_run(select(table.c.id), table, run_id)
    if of is not None:
        query = query.where(*of_block(table, run_id, of))
    if standing:
        query = query.where(_FAILURE.c.retried_at.is_(None))
    query = query.order_by(
        _ITEM.c.position, _MODEL.c.position, table.c.temperature_requested, table.c.replicate, table.c.id
    )
    return array("q", connection.execute(query.execution_options(yield_per=10_000)).scalars())


def of_block(table: Any, run_id: str, of: tuple[str, str]) -> tuple[Any, Any]:
    """Return the conditions on rows of an item (its key) on a model (its label): on their numbers, which the indexes go by.

    Were they on the key and the label, every database would walk through all of the run's rows to find these.
    """
    item = select(_ITEM.c.id).where(_ITEM.c.run_id == run_id, _ITEM.c.key == of[0])
    model = select(_MODEL.c.id).where(_MODEL.c.run_id == run_id, _MODEL.c.label == of[1])
    return table.c.item_id == item.scalar_subquery(), table.c.model_id == model.scalar_subquery()


def _by_ids(table: Any, ids: list[int]) -> Select[Any]:
    joined = table.join(_ITEM, _ITEM.c.id == table.c.item_id).join(_MODEL, _MODEL.c.id == table.c.model_id)
    others = [column for column in table.c if column.name not in ("temperature_requested", "replicate")]
    return select(*_key_columns(table), *others).select_from(joined).where(table.c.id.in_(ids))


def _token_rows(connection: Connection, ids: list[int], *, top: bool) -> dict[int, list[Row[Any]]]:
    if not ids:
        return {}
    query = (
        select(*_TOKEN_COLUMNS, *([_TOKEN.c.top] if top else []))
        .where(_TOKEN.c.completion_id.in_(ids))
        .order_by(_TOKEN.c.completion_id, _TOKEN.c.position)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.completion_id, []).append(row)
    return found


def _key(row: Row[Any]) -> SampleKey:
    return SampleKey(row.item_key, row.model_label, row.temperature_requested, row.replicate)


def _packed(connection: Connection, ids: list[int]) -> dict[int, bytes]:
    if not ids:
        return {}
    query = select(_ALTERNATIVES.c.completion_id, _ALTERNATIVES.c.packed).where(
        _ALTERNATIVES.c.completion_id.in_(ids)
    )
    return {row.completion_id: row.packed for row in connection.execute(query)}


def _tokens(rows: Sequence[Row[Any]], packed: bytes | None) -> tuple[TokenLogprob, ...]:
    tops = unpack_tops(packed) if packed is not None else None
    if tops is not None and len(tops) != len(rows):
        raise StoreError(
            f"an answer has {len(rows)} tokens, and alternatives for {len(tops)}: restore the database from a backup"
        )
    return tuple(_token(row, tops[i] if tops else None) for i, row in enumerate(rows))


def _token(row: Row[Any], listed: tuple[tuple[str, float], ...] | None) -> TokenLogprob:
    values: Sequence[Any] = row  # by place: half the time of by name
    _completion_id, text, logprob, entropy, rank, token_id, tempered, *top = values
    if listed is None:
        listed = unpack(top[0]) if top else ()
    return TokenLogprob(text, logprob, entropy, rank, listed, token_id, tempered)


def _completion(row: Row[Any], tokens: tuple[TokenLogprob, ...]) -> Completion:
    return Completion(
        key=_key(row),
        seed=row.seed,
        text=row.text,
        finish_reason=row.finish_reason,
        temperature_sent=row.temperature_sent,
        params=row.params,
        tokens=tokens,
        logprob_kind=row.logprob_kind,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        latency_s=row.latency_s,
        response_model=row.response_model,
        fingerprint=row.fingerprint,
        cost_usd=row.cost_usd,
        attempts=row.attempts,
        batch=row.batch,
        thinking=row.thinking,
        thinking_tokens=row.thinking_tokens,
        response_id=row.response_id,
        cache_read_tokens=row.cache_read_tokens,
        cache_write_tokens=row.cache_write_tokens,
        address=row.address,
    )


def _failure(row: Row[Any]) -> Failure:
    return Failure(
        key=_key(row),
        kind=row.kind,
        message=row.message,
        attempts=row.attempts,
        seed=row.seed,
        temperature_sent=row.temperature_sent,
        batch=row.batch,
    )
