"""Measure a run: take every measure of every item on every model, and keep the scores beside the completions.

Scores are work that was done once, like completions. An item is measured again only when something changed that decides
its scores: a measure's version, the embedder, the reference model, or the number of completions.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tempkit.measures import DEFAULT, MEASURES, Block, Measure, Resources, scores
from tempkit.types import Item

if TYPE_CHECKING:
    from tempkit.store import RunRecord, ScoredBlock, Store

__all__ = ["Measured", "measure_run", "out_of_date"]

OnProgress = Callable[[int, int], None]

Of = tuple[str, str]
"""An item, by its key, on a model, by its label."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a call did."""

    blocks: int
    """Items on models, those without completions left out."""
    renewed: int
    """How many of them were measured by this call."""


def measure_run(
    store: "Store",
    run: "RunRecord",
    resources: Resources,
    *,
    under: Collection[Of] | None = None,
    anew: bool = False,
    on_progress: OnProgress = lambda _done, _of: None,
) -> Measured:
    """Bring a run's scores up to date.

    Without a reference model, scores under one that are there already are kept as long as nothing else has changed.

    Args:
        store: Where the run is, and where its scores go.
        run: The run.
        resources: The embedder and, if there is one, the reference model.
        under: The items on models to score under the reference model; None: all.
        anew: Measure everything, whether it changed or not.
        on_progress: Is called with how many items on models are done, of how many.

    Raises:
        StoreError: The run cannot be read or written.
    """
    plan = store.load_plan(run.id)
    items: Mapping[str, Item] = {item.key: item for item in plan.items}
    blocks, todo = _todo(store, run, resources, under, anew=anew)
    for done, of in enumerate(todo):
        on_progress(done, len(todo))
        completions = tuple(store.completions(run.id, tokens=True, of=of))
        block = Block(item=items[of[0]], model=of[1], completions=completions, temperatures=plan.temperatures)
        taken_with = _resources(resources, under, of)
        chosen = _chosen(taken_with)
        found = list(scores(block, chosen, taken_with))
        signature = _signature(chosen, taken_with)
        store.replace_scores(run.id, of, found, signature=signature, completions=len(completions))
    on_progress(len(todo), len(todo))
    return Measured(len(blocks), len(todo))


def out_of_date(
    store: "Store",
    run: "RunRecord",
    resources: Resources,
    under: Collection[Of] | None = None,
    *,
    anew: bool = False,
) -> list[Of]:
    """Return what `measure_run` would measure.

    Of the embedder its name alone is asked for, and of the reference model the beginning of its name.
    """
    return _todo(store, run, resources, under, anew=anew)[1]


def _chosen(resources: Resources) -> list[Measure]:
    """Return the measures to take: those under a reference model where there is one."""
    return [MEASURES[name] for name in (DEFAULT if resources.reference is None else MEASURES)]


def _resources(resources: Resources, under: Collection[Of] | None, of: Of) -> Resources:
    """Return what there is to measure an item on a model with."""
    return resources if under is None or of in under else replace(resources, reference=None)


def _todo(
    store: "Store", run: "RunRecord", resources: Resources, under: Collection[Of] | None, *, anew: bool
) -> tuple[Mapping[Of, "ScoredBlock"], list[Of]]:
    """Return the items on models that have completions, and those of them that are to be measured."""
    bare = replace(resources, reference=None)
    plain, full = (_signature(_chosen(each), each) for each in (bare, resources))
    blocks = {of: block for of, block in store.scored_blocks(run.id).items() if block.completions}
    todo = [
        of
        for of, block in blocks.items()
        if anew
        or block.scored != block.completions
        or not (block.signature or "").startswith(full if under is None or of in under else plain)
    ]
    return blocks, todo


def _signature(measures: Iterable[Measure], resources: Resources) -> str:
    """Return what decides the scores; with a reference model it begins with what it is without one."""
    own = [f"{m.name} {m.version}" for m in measures if "reference" not in m.needs]
    embedder = "" if resources.embedder is None else resources.embedder.name
    digest = hashlib.sha256("\n".join([*own, embedder]).encode()).hexdigest()[:16]
    if resources.reference is None:
        return digest
    under = [f"{m.name} {m.version}" for m in measures if "reference" in m.needs]
    return f"{digest} {' '.join(under)} {resources.reference.name}"
