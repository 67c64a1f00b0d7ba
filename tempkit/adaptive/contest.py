"""The race of one use case, over all models that were asked: from a run's scores to how it stands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tempkit.adaptive.race import Entrant, Standings, standings
from tempkit.analysis import Repeats, ScoredSection
from tempkit.decision import Asked, Case, Scope
from tempkit.statistics import MIN_ITEMS, Floats, Policy, Values
from tempkit.types import Plan

__all__ = ["Contest", "contest_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contest:
    """How the models and temperatures of a use case stand."""

    cases: tuple[Case, ...]
    """By model."""
    standings: Standings
    scope: Scope
    margin: float
    per_answer: bool
    """Whether each answer has a value of its own, so that more answers to the same items tell more."""


def contest_of(
    plan: Plan,
    sections: Sequence[ScoredSection],
    asked: Asked,
    *,
    pool: int,
    items: float = math.inf,
) -> Contest | None:
    """Return how a use case stands after its last round; None where no model has a value yet.

    Args:
        plan: Of the run, with the rounds of its design.
        sections: The use case on each model, in the plan's order.
        asked: What to judge by.
        pool: Items that there are, asked or not.
        items: How many more can be asked, over all models and temperatures.
    """
    cases = asked.cases(sections)
    if not any(case.table.count for case in cases):
        return None
    policies = [case.policy(asked.policy) for case in cases]
    first = cases[0]
    scope: Scope = asked.scope or ("items_like_these" if pool >= MIN_ITEMS else "these_items")
    last = plan.round_of([prompt.name for prompt in sections[0].prompts])
    looks: list[Standings] = []
    for number in range(1, last + 1):
        then = plan.at_round(number)
        repeats = [then.repeats(section.model.label) for section in sections]
        entrants = _entrants(cases, policies, [None] * len(cases) if number == last else repeats)
        most = max(int((each.values.counts > 0).any(axis=1).sum()) for each in entrants)
        looks.append(
            standings(
                entrants,
                margin=first.primary.margin,
                higher_is_better=first.about.higher_is_better,
                tie=first.profile.tie,
                scope=scope if most >= pool else "items_like_these",
                looks=number,
                planned_looks=sections[0].planned_looks,
                before=tuple(looks),
                items=items,
            )
        )
    return Contest(
        cases=cases,
        standings=looks[-1],
        scope=scope,
        margin=first.primary.margin,
        per_answer=first.per_answer,
    )


def _entrants(
    cases: Sequence[Case], policies: Sequence[Policy], repeats: Sequence[Repeats | None]
) -> list[Entrant]:
    """Return the models with values of the same items in the same rows."""
    keys = list(dict.fromkeys(key for case in cases for key in case.table.items))
    made = []
    for case, policy, then in zip(cases, policies, repeats, strict=True):
        rows = [keys.index(key) for key in case.table.items]
        made.append(
            Entrant(
                values=_in_rows(case.values(policy, then), rows, len(keys)),
                limits=tuple(case.limits if then is None else case.limits_at(then)),
                exact_at_zero=case.exact_at_zero,
            )
        )
    return made


def _in_rows(values: Values, rows: Sequence[int], size: int) -> Values:
    array: Floats = np.full((size, *values.array.shape[1:]), np.nan)
    array[list(rows)] = values.array
    return values.replaced(array)
