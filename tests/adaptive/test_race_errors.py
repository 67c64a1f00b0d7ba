"""How often a race shows what is not so: a second implementation of the rounds, on data whose truth is known.

Unlike `benchmarks/choose.py`, no run, no store and no plan: items are drawn as the race asks for them. Each figure is a share of
simulated races, with a standard error of its own; seeds are fixed.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from tempkit.adaptive import LOOKS, Entrant, Rounds, Standings, cost, following, pilot, standings
from tempkit.statistics import Values

pytestmark = pytest.mark.slow

RACES = 200
MARGIN = 0.1
POOL = 200
GRID = (0.0, 0.4, 0.8, 1.2, 1.6)


@dataclass
class Ended:
    """How a race ended."""

    shown: bool
    pick: tuple[int, float] | None
    samples: int
    rounds: int


def drawn(rng: np.random.Generator, truth: list[dict[float, float]]) -> list[dict[float, np.ndarray]]:
    """All answers that anybody may come to ask for: items differ, and so does what temperature does to each."""
    easy = rng.normal(0, 0.2, (POOL, 1))
    return [
        {
            t: mean + easy + rng.normal(0, 0.15, (POOL, 1)) + rng.normal(0, 0.15, (POOL, 8))
            for t, mean in of.items()
        }
        for of in truth
    ]


def run(rng: np.random.Generator, truth: list[dict[float, float]], scope: str) -> Ended:
    """Race to the end, each round from all that was asked so far, with what the earlier ones have shown."""
    answers = drawn(rng, truth)
    pool = POOL if scope == "items_like_these" else 6
    design = Rounds(pool=pool, replicates=scope == "these_items", margin=MARGIN)
    first = pilot(sum(map(len, truth)), 2, pool=design.pool, samples=design.samples)
    sizes = [dict.fromkeys(of, first) for of in truth]
    looks: list[Standings] = []
    samples = cost(sizes, [{} for _ in sizes])
    while True:
        entrants = []
        for of, size in zip(answers, sizes, strict=True):
            most = min(8, max(each.replicates for each in size.values()))
            rows = max(each.items for those in sizes for each in those.values())
            array = np.full((rows, len(of), most), np.nan)
            for column, t in enumerate(of):
                array[: size[t].items, column, : size[t].replicates] = of[t][
                    : size[t].items, : size[t].replicates
                ]
            entrants.append(Entrant(values=Values(array, tuple(of), asked=[size[t].items for t in of])))
        looks.append(
            standings(
                entrants,
                margin=MARGIN,
                higher_is_better=True,
                tie="lowest",
                scope=scope,
                looks=len(looks) + 1,  # type: ignore[arg-type]
                planned_looks=LOOKS,
                before=tuple(looks),
            )
        )
        found = looks[-1]
        changed = following(found, sizes, design) if len(looks) < LOOKS else None
        if changed is None or any(s.replicates > 8 for of in changed for s in of.values()):
            pick = None if found.pick is None else (found.pick[0], tuple(truth[found.pick[0]])[found.pick[1]])
            return Ended(found.shown, pick, samples, len(looks))
        samples += cost(changed, sizes)
        for of, more in zip(sizes, changed, strict=True):
            of.update(more)


def wrong(ended: Ended, truth: list[dict[float, float]]) -> bool:
    """Whether it is shown to be within the margin of the best, and is not."""
    if not ended.shown or ended.pick is None:
        return False
    best = max(mean for of in truth for mean in of.values())
    model, temperature = ended.pick
    return best - truth[model][temperature] > MARGIN


def most_wrong(races: int) -> float:
    """The share of wrong claims that 5 % allow, with three standard errors of chance."""
    return 0.05 + 3 * float(np.sqrt(0.05 * 0.95 / races))


TRUTHS = {
    "the lone best leads by little more than the margin": [
        dict.fromkeys(GRID, 0.4) | {1.2: 0.4 + MARGIN * 1.05}
    ],
    "two models, of which the second is a little better": [
        dict.fromkeys(GRID, 0.4),
        dict.fromkeys(GRID, 0.4 + MARGIN * 1.05),
    ],
    "each is a little better than the one before": [{t: 0.3 + 0.055 * n for n, t in enumerate(GRID)}],
}


@pytest.mark.parametrize("case", TRUTHS)
def test_a_pick_that_is_not_within_the_margin_is_hardly_ever_shown(case: str) -> None:
    rng = np.random.default_rng(20 + len(case))
    truth = TRUTHS[case]
    ends = [run(rng, truth, "items_like_these") for _ in range(RACES)]
    false = sum(wrong(each, truth) for each in ends) / RACES
    print(f"{case}: false {false:.3f}, shown {sum(e.shown for e in ends) / RACES:.2f}")
    assert false <= most_wrong(RACES)
    assert all(each.rounds <= LOOKS for each in ends)


def test_where_temperature_does_nothing_any_of_them_is_shown_soon() -> None:
    rng = np.random.default_rng(31)
    truth = [dict.fromkeys(GRID, 0.4)]
    ends = [run(rng, truth, "items_like_these") for _ in range(RACES)]
    shown = sum(each.shown for each in ends) / RACES
    spent = float(np.mean([each.samples for each in ends]))
    print(f"null: shown {shown:.2f}, samples {spent:.0f} of {POOL * len(GRID) * 2}")
    assert shown >= 0.9
    assert spent < POOL * len(GRID) * 2 / 2


def test_a_lone_best_that_leads_by_far_is_found() -> None:
    rng = np.random.default_rng(32)
    truth = [dict.fromkeys(GRID, 0.3) | {0.8: 0.3 + 4 * MARGIN}]
    ends = [run(rng, truth, "items_like_these") for _ in range(RACES)]
    right = sum(each.shown and each.pick == (0, 0.8) for each in ends) / RACES
    print(f"lone best: shown and right {right:.2f}, samples {np.mean([e.samples for e in ends]):.0f}")
    assert right >= 0.95


def test_for_these_items_alone_it_is_wrong_no_more_often() -> None:
    """What is claimed is about these items' own means, with any number of answers to each."""
    rng = np.random.default_rng(33)
    false = shown = 0
    for _ in range(RACES):
        state = rng.bit_generator.state
        truth = [dict.fromkeys(GRID, 0.4) | {1.2: 0.4 + MARGIN}]
        easy = rng.normal(0, 0.2, (POOL, 1))
        means = {t: float((mean + easy + rng_item(rng))[:6].mean()) for t, mean in truth[0].items()}
        rng.bit_generator.state = state
        ended = run(rng, truth, "these_items")
        shown += ended.shown
        false += wrong(ended, [means])
    print(f"these items: false {false / RACES:.3f}, shown {shown / RACES:.2f}")
    assert false / RACES <= most_wrong(RACES)
    assert shown > 0


def rng_item(rng: np.random.Generator) -> np.ndarray:
    """What temperature does to each item; the answers' own noise is drawn after it, as in `drawn`."""
    effect = rng.normal(0, 0.15, (POOL, 1))
    rng.normal(0, 0.15, (POOL, 8))
    return effect
