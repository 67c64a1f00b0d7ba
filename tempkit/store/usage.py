"""What a run's completions came to of which no server told the tokens: their characters, from which these are estimated."""

from sqlalchemy import Connection, case, func, or_, select

from tempkit.store.models import METADATA

__all__ = ["uncounted"]

_COMPLETION = METADATA.tables["completion"]
_ITEM = METADATA.tables["item"]


def uncounted(connection: Connection, run_id: str) -> dict[str, tuple[int, int]]:
    """Return for each item how often its prompt was not counted, and the characters of those answers that were not."""
    # Older versions kept a server's -1.
    prompt, answer = (
        or_(column.is_(None), column < 0)
        for column in (_COMPLETION.c.input_tokens, _COMPLETION.c.output_tokens)
    )
    characters = func.length(_COMPLETION.c.text) + func.length(func.coalesce(_COMPLETION.c.thinking, ""))
    query = (
        select(
            _ITEM.c.key, func.sum(case((prompt, 1), else_=0)), func.sum(case((answer, characters), else_=0))
        )
        .select_from(_COMPLETION.join(_ITEM, _ITEM.c.id == _COMPLETION.c.item_id))
        .where(_COMPLETION.c.run_id == run_id, or_(prompt, answer))
        .group_by(_ITEM.c.key)
    )
    return {key: (int(prompts), int(length)) for key, prompts, length in connection.execute(query)}
