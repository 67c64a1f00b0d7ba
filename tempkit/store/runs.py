"""Which runs there are, how far they have come, and which one a person means."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, func, select, update

from tempkit.errors import StoreError, nearest, one_line
from tempkit.store.models import METADATA
from tempkit.store.records import RunRecord, RunStatus
from tempkit.store.scores import IMPORTED
from tempkit.store.text import storable
from tempkit.types import EmbedderChoice

__all__ = [
    "find_run",
    "free_name",
    "get_run",
    "list_runs",
    "rename",
    "set_embedder",
    "set_note",
    "set_reference",
    "set_status",
    "utc",
]

LATEST = "latest"
"""It means a run already where one is asked for, so it is never the name of one."""

_COMPLETION = METADATA.tables["completion"]
_FAILURE = METADATA.tables["failure"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_RUN = METADATA.tables["run"]


def list_runs(connection: Connection, run_id: str | None = None) -> list[RunRecord]:
    """Return all runs, newest first, or the one with the id."""
    query = select(
        _RUN,
        _count(_ITEM).label("items"),
        _count(_MODEL).label("models"),
        _count(_MODEL, _MODEL.c.backend == IMPORTED).label("imported"),
        _count(_COMPLETION).label("completions"),
        _count(_FAILURE, _FAILURE.c.retried_at.is_(None)).label("failures"),
    ).order_by(_RUN.c.created_at.desc(), _RUN.c.id)
    if run_id is not None:
        query = query.where(_RUN.c.id == run_id)
    return [_record(row) for row in connection.execute(query)]


def get_run(connection: Connection, run_id: str) -> RunRecord:
    """Return the run with exactly this id."""
    found = list_runs(connection, run_id)
    if not found:
        raise _no_run_id(run_id)
    return found[0]


def find_run(connection: Connection, ref: str, where: str) -> RunRecord:
    """Return the run a person means by a name, an id, the beginning of either, or `latest`.

    An exact name goes before an exact id, and both before any beginning, so that every run can be named whatever else
    is stored. `latest` is never the name of a run.

    Raises:
        StoreError: There is no such run, or several; the message names those that might be meant.
    """
    query = select(_RUN.c.id, _RUN.c.name).order_by(_RUN.c.created_at.desc(), _RUN.c.id)
    known = [(str(id_), str(name)) for id_, name in connection.execute(query)]
    if not known:
        raise StoreError(f"no runs in {where} yet: run `tempkit run` first or pass --db")
    if ref == LATEST:
        return get_run(connection, known[0][0])
    exact = [id_ for id_, name in known if name == ref] or [id_ for id_, _ in known if id_ == ref]
    meant = exact or [
        id_
        for id_, name in known
        if ref and (name.startswith(ref) or (len(ref) >= 2 and id_.startswith(ref)))
    ]
    if len(meant) == 1:
        return get_run(connection, meant[0])
    shown = one_line(ref)
    if meant:
        names = [f"{name} ({id_})" for id_, name in known if id_ in meant]
        raise StoreError(f"{shown!r} may be any of {_listing(names)}: write more of the name or id")
    names = [name for _, name in known]
    raise StoreError(f"no run {shown!r} in {where}{nearest(ref, names)}: newest are {_listing(names)}")


def set_status(connection: Connection, run_id: str, status: RunStatus) -> None:
    """Set the status, and with `finished` the time."""
    finished_at = datetime.now(UTC) if status == "finished" else None
    changed = connection.execute(
        update(_RUN).where(_RUN.c.id == run_id).values(status=status, finished_at=finished_at)
    )
    if not changed.rowcount:
        raise _no_run_id(run_id)


def set_embedder(connection: Connection, run_id: str, choice: EmbedderChoice | None) -> None:
    """Note what the run's texts are compared by."""
    values = None if choice is None else asdict(choice)
    changed = connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(embedder=values))
    if not changed.rowcount:
        raise _no_run_id(run_id)


def set_reference(connection: Connection, run_id: str, model: str | None) -> None:
    """Note which reference model the run's texts are scored under."""
    changed = connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(reference=model))
    if not changed.rowcount:
        raise _no_run_id(run_id)


def free_name(connection: Connection, wanted: str) -> str:
    """Return a run's name or, where that is taken, the name with a number after it."""
    taken = {LATEST, *connection.execute(select(_RUN.c.name)).scalars()}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def rename(connection: Connection, run_id: str, name: str) -> None:
    """Give a run another name.

    Raises:
        StoreError: It is no name that a run can have, or another run has it.
    """
    if not name or name == LATEST or name != name.strip() or not name.isprintable():
        raise StoreError(
            f"{one_line(repr(name), 60)} cannot be a run's name: write one that is not latest, on one line, without blanks around it"
        )
    taken = connection.execute(select(_RUN.c.id).where(_RUN.c.name == name)).scalar()
    if taken not in (None, run_id):
        raise StoreError(f"there is a run {one_line(repr(name), 60)} ({taken}) already: write another name")
    changed = connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(name=storable(name)))
    if not changed.rowcount:
        raise _no_run_id(run_id)


def set_note(connection: Connection, run_id: str, note: str | None) -> None:
    """Write something of a run, in place of what was written before; None: nothing."""
    value = None if note is None else storable(note)
    changed = connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(note=value))
    if not changed.rowcount:
        raise _no_run_id(run_id)


def _count(table: Any, *conditions: Any) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.run_id == _RUN.c.id, *conditions)
        .scalar_subquery()
    )


def _record(row: Row[Any]) -> RunRecord:
    created_at = utc(row.created_at)
    later = row.later or {"items": (), "temperatures": ()}
    began = row.items - len(later["items"]), len(row.temperatures) - len(later["temperatures"])
    cells = (row.models - len(row.arms or ())) * began[1] + len(row.arms or ())
    first = began[0] * cells * row.repeat
    planned = first if row.planned is None else row.planned
    if row.imported and row.completions:  # planned elsewhere: what its file held is all there is
        planned = row.completions + row.failures
    return RunRecord(
        id=row.id,
        name=row.name,
        experiment=row.experiment,
        status=cast("RunStatus", row.status),
        created_at=created_at,
        finished_at=None if row.finished_at is None else utc(row.finished_at),
        seed=row.seed,
        repeat=row.repeat,
        temperatures=tuple(row.temperatures),
        tempkit_version=row.tempkit_version,
        environment=row.environment,
        reference=row.reference,
        embedder=None if row.embedder is None else EmbedderChoice(**row.embedder),
        planned=planned,
        topped_up=planned - first if row.topups else 0,
        note=row.note,
        imported=bool(row.imported),
        completions=row.completions,
        failures=row.failures,
    )


def utc(stored: datetime) -> datetime:
    """SQLite gives the time without its zone, PostgreSQL in the session's."""
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def _listing(names: list[str]) -> str:
    return one_line(", ".join(names[:5]) + (", ..." if len(names) > 5 else ""), limit=1000)


def _no_run_id(run_id: str) -> StoreError:
    return StoreError(f"no run with the id {run_id!r}: `tempkit runs` lists them")
