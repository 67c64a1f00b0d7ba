"""What a database holds and how large it is, and what is wrong with it: read as it is, whatever known schema it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from tempkit.errors import StoreError, one_line
from tempkit.store.errors import explained, readable
from tempkit.store.migrations import known_revisions
from tempkit.store.models import METADATA
from tempkit.store.opening import engine_as_is
from tempkit.store.plans import load_infos, load_plan
from tempkit.store.runs import list_runs, utc
from tempkit.store.target import Target, resolve

__all__ = ["DatabaseFacts", "Fault", "TableSize", "last_written", "look_into", "look_over"]

_MOST_FAULTS = 20
_RECOVER = "restore a backup, or try `sqlite3 FILE .recover`"
_COPY = "what belongs together can be saved: tempkit db copy --to NEW.db"


@dataclass(frozen=True, slots=True)
class TableSize:
    """How much there is in a table."""

    table: str
    rows: int
    bytes: int | None
    """With its indexes; None where the database does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What there is."""

    where: str
    kind: Literal["sqlite", "postgresql"]
    schema: str
    """Its revision."""
    newest_schema: str
    """The one of this tempkit: an older database is brought up to it when it is next opened."""
    runs: int
    unfinished: int
    bytes: int
    """All of it, the journal included."""
    free_bytes: int
    """Of these, what a vacuum would give back; 0 where it is not known."""
    tables: tuple[TableSize, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be."""

    what: str
    advice: str


def look_over(target: str | Path | None) -> DatabaseFacts:
    """Return what a database holds.

    Raises:
        StoreError: It cannot be read.
    """
    there = resolve(target)
    engine, revision = engine_as_is(there)
    try:
        with readable(there), explained(there), engine.connect() as connection:
            tables = [METADATA.tables[name] for name in _present(connection)]
            sizes = _sizes(connection, tables)
            runs = METADATA.tables["run"]
            states = [str(state) for state in connection.execute(select(runs.c.status)).scalars()]
            total, free = _bytes(connection, there)
            return DatabaseFacts(
                where=there.where,
                kind="sqlite" if there.path is not None else "postgresql",
                schema=revision,
                newest_schema=known_revisions()[-1],
                runs=len(states),
                unfinished=sum(state != "finished" for state in states),
                bytes=total,
                free_bytes=free,
                tables=tuple(
                    TableSize(
                        table.name,
                        int(connection.execute(select(func.count()).select_from(table)).scalar() or 0),
                        sizes.get(table.name),
                    )
                    for table in tables
                ),
            )
    finally:
        engine.dispose()


def look_into(target: str | Path | None) -> list[Fault]:
    """Return what is wrong with a database; an empty list: nothing.

    Raises:
        StoreError: It is none that can be opened at all.
    """
    there = resolve(target)
    engine, revision = engine_as_is(there)
    try:
        with engine.connect() as connection:
            try:
                found = list(_damage(connection, there))
                if not found:
                    found = [*_orphans(connection), *_unreadable(connection, there, revision)]
            except DBAPIError as e:
                found = [Fault(f"it cannot be read to its end: {there.scrub(e.orig)}", _RECOVER)]
        return found[:_MOST_FAULTS]
    finally:
        engine.dispose()


def last_written(connection: Connection, run_id: str) -> datetime:
    """Return when something was last stored of a run's samples; when it began where there is none."""
    newest = [
        connection.execute(select(func.max(table.c.created_at)).where(table.c.run_id == run_id)).scalar()
        for table in (METADATA.tables["completion"], METADATA.tables["failure"])
    ]
    runs = METADATA.tables["run"]
    began = connection.execute(select(runs.c.created_at).where(runs.c.id == run_id)).scalar()
    return max((utc(each) for each in (*newest, began) if each is not None), default=datetime.now(UTC))


def _present(connection: Connection) -> list[str]:
    there = set(inspect(connection).get_table_names())
    return [table.name for table in METADATA.sorted_tables if table.name in there]


def _sizes(connection: Connection, tables: list[Table]) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        return {
            table.name: int(
                connection.execute(
                    text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": table.name}
                ).scalar()
                or 0
            )
            for table in tables
        }
    listed = connection.execute(text("SELECT name, tbl_name FROM sqlite_master")).all()
    owner = {str(name): str(table) for name, table in listed}
    try:
        pages = connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")).all()
    except DBAPIError:  # SQLite was built without it
        return {}
    found: dict[str, int] = {}
    for name, size in pages:
        table = owner.get(str(name), str(name))
        found[table] = found.get(table, 0) + int(size)
    return found


def _bytes(connection: Connection, target: Target) -> tuple[int, int]:
    """Return the size of all, and what of it is empty."""
    if target.path is None:
        names = [f"'{name}'" for name in _present(connection)]
        query = " + ".join(f"pg_total_relation_size({name})" for name in names) or "0"
        return int(connection.execute(text(f"SELECT {query}")).scalar() or 0), 0
    files = (target.path, target.path.with_name(target.path.name + "-wal"))
    free = connection.exec_driver_sql("PRAGMA freelist_count").scalar()
    page = connection.exec_driver_sql("PRAGMA page_size").scalar()
    return sum(file.stat().st_size for file in files if file.exists()), int(free or 0) * int(page or 0)


def _damage(connection: Connection, target: Target) -> Iterator[Fault]:
    if target.path is None:
        return
    for (said,) in connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_FAULTS})"):
        if said != "ok":
            yield Fault(f"damaged: {one_line(str(said), 200)}", _RECOVER)


def _orphans(connection: Connection) -> Iterator[Fault]:
    """Count the rows that refer to rows which are not there."""
    present = set(_present(connection))
    columns = {name: {c["name"] for c in inspect(connection).get_columns(name)} for name in present}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                parent = key.column.table
                if {table.name, parent.name} <= present and column.name in columns[table.name]:
                    lost = select(func.count()).select_from(table).where(
                        column.is_not(None), ~select(key.column).where(key.column == column).exists()
                    )  # fmt: skip
                    count = int(connection.execute(lost).scalar() or 0)
                    if count:
                        yield Fault(
                            f"{count:,} rows of {table.name} belong to no row of {parent.name} ({column.name})",
                            _COPY,
                        )


def _unreadable(connection: Connection, target: Target, revision: str) -> Iterator[Fault]:
    """Read every run's plan; of an older schema only once it was brought up to date."""
    if revision != known_revisions()[-1]:
        return
    try:
        with readable(target):
            runs = list_runs(connection)
    except StoreError as e:
        yield Fault(f"the list of runs cannot be read: {e.__cause__ or e}", _RECOVER)
        return
    for run in runs:
        try:
            with readable(target):
                load_plan(connection, run.id)
                load_infos(connection, run.id)
        except StoreError as e:
            cause: Any = e.__cause__ or e
            yield Fault(
                f"the plan of run {run.name!r} ({run.id}) cannot be read: {one_line(str(cause), 200)}",
                f"take it out, and keep the others: tempkit db prune {run.id}",
            )
