"""Ratings in and out: what a person, or a model as judge, said of a completion.

Unlike a score a rating cannot be computed again, so it is never replaced: a changed mind is a new row after the old one.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tempkit.errors import StoreError
from tempkit.store.models import METADATA
from tempkit.store.text import storable
from tempkit.store.writing import RunIds
from tempkit.types import Rating, SampleKey

__all__ = ["add_ratings", "read_ratings"]

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_RATING = METADATA.tables["rating"]


def add_ratings(connection: Connection, run_id: str, ids: RunIds, ratings: Iterable[Rating]) -> None:
    """Insert ratings.

    Raises:
        StoreError: A sample has no completion.
    """
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {
            "run_id": run_id,
            "completion_id": _completion_id(connection, run_id, ids, rating.sample),
            "rater": storable(rating.rater),
            "measure": rating.measure,
            "value": rating.value,
            "comment": None if rating.comment is None else storable(rating.comment),
            "created_at": now,
        }
        for rating in ratings
    ]
    if rows:
        connection.execute(insert(_RATING), rows)


def read_ratings(connection: Connection, run_id: str) -> Iterator[Rating]:
    """Yield a run's ratings, oldest first."""
    query = (
        select(
            _ITEM.c.key,
            _MODEL.c.label,
            _COMPLETION.c.temperature_requested,
            _COMPLETION.c.replicate,
            _RATING.c.rater,
            _RATING.c.measure,
            _RATING.c.value,
            _RATING.c.comment,
        )
        .select_from(
            _RATING.join(_COMPLETION, _COMPLETION.c.id == _RATING.c.completion_id)
            .join(_ITEM, _ITEM.c.id == _COMPLETION.c.item_id)
            .join(_MODEL, _MODEL.c.id == _COMPLETION.c.model_id)
        )
        .where(_RATING.c.run_id == run_id)
        .order_by(_RATING.c.id)
    )
    for row in connection.execute(query.execution_options(yield_per=5_000)):
        yield Rating(
            sample=SampleKey(row.key, row.label, row.temperature_requested, row.replicate),
            rater=row.rater,
            measure=row.measure,
            value=row.value,
            comment=row.comment,
        )


def _completion_id(connection: Connection, run_id: str, ids: RunIds, sample: SampleKey) -> int:
    query = select(_COMPLETION.c.id).where(
        _COMPLETION.c.run_id == run_id,
        _COMPLETION.c.item_id == ids.items[sample.item],
        _COMPLETION.c.model_id == ids.models[sample.model],
        _COMPLETION.c.temperature_requested == sample.temperature,
        _COMPLETION.c.replicate == sample.replicate,
    )
    found = connection.execute(query).scalar()
    if found is None:
        raise StoreError(f"sample {sample.replicate} of item {sample.item!r} has no completion to be rated")
    return int(found)
