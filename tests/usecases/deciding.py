"""Small use cases and scores to decide by, for the tests beside it."""

import math
from dataclasses import replace

import numpy as np
from usecase_scores import clustered, section_of, table_of

from tempkit.analysis.tables import ScoredSection, Table
from tempkit.decision.decide import decide
from tempkit.decision.profile import Guard, Primary, Tie, UseCase
from tempkit.decision.result import Decision
from tempkit.running import Answerer, Answerers
from tempkit.statistics.policies import Policy
from tempkit.types import Item, ModelSpec, Prompt
from tempkit.types.reasons import Reason

TOKEN_LIMIT = Reason("token_limit")

NAN = math.nan
SHARE = "fact_recall"
GRID = (0.3, 0.7, 1.0)


def profile(
    *guards: Guard,
    primaries: tuple[str, ...] = (SHARE,),
    margin: float = 0.05,
    tie: Tie = "lowest",
    policies: tuple[str, ...] = ("single",),
    **more: object,
) -> UseCase:
    return UseCase(
        name="mine",
        title="Mine",
        wants="That it is good.",
        why="Because.",
        tie=tie,
        tie_why="why not",
        primary=tuple(Primary(measure=each, margin=margin, why="it matters") for each in primaries),
        guard=guards,
        policies=policies,
        **more,  # type: ignore[arg-type]
    )


LOOP = Guard(measure="loop", limit=0.05, why="nobody wants it")


def section(*tables: Table, items: int | None = None, **more: object) -> ScoredSection:
    """Return a section of one prompt with as many items as its largest table, or `items`."""
    count = items if items is not None else max((len(table.items) for table in tables), default=0)
    prompt = Prompt(
        name="facts",
        use_case="mine",
        items=tuple(Item(key=f"item-{i}", prompt="facts", messages=()) for i in range(count)),
    )
    return replace(section_of(*tables, use_case="mine"), prompts=(prompt,), **more)


def scores(array: object, measure: str = SHARE, **more: object) -> Table:
    return table_of(array, measure=measure, temperatures=GRID, **more)


def good(
    means: object = (0.5, 0.7, 0.6), *, seed: int = 1, items: int = 30, replicates: int = 4
) -> np.ndarray:
    """Return scores from 0 to 1 whose means are known, items differing in difficulty."""
    made = clustered(np.random.default_rng(seed), means, items=items, replicates=replicates)
    return np.clip(made, 0, 1)


def noisy(items: int, *, replicates: int = 4, seed: int = 1) -> np.ndarray:
    """Return scores from which little can be told yet: temperatures suit some items more than others, and answers differ."""
    rng = np.random.default_rng(seed)
    made = clustered(
        rng, (0.5, 0.52, 0.5), items=items, replicates=replicates, interaction_sd=0.05, noise_sd=0.2
    )
    return np.clip(made, 0, 1)


def spotless(items: int = 80, replicates: int = 4) -> Table:
    return scores(np.zeros((items, 3, replicates)), "loop")


def codes(found: Decision) -> tuple[str, ...]:
    return tuple(each.code for each in found.notes)


def steps(found: Decision) -> tuple[str, ...]:
    return tuple(each.code for each in found.next)


def truncated_away(*, temperature: float = 1.0, share: float = 0.75, reason: Reason = TOKEN_LIMIT) -> Table:
    array = good()
    lost = round(4 * share)
    array[:, GRID.index(temperature), :lost] = NAN
    return scores(array, missing={temperature: {reason: 30 * lost}})


def ruled(at: tuple[int, ...], items: int = 40, bad: float = 1.0) -> Table:
    array = np.zeros((items, 3, 4))
    array[:, list(at)] = bad
    return scores(array, "loop")


def one_loop(items: int = 12) -> Table:
    """Return one loop at every temperature: beyond a twentieth, not shown to be."""
    array = np.zeros((items, 3, 1))
    array[0] = 1
    return scores(array, "loop")


def answered(by: dict[str, dict[float, int]]) -> Decision:
    """Decide where the temperature is as clear as can be, with answers by these names."""
    seen = Answerers(ModelSpec(backend="openai", name="gpt-4.1", label="m"))
    for name, counts in by.items():
        for temperature, n in counts.items():
            seen.add(Answerer(name), temperature, n)
    return decide(section(scores(good()), answerers=seen), profile())


_STEADY = np.repeat((np.arange(20) % 5 < 3).astype(float)[:, np.newaxis], 8, axis=1)
_VARIED = np.tile((np.arange(8) % 2).astype(float), (20, 1))
_ARRAY = np.stack([_STEADY, _VARIED, _VARIED * 0], axis=1)


def decided_by_policies(*policies: str, policy: str | None = None) -> Decision:
    """Decide where 0.3 gives steady answers and 0.7 varied ones, by the ways that a use case names, or one that is asked for."""
    asked = None if policy is None else Policy.parse(policy)
    return decide(section(scores(_ARRAY)), profile(policies=policies or ("single",)), policy=asked)
