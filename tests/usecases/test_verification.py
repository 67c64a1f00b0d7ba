"""A kept decision against new scores: which neighbours it is compared with, and what guard-rails add."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from usecase_scores import clustered, section_of, table_of

from tempkit.analysis.tables import Table
from tempkit.decision import Recheck, Scope, UseCase, neighbours, recheck, relative_to
from tempkit.decision.profile import Guard, Primary
from tempkit.errors import UsageError
from tempkit.statistics import Policy

GRID = (0.0, 0.4, 0.8)
GOOD = (0.5, 0.8, 0.5)


def profile(*guards: Guard) -> UseCase:
    return UseCase(
        name="mine", title="Mine", wants="Good.", why="So.", tie="lowest", tie_why="it repeats",
        primary=(Primary(measure="fact_recall", margin=0.1, why="it is asked"),), guard=guards,
    )  # fmt: skip


def rechecked(
    *tables: Table,
    guards: tuple[Guard, ...] = (),
    temperature: float = 0.4,
    beside: tuple[float, ...] = (0.0, 0.8),
    scope: Scope = "items_like_these",
    policy: Policy | None = None,
) -> Recheck:
    return recheck(
        section_of(*tables), profile(*guards), temperature=temperature, beside=beside, scope=scope,
        policy=policy or Policy(), alpha=0.0024, looks=4,
    )  # fmt: skip


def scores(means: tuple[float, ...], *, items: int = 40, replicates: int = 2) -> Table:
    rng = np.random.default_rng(3)
    values = np.clip(
        clustered(rng, means, items=items, replicates=replicates, item_sd=0.05, noise_sd=0.05), 0, 1
    )
    return table_of(values, temperatures=GRID)


@given(st.lists(st.sampled_from([round(0.1 * i, 1) for i in range(21)]), unique=True, max_size=8), st.data())
def test_neighbours_are_beside_it_and_of_those_tried(tried: list[float], data: st.DataObject) -> None:
    grid = sorted(tried)
    temperature = data.draw(st.sampled_from(grid or [0.5]))
    found = neighbours(temperature, grid)
    assert temperature not in found
    assert list(found) == sorted(found)
    assert 1 <= len(found) <= 2
    if len(grid) > 1:
        assert set(found) <= set(grid)
        assert not [
            t
            for t in grid
            if t not in found and min(*found, temperature) < t < max(*found, temperature) and t != temperature
        ]
    else:
        assert all(abs(t - temperature) == pytest.approx(0.2) or t == 0 for t in found)


def test_the_best_holds_and_another_does_not() -> None:
    assert rechecked(scores(GOOD)).standing == "holds"
    beaten = rechecked(scores((0.5, 0.5, 0.8)))
    assert beaten.standing == "broken"
    assert [each.low is not None and each.low > 0.1 for each in beaten.leads] == [False, True]


def test_these_items_alone_are_judged_by_their_answers() -> None:
    one = scores(GOOD, items=1, replicates=30)
    assert rechecked(one, scope="these_items").standing == "holds"
    assert rechecked(one).standing == "open"  # one question says nothing of others


def test_a_neighbour_without_values_leaves_it_open() -> None:
    values = np.array(scores(GOOD).values.array)
    values[:, 2] = math.nan
    found = rechecked(table_of(values, temperatures=GRID))
    assert (found.standing, found.within) == ("open", False)
    assert (found.leads[1].mean, found.leads[1].high) == (None, None)


def loops(*shares: float) -> Table:
    """A guard-rail's values: so many of 40 items break it at each temperature."""
    values = np.zeros((40, 3, 1))
    for column, share in enumerate(shares):
        values[: round(40 * share), column] = 1
    return table_of(values, measure="loop", temperatures=GRID)


LIMIT = Guard(measure="loop", limit=0.1, why="it repeats itself")


@pytest.mark.parametrize(
    ("shares", "standing", "verdict"),
    [
        ((0.0, 0.0, 0.0), "holds", "unknown"),
        ((1.0, 0.0, 1.0), "holds", "unknown"),
        ((0.0, 0.15, 0.0), "open", "unknown"),
        ((0.0, 0.9, 0.0), "broken", "broken"),
    ],
)
def test_guard_rails_count_at_the_temperature_itself(
    shares: tuple[float, ...], standing: str, verdict: str
) -> None:
    found = rechecked(scores(GOOD), loops(*shares), guards=(LIMIT,))
    assert (found.standing, found.within) == (standing, True)
    assert [each.verdict for each in found.rails] == [verdict]


def test_a_guard_rail_that_was_not_measured_is_said() -> None:
    found = rechecked(scores(GOOD), guards=(LIMIT,))
    assert (found.standing, found.rails_hold) == ("holds", False)
    assert found.rails[0].verdict == "not_measured"


def test_a_relative_guard_rail_needs_the_lowest_temperature_that_was_tried() -> None:
    relative = Guard(measure="loop", limit=0.1, why="it repeats itself", relative=True)
    assert relative_to(profile(relative), 0.8, GRID) == (0.0,)
    assert relative_to(profile(LIMIT), 0.8, GRID) == ()
    assert relative_to(profile(relative), 0.0, GRID) == ()
    table = scores((0.5, 0.5, 0.8))
    same = rechecked(table, loops(0.9, 0.9, 0.9), guards=(relative,), temperature=0.8, beside=(0.4,))
    worse = rechecked(table, loops(0.0, 0.9, 0.9), guards=(relative,), temperature=0.8, beside=(0.4,))
    assert (same.standing, worse.standing) == ("holds", "broken")


def test_a_policy_is_asked_of_the_answers() -> None:
    assert rechecked(scores(GOOD), policy=Policy.parse("best-of:2")).standing == "holds"
    assert (
        rechecked(scores(GOOD), policy=Policy.parse("best-of:3")).standing == "open"
    )  # there are two answers
    with pytest.raises(UsageError, match="majority:2"):
        rechecked(scores(GOOD), policy=Policy.parse("majority:2"))
