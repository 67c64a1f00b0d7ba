"""A database that may only be read: read in place, and in a copy once something is to be written that need not be kept.

Who shows a run measures it first, and counts the look. Both are only by the way, so where the database cannot be written they go
into a copy that is thrown away. SQLite reads a file in place without its lock files (`immutable`) where nothing is in its journal;
with a journal, or of an older schema, it is copied at once.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from tempkit.errors import StoreError
from tempkit.store.errors import explained, readable
from tempkit.store.opening import is_current, open_engine, read_only_engine
from tempkit.store.target import Target, journal_of

__all__ = ["Copy", "open_in_place"]


def open_in_place(target: Target) -> Engine | None:
    """Return an engine that reads the file where it lies; None where only a copy can be read.

    Raises:
        StoreError: It cannot be read, or is of a newer version or another program.
    """
    if journal_of(target.path):
        return None
    engine = read_only_engine(target)
    try:
        with readable(target), explained(target), engine.connect() as connection:
            if is_current(connection, target):
                return engine
    except BaseException:
        engine.dispose()
        raise
    engine.dispose()
    return None


class Copy:
    """A copy of a database in a folder of its own, until it is closed."""

    def __init__(self, target: Target) -> None:
        """Copy it.

        Raises:
            StoreError: It cannot be read, or there is no room for the copy.
        """
        assert target.path is not None  # noqa: S101  (only files can be read-only)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="tempkit-")
            path = Path(self._folder.name) / "copy.db"
            _copy(target.path, path)
            copied = replace(target, url=target.url.set(database=str(path)), path=path)
            self.engine = open_engine(copied, must_exist=True)
        except OSError as e:
            self.close()
            raise StoreError(
                f"{target.where} cannot be written, and a copy to work with cannot be made ({e.strerror or e}): free some space in "
                f"{tempfile.gettempdir()}, or set TMPDIR to another folder"
            ) from e
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def _copy(path: Path, to: Path) -> None:
    """Copy a database as of one moment where SQLite can see its lock files, else the files as they lie."""
    if not journal_of(path):
        shutil.copyfile(path, to)
        return
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)
    except sqlite3.OperationalError:
        for end in ("", "-wal"):
            shutil.copyfile(path.with_name(path.name + end), to.with_name(to.name + end))
