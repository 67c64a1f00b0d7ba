"""A glance into a database for whoever types: names of runs and models, read in some milliseconds, and never a word of complaint.

A shell asks at each press of the Tab key. So SQLAlchemy is not imported, nothing is created, migrated, waited for or written, also
not beside the file, and a database that cannot be read holds no names.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

__all__ = ["Glance", "glance"]

_WAIT_S = 0.2
_SERVER_WAIT_S = 2
_MOST = 500

_RUNS = "SELECT id, name, status, created_at FROM run ORDER BY created_at DESC, id LIMIT ?"
_MODELS = (
    "SELECT model.label, model.backend, model.name FROM model JOIN (SELECT id, created_at FROM run ORDER BY created_at DESC LIMIT ?) "
    "AS newest ON newest.id = model.run_id ORDER BY newest.created_at DESC, model.position"
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What was seen, newest first."""

    runs: tuple[tuple[str, str, str, str], ...] = ()
    """Id, name, status, and the day on which it was begun, at most 500."""
    models: tuple[tuple[str, str], ...] = ()
    """Label and `backend:name` of each model of these runs, once."""


def glance(db: str | None = None) -> Glance:
    """Return names of what a database holds: nothing where it cannot be read, whatever the reason.

    Args:
        db: As `--db` takes it; None: `$TEMPKIT_DB`, else `./tempkit.db`.
    """
    given = db or os.environ.get("TEMPKIT_DB") or "tempkit.db"
    seen = []
    try:
        with _connected(given) as ask:
            runs = tuple((str(i), str(name), str(status), str(at)[:10]) for i, name, status, at in ask(_RUNS))
            seen = [(str(label), f"{backend}:{name}") for label, backend, name in ask(_MODELS)]
    except (sqlite3.Error, OSError, ValueError, _NoDatabase):
        return Glance()
    return Glance(runs, tuple(dict.fromkeys(seen)))


class _NoDatabase(Exception):  # noqa: N818  (no fault: there is nothing to be seen)
    """There is none, or none that can be read so."""


@contextmanager
def _connected(given: str) -> "Iterator[Any]":
    """Give a function that returns the rows of a query with one place, for how many there may be."""
    if given.startswith(("postgres://", "postgresql://", "postgresql+psycopg://")):
        with _server(given) as ask:
            yield ask
        return
    path = Path(_file(given)).absolute()
    if not path.is_file():
        raise _NoDatabase
    wal = path.with_name(path.name + "-wal")
    # Where nothing is in the journal, `immutable` keeps SQLite from making files beside it.
    mode = "mode=ro" if wal.exists() and wal.stat().st_size else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path))}?{mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_S)) as connection:
        yield lambda query: connection.execute(query, (_MOST,)).fetchall()


def _file(given: str) -> str:
    if "://" not in given:
        return given
    for scheme in ("sqlite:///", "sqlite+pysqlite:///"):
        if given.startswith(scheme):
            return given.removeprefix(scheme).partition("?")[0]
    raise _NoDatabase


@contextmanager
def _server(given: str) -> "Iterator[Any]":
    try:
        import psycopg
    except ImportError as e:
        raise _NoDatabase from e
    url = "postgresql://" + given.partition("://")[2]
    settings = f"-c default_transaction_read_only=on -c statement_timeout={_SERVER_WAIT_S * 1000}"
    try:
        with psycopg.connect(url, connect_timeout=_SERVER_WAIT_S, options=settings) as connection:
            yield lambda query: connection.execute(query.replace("?", "%s"), (_MOST,)).fetchall()
    except psycopg.Error as e:
        raise _NoDatabase from e
