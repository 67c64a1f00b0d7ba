"""Parts of one run, made in databases of their own: each brings the samples that the others lack."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from tempkit.store import plans
from tempkit.store.errors import readable
from tempkit.store.models import METADATA
from tempkit.store.row_copying import chunks, insert_rows
from tempkit.store.runs import utc
from tempkit.store.shared_runs import differences, end_part
from tempkit.store.target import Target

__all__ = ["join_parts", "whole_of"]

_RUN = METADATA.tables["run"]
_SAMPLES = (METADATA.tables["completion"], METADATA.tables["failure"])
_TOKENS = (METADATA.tables["token"], METADATA.tables["alternatives"])
_KEY = ("item_id", "model_id", "temperature_requested", "replicate")
_Rows = list[dict[str, Any]]
_NAMED = {"prompt": "name", "item": "key", "model": "label"}
"""By what rows of a plan are known again in another database."""


def whole_of(source: Connection, run: Mapping[Any, Any], to: Connection) -> Mapping[Any, Any] | None:
    """Return the run here that another database's run is a part of: one of the same name and plan, where each has samples and what both have is the very same.

    Two runs of one plan that were both asked everything have the same samples, answered at other times, and stay two.
    """
    found = to.execute(select(_RUN).where(_RUN.c.name == run["experiment"])).mappings().first()
    if found is None or run["name"] != run["experiment"]:
        return None
    if differences(plans.load_plan(source, run["id"]), plans.load_plan(to, found["id"])):
        return None
    here, there = _asked(to, found["id"]), _asked(source, run["id"])
    other = any(here[key] != there[key] for key in here.keys() & there.keys())
    return None if other or not here or not there else found


def join_parts(source: Connection, there: Target, was: str, to: Connection, id_: str) -> int:
    """Copy the samples of a run that are not here, with their tokens, inside the caller's transaction; return how many these are.

    None are copied where one of the two has been topped up: their plans differ.
    """
    with readable(there):
        its = plans.load_plan(source, was)
    if differences(its, plans.load_plan(to, id_)):
        return 0
    renumbered = {"run": {was: id_}}
    for name, column in _NAMED.items():
        table = METADATA.tables[name]
        mine = _pairs(to.execute(select(table.c[column], table.c.id).where(table.c.run_id == id_)))
        with readable(there):
            theirs = [*source.execute(select(table.c[column], table.c.id).where(table.c.run_id == was))]
        renumbered[name] = {number: mine[key] for key, number in theirs if key in mine}
    done = _done(to, id_)
    joined = 0
    for table in _SAMPLES:
        for rows in _read(there, chunks(source, table, was, renumbered)):
            new = [
                row for row in rows if _key_here(row, renumbered) not in done and not row.get("retried_at")
            ]
            joined += len(new) - insert_rows(to, table, new, renumbered)
        done |= _done(to, id_)  # a failure does not stand beside an answer
    for table in _TOKENS:
        for rows in _read(there, chunks(source, table, was, renumbered)):
            insert_rows(to, table, rows, renumbered)
    if joined:
        end_part(to, id_)
    return joined


def _read(there: Target, parts: Iterator[_Rows]) -> Iterator[_Rows]:
    """Yield what is read, and say of which database it is when that fails."""
    while True:
        with readable(there):
            rows = next(parts, None)
        if rows is None:
            return
        yield rows


def _key_here(row: Mapping[str, Any], renumbered: Mapping[str, Mapping[Any, Any]]) -> tuple[Any, ...]:
    return (
        renumbered["item"].get(row["item_id"]),
        renumbered["model"].get(row["model_id"]),
        row["temperature_requested"],
        row["replicate"],
    )


def _done(connection: Connection, run_id: str) -> set[tuple[Any, ...]]:
    """Return the samples of a run that are answered or failed, by the numbers that their questions and models have there."""
    found: set[tuple[Any, ...]] = set()
    for table in _SAMPLES:
        query = select(*(table.c[name] for name in _KEY)).where(table.c.run_id == run_id)
        found |= {tuple(row) for row in connection.execute(query)}
    return found


def _asked(connection: Connection, run_id: str) -> dict[tuple[Any, ...], datetime]:
    """Return when each sample of a run was stored, by its question's key and its model's label, which two databases have in common."""
    item, model = METADATA.tables["item"], METADATA.tables["model"]
    keys = _pairs(connection.execute(select(item.c.id, item.c.key).where(item.c.run_id == run_id)))
    labels = _pairs(connection.execute(select(model.c.id, model.c.label).where(model.c.run_id == run_id)))
    found: dict[tuple[Any, ...], datetime] = {}
    for table in _SAMPLES:
        query = select(*(table.c[name] for name in _KEY), table.c.created_at).where(table.c.run_id == run_id)
        for *key, at in connection.execute(query):
            item_id, model_id, *rest = key
            found[keys[item_id], labels[model_id], *rest] = utc(at)
    return found


def _pairs(rows: Iterable[Any]) -> dict[Any, Any]:
    return dict(iter(rows))  # a result has a method `keys`, and `dict` would take it for a mapping
