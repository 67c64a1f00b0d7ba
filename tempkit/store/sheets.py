"""Sheets in and out: which answers people are shown in pairs. A sheet is never changed: pages of it are with people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import Connection, insert, select

from tempkit.store.models import METADATA
from tempkit.store.writing import RunIds
from tempkit.types import SampleKey, Sheet, SheetPair

__all__ = ["add_sheet", "read_sheets", "run_of"]

_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_PAIR = METADATA.tables["rating_pair"]
_SHEET = METADATA.tables["rating_sheet"]


def add_sheet(connection: Connection, run_id: str, ids: RunIds, sheet: Sheet) -> None:
    """Insert a sheet with its pairs."""
    connection.execute(
        insert(_SHEET).values(
            id=sheet.id,
            run_id=run_id,
            digest=sheet.digest,
            settings=dict(sheet.settings),
            created_at=datetime.now(UTC),
        )
    )
    rows = [
        {
            "sheet_id": sheet.id,
            "number": number,
            "code": pair.code,
            "item_id": ids.items[pair.left.item],
            "model_id": ids.models[pair.left.model],
            "left_temperature": pair.left.temperature,
            "left_replicate": pair.left.replicate,
            "right_temperature": pair.right.temperature,
            "right_replicate": pair.right.replicate,
            "alike": pair.alike,
            "shown": pair.shown,
        }
        for number, pair in enumerate(sheet.pairs)
    ]
    if rows:
        connection.execute(insert(_PAIR), rows)


def read_sheets(connection: Connection, run_id: str) -> Iterator[Sheet]:
    """Yield a run's sheets, oldest first."""
    query = (
        select(
            _SHEET.c.id,
            _SHEET.c.digest,
            _SHEET.c.settings,
            _PAIR,
            _ITEM.c.key.label("item"),
            _MODEL.c.label.label("model"),
        )
        .select_from(
            _SHEET.join(_PAIR, _PAIR.c.sheet_id == _SHEET.c.id)
            .join(_ITEM, _ITEM.c.id == _PAIR.c.item_id)
            .join(_MODEL, _MODEL.c.id == _PAIR.c.model_id)
        )
        .where(_SHEET.c.run_id == run_id)
        .order_by(_SHEET.c.created_at, _SHEET.c.id, _PAIR.c.number)
    )
    for (id_, digest), rows in groupby(connection.execute(query), key=lambda row: (row.id, row.digest)):
        found = list(rows)
        yield Sheet(
            id=id_,
            digest=digest,
            settings=found[0].settings,
            pairs=tuple(
                SheetPair(
                    code=row.code,
                    left=SampleKey(row.item, row.model, row.left_temperature, row.left_replicate),
                    right=SampleKey(row.item, row.model, row.right_temperature, row.right_replicate),
                    alike=row.alike,
                    shown=row.shown,
                )
                for row in found
            ),
        )


def run_of(connection: Connection, sheet_id: str) -> str | None:
    """Return the id of the run that a sheet is of; None where there is no such sheet."""
    found = connection.execute(select(_SHEET.c.run_id).where(_SHEET.c.id == sheet_id)).scalar()
    return None if found is None else str(found)
