"""Very many rows at once, past SQLAlchemy's own inserting.

To SQLite they go by `executemany`. PostgreSQL takes them by binary COPY: of 20,000 rows of tokens at once, at ten times the rate of
`executemany` and at eight times that of one INSERT from arrays, with a twentieth of this process's time. What it then does with them by itself
(indexes, references) takes about as long as packing their alternatives does here, so the two go on side by side.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import DBAPIError

__all__ = ["insert_many", "insert_meanwhile", "insert_numbered"]

Made = TypeVar("Made")

_BINARY = {
    "INTEGER": "int4",
    "BIGINT": "int8",
    "FLOAT": "float8",
    "VARCHAR": "text",
    "BYTEA": "bytea",
    "JSON": "json",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}
"""How values of a column are sent, by its type."""


def insert_many(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows, whose values are in the order of the columns: whole numbers, floats, texts, bytes or None alone."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, rows)
        return
    statement = insert(table).compile(dialect=connection.dialect, column_keys=columns)
    if tuple(statement.positiontup or ()) != columns:
        raise AssertionError("SQLAlchemy lists the columns in an order of its own")
    connection.exec_driver_sql(statement.string, rows if isinstance(rows, list) else list(rows))


def insert_meanwhile(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
    work: Callable[[], Made],
) -> Made:
    """Insert rows as `insert_many` does, and return what the work makes, done meanwhile where a server does the inserting.

    The work must leave the connection alone. When this returns or raises, nothing is under way any more.
    """
    if connection.dialect.name != "postgresql":  # SQLite would take the same processor
        insert_many(connection, table, columns, rows)
        return work()
    with ThreadPoolExecutor(1) as beside:
        inserting = beside.submit(insert_many, connection, table, columns, rows)
        made = work()
        inserting.result()
    return made


def insert_numbered(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows that all have the same columns, of any types, and return the `id`s they got, in their order."""
    if connection.dialect.name != "postgresql":
        returning = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(connection.execute(returning, rows).scalars().all())
    # One INSERT of some hundred rows has thousands of parameters, and preparing these takes longer than all the rest of it.
    number = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
    ids = list(connection.execute(select(number).select_from(func.generate_series(1, len(rows)))).scalars())
    names = tuple(rows[0])
    convert = [
        table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for name in names
    ]
    values = [
        tuple(
            value if into is None or value is None else into(value)
            for into, value in zip(convert, map(row.__getitem__, names), strict=True)
        )
        for row in rows
    ]
    _copy(connection, table, ("id", *names), ((id_, *row) for id_, row in zip(ids, values, strict=True)))
    return ids


def _copy(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Send rows by COPY, on SQLAlchemy's connection but past it: so what it makes of an error is made here."""
    quoted = connection.dialect.identifier_preparer.quote
    names = ", ".join(quoted(name) for name in columns)
    statement = f"COPY {quoted(table.name)} ({names}) FROM STDIN (FORMAT BINARY)"
    dbapi: Any = connection.dialect.loaded_dbapi
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_BINARY[table.c[name].type.compile(connection.dialect)] for name in columns])
            for row in rows:
                copy.write_row(row)
    except dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, dbapi.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error
