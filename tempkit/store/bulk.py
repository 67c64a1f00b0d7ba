"""Very many rows at once, handed to the driver as they are: none of their columns needs a conversion.

To SQLite they go by `executemany`. PostgreSQL takes them by binary COPY: of 20,000 rows of tokens at once, at ten times the rate of
`executemany` and at eight times that of one INSERT from arrays, with a twentieth of this process's time.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

__all__ = ["insert_many"]

_BINARY = {"INTEGER": "int4", "FLOAT": "float8", "VARCHAR": "text", "BYTEA": "bytea"}
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
