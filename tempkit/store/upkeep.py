"""What is done to a database as a whole, and to a run's name and note; the runs' data are for `Store`."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from tempkit.store import pruning, runs
from tempkit.store.database import Database
from tempkit.store.errors import explained
from tempkit.store.health import last_written
from tempkit.store.merging import Merged, merge_runs, other_database
from tempkit.store.opening import serialize
from tempkit.store.records import RunRecord

__all__ = ["Upkeep"]


class Upkeep(Database):
    """A database that is looked after."""

    def rename(self, run_id: str, name: str) -> RunRecord:
        """Give a run another name.

        Raises:
            StoreError: It is none that a run can have, or another run's.
        """
        with self._write() as connection:
            serialize(connection)
            runs.rename(connection, run_id, name)
            return runs.get_run(connection, run_id)

    def set_note(self, run_id: str, note: str | None) -> None:
        """Write something of a run, in place of what was written before; None: nothing."""
        with self._write() as connection:
            runs.set_note(connection, run_id, note)

    def last_written(self, run_id: str) -> datetime:
        """Return when something was last stored of a run's samples, in UTC; when it began where there is none."""
        with self._read() as connection:
            return last_written(connection, run_id)

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete runs with everything that belongs to them: all of them or, with an error, none."""
        with self._write() as connection:
            for run_id in run_ids:
                serialize(connection, run_id)
                pruning.delete_run(connection, run_id)

    def merge(self, other: str | Path | None, *, only: Collection[str] | None = None) -> list[Merged]:
        """Copy another database's runs into this one: all of them or, with an error, none.

        A run that is here already, known by when it began, is left as it is here. One whose name is taken gets a number after it.

        Args:
            other: An SQLite file, of any schema known and read as it is at this moment, or a database's URL.
            only: The ids there of the runs to copy; None: all.

        Raises:
            StoreError: One of the two cannot be used, or they are one.
        """
        with other_database(other, self._target) as (source, there), self._write() as connection:
            serialize(connection)
            return merge_runs(source, there, connection, only=only)

    def vacuum(self) -> None:
        """Give back the room of what was deleted; SQLite needs as much again while it does.

        Raises:
            StoreError: Somebody else is writing, there is no room, or the database can only be read.
        """
        if self.on_server:
            with (
                explained(self._target),
                self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
            ):
                connection.exec_driver_sql("VACUUM ANALYZE")
            return
        with explained(self._target), closing(self._engine.raw_connection()) as connection_of_driver:
            try:
                cursor = connection_of_driver.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except (
                sqlite3.Error
            ) as e:  # the driver's own, as no statement of SQLAlchemy's may be outside a transaction
                raise OperationalError("VACUUM", None, e) from e
