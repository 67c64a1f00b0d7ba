"""What is known of batches: enough to collect one days later, and never to submit one twice.

A batch is written down with every request before it is submitted, and gets the provider's id after. What it still owes
are its rows in `batch_request`; each goes in the transaction that stores its outcome, so a killed process leaves neither a
sample that is lost nor one that comes twice. That no sample is in two batches is a constraint of the database.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from tempkit.errors import StoreError
from tempkit.store.models import METADATA
from tempkit.store.runs import utc
from tempkit.store.writing import RunIds, sample_columns
from tempkit.types import Batch, BatchRequest, Outcome, SampleKey

__all__ = ["deliver", "is_saved", "load", "refuse", "remote_ids", "save", "submitted"]

_BATCH = METADATA.tables["batch"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_REQUEST = METADATA.tables["batch_request"]

_SAMPLE = ("run_id", "item_id", "model_id", "temperature_requested", "replicate")
_DELIVERED = delete(_REQUEST).where(*(_REQUEST.c[name] == bindparam(f"b_{name}") for name in _SAMPLE))
_OWES_NOTHING = ~exists().where(_REQUEST.c.batch_id == _BATCH.c.id)


def is_saved(connection: Connection, tag: str) -> bool:
    """Whether a batch is written down."""
    return connection.execute(select(_BATCH.c.id).where(_BATCH.c.tag == tag)).first() is not None


def save(connection: Connection, run_id: str, ids: RunIds, batch: Batch) -> None:
    """Write down a batch that is about to be submitted."""
    made = connection.execute(
        insert(_BATCH).values(
            run_id=run_id,
            model_id=ids.models[batch.model],
            tag=batch.tag,
            remote_id=batch.remote_id,
            state="submitting",
            requests=batch.requests,
            created_at=batch.created_at,
        )
    )
    assert made.inserted_primary_key is not None  # noqa: S101  (narrowing: one row was inserted)
    rows = [
        {
            **sample_columns(run_id, ids, request.key),
            "batch_id": made.inserted_primary_key[0],
            "number": request.number,
            "seed": request.seed,
            "params": dict(request.params),
        }
        for request in batch.awaited
    ]
    if rows:
        connection.execute(insert(_REQUEST), rows)


def submitted(connection: Connection, tag: str, remote_id: str) -> None:
    """Note that the provider took a batch."""
    now = datetime.now(UTC)
    _set(connection, tag, remote_id=remote_id, state="open", submitted_at=now)


def refuse(connection: Connection, tag: str) -> None:
    """Note that the provider did not take a batch: its samples are as if it had never been."""
    _set(connection, tag, state="refused", ended_at=datetime.now(UTC))
    of_tag = select(_BATCH.c.id).where(_BATCH.c.tag == tag).scalar_subquery()
    connection.execute(delete(_REQUEST).where(_REQUEST.c.batch_id == of_tag))


def deliver(connection: Connection, run_id: str, ids: RunIds, outcomes: Sequence[Outcome]) -> None:
    """Take the samples that came in batches off what these owe; a batch that owes nothing any more is collected."""
    came = [outcome for outcome in outcomes if outcome.batch is not None]
    if not came:
        return
    samples = [sample_columns(run_id, ids, outcome.key) for outcome in came]
    connection.execute(
        _DELIVERED, [{f"b_{name}": value for name, value in sample.items()} for sample in samples]
    )
    connection.execute(
        update(_BATCH)
        .where(_BATCH.c.run_id == run_id, _BATCH.c.state == "open", _OWES_NOTHING)
        .values(state="collected", ended_at=datetime.now(UTC))
    )


def load(connection: Connection, run_id: str) -> list[Batch]:
    """Return a run's batches that are still to be collected, oldest first."""
    batches = connection.execute(
        select(_BATCH, _MODEL.c.label.label("model"))
        .join(_MODEL, _MODEL.c.id == _BATCH.c.model_id)
        .where(_BATCH.c.run_id == run_id, _BATCH.c.state.in_(("submitting", "open")))
        .order_by(_BATCH.c.id)
    ).all()
    awaited: dict[int, list[BatchRequest]] = {row.id: [] for row in batches}
    requests = connection.execute(
        select(_REQUEST, _ITEM.c.key.label("item"), _MODEL.c.label.label("model"))
        .join(_ITEM, _ITEM.c.id == _REQUEST.c.item_id)
        .join(_MODEL, _MODEL.c.id == _REQUEST.c.model_id)
        .where(_REQUEST.c.run_id == run_id)
        .order_by(_REQUEST.c.batch_id, _REQUEST.c.number)
    )
    for row in requests:
        key = SampleKey(row.item, row.model, row.temperature_requested, row.replicate)
        awaited[row.batch_id].append(
            BatchRequest(number=row.number, key=key, seed=row.seed, params=row.params)
        )
    return [
        Batch(
            tag=row.tag,
            model=row.model,
            requests=row.requests,
            created_at=utc(row.created_at),
            remote_id=row.remote_id,
            awaited=tuple(awaited[row.id]),
        )
        for row in batches
    ]


def remote_ids(connection: Connection) -> set[str]:
    """Return the ids of all batches that any run has noted."""
    query = select(_BATCH.c.remote_id).where(_BATCH.c.remote_id.is_not(None))
    return set(connection.execute(query).scalars())


def _set(connection: Connection, tag: str, **values: object) -> None:
    changed = connection.execute(update(_BATCH).where(_BATCH.c.tag == tag).values(**values))
    if not changed.rowcount:
        raise StoreError(f"no batch with the tag {tag!r}: was the database replaced by an older copy?")
