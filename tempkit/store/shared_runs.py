"""Runs that several calls share: begun by whichever comes first, joined by the others, ended by whichever comes last."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, select

from tempkit.errors import StoreError
from tempkit.store import plans, runs
from tempkit.store.database import Database
from tempkit.store.models import METADATA
from tempkit.store.opening import serialize
from tempkit.store.records import RunRecord
from tempkit.store.text import dump_json
from tempkit.types import ModelInfo, Plan

__all__ = ["SharedRuns", "differences", "end_part"]

_RUN = METADATA.tables["run"]


class SharedRuns(Database):
    """A database whose runs several calls can share."""

    def join_run(
        self, plan: Plan, infos: Mapping[str, ModelInfo], *, version: str, environment: Mapping[str, Any]
    ) -> RunRecord:
        """Return the run of the plan's name, stored now if there is none, as `create_run` would.

        Raises:
            StoreError: There is one, and it has another plan.
        """
        with self._write() as connection:
            return _join(connection, plan, infos, version=version, environment=environment)

    def end_part(self, run_id: str) -> None:
        """Set the status of a run of which one part is done: finished where nothing of the others is missing."""
        with self._write() as connection:
            end_part(connection, run_id)


def _join(
    connection: Connection,
    plan: Plan,
    infos: Mapping[str, ModelInfo],
    *,
    version: str,
    environment: Mapping[str, Any],
) -> RunRecord:
    """Return the run of the plan's name, made now if there is none.

    Raises:
        StoreError: There is one, and it has another plan.
    """
    serialize(connection)  # shards that are begun at once
    id_ = connection.execute(select(_RUN.c.id).where(_RUN.c.name == plan.name)).scalar()
    if id_ is None:
        id_ = plans.save_plan(connection, plan, infos, version=version, environment=environment)
        return runs.get_run(connection, id_)
    if differ := differences(plans.load_plan(connection, id_), plan):
        raise StoreError(
            f"run {plan.name} is there with another plan: its {' and '.join(differ)} differ; shards share one plan, so begin them all "
            "with the same files and options, or name another run with --name"
        )
    return runs.get_run(connection, id_)


def end_part(connection: Connection, run_id: str) -> None:
    """Set the status of a run whose part is done: finished where no sample of any part is missing."""
    serialize(connection, run_id)
    run = runs.get_run(connection, run_id)
    missing = run.planned - run.completions - run.failures
    runs.set_status(connection, run_id, "interrupted" if missing > 0 else "finished")


def differences(one: Plan, other: Plan) -> list[str]:
    """Return by which parts two plans differ, as the store keeps them; none where they are the same.

    Where a model is asked is no part of what its answers are: each shard may ask a server beside it.
    """
    kept, asked = (json.loads(dump_json(asdict(plan))) for plan in (one, other))
    for model in (*kept["models"], *asked["models"]):
        model["options"].pop("base_url", None)
    return [f.name for f in fields(Plan) if f.compare and kept[f.name] != asked[f.name]]
