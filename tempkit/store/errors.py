"""Every database error as one line of ours.

SQLAlchemy's messages quote the statement, its parameters and a link; SQLite's say "unable to open database file".
A user needs what happened, where, and what to do. The original stays the cause, for `--debug`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from tempkit.errors import StoreError
from tempkit.store.target import Target

__all__ = ["LockedError", "UnavailableError", "explained", "is_duplicate", "is_locked", "readable"]

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

# Files may not grow at the moment: the disk is full, or a quota or a limit is reached.
_SQLITE_PASSING = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")

# PostgreSQL's states, by their beginning: connection lost, resources used up (its disk, its connections), shutting down or
# starting, and what is to be tried again after another transaction.
_POSTGRES_PASSING = ("08", "53", "57P01", "57P02", "57P03", "57P05", "25P03", "40001", "40P01", "55P03")


class UnavailableError(StoreError):
    """The database is out of reach or takes no more at the moment; it may work later.

    Whether a transaction was committed whose connection broke, nobody knows before it is looked up.
    """


class LockedError(UnavailableError):
    """Another program held the database for as long as was waited for it; nothing was changed, and it may work later."""


@contextmanager
def explained(target: Target) -> Iterator[None]:
    """Turn the database's errors inside into `StoreError`s."""
    try:
        yield
    except DBAPIError as error:
        raise _kind(error, target)(_explain(error, target)) from error


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


def _kind(error: DBAPIError, target: Target) -> type[StoreError]:
    if is_locked(error.orig):
        return LockedError
    if target.path is None:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        passing = _is_lost(error) or state.startswith(_POSTGRES_PASSING)
    else:
        passing = str(getattr(error.orig, "sqlite_errorname", "")).startswith(_SQLITE_PASSING)
    return UnavailableError if passing else StoreError


def _is_lost(error: DBAPIError) -> bool:
    """Whether there is no connection to PostgreSQL, or none any more."""
    without_state = getattr(error.orig, "sqlstate", None) is None
    return error.connection_invalidated or (
        without_state and isinstance(error, (OperationalError, InterfaceError))
    )


def _explain(error: DBAPIError, target: Target) -> str:
    orig: Any = error.orig
    reason = target.scrub(orig)
    if target.path is None:
        if _is_lost(error):
            return f"no connection to {target.where}: {reason}: check that the server runs and that the URL is right"
        return f"the database {target.where} refused: {reason} (--debug shows where)"
    name = str(getattr(orig, "sqlite_errorname", ""))
    for prefix, message in _SQLITE.items():
        if name.startswith(prefix):
            return message.format(where=target.where, reason=reason)
    return f"the database {target.where} refused: {reason} (--debug shows where)"
