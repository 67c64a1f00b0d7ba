"""The first round: which temperatures, how many questions, how many answers to each, before anything is known."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tempkit.adaptive.rounds import LOOKS, Size, pilot
from tempkit.adaptive.sampled import in_order
from tempkit.analysis import use_cases
from tempkit.decision import Asked, deciding_measure
from tempkit.measures import known
from tempkit.statistics import MIN_ITEMS
from tempkit.types import Design, Item, Plan, Prompt, TopUp

__all__ = ["COARSE", "coarse_grid", "designed", "pool_of"]

COARSE = 5
"""Temperatures of the coarse grid."""
_HIGHEST = 1.6
_PER_ANSWER = 2
"""Answers to each question: two tell how much of a difference is chance."""
_PER_SET = 4
"""For measures of all answers to a question together."""
_LONE = 16
"""Answers at each temperature, over all questions, where there are too few questions to stand for others."""


def coarse_grid(highest: float | None = None) -> tuple[tuple[float, ...], float]:
    """Return the temperatures to begin with, and the smallest step that they are refined to.

    Args:
        highest: The highest temperature that all models take; None: there is no limit.
    """
    top = _HIGHEST if highest is None else min(_HIGHEST, highest)
    step = top / (COARSE - 1)
    return tuple(round(step * number, 6) for number in range(COARSE)), round(step / 2, 6)


def designed(
    plan: Plan,
    asked: Asked,
    *,
    finest: float,
    repeat: int | None,
    samples: int | None,
    judged_by: dict[str, Any],
    fixed_limit: bool = False,
    expect: str | None = None,
) -> tuple[Plan, dict[str, list[Item]]]:
    """Return the plan of the first round, and the items that are left for later ones by the name of their prompt.

    Args:
        plan: Of everything that there is to ask.
        asked: What to judge by.
        finest: The smallest step between temperatures.
        repeat: Answers to each question; None: as many as the measures need.
        samples: How many answers can be paid for; None: any number.
        judged_by: What to judge by, as it is kept with the run.
        fixed_limit: Whether the limit on an answer's tokens was asked for.
        expect: What every answer must contain beside the items' own facts, which have it already.
    """
    sections = use_cases(plan)
    sizes = [
        _first(plan, prompts, asked, repeat, samples and samples // len(sections)) for prompts in sections
    ]
    least = min(size.replicates for size in sizes)
    chosen: set[str] = set()
    topups = []
    for prompts, size in zip(sections, sizes, strict=True):
        keys = in_order(plan, prompts)[: size.items]
        chosen.update(keys)
        if size.replicates > least:
            topups += [
                TopUp(
                    model=model.label,
                    prompts=tuple(prompt.name for prompt in prompts),
                    temperatures=plan.asked_at(model.label),
                    repeat=size.replicates,
                    items=tuple(keys),
                    round=1,
                )
                for model in plan.models
            ]
    first = replace(
        plan,
        prompts=tuple(
            replace(prompt, items=tuple(item for item in prompt.items if item.key in chosen))
            for prompt in plan.prompts
        ),
        repeat=least,
        topups=tuple(topups),
        design=Design(
            looks=LOOKS,
            judged_by=judged_by,
            finest=finest,
            fixed_limit=fixed_limit,
            expect=expect,
            pool={prompt.name: len(prompt.items) for prompt in plan.prompts},
        ),
    )
    pool = {prompt.name: [item for item in prompt.items if item.key not in chosen] for prompt in plan.prompts}
    return first, pool


def pool_of(plan: Plan, prompts: Sequence[Prompt], pool: dict[str, list[Item]]) -> int:
    """Return how many items a section has, asked or not."""
    names = {prompt.name for prompt in prompts}
    asked = sum(len(prompt.items) for prompt in plan.prompts if prompt.name in names)
    return asked + sum(len(pool.get(name, ())) for name in names)


def _first(
    plan: Plan, prompts: Sequence[Prompt], asked: Asked, repeat: int | None, samples: int | None
) -> Size:
    items = [item for prompt in prompts for item in prompt.items]
    about = known(deciding_measure(plan, prompts, asked)[0])
    per_set = about is not None and about.scope == "cell"
    replicates = repeat or (_PER_SET if per_set else _PER_ANSWER)
    if asked.policy is not None:
        replicates = max(replicates, asked.policy.k)
    alone = asked.scope == "these_items" or len(items) < MIN_ITEMS
    if repeat is None and alone and not per_set:
        replicates = max(replicates, math.ceil(_LONE / len(items)))
    arms = sum(len(plan.asked_at(model.label)) for model in plan.models)
    return pilot(arms, replicates, pool=len(items), samples=samples)
