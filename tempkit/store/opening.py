"""From a target to an engine on a database of the current schema.

The fast path, an up-to-date database, is one connection and two small queries, writes nothing and does not import
Alembic. SQLite's transactions are begun by hand: the driver's own implicit BEGIN leaves DDL outside of it, and a writer
must ask for the write lock first (BEGIN IMMEDIATE), or two processes that both read before they write refuse each other.
"""

import sqlite3
import time
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from tempkit._version import __version__
from tempkit.errors import StoreError
from tempkit.store.errors import explained, is_locked, readable
from tempkit.store.migrations import create, known_revisions, upgrade
from tempkit.store.target import (
    APPLICATION_ID,
    OUR_TABLES,
    Target,
    check_sqlite_file,
    foreign,
    journal_of,
    missing,
)
from tempkit.store.text import dump_json

__all__ = [
    "DURABLE",
    "WRITE",
    "engine_as_is",
    "is_current",
    "looking_engine",
    "open_engine",
    "read_only_engine",
    "serialize",
]

WRITE = "tempkit_write"
"""The execution option of a connection that is going to write."""

DURABLE = "tempkit_durable"
"""That of one whose transaction must outlast a power cut: what money is spent on once it is written down."""

_BUSY_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 10
_SILENCE = {
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""After how much of it a connection counts as cut, in libpq's terms: by itself it would wait for two hours."""
_SILENCE_THERE = (
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)
"""The same for the server, so that what a cut connection had begun does not stay in the way of the next."""
_LOCK_KEY = 0x746D706B  # of PostgreSQL's advisory lock; any number, always the same


def open_engine(target: Target, *, must_exist: bool = False) -> Engine:
    """Return an engine on the target, created or migrated as needed.

    Raises:
        StoreError: The database cannot be used; nothing was changed.
    """
    if target.path is not None:
        check_sqlite_file(target.path, target.where, must_exist=must_exist)
    engine = _engine(target)
    try:
        with explained(target):
            _ensure_schema(engine, target, must_exist=must_exist)
    except BaseException:
        engine.dispose()
        raise
    return engine


def looking_engine(target: Target) -> Engine:
    """Return an engine that only looks: nothing is created or migrated, whatever the database is."""
    if target.path is None:
        return _engine(target)
    return read_only_engine(target, still=not journal_of(target.path))


def read_only_engine(target: Target, *, still: bool = True) -> Engine:
    """Return an engine that reads a file and, where nobody writes in it (`still`), touches nothing beside it."""
    assert target.path is not None  # noqa: S101  (only files can be read-only)
    uri = f"{target.path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, json_serializer=dump_json)
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def engine_as_is(target: Target) -> tuple[Engine, str]:
    """Return an engine that reads a database of any schema known, without bringing it up to date, and its revision.

    Raises:
        StoreError: It cannot be read, or is of a newer version or another program.
    """
    if target.path is not None:
        check_sqlite_file(target.path, target.where, must_exist=True, reading=True)
        engine = read_only_engine(target, still=not journal_of(target.path))
    else:
        engine = _engine(target)
    try:
        with readable(target), explained(target), engine.connect() as connection:
            revision = _revision(connection, target)
    except BaseException:
        engine.dispose()
        raise
    if revision is None:
        engine.dispose()
        raise missing(target.where)
    return engine, revision


def is_current(connection: Connection, target: Target) -> bool:
    """Whether a database has the schema of this version; false for an older one.

    Raises:
        StoreError: It holds none, that of a newer version, or that of another program.
    """
    revision = _revision(connection, target)
    if revision is None:
        raise missing(target.where)
    return revision == known_revisions()[-1]


def serialize(connection: Connection, run_id: str | None = None) -> None:
    """Let one transaction at a time past this point, of all or of those on one run. SQLite's writers already are."""
    if connection.dialect.name != "postgresql":
        return
    if run_id is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    else:
        lock = text("SELECT pg_advisory_xact_lock(CAST(:key AS integer), hashtext(:run))")
        connection.execute(lock, {"key": _LOCK_KEY, "run": run_id})


def _engine(target: Target) -> Engine:
    connect_args: dict[str, Any] = {}
    if target.path is not None:
        if "timeout" not in target.url.query:
            connect_args["timeout"] = _BUSY_TIMEOUT_S
    else:
        wanted = {"connect_timeout": _CONNECT_TIMEOUT_S, **_SILENCE}
        connect_args = {name: value for name, value in wanted.items() if name not in target.url.query}
    try:
        engine = create_engine(
            target.url,
            connect_args=connect_args,
            json_serializer=dump_json,
            pool_pre_ping=target.path is None,  # a run may wait hours between two batches
        )
    except ImportError as error:
        message = f'{target.where} needs a driver that is not installed: pip install "tempkit[postgres]"'
        raise StoreError(message) from error
    if target.path is not None:
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        event.listen(engine, "connect", _on_postgres_connect)
    return engine


def _on_postgres_connect(connection: Any, _record: Any) -> None:
    connection.execute(_SILENCE_THERE)
    connection.commit()


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions: `_on_sqlite_begin` does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(
        "PRAGMA synchronous = NORMAL"
    )  # in WAL mode: survives kill -9; never corrupt after a power cut


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(WRITE):
        # On every time: the connection may have been another's, with the other setting, before.
        level = "FULL" if options.get(DURABLE) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITE) else "BEGIN")


def _ensure_schema(engine: Engine, target: Target, *, must_exist: bool) -> None:
    with readable(target), engine.connect() as connection:
        revision = _revision(connection, target)
    head = known_revisions()[-1]
    if revision == head:
        return
    if revision is None:
        if must_exist:
            raise missing(target.where)
        if target.path is not None:
            _prepare_sqlite_file(engine)
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        serialize(connection)
        revision = _revision(connection, target)
        if revision != head:  # another process may have been faster
            if revision is None:
                create(connection)
            else:
                upgrade(connection)
            connection.execute(text("DELETE FROM store_meta WHERE name = 'written_by'"))
            connection.execute(
                text("INSERT INTO store_meta (name, value) VALUES ('written_by', :version)"),
                {"version": __version__},
            )


def _revision(connection: Connection, target: Target) -> str | None:
    """Return the schema's revision, None for a database without tables."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not tables >= OUR_TABLES:
        raise foreign(target.where, tables)
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None or revision in known_revisions():
        return revision
    writer = connection.execute(text("SELECT value FROM store_meta WHERE name = 'written_by'")).scalar()
    raise StoreError(
        f"{target.where} was written by tempkit {writer}; install it: pip install 'tempkit>={writer}'"
    )


def _prepare_sqlite_file(engine: Engine) -> None:
    """Mark the new file as ours and switch it to WAL, which both outlast the connection.

    The mark comes first, while the file has no journal beside it: from then on its header alone says whose it is. While
    several processes create the same file, SQLite refuses the switch at once instead of waiting, hence the loop.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        while True:
            try:
                cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                cursor.execute("PRAGMA journal_mode = WAL")
            except Exception as error:
                if not is_locked(error):
                    raise
                if time.monotonic() > deadline:
                    raise OperationalError("PRAGMA journal_mode = WAL", None, error) from error
                time.sleep(0.02)
            else:
                return
