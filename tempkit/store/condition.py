"""How a database is, without a change to it: for `tempkit doctor`."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from tempkit.store.errors import explained, readable
from tempkit.store.models import RunRow
from tempkit.store.opening import is_current, looking_engine
from tempkit.store.target import check_sqlite_file, is_read_only, resolve

__all__ = ["Condition", "condition_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What there is to know of a database before it is used."""

    where: str
    """As messages name it, without a password."""
    folder: Path | None
    """Where its file is, or would be; None: on a server."""
    exists: bool
    size: int | None = None
    """Bytes of its file and the journal beside it; None on a server."""
    writable: bool = True
    current: bool = True
    """Whether its schema is this version's; an older one is brought up to date by whoever opens it next."""
    runs: int = 0
    newest: datetime | None = None
    """When the newest run was begun."""


def condition_of(db: str | None) -> Condition:
    """Return how the database is that `--db` means.

    Raises:
        StoreError: It cannot be used, or there is none and it could not be made.
    """
    target = resolve(db)
    path = target.path
    folder = None if path is None else path.absolute().parent
    if path is not None:
        there = path.exists()
        check_sqlite_file(path, target.where, must_exist=False, reading=True)
        if not there or not path.stat().st_size:
            return Condition(where=target.where, folder=folder, exists=False)
    engine = looking_engine(target)
    try:
        with readable(target), explained(target), engine.connect() as connection:
            current = is_current(connection, target)
            table = RunRow.__table__  # type: ignore[attr-defined]
            runs, newest = connection.execute(
                select(func.count(), func.max(table.c.created_at)).select_from(table)
            ).one()
    finally:
        engine.dispose()
    return Condition(
        where=target.where,
        folder=folder,
        exists=True,
        size=None if path is None else _size(path),
        writable=not is_read_only(path),
        current=current,
        runs=runs,
        newest=None
        if newest is None
        else newest.replace(tzinfo=newest.tzinfo or UTC),  # SQLite keeps none, and it is UTC
    )


def _size(path: Path) -> int:
    size = 0
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):  # the journal goes when the last writer does
            size += path.with_name(path.name + end).stat().st_size
    return size
