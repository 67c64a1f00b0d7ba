"""The first round of `choose` once more, where the limit on tokens cut too many of its answers short."""

from collections.abc import Collection
from dataclasses import replace

from tempkit.api.database import OnNote
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, Plan

__all__ = ["with_longer_answers"]

_TRUNCATED = 0.1
"""From this share of truncated answers on, at temperatures that are still in the race, the limit on tokens is raised, once."""
_MOST_OF_THEM = 0.5
"""From this share on the limit becomes four times what it was, else twice."""


def with_longer_answers(
    store: Store,
    record: RunRecord,
    racing: Collection[tuple[str, float]],
    budget: Budget | None,
    on_note: OnNote,
    judged: tuple[float, int] = (0.0, 0),
) -> Plan | None:
    """Return the first round once more with a higher limit on tokens, where too many of its answers were truncated; else None.

    All of them are asked anew, in a run that takes this one's place: were the truncated ones alone, short answers would
    count twice, since a second try may be short by chance.

    Args:
        store: Where the run is.
        record: The run, after its first round.
        racing: Models and temperatures that are still in the race; none: all that were asked count.
        budget: Goes before the one that the run began with.
        on_note: Is called with what is done, and why.
        judged: What the judge has taken of the budget: USD, and tokens.
    """
    plan = store.load_plan(record.id)
    if plan.design is None or plan.design.fixed_limit or plan.design.in_place_of is not None:
        return None
    cells = [
        each
        for each in store.summary(record.id)
        if each.n and (not racing or (each.model, each.temperature) in racing)
    ]
    truncated, total = sum(each.truncated for each in cells), sum(each.n for each in cells)
    if not total or truncated / total <= _TRUNCATED:
        return None
    times = 2 if truncated / total < _MOST_OF_THEM else 4
    limits = {limit.max_tokens for limit in plan.sampling.values()}
    on_note(
        f"warning: {truncated} of {total} answers reached the limit of {max(limits)} tokens: the limit is {max(limits) * times} now, "
        f"and the first round is asked again, in a run of its own (the first answers stay in {record.name})"
    )
    usd, tokens, _count = store.spent(record.id)
    usd, tokens = usd + judged[0], tokens + judged[1]
    paid = budget or plan.budget
    return replace(
        plan,
        sampling={
            name: replace(limit, max_tokens=limit.max_tokens * times) for name, limit in plan.sampling.items()
        },
        budget=Budget(
            usd=None if paid.usd is None else max(0.0, paid.usd - usd),
            tokens=None if paid.tokens is None else max(1, paid.tokens - tokens),
        ),
        design=replace(plan.design, in_place_of=record.id),
    )
