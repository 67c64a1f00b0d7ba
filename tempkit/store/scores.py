"""Scores in and out.

A score can be computed again, so unlike an outcome it may be replaced: always for one *block*, an item on a model,
because many measures of a sample depend on the item's other samples (an exemplar, an equal budget of words). What was
imported ready-made is left alone.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from tempkit.store.models import METADATA
from tempkit.store.records import ScoredBlock
from tempkit.store.text import storable
from tempkit.store.writing import RunIds
from tempkit.types import Score

__all__ = ["IMPORTED", "add_scores", "read_scores", "scored_blocks"]

IMPORTED = "imported"
"""The version of scores that came ready-made."""

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_SCORE = METADATA.tables["score"]


def add_scores(
    connection: Connection, run_id: str, ids: RunIds, scores: Sequence[Score], completions: int | None
) -> None:
    """Insert scores; computed ones (`completions` is their block's number) take the place of their block's earlier ones.

    Args:
        connection: In a transaction.
        run_id: The run.
        ids: Its items and models.
        scores: With `completions`, those of one block.
        completions: How many the block has; None for imported scores.
    """
    blocks = {(ids.items[score.item], ids.models[score.model]) for score in scores}
    if completions is not None:
        for item_id, model_id in blocks:
            connection.execute(
                delete(_SCORE).where(
                    _SCORE.c.run_id == run_id,
                    _SCORE.c.item_id == item_id,
                    _SCORE.c.model_id == model_id,
                    _SCORE.c.version != IMPORTED,
                )
            )
    found: dict[tuple[int, int, float, int], int] = {}
    for item_id, model_id in blocks:
        found |= _completion_ids(connection, run_id, item_id, model_id)
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    for score in scores:
        item_id, model_id = ids.items[score.item], ids.models[score.model]
        sample = (item_id, model_id, score.temperature, -1 if score.replicate is None else score.replicate)
        rows.append(
            {
                "run_id": run_id,
                "item_id": item_id,
                "model_id": model_id,
                "completion_id": found.get(sample),
                "temperature_requested": score.temperature,
                "replicate": score.replicate,
                "measure": score.measure,
                "version": score.version,
                "value": score.value,
                "status": "missing" if score.value is None else "ok",
                "reason": None if score.reason is None else storable(score.reason),
                "completions": completions,
                "created_at": now,
            }
        )
    if rows:
        connection.execute(insert(_SCORE), rows)


def read_scores(connection: Connection, run_id: str, measure: str | None) -> Iterator[Score]:
    """Yield the run's scores, or those of one measure, by item, model, temperature and replicate, a cell's own first."""
    query = (
        select(_ITEM.c.key.label("item"), _MODEL.c.label.label("model"), _SCORE)
        .select_from(
            _SCORE.join(_ITEM, _ITEM.c.id == _SCORE.c.item_id).join(_MODEL, _MODEL.c.id == _SCORE.c.model_id)
        )
        .where(_SCORE.c.run_id == run_id, *([] if measure is None else [_SCORE.c.measure == measure]))
        .order_by(
            _ITEM.c.position,
            _MODEL.c.position,
            _SCORE.c.temperature_requested,
            func.coalesce(_SCORE.c.replicate, -1),
            _SCORE.c.id,
        )
    )
    for row in connection.execute(query.execution_options(yield_per=5_000)):
        yield Score(
            item=row.item,
            model=row.model,
            temperature=row.temperature_requested,
            replicate=row.replicate,
            measure=row.measure,
            version=row.version,
            value=row.value,
            reason=row.reason,
        )


def scored_blocks(connection: Connection, run_id: str) -> dict[tuple[str, str], ScoredBlock]:
    """Return for every item and model of the run, by key and label, what it has and what of that has been scored."""
    counts = {
        (row.item_id, row.model_id): int(row.n)
        for row in connection.execute(
            select(_COMPLETION.c.item_id, _COMPLETION.c.model_id, func.count().label("n"))
            .where(_COMPLETION.c.run_id == run_id)
            .group_by(_COMPLETION.c.item_id, _COMPLETION.c.model_id)
        )
    }
    taken: dict[tuple[int, int], set[tuple[str, str, int]]] = {}
    for row in connection.execute(
        select(
            _SCORE.c.item_id,
            _SCORE.c.model_id,
            _SCORE.c.measure,
            _SCORE.c.version,
            func.min(_SCORE.c.completions).label("n"),
        )
        .where(_SCORE.c.run_id == run_id, _SCORE.c.version != IMPORTED)
        .group_by(_SCORE.c.item_id, _SCORE.c.model_id, _SCORE.c.measure, _SCORE.c.version)
    ):
        taken.setdefault((row.item_id, row.model_id), set()).add((row.measure, row.version, int(row.n or 0)))
    pairs = connection.execute(
        select(_ITEM.c.id, _ITEM.c.key, _MODEL.c.id.label("model_id"), _MODEL.c.label)
        .select_from(_ITEM.join(_MODEL, and_(_MODEL.c.run_id == _ITEM.c.run_id)))
        .where(_ITEM.c.run_id == run_id)
        .order_by(_ITEM.c.position, _MODEL.c.position)
    )
    return {
        (row.key, row.label): ScoredBlock(
            completions=counts.get((row.id, row.model_id), 0),
            scores=frozenset(taken.get((row.id, row.model_id), ())),
        )
        for row in pairs
    }


def _completion_ids(
    connection: Connection, run_id: str, item_id: int, model_id: int
) -> dict[tuple[int, int, float, int], int]:
    query = select(_COMPLETION.c.id, _COMPLETION.c.temperature_requested, _COMPLETION.c.replicate).where(
        _COMPLETION.c.run_id == run_id,
        _COMPLETION.c.item_id == item_id,
        _COMPLETION.c.model_id == model_id,
    )
    return {
        (item_id, model_id, row.temperature_requested, row.replicate): row.id
        for row in connection.execute(query)
    }
