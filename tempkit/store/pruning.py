"""A run out of a database, with everything that belongs to it."""

from sqlalchemy import Connection, delete, select

from tempkit.store.models import METADATA

__all__ = ["delete_run"]

_VIA = {
    "token": ("completion_id", "completion"),
    "alternatives": ("completion_id", "completion"),
    "rating_pair": ("sheet_id", "rating_sheet"),
}
"""Tables whose rows do not say their run: by which column, of which table's rows, they say it."""


def delete_run(connection: Connection, run_id: str) -> None:
    """Delete every row of a run, those that refer to others first."""
    for table in reversed(METADATA.sorted_tables):
        if table.name in _VIA:
            column, parent = _VIA[table.name]
            of = METADATA.tables[parent]
            mine = select(of.c.id).where(of.c.run_id == run_id)
            connection.execute(delete(table).where(table.c[column].in_(mine)))
        elif "run_id" in table.c:
            connection.execute(delete(table).where(table.c.run_id == run_id))
    runs = METADATA.tables["run"]
    connection.execute(delete(runs).where(runs.c.id == run_id))
