"""Going on with a run: what to type for it, as the end of a message, and which runs nobody can go on with."""

import shlex

from tempkit.errors import UsageError
from tempkit.planning import allowing
from tempkit.store import IMPORTED, RunRecord, Store
from tempkit.types import Plan

__all__ = ["db_argument", "go_on_with", "refuse_imported"]

DEFAULT_DB = "tempkit.db"


def go_on_with(run: RunRecord, store: Store) -> str:
    """Return what to type to do what is missing from a run, as the end of a message."""
    plan = store.load_plan(run.id)
    command = "run --resume" if plan.design is None else "choose --continue"
    return f"go on with: tempkit {command} {shlex.quote(run.name)}{allowing(plan.models)}{db_argument(store.where)}"


def db_argument(where: str) -> str:
    """Return ` --db WHERE` for a command to type, or nothing for the default database."""
    return "" if where == DEFAULT_DB else f" --db {shlex.quote(where)}"


def refuse_imported(run: RunRecord, plan: Plan) -> None:
    """Raise UsageError for a run that no model made, so that none can go on with it."""
    if any(model.backend == IMPORTED for model in plan.models):
        raise UsageError(
            f"run {run.name} was imported, so no model can go on with it; import more rows as a new run"
        )
