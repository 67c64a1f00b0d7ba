"""From a run's plan to how far its models and temperatures are sampled, and from a round's sizes back to what to plan."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from tempkit.adaptive.rounds import Size
from tempkit.types import Item, Plan, Prompt, TopUp

__all__ = ["first_of_pool", "in_order", "sizes_of", "topups_for"]


def in_order(plan: Plan, prompts: Sequence[Prompt], pool: Iterable[Item] = ()) -> list[str]:
    """Return the keys of a section's items in the order in which rounds ask them: those asked first, then those of the pool.

    Items are a sample, so that they are taken in an order that chance has made (and the run's seed repeats), not their file.
    """
    names = {prompt.name for prompt in prompts}
    items = [item for prompt in plan.prompts if prompt.name in names for item in prompt.items]
    first = sorted((i.key for i in items if i.key not in plan.later.items), key=lambda key: _lot(plan, key))
    own = {item.key for item in items}
    later = [key for topup in plan.topups for key in topup.items or () if key in own]
    rest = sorted((item.key for item in pool), key=lambda key: _lot(plan, key))
    return list(dict.fromkeys([*first, *later, *rest]))


def _lot(plan: Plan, key: str) -> bytes:
    return hashlib.sha256(f"{plan.seed} {key}".encode("utf-8", "backslashreplace")).digest()


def sizes_of(plan: Plan, prompts: Sequence[Prompt]) -> list[dict[float, Size]]:
    """Return how far each temperature of each model is sampled by the plan, in a section."""
    keys = in_order(plan, prompts)
    found = []
    for model in plan.models:
        repeats = plan.repeats(model.label)
        of: dict[float, Size] = {}
        for temperature in plan.temperatures:
            asked = [repeats[key][temperature] for key in keys if repeats[key][temperature]]
            if asked:
                of[temperature] = Size(len(asked), max(asked))
        found.append(of)
    return found


def topups_for(
    plan: Plan,
    prompts: Sequence[Prompt],
    changed: Sequence[Mapping[float, Size]],
    pool: Mapping[str, Sequence[Item]],
    number: int,
) -> tuple[list[TopUp], dict[str, list[Item]]]:
    """Return what to plan for a round, and the items that come with it by the name of their prompt.

    Args:
        plan: Of the run.
        prompts: Of the section.
        changed: By model, how far temperatures are to be sampled.
        pool: Items not asked yet, by prompt.
        number: Of the round.
    """
    names = {prompt.name for prompt in prompts}
    free = [item for name in names for item in pool.get(name, ())]
    order = in_order(plan, prompts, free)
    topups = [
        TopUp(
            model=model.label,
            prompts=tuple(prompt.name for prompt in prompts),
            temperatures=tuple(sorted(t for t, wanted in of.items() if wanted == size)),
            repeat=size.replicates,
            items=tuple(order[: size.items]),
            round=number,
        )
        for model, of in zip(plan.models, changed, strict=True)
        for size in sorted(set(of.values()))
    ]
    needed = {key for topup in topups for key in topup.items or ()} - {item.key for item in plan.items}
    new: dict[str, list[Item]] = {}
    for item in free:
        if item.key in needed:
            new.setdefault(item.prompt, []).append(item)
    return topups, new


def first_of_pool(
    plan: Plan, prompts: Sequence[Prompt], pool: Mapping[str, Sequence[Item]], count: int
) -> list[str]:
    """Return the keys of a section's next items: as many as there are, at most `count`."""
    free = [item for prompt in prompts for item in pool.get(prompt.name, ())]
    keys = {item.key for item in free}
    return [key for key in in_order(plan, prompts, free) if key in keys][:count]
