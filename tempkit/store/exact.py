"""Exact answers in and out: bounds that were computed from a model's own distributions.

They can be computed again, so like scores they are replaced, an item on a model at a time.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from tempkit.store.models import METADATA
from tempkit.store.writing import RunIds
from tempkit.types import ExactAnswer, ExactAnswers

__all__ = ["read_exact", "replace_exact"]

_EXACT = METADATA.tables["exact_answer"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]

_COLUMNS = ("closed", "passes", "tokens", "signature", "temperatures", "lower", "upper")


def replace_exact(connection: Connection, run_id: str, ids: RunIds, found: Iterable[ExactAnswers]) -> None:
    """Store what was computed in place of what there was of the same items on the same models."""
    for each in found:
        this = {"run_id": run_id, "item_id": ids.items[each.item], "model_id": ids.models[each.model]}
        connection.execute(delete(_EXACT).where(*(_EXACT.c[name] == value for name, value in this.items())))
        values: dict[str, Any] = {name: getattr(each, name) for name in _COLUMNS}
        answers = [asdict(answer) for answer in each.answers]
        connection.execute(
            insert(_EXACT).values(**this, **values, answers=answers, created_at=datetime.now(UTC))
        )


def read_exact(connection: Connection, run_id: str) -> list[ExactAnswers]:
    """Return what was computed for a run, by item and model."""
    query = (
        select(_ITEM.c.key.label("item"), _MODEL.c.label.label("model"), _EXACT)
        .select_from(
            _EXACT.join(_ITEM, _ITEM.c.id == _EXACT.c.item_id).join(_MODEL, _MODEL.c.id == _EXACT.c.model_id)
        )
        .where(_EXACT.c.run_id == run_id)
        .order_by(_ITEM.c.position, _MODEL.c.position)
    )
    return [
        ExactAnswers(
            item=row.item,
            model=row.model,
            temperatures=tuple(row.temperatures),
            lower=tuple(row.lower),
            upper=tuple(row.upper),
            closed=row.closed,
            passes=row.passes,
            tokens=row.tokens,
            answers=tuple(
                ExactAnswer(text=answer["text"], probabilities=tuple(answer["probabilities"]))
                for answer in row.answers
            ),
            signature=row.signature,
        )
        for row in connection.execute(query)
    ]
