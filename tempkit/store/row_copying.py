"""Rows of a run from one database into another: read some at a time, and put under new numbers.

Which rows belong to a run, and what they refer to, is read off the tables' own declarations.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from tempkit.store.bulk import insert_many
from tempkit.store.runs import utc

__all__ = ["aware", "chunks", "insert_rows"]

_CHUNK = 500
_PARENTS = {"token": "completion_id", "alternatives": "completion_id", "rating_pair": "sheet_id"}
"""Tables whose rows do not say their run: by which column they say it."""


def chunks(
    source: Connection, table: Table, run_id: str, renumbered: Mapping[str, Mapping[Any, Any]]
) -> Iterator[list[dict[str, Any]]]:
    """Yield a run's rows of a table, some at a time, in the order in which they were written."""
    order = list(table.primary_key.columns)
    if table.name not in _PARENTS:
        queries = [select(table).where(table.c.run_id == run_id).order_by(*order)]
    else:
        column = table.c[_PARENTS[table.name]]
        parents = list(renumbered.get(_referred(column), {}))
        step = 50  # with a thousand tokens each, and their alternatives
        queries = [
            select(table).where(column.in_(parents[start : start + step])).order_by(*order)
            for start in range(0, len(parents), step)
        ]
    for query in queries:
        result = source.execute(query.execution_options(yield_per=_CHUNK)).mappings()
        for part in result.partitions():
            yield [dict(row) for row in part]


def insert_rows(
    to: Connection, table: Table, rows: Sequence[dict[str, Any]], renumbered: dict[str, dict[Any, Any]]
) -> int:
    """Insert rows under new numbers, with what they refer to under its new ones; return how many refer to nothing and were not."""
    references = {
        column.name: _referred(column)
        for column in table.columns
        if column.foreign_keys and column.name != "id"
    }
    numbered = (
        "id" in table.c and table.c.id.autoincrement is not False and table.c.id.type.python_type is int
    )
    kept, given = [], []
    for row in rows:
        values = aware(row)
        if any(
            values[name] is not None and values[name] not in renumbered.get(other, {})
            for name, other in references.items()
        ):
            continue
        for name, other in references.items():
            if values[name] is not None:
                values[name] = renumbered[other][values[name]]
        if numbered:
            del values["id"]
        kept.append(row)
        given.append(values)
    if given and table.name == "token":  # the very many; their columns need no conversion
        columns = tuple(table.c.keys())
        insert_many(to, table, columns, [tuple(values[name] for name in columns) for values in given])
    elif given and not numbered:
        to.execute(insert(table), given)
        if "id" in table.c:
            renumbered.setdefault(table.name, {}).update((row["id"], row["id"]) for row in kept)
    elif given:
        made = to.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), given).scalars()
        renumbered.setdefault(table.name, {}).update(zip((row["id"] for row in kept), made, strict=True))
    return len(rows) - len(kept)


def _referred(column: Any) -> str:
    return str(next(iter(column.foreign_keys)).column.table.name)


def aware(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: utc(value) if isinstance(value, datetime) else value for name, value in row.items()}
