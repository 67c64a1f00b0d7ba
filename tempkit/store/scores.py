"""Scores in and out.

A score can be computed again, so unlike an outcome it may be replaced: always for one *block*, an item on a model,
because many measures of a sample depend on the item's other samples (an exemplar, an equal budget of words). What was
imported ready-made, or said by a judge, is left alone: the first word of its version tells.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, delete, false, func, insert, or_, select

from tempkit.store.models import METADATA
from tempkit.store.reading import of_block
from tempkit.store.records import ScoredBlock
from tempkit.store.text import storable
from tempkit.store.writing import RunIds
from tempkit.types import Reason, Score

__all__ = [
    "IMPORTED",
    "JUDGED",
    "add_scores",
    "clear_block",
    "clear_judged",
    "read_scores",
    "sample_measures",
    "scored_blocks",
]

IMPORTED = "imported"
"""The version of scores that came ready-made, and the backend of a run that did."""

JUDGED = "judged"
"""The first word of the version of scores that follow from a judge's answers, which cost money to have."""

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_SCORE = METADATA.tables["score"]
_READ = tuple(
    _SCORE.c[name] for name in ("temperature_requested", "replicate", "measure", "version", "value", "reason")
)
_SCORING = METADATA.tables["scoring"]


def add_scores(connection: Connection, run_id: str, ids: RunIds, scores: Iterable[Score]) -> None:
    """Insert scores of one item and model after another; those that were there stay."""
    now = datetime.now(UTC)
    for (item, model), block in groupby(scores, key=lambda score: (score.item, score.model)):
        item_id, model_id = ids.items[item], ids.models[model]
        found = _completion_ids(connection, run_id, item_id, model_id)
        rows: list[dict[str, Any]] = [
            {
                "run_id": run_id,
                "item_id": item_id,
                "model_id": model_id,
                "completion_id": found.get((score.temperature, score.replicate)),
                "temperature_requested": score.temperature,
                "replicate": score.replicate,
                "measure": score.measure,
                "version": score.version,
                "value": score.value,
                "status": "missing" if score.value is None else "ok",
                "reason": None if score.reason is None else storable(score.reason.encoded()),
                "created_at": now,
            }
            for score in block
        ]
        connection.execute(insert(_SCORE), rows)


def clear_block(
    connection: Connection, run_id: str, item_id: int, model_id: int, *, signature: str, completions: int
) -> None:
    """Drop the computed scores of an item on a model, and note by what they are about to be replaced."""
    this = {"run_id": run_id, "item_id": item_id, "model_id": model_id}
    given = or_(_SCORE.c.version == IMPORTED, _SCORE.c.version.startswith(f"{JUDGED} "))
    for table, kept in ((_SCORE, given), (_SCORING, false())):
        connection.execute(
            delete(table).where(*(table.c[name] == value for name, value in this.items()), ~kept)
        )
    values = {**this, "signature": signature, "completions": completions, "created_at": datetime.now(UTC)}
    connection.execute(insert(_SCORING).values(values))


def clear_judged(connection: Connection, run_id: str, item_id: int, model_id: int, *, measure: str) -> None:
    """Drop what judges' answers made of a measure for an item on a model."""
    connection.execute(
        delete(_SCORE).where(
            _SCORE.c.run_id == run_id,
            _SCORE.c.item_id == item_id,
            _SCORE.c.model_id == model_id,
            _SCORE.c.measure == measure,
            _SCORE.c.version.startswith(f"{JUDGED} "),
        )
    )


def read_scores(
    connection: Connection,
    run_id: str,
    measure: str | None = None,
    of: tuple[str, str] | None = None,
    items: Sequence[int] | None = None,
) -> Iterator[Score]:
    """Yield the run's scores, or those of one measure or block or some items' rows, by item, model, temperature, replicate, a cell's own first."""
    conditions = [_SCORE.c.run_id == run_id]
    if measure is not None:
        conditions.append(_SCORE.c.measure == measure)
    if items is not None:
        conditions.append(_SCORE.c.item_id.in_(items))
    if of is not None:
        conditions += of_block(_SCORE, run_id, of)
    query = (
        select(_ITEM.c.key, _MODEL.c.label, *_READ)
        .select_from(
            _SCORE.join(_ITEM, _ITEM.c.id == _SCORE.c.item_id).join(_MODEL, _MODEL.c.id == _SCORE.c.model_id)
        )
        .where(*conditions)
        .order_by(
            _ITEM.c.position,
            _MODEL.c.position,
            _SCORE.c.temperature_requested,
            func.coalesce(_SCORE.c.replicate, -1),
            _SCORE.c.id,
        )
    )
    reasons: dict[str | None, Reason | None] = {None: None}
    for item, model, temperature, replicate, name, version, value, why in connection.execute(
        query.execution_options(yield_per=5_000)
    ):  # by place and not by name, and each reason decoded once: there may be very many
        if why not in reasons:
            reasons[why] = Reason.decoded(why)
        yield Score(
            item=item,
            model=model,
            temperature=temperature,
            replicate=replicate,
            measure=name,
            version=version,
            value=value,
            reason=reasons[why],
        )


def sample_measures(connection: Connection, run_id: str) -> list[tuple[str, str, bool]]:
    """Return measure, version, and whether a value is missing, of the scores of samples, in the order they were first taken."""
    query = (
        select(_SCORE.c.measure, _SCORE.c.version, func.count() > func.count(_SCORE.c.value))
        .where(_SCORE.c.run_id == run_id, _SCORE.c.replicate.is_not(None))
        .group_by(_SCORE.c.measure, _SCORE.c.version)
        .order_by(func.min(_SCORE.c.id))
    )
    return [(measure, version, bool(missing)) for measure, version, missing in connection.execute(query)]


def scored_blocks(connection: Connection, run_id: str) -> dict[tuple[str, str], ScoredBlock]:
    """Return for every item and model of the run, by key and label, what there is and how it was last scored."""
    counts = (
        select(_COMPLETION.c.item_id, _COMPLETION.c.model_id, func.count().label("n"))
        .where(_COMPLETION.c.run_id == run_id)
        .group_by(_COMPLETION.c.item_id, _COMPLETION.c.model_id)
        .subquery()
    )
    query = (
        select(_ITEM.c.key, _MODEL.c.label, counts.c.n, _SCORING.c.completions, _SCORING.c.signature)
        .select_from(
            _ITEM.join(_MODEL, _MODEL.c.run_id == _ITEM.c.run_id)
            .outerjoin(counts, and_(counts.c.item_id == _ITEM.c.id, counts.c.model_id == _MODEL.c.id))
            .outerjoin(_SCORING, and_(_SCORING.c.item_id == _ITEM.c.id, _SCORING.c.model_id == _MODEL.c.id))
        )
        .where(_ITEM.c.run_id == run_id)
        .order_by(_ITEM.c.position, _MODEL.c.position)
    )
    return {
        (row.key, row.label): ScoredBlock(
            completions=row.n or 0, scored=row.completions, signature=row.signature
        )
        for row in connection.execute(query)
    }


def _completion_ids(
    connection: Connection, run_id: str, item_id: int, model_id: int
) -> dict[tuple[float, int | None], int]:
    query = select(_COMPLETION.c.id, _COMPLETION.c.temperature_requested, _COMPLETION.c.replicate).where(
        _COMPLETION.c.run_id == run_id,
        _COMPLETION.c.item_id == item_id,
        _COMPLETION.c.model_id == model_id,
    )
    return {(row.temperature_requested, row.replicate): row.id for row in connection.execute(query)}
