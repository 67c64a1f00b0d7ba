"""What a run's completions came to of which no server told the tokens or the cost: what these are estimated from."""

from sqlalchemy import Connection, and_, case, func, or_, select

from tempkit.store.models import METADATA
from tempkit.store.records import Uncounted

__all__ = ["uncounted"]

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]
_MODEL = METADATA.tables["model"]


def uncounted(connection: Connection, run_id: str) -> list[Uncounted]:
    """Return for each item on each model what its completions came to without a count of the tokens, or without a cost."""
    prompt, answer = _COMPLETION.c.input_tokens, _COMPLETION.c.output_tokens
    # Older versions kept a server's -1.
    no_prompt, no_answer = (or_(column.is_(None), column < 0) for column in (prompt, answer))
    length = func.length(_COMPLETION.c.text) + func.length(func.coalesce(_COMPLETION.c.thinking, ""))
    no_cost = _COMPLETION.c.cost_usd.is_(None)
    sums = (
        func.sum(case((no_prompt, 1), else_=0)),
        func.sum(case((no_answer, length), else_=0)),
        func.sum(case((and_(no_cost, no_prompt), 1), else_=0)),
        func.sum(case((and_(no_cost, no_answer), length), else_=0)),
        func.sum(case((and_(no_cost, ~no_prompt), prompt), else_=0)),
        func.sum(case((and_(no_cost, ~no_answer), answer), else_=0)),
    )
    query = (
        select(_ITEM.c.key, _MODEL.c.label, *sums)
        .select_from(
            _COMPLETION.join(_ITEM, _ITEM.c.id == _COMPLETION.c.item_id).join(
                _MODEL, _MODEL.c.id == _COMPLETION.c.model_id
            )
        )
        .where(_COMPLETION.c.run_id == run_id, or_(no_prompt, no_answer, no_cost))
        .group_by(_ITEM.c.key, _MODEL.c.label)
    )
    return [Uncounted(item, model, *map(int, row)) for item, model, *row in connection.execute(query)]
