"""Where the database is, and whether tempkit may open it: decided before any engine touches the file.

SQLite would happily create a file in a mistyped place, or add our tables to another program's database. So the file's
first 100 bytes are read as bytes, and only a file that is new, empty or ours is ever opened for writing.
"""

import math
import os
import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from tempkit.errors import StoreError, one_line

__all__ = [
    "APPLICATION_ID",
    "OUR_TABLES",
    "Target",
    "check_sqlite_file",
    "foreign",
    "is_read_only",
    "journal_of",
    "missing",
    "resolve",
]

APPLICATION_ID = 0x746D706B
"""`tmpk`, in the header of every SQLite file that tempkit makes (`file tempkit.db` shows it)."""

OUR_TABLES = frozenset({"alembic_version", "store_meta", "run", "completion"})
"""A database that has these is ours even without the header's mark, which `.dump` loses."""

_DEFAULT = "tempkit.db"
_WAIT_S = "600"
_MAGIC = b"SQLite format 3\0"
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+pysqlite")
_ALMOST_URL = re.compile(
    r"\s*(postgres|mysql|mariadb|oracle|mssql)([^@]*@|\w*(\+\w+)?:?/)|[^/\\\s:]+:[^/\\\s]+@", re.IGNORECASE
)
"""What is meant to be a URL, whether it is one or not: taken for a file's name, it would be repeated with its password."""


def _wait_s() -> float:
    given = os.environ.get("TEMPKIT_DB_WAIT") or _WAIT_S
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise StoreError(
            f"TEMPKIT_DB_WAIT is {one_line(given)!r}: set it to the seconds that a run is to wait for a database out of reach, "
            f"or not at all for {_WAIT_S}"
        )
    return seconds


@dataclass(frozen=True)
class Target:
    """A database that may or may not exist yet."""

    url: URL
    where: str
    """For messages: the path as the user gave it, or the URL without its password and options."""
    path: Path | None = None
    """The file, for SQLite."""
    wait_s: float = field(default_factory=_wait_s)
    """How long a run waits for it while it is out of reach."""

    def scrub(self, message: object) -> str:
        """Fold a driver's message into one line without any secret of the URL."""
        text = str(message)
        secrets = [self.url.password, *(v for k, v in self.url.query.items() if "pass" in k)]
        for secret in secrets:
            if isinstance(secret, str) and secret:
                for written in (secret, quote(secret, safe=""), quote_plus(secret)):
                    text = text.replace(written, "***")
        return one_line(text)


def resolve(target: str | Path | None = None) -> Target:
    """Return the database meant by `--db`: a file's path or a URL; else `TEMPKIT_DB`; else `tempkit.db` here.

    Raises:
        StoreError: It is a URL that cannot be parsed or of a database that tempkit does not know.
    """
    given = target or os.environ.get("TEMPKIT_DB") or _DEFAULT
    if isinstance(given, Path) or not (_ALMOST_URL.match(given) or "://" in given):
        return _sqlite(str(given))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise _unreadable(given) from None  # the parser's own message may repeat the password
    # With an unescaped @ or / in a password, a part of it is taken for the host or the name.
    if any(c in f"{url.host or ''}{url.username or ''}" for c in "@/") or (
        url.drivername not in _SQLITE and "@" in (url.database or "")
    ):
        raise _unreadable(given)
    if url.drivername in _SQLITE:
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise StoreError(
                f"{url.render_as_string()} names no file to keep runs in: pass a path, e.g. {_DEFAULT}"
            )
        timeout = url.query.get("timeout", "0")
        if (
            set(url.query) - {"timeout"}
            or not isinstance(timeout, str)
            or not timeout.replace(".", "", 1).isdecimal()
        ):
            raise StoreError(f"{one_line(url.database)}: an SQLite URL has one option only, ?timeout=SECONDS")
        return _sqlite(url.database, url)
    if url.drivername in _POSTGRES:
        return Target(url.set(drivername="postgresql+psycopg"), url.set(query={}).render_as_string())
    raise StoreError(
        f"tempkit does not know the database {one_line(url.drivername)!r}: pass an SQLite file's path or a postgresql:// URL"
    )


def _unreadable(given: str) -> StoreError:
    """Make the error for a URL that is none, without what may be a password in it."""
    kind = re.match(r"[a-zA-Z][\w+]*", given)
    end = given.rpartition("@")[2].partition("?")[0] if "@" in given else ""
    shown = f"{kind[0] if kind else ''}://***{f'@{end}' if end else ''}"
    return StoreError(
        f"cannot read the database URL {one_line(shown)}: write postgresql://USER:PASSWORD@HOST:PORT/NAME, "
        "with special characters in the password as %XX"
    )


