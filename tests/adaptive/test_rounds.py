"""How far a round goes: never back, never beyond what there is or can be paid for, and not for ever."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from plan_samples import GRID, item, plan_of

from tempkit.adaptive import (
    MOST_REPLICATES,
    PILOT_ITEMS,
    Entrant,
    Rounds,
    Size,
    Standings,
    coarse_grid,
    cost,
    following,
    in_order,
    midpoints,
    pilot,
    sizes_of,
    standings,
    topups_for,
)
from tempkit.statistics import Values

Sizes = list[dict[float, Size]]


def race(rng: np.random.Generator, sizes: Sizes, *, items: int, margin: float, spread: float) -> Standings:
    """How models and temperatures sampled so far would stand, by chance."""
    entrants = []
    for of in sizes:
        most = max(size.replicates for size in of.values())
        array = np.full((items, len(of), most), np.nan)
        for column, temperature in enumerate(sorted(of)):
            size = of[temperature]
            array[: size.items, column, : size.replicates] = rng.normal(
                rng.normal(0, spread), 0.3, (size.items, size.replicates)
            )
        asked = [of[temperature].items for temperature in sorted(of)]
        entrants.append(Entrant(values=Values(array, sorted(of), asked=asked)))
    return standings(
        entrants, margin=margin, higher_is_better=True, tie="lowest", scope="items_like_these", looks=1, planned_looks=8,
    )  # fmt: skip


designs = st.builds(
    Rounds,
    pool=st.integers(1, 60),
    replicates=st.booleans(),
    margin=st.sampled_from([0.02, 0.1, 0.5]),
    finest=st.sampled_from([0.0, 0.2]),
    samples=st.none() | st.integers(0, 600),
)


@given(designs, st.integers(0, 2**32 - 1), st.integers(1, 2), st.sampled_from([0.0, 0.2, 1.0]))
def test_rounds_grow_within_what_there_is_and_end(
    design: Rounds, seed: int, models: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    sizes: Sizes = [
        dict.fromkeys(GRID, pilot(len(GRID) * models, 2, pool=design.pool, samples=design.samples))
        for _ in range(models)
    ]
    left = design.samples
    for _ in range(60):
        found = race(rng, sizes, items=design.pool, margin=design.margin, spread=spread)
        changed = following(found, sizes, replace(design, samples=left))
        if changed is None:
            break
        spent = cost(changed, sizes)
        assert spent > 0
        if left is not None:
            assert spent <= left
            left -= spent
        assert len(changed) == models
        for more, of in zip(changed, sizes, strict=True):
            grid = sorted(of)
            for temperature, size in more.items():
                before = of.get(temperature, Size(0, 0))
                assert size.items >= before.items
                assert size.replicates >= before.replicates
                assert size != before
                assert 1 <= size.items <= design.pool
                assert 1 <= size.replicates <= MOST_REPLICATES
                if temperature not in of:
                    assert design.finest > 0
                    assert grid[0] < temperature < grid[-1]
                    nearest = min(abs(temperature - each) for each in grid)
                    assert nearest >= design.finest - 1e-9
            of.update(more)
    else:
        pytest.fail("the race does not end")


@given(designs, st.integers(0, 2**32 - 1))
def test_a_limit_on_samples_makes_a_round_smaller_and_nothing_else(design: Rounds, seed: int) -> None:
    rng = np.random.default_rng(seed)
    free = replace(design, samples=None)
    sizes: Sizes = [dict.fromkeys(GRID, pilot(len(GRID), 2, pool=free.pool, samples=free.samples))]
    found = race(rng, sizes, items=design.pool, margin=design.margin, spread=0.2)
    wanted = following(found, sizes, free)
    assume(wanted is not None)
    assert wanted is not None
    whole = cost(wanted, sizes)
    for samples in (whole, whole - 1, whole // 2, len(wanted[0]), 0):
        got = following(found, sizes, replace(free, samples=samples))
        if samples >= whole:
            assert got == wanted
        if samples == 0:
            assert got is None
        if got is not None:
            assert cost(got, sizes) <= samples
            for temperature, size in got[0].items():
                assert size <= wanted[0][temperature]
    if whole > sum(
        size.items for size in sizes[0].values()
    ):  # then one answer less to each question is a round
        assert following(found, sizes, replace(free, samples=whole - 1)) is not None


@given(st.integers(1, 30), st.integers(1, 8), designs)
def test_a_pilot_asks_a_few_questions_at_every_temperature(
    arms: int, replicates: int, design: Rounds
) -> None:
    size = pilot(arms, replicates, pool=design.pool, samples=design.samples)
    assert size.replicates == replicates
    assert 1 <= size.items <= min(PILOT_ITEMS, design.pool)
    if design.samples is None:
        assert size.items == min(PILOT_ITEMS, design.pool)
    elif size.items > 1:
        assert size.samples * arms <= design.samples / 2


grids = st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True).map(
    lambda steps: [step / 20 for step in sorted(steps)]
)


@given(grids, st.data())
def test_midpoints_are_half_way_to_the_neighbours_and_not_beyond_what_is_ruled_out(
    tried: list[float], data: st.DataObject
) -> None:
    pick = data.draw(st.sampled_from(tried))
    finest = data.draw(st.sampled_from([0.05, 0.1, 0.2, 0.5]))
    excluded = data.draw(st.lists(st.integers(0, 80).map(lambda step: step / 40), unique=True, max_size=3))
    expected = []
    for other in tried:
        if other == pick or any(min(other, pick) < each < max(other, pick) for each in tried):
            continue
        middle = (other + pick) / 2
        on_the_way = [
            out for out in excluded if min(middle, pick) <= out <= max(middle, pick) and out != pick
        ]
        behind = [out for out in excluded if min(middle, other) <= out <= max(middle, other) and out != other]
        if abs(other - pick) >= 2 * finest - 1e-9 and not on_the_way and not behind:
            expected.append(middle)
    assert midpoints(tried, pick, finest=finest, excluded=excluded) == pytest.approx(sorted(expected))


@given(st.none() | st.floats(0.1, 3, allow_nan=False))
def test_the_coarse_grid_keeps_to_what_models_take(highest: float | None) -> None:
    grid, finest = coarse_grid(highest)
    assert len(grid) == 5
    assert grid[0] == 0
    assert grid[-1] == pytest.approx(min(1.6, math.inf if highest is None else highest), abs=1e-6)
    assert np.diff(grid) == pytest.approx(2 * finest, abs=4e-6)


@st.composite
def steps(draw: st.DrawFn) -> tuple[int, int, Mapping[float, tuple[int, int]], int, int]:
    grow = {
        t: (draw(st.integers(1, 12)), draw(st.integers(1, 6)))
        for t in draw(st.sets(st.sampled_from((*GRID, 0.2))))
    }
    return (
        draw(st.integers(1, 4)),
        draw(st.integers(1, 12)),
        grow,
        draw(st.integers(0, 99)),
        draw(st.integers(1, 2)),
    )


@given(steps())
def test_what_a_round_plans_is_how_far_temperatures_are_sampled_then(
    step: tuple[int, int, Mapping[float, tuple[int, int]], int, int],
) -> None:
    begun, total, grow, seed, models = step
    total = max(begun, total)
    everything = plan_of({"p": total}, models=models, seed=seed)
    keys = in_order(everything, everything.prompts)
    first = [each for each in everything.items if each.key in keys[:begun]]
    (prompt,) = everything.prompts
    plan = replace(everything, prompts=(replace(prompt, items=tuple(first)),))
    pool = {"p": [each for each in everything.items if each.key not in keys[:begun]]}
    assert in_order(plan, plan.prompts, pool["p"]) == keys
    sizes = sizes_of(plan, plan.prompts)
    assert sizes == [dict.fromkeys(GRID, Size(begun, 2))] * models
    changed: list[dict[float, Size]] = [{} for _ in sizes]
    for temperature, (items, replicates) in grow.items():
        before = sizes[-1].get(temperature, Size(0, 0))
        size = Size(min(total, max(items, before.items)), max(replicates, before.replicates))
        if size != before:
            changed[-1][temperature] = size
    topups, new = topups_for(plan, plan.prompts, changed, pool, 2)
    grown = plan.grown(topups, new)
    assert grown.sample_count - plan.sample_count == cost(changed, sizes)
    for more, was, now in zip(changed, sizes, sizes_of(grown, grown.prompts), strict=True):
        assert now == {**was, **more}
    for topup in topups:
        assert topup.items == tuple(keys[: len(topup.items or ())])
        assert topup.round == 2
    rest = [each for each in pool["p"] if each.key not in {i.key for i in new.get("p", ())}]
    assert in_order(grown, grown.prompts, rest) == keys
    assert grown.round_of(["p"]) == (2 if topups else 1)


@given(st.integers(0, 99), st.integers(1, 10), st.integers(0, 10))
def test_the_order_is_chance_and_stays_as_questions_come_in(seed: int, begun: int, more: int) -> None:
    plan = plan_of({"p": begun}, seed=seed)
    keys = in_order(plan, plan.prompts)
    assert sorted(keys) == sorted(each.key for each in plan.items)
    pool = [item("p", begun + number) for number in range(more)]
    longer = in_order(plan, plan.prompts, pool)
    assert longer[:begun] == keys
    again = in_order(plan, plan.prompts, [*pool, item("p", 99)])
    assert [key for key in again if key != "p/99"] == longer


def test_the_order_is_not_that_of_the_file() -> None:
    orders = {tuple(in_order(p, p.prompts)) for p in (plan_of({"p": 6}, seed=seed) for seed in range(40))}
    assert len(orders) > 30
    first = [order[0] for order in orders]
    assert len(set(first)) == 6
