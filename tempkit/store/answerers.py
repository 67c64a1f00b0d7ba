"""Who answered a run, counted by the database: a name and a state for each answer, and there may be very many answers."""

from sqlalchemy import Connection, func, select

from tempkit.store.models import METADATA
from tempkit.store.records import AnsweredBy

__all__ = ["answerers"]

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]
_PROMPT = METADATA.tables["prompt"]


def answerers(connection: Connection, run_id: str) -> list[AnsweredBy]:
    """Return how many of a run's completions each model that answered made, by prompt, model asked and temperature."""
    who = (
        _PROMPT.c.name.label("prompt"),
        _MODEL.c.label.label("model"),
        _COMPLETION.c.temperature_requested.label("temperature"),
        _COMPLETION.c.response_model.label("name"),
        _COMPLETION.c.fingerprint.label("fingerprint"),
        _COMPLETION.c.address.label("address"),
    )
    joined = (
        _COMPLETION.join(_ITEM, _ITEM.c.id == _COMPLETION.c.item_id)
        .join(_PROMPT, _PROMPT.c.id == _ITEM.c.prompt_id)
        .join(_MODEL, _MODEL.c.id == _COMPLETION.c.model_id)
    )
    query = (
        select(*who, func.count().label("n"), func.min(_COMPLETION.c.id).label("first"))
        .select_from(joined)
        .where(_COMPLETION.c.run_id == run_id)
        .group_by(*(_PROMPT.c.name, _MODEL.c.label, _COMPLETION.c.temperature_requested))
        .group_by(_COMPLETION.c.response_model, _COMPLETION.c.fingerprint, _COMPLETION.c.address)
        .order_by("first")
    )
    return [
        AnsweredBy(
            prompt=row.prompt,
            model=row.model,
            temperature=row.temperature,
            name=row.name,
            fingerprint=row.fingerprint,
            address=row.address,
            n=row.n,
        )
        for row in connection.execute(query)
    ]