def _sqlite(given: str, url: URL | None = None) -> Target:
    try:
        path = Path(given).expanduser().absolute()  # absolute: a later chdir must not move the database
    except RuntimeError as e:  # `~name` of nobody
        raise StoreError(
            f"{one_line(given)}: there is no such user, or no home folder: write the database's path in full"
        ) from e
    except FileNotFoundError as e:
        raise StoreError(
            f"{one_line(given)} is to be in the folder that this was called in, which is not there any more: change to another "
            "one, or write the database's path in full"
        ) from e
    base = url or URL.create("sqlite")
    return Target(base.set(drivername="sqlite", database=str(path)), one_line(given), path)


def missing(where: str) -> StoreError:
    """The error of a command that reads where nothing was ever written."""
    return StoreError(f"no database at {where}: run `tempkit run` first or pass --db")


def foreign(where: str, tables: set[str]) -> StoreError:
    """The error of a database that holds something else."""
    names = ", ".join(sorted(tables)[:5]) + (", ..." if len(tables) > 5 else "")
    holds = f"its tables: {one_line(names)}" if tables else "its header names one"
    return StoreError(f"{where} is a database of another program ({holds}): pass --db with another place")


def check_sqlite_file(path: Path, where: str, *, must_exist: bool, reading: bool = False) -> None:
    """Make sure that the file is new, empty or ours and can be written or, for `reading`, read, without changing anything.

    Raises:
        StoreError: It is not; the message says what it is and what to do.
    """
    try:
        if path.is_dir():
            raise StoreError(f"{where} is a directory: name a file in it, e.g. --db {Path(where) / _DEFAULT}")
        if not path.exists():
            _check_creatable(path, where, must_exist=must_exist)
            return
        if not path.is_file():
            raise StoreError(f"{where} is not a regular file: pass --db with another place")
        if not reading and not _may(path, os.W_OK):
            raise StoreError(
                f"{where} is read-only: make it writable, or copy it and pass --db with the copy"
            )
        if not reading and not _may(path.parent, os.W_OK | os.X_OK):
            raise StoreError(
                f"the folder of {where} is read-only, and SQLite keeps its journal there: make it writable, or copy the "
                "database and pass --db with the copy"
            )
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise StoreError(f"cannot open {where}: {error.strerror}: pass --db with another place") from error
    if not header:
        if must_exist:
            raise missing(where)
        return
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise StoreError(f"{where} is not a SQLite database: pass --db with another file")
    mark = int.from_bytes(header[68:72], "big")
    if mark != APPLICATION_ID:
        _check_unmarked(path, where, mark)


def is_read_only(path: Path | None) -> bool:
    """Whether a database that is there cannot be written, or its journal cannot."""
    if path is None or not path.is_file():
        return False
    return not (_may(path, os.W_OK) and _may(path.parent, os.W_OK | os.X_OK))


def journal_of(path: Path | None) -> bool:
    """Whether a part of an SQLite database is in the journal beside it, as while it is used and after a crash."""
    wal = None if path is None else path.with_name(path.name + "-wal")
    return wal is not None and wal.exists() and wal.stat().st_size > 0


def _check_creatable(path: Path, where: str, *, must_exist: bool) -> None:
    if must_exist:
        raise missing(where)
    if not path.parent.is_dir():
        raise StoreError(
            f"cannot create {where}: its folder does not exist: make it, or pass --db with another place"
        )
    if not _may(path.parent, os.W_OK | os.X_OK):
        raise StoreError(f"cannot create {where}: its folder is not writable: pass --db with another place")


def _check_unmarked(path: Path, where: str, mark: int) -> None:
    """Look at an SQLite database without our mark. `immutable` takes no lock and writes no journal beside it."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            rows = connection.execute(
                "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(f"{where} is damaged ({one_line(error)}): pass --db with another file") from error
    names = {str(name) for (name,) in rows}
    in_use = not names and journal_of(path)  # its tables may be in the journal only
    if (mark and mark != APPLICATION_ID) or in_use or (names and not names >= OUR_TABLES):
        raise foreign(where, names)


def _may(path: Path, mode: int) -> bool:
    if os.access in os.supports_effective_ids:
        return os.access(path, mode, effective_ids=True)
    return os.access(path, mode)
