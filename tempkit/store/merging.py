"""Runs from one database into another, whole: answers with their tokens, failures, scores, ratings, batches, looks and settings.

Which rows belong to a run, and what they refer to, is read off the tables' own declarations, so that a new table or column
is copied without a word here. Rows get new numbers; a run keeps its id unless another run has it. No more than a chunk of rows is in memory at once,
and between SQLite and PostgreSQL values change their form alone: times gain or lose their zone.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Connection, Engine, func, insert, select

from tempkit.errors import StoreError
from tempkit.store.errors import explained, readable
from tempkit.store.migrations import known_revisions
from tempkit.store.models import METADATA
from tempkit.store.opening import engine_as_is
from tempkit.store.part_joining import join_parts, whole_of
from tempkit.store.read_only import Copy
from tempkit.store.row_copying import aware, chunks, insert_rows
from tempkit.store.runs import free_name, utc
from tempkit.store.target import Target, resolve

__all__ = ["Merged", "merge_runs", "other_database"]

_RUN = METADATA.tables["run"]
_COMPLETION = METADATA.tables["completion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What became of a run of another database."""

    run: str
    """Its name here."""
    id: str
    """And its id."""
    named: str
    """Its name there."""
    was: str
    """And its id."""
    state: Literal["added", "here_already", "joined"]
    """Joined: answers came to those of the same plan that are here."""
    completions: int
    """There."""
    completions_here: int
    interrupted: bool
    """Whether it was marked as going on there, and is interrupted here."""
    orphans: int
    """Rows of it that were left behind, as what they belong to is not there: that database is damaged."""


@contextmanager
def other_database(target: str | Path | None, here: Target) -> Iterator[tuple[Connection, Target]]:
    """Give a connection that reads another database as it is at this moment, and touches nothing there.

    Raises:
        StoreError: It cannot be read, or is the one that it is read for.
    """
    there = resolve(target)
    if (there.path, there.url) == (here.path, here.url) or _same_file(there.path, here.path):
        raise StoreError(f"{there.where} is this database itself: name another one")
    engine, revision = engine_as_is(there)
    if revision == known_revisions()[-1]:
        with _disposed(engine), explained(there), engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection, there
        return
    engine.dispose()
    if there.path is None:
        raise StoreError(
            f"{there.where} has an older schema: bring it up to date with this tempkit first, e.g. tempkit runs --db URL"
        )
    with closing(Copy(there)) as copy, explained(there), copy.engine.connect() as connection:
        yield connection, there


def merge_runs(
    source: Connection, there: Target, to: Connection, *, only: Collection[str] | None = None
) -> list[Merged]:
    """Copy runs, oldest first, inside the caller's transaction.

    Args:
        source: Where from.
        there: The same, for messages.
        to: Where to.
        only: The ids of the runs to copy; None: all.
    """
    with readable(there):
        runs = [
            dict(row)
            for row in source.execute(select(_RUN).order_by(_RUN.c.created_at, _RUN.c.id)).mappings()
            if only is None or row["id"] in only
        ]
    here: dict[Any, Mapping[Any, Any]] = {_identity(row): row for row in to.execute(select(_RUN)).mappings()}
    taken = {str(row["id"]) for row in here.values()}
    with readable(there):
        for run in runs:
            if _identity(run) not in here and (whole := whole_of(source, run, to)) is not None:
                here[_identity(run)] = whole
    ids: dict[str, str] = {}
    for run in runs:
        same = here.get(_identity(run))
        ids[run["id"]] = same["id"] if same is not None else _free(run["id"], taken)
        taken.add(ids[run["id"]])
    done = []
    for run in runs:
        same = here.get(_identity(run))
        name = same["name"] if same is not None else free_name(to, run["name"])
        orphans, joined = 0, 0
        if same is None:
            orphans = _copy_run(source, there, to, {**run, "name": name}, ids)
        else:
            joined = join_parts(source, there, run["id"], to, same["id"])
        done.append(
            Merged(
                run=name,
                id=ids[run["id"]],
                named=run["name"],
                was=run["id"],
                state="added" if same is None else "joined" if joined else "here_already",
                completions=_completions(source, run["id"]),
                completions_here=_completions(to, ids[run["id"]]),
                interrupted=same is None and run["status"] == "running",
                orphans=orphans,
            )
        )
    return done


def _identity(run: Mapping[Any, Any]) -> tuple[datetime, str, int]:
    """Return what two copies of a run have in common, and two runs do not: the microsecond that it began in, what it is of, its seed."""
    return utc(run["created_at"]), run["experiment"], run["seed"]


def _copy_run(
    source: Connection, there: Target, to: Connection, run: dict[str, Any], ids: Mapping[str, str]
) -> int:
    """Copy a run; return how many of its rows refer to rows that are not there, and were left behind."""
    was, orphans = run["id"], 0
    values = {**run, "id": ids[was]}
    if values["status"] == "running":  # whoever is at work on it is so over there
        values["status"] = "interrupted"
    design = values["design"]
    if design and design.get("in_place_of") in ids:
        values["design"] = {**design, "in_place_of": ids[design["in_place_of"]]}
    to.execute(insert(_RUN), [aware(values)])
    renumbered: dict[str, dict[Any, Any]] = {"run": {was: ids[was]}}
    for table in METADATA.sorted_tables:
        if table is not _RUN and table.name != "store_meta":
            parts = chunks(source, table, was, renumbered)
            while True:
                with readable(there):
                    rows = next(parts, None)
                if rows is None:
                    break
                orphans += insert_rows(to, table, rows, renumbered)
    return orphans


def _free(wanted: str, taken: Collection[str]) -> str:
    while wanted in taken:
        wanted = token_hex(4)
    return wanted


def _completions(connection: Connection, run_id: str) -> int:
    query = select(func.count()).select_from(_COMPLETION).where(_COMPLETION.c.run_id == run_id)
    return int(connection.execute(query).scalar() or 0)


def _same_file(one: Path | None, other: Path | None) -> bool:
    return one is not None and other is not None and one.exists() and other.exists() and one.samefile(other)


@contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()
