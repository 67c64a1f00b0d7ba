"""An open database, and its transactions: every error of the driver comes out of them as a `StoreError`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from tempkit.store.errors import explained, readable
from tempkit.store.opening import DURABLE, WRITE, open_engine
from tempkit.store.read_only import Copy, open_in_place
from tempkit.store.target import Target, check_sqlite_file, is_read_only, resolve

__all__ = ["Database"]


class Database:
    """A database, opened for transactions that read or write."""

    def __init__(self, engine: Engine, target: Target) -> None:
        self._engine = engine
        self._target = target
        self._in_place = False
        """It is read where it lies, and cannot be written there."""
        self._copy: Copy | None = None
        self._forgets = False

    @classmethod
    def open(
        cls, target: str | Path | None = None, *, must_exist: bool = False, reading: bool = False
    ) -> Self:
        """Open a database, creating or migrating it as needed.

        Args:
            target: An SQLite file's path or a database URL; None: the environment's `TEMPKIT_DB`, else `tempkit.db`.
            must_exist: Do not create a database to find it empty.
            reading: What is written is only by the way, like scores that are computed to be shown: with a database that cannot
                be written it goes into a copy that is thrown away.

        Raises:
            StoreError: It cannot be used; the message says why and what to do, and nothing was changed.
        """
        resolved = resolve(target)
        if not reading or not is_read_only(resolved.path):
            return cls(open_engine(resolved, must_exist=must_exist), resolved)
        assert resolved.path is not None  # noqa: S101  (narrowing: only files can be read-only)
        check_sqlite_file(resolved.path, resolved.where, must_exist=True, reading=True)
        if engine := open_in_place(resolved):
            made = cls(engine, resolved)
            made._in_place = True
            return made
        copy = Copy(resolved)
        made = cls(copy.engine, resolved)
        made._copy = copy
        return made

    @property
    def where(self) -> str:
        """The database as a person would name it, without any password."""
        return self._target.where

    @property
    def on_server(self) -> bool:
        """Whether it is a server's, reached over a connection."""
        return self._target.path is None

    @property
    def wait_s(self) -> float:
        """How long what is on its way into it should wait while it is out of reach, in seconds."""
        return self._target.wait_s

    @property
    def forgets(self) -> bool:
        """Whether something was written that is not kept, as the database can only be read."""
        return self._forgets

    def close(self) -> None:
        """Close all connections. SQLite then folds its journal back into the one file."""
        self._engine.dispose()
        if self._copy is not None:
            self._copy.close()

    def fold_journal(self) -> None:
        """Have SQLite move its journal into the one file, so that the journal's room can be used again where files cannot grow.

        Raises:
            StoreError: That cannot be done either.
        """
        if not self.on_server:
            with explained(self._target), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with readable(self._target), explained(self._target), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self, *, durable: bool = False) -> Iterator[Connection]:
        if self._in_place:
            copy = Copy(self._target)
            self._engine.dispose()
            self._engine, self._copy, self._in_place = copy.engine, copy, False
        self._forgets = self._copy is not None
        options = {WRITE: True, DURABLE: durable}
        with (
            explained(self._target),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection
