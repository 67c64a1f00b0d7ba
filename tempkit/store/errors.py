"""Every database error as one line of ours.

SQLAlchemy's messages quote the statement, its parameters and a link; SQLite's say "unable to open database file".
A user needs what happened, where, and what to do. The original stays the cause, for `--debug`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from tempkit.errors import StoreError
from tempkit.store.target import Target

__all__ = ["LockedError", "explained", "is_duplicate", "is_locked", "readable"]

# By the beginning of SQLite's error name: extended codes (SQLITE_READONLY_DBMOVED, ...) begin with their primary one.
_SQLITE = {
    "SQLITE_BUSY": "{where} is locked by another program: wait until it is done or stop it, then try again",
    "SQLITE_LOCKED": "{where} is locked by another program: wait until it is done or stop it, then try again",
    "SQLITE_READONLY": "{where} is read-only: make it writable, or copy it and pass --db with the copy",
    "SQLITE_FULL": "no space left for {where}: free some and resume; what was stored before is safe",
    "SQLITE_IOERR": "the disk failed under {where} ({reason}): check it, and that the file is not on a network drive",
    "SQLITE_CORRUPT": "{where} is damaged ({reason}): restore a backup, or try `sqlite3 FILE .recover`",
    "SQLITE_NOTADB": "{where} is damaged ({reason}): restore a backup, or try `sqlite3 FILE .recover`",
    "SQLITE_CANTOPEN": "cannot open {where}: check that the file and its folder can be read and written",
}


class LockedError(StoreError):
    """Another program held the database for as long as was waited for it; nothing was changed, and it may work later."""


@contextmanager
def explained(target: Target) -> Iterator[None]:
    """Turn the database's errors inside into `StoreError`s."""
    try:
        yield
    except DBAPIError as error:
        kind = LockedError if is_locked(error.orig) else StoreError
        raise kind(_explain(error, target)) from error


@contextmanager
def readable(target: Target) -> Iterator[None]:
    """Turn what damaged data do to those who read them into `StoreError`s: a flipped bit makes dates and texts of nothing.

    Only for code that reads rows and nothing else; what the database itself says is for `explained`.
    """
    try:
        yield
    except DBAPIError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, SQLAlchemyError) as error:
        raise StoreError(
            f"{target.where} is damaged: what it holds cannot be read ({type(error).__name__}: {target.scrub(error)}); restore a "
            "backup, or try `sqlite3 FILE .recover` (--debug shows where)"
        ) from error


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a row was refused because it is there already."""
    orig: Any = error.orig
    return (
        getattr(orig, "sqlite_errorname", None) == "SQLITE_CONSTRAINT_UNIQUE"
        or getattr(orig, "sqlstate", None) == "23505"
    )


def is_locked(error: BaseException | None) -> bool:
    """Whether SQLite gave up waiting for another process."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _explain(error: DBAPIError, target: Target) -> str:
    orig: Any = error.orig
    reason = target.scrub(orig)
    if target.path is None:
        if getattr(orig, "sqlstate", None) is None or error.connection_invalidated:
            return f"no connection to {target.where}: {reason}: check that the server runs and that the URL is right"
        return f"the database {target.where} refused: {reason} (--debug shows where)"
    name = str(getattr(orig, "sqlite_errorname", ""))
    for prefix, message in _SQLITE.items():
        if name.startswith(prefix):
            return message.format(where=target.where, reason=reason)
    return f"the database {target.where} refused: {reason} (--debug shows where)"
