"""Looks in and out: which states of a run's data decisions were read from."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tempkit.store.models import METADATA
from tempkit.types import Look

__all__ = ["add_looks", "read_looks"]

_LOOK = METADATA.tables["look"]
_MODEL = METADATA.tables["model"]
_PROMPT = METADATA.tables["prompt"]


def add_looks(connection: Connection, run_id: str, looks: Iterable[Look]) -> None:
    """Insert the looks that are not there yet; who may do so at the same time has to be kept out before."""
    known = {(look.prompt, look.model, look.digest) for look in read_looks(connection, run_id)}
    prompts = _ids(connection, _PROMPT.c.name, run_id)
    models = _ids(connection, _MODEL.c.label, run_id)
    for look in looks:
        key = (look.prompt, look.model, look.digest)
        if key in known:
            continue
        known.add(key)
        connection.execute(
            insert(_LOOK).values(
                run_id=run_id,
                prompt_id=prompts[look.prompt],
                model_id=models[look.model],
                digest=look.digest,
                completions=look.completions,
                scores=look.scores,
                round=look.round,
                created_at=datetime.now(UTC),
            )
        )


def read_looks(connection: Connection, run_id: str) -> list[Look]:
    """Return a run's looks, oldest first."""
    query = (
        select(
            _PROMPT.c.name, _MODEL.c.label, _LOOK.c.digest, _LOOK.c.completions, _LOOK.c.scores, _LOOK.c.round
        )
        .select_from(
            _LOOK.join(_PROMPT, _PROMPT.c.id == _LOOK.c.prompt_id).join(
                _MODEL, _MODEL.c.id == _LOOK.c.model_id
            )
        )
        .where(_LOOK.c.run_id == run_id)
        .order_by(_LOOK.c.id)
    )
    return [
        Look(prompt=prompt, model=model, digest=digest, completions=completions, scores=scores, round=number)
        for prompt, model, digest, completions, scores, number in connection.execute(query)
    ]


def _ids(connection: Connection, name: Any, run_id: str) -> dict[str, int]:
    """Return row ids by what the rows of a table are called in a run."""
    rows = connection.execute(select(name, name.table.c.id).where(name.table.c.run_id == run_id))
    return {row[0]: row[1] for row in rows}
