"""What every action is given: a database, the runs that are meant in it, and callbacks for a person who waits.

Nothing in `tempkit.api` prints. What a person should know goes to `on_note`, how far something is to `on_progress`.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tempkit.errors import UsageError
from tempkit.running import db_argument
from tempkit.store import RunRecord, Store

__all__ = [
    "Database",
    "OnNote",
    "OnProgress",
    "Run",
    "Task",
    "find_run",
    "find_runs",
    "named_here",
    "no_note",
    "no_progress",
    "opened",
]

Database = str | Path | Store | None
"""An SQLite file's path or a database URL; a store that is open, which stays so; None: the environment's `TEMPKIT_DB`, else
`tempkit.db`."""

Run = str | RunRecord
"""A run's name or id, a unique beginning of one, or `latest`; or the run itself."""

Task = Literal["measuring", "exporting", "computing"]
"""What takes long and is counted."""

OnNote = Callable[[str], None]
"""Is called with each line that a person should read, as it may be printed."""

OnProgress = Callable[[Task, int, int], None]
"""Is called with what is being done, how many are done, and of how many."""


def no_note(line: str) -> None:
    """Do nothing with a note."""


def no_progress(task: Task, done: int, of: int) -> None:
    """Do nothing with a count."""


@contextmanager
def opened(
    db: Database, *, must_exist: bool = True, reading: bool = False, on_note: OnNote = no_note
) -> Iterator[Store]:
    """Give a store, and close it at the end unless it was open before.

    Args:
        db: The database.
        must_exist: Do not create a database to find it empty.
        reading: What is written is only by the way, so a database that can only be read will do; what is not kept is noted.
        on_note: Is called with notes.

    Raises:
        StoreError: It cannot be used.
    """
    if isinstance(db, Store):
        yield db
        return
    with Store.open(db, must_exist=must_exist, reading=reading) as store:
        yield store
        if store.forgets:
            on_note(
                f"warning: {store.where} can only be read here: what was measured for this, and that it was looked at, is not kept"
            )


def find_run(store: Store, run: Run) -> RunRecord:
    """Return the run that is meant, as it is now.

    Raises:
        StoreError: It cannot be found.
    """
    return store.find_run(run.id if isinstance(run, RunRecord) else run)


def find_runs(store: Store, runs: Run | Sequence[Run]) -> list[RunRecord]:
    """Return the runs that are meant, in the order named.

    Raises:
        StoreError: One cannot be found.
        UsageError: One is named twice, or none is.
    """
    named = [runs] if isinstance(runs, str | RunRecord) else list(runs)
    if not named:
        raise UsageError("no run is named; name one, e.g. latest")
    found: dict[str, RunRecord] = {}
    for run in named:
        record = find_run(store, run)
        if record.id in found:
            raise UsageError(f"run {record.name!r} is meant twice: name each run once")
        found[record.id] = record
    return list(found.values())


def named_here(store: Store, record: RunRecord) -> str:
    """Return a run's name and, unless it is the default one, its database, as a command takes them."""
    return f"{shlex.quote(record.name)}{db_argument(store.where)}"
