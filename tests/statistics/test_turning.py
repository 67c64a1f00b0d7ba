"""TURN: the published series, the guard against a single positive, and what must be refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.statistics import turn, turn_interval

GRID = tuple(round(0.1 * i, 1) for i in range(1, 15))
PUBLISHED = [
    *(0.0127, 0.0274, 0.0453, 0.0667, 0.0895, 0.1158, 0.1460),
    *(0.1839, 0.2280, 0.2919, 0.4140, 0.7597, 1.9236, 3.9159),
]


def test_the_published_series_turns_at_0_9() -> None:
    found = turn(GRID, PUBLISHED)
    assert (found.temperature, found.found) == (0.9, True)
    longer = turn((*GRID, 1.5), [*PUBLISHED, 5.6038])
    assert (longer.temperature, longer.found) == (0.9, True)


def test_the_unit_of_entropy_does_not_matter() -> None:
    assert turn(GRID, np.array(PUBLISHED) / np.log(2)) == turn(GRID, PUBLISHED)


def test_no_turning_point_is_the_last_interior_temperature() -> None:
    found = turn(GRID, np.sqrt(GRID))  # ln sqrt(x) bends downwards everywhere
    assert (found.temperature, found.found) == (1.3, False)


def test_a_single_positive_is_not_enough() -> None:
    grid = np.arange(1.0, 10)
    logs = np.log(grid)
    logs[-1] += 0.05  # a small upward step at the end, seen by the last interior point alone
    assert (np.gradient(np.gradient(logs))[1:-1] > 0).tolist() == [False] * 6 + [True]
    found = turn(grid, np.exp(logs))
    assert (found.temperature, found.found) == (8.0, False)
    logs = np.log(grid)
    logs[4] -= 0.1  # a dip in the middle
    assert (np.gradient(np.gradient(logs))[1:-1] > 0).tolist() == [False] * 3 + [True] + [False] * 3
    assert not turn(grid, np.exp(logs)).found


def test_uneven_grids_by_hand() -> None:
    """exp(x^2) bends upwards everywhere, exp(-x^2) nowhere; distances of any kind change nothing."""
    grid = (0.1, 0.2, 0.5, 0.9, 1.0, 2.0)
    assert turn(grid, np.exp(np.square(grid))).temperature == 0.2
    assert not turn(grid, np.exp(-np.square(grid))).found


def test_interval_over_prompts() -> None:
    rng = np.random.default_rng(3)
    prompts = np.array(PUBLISHED) * np.exp(rng.normal(0, 0.3, (20, 1)) + rng.normal(0, 0.05, (20, 14)))
    found = turn_interval(GRID, prompts, seed=1)
    assert found.turn == turn(GRID, prompts.mean(axis=0))
    assert found.low in GRID
    assert found.high in GRID
    assert found.low <= found.turn.temperature <= found.high
    assert found.low < found.high
    assert found.share_found == pytest.approx(1.0)
    assert found == turn_interval(GRID, prompts, seed=1)
    assert (found.n_prompts, found.reason) == (20, None)


def test_prompts_that_agree_leave_no_doubt() -> None:
    found = turn_interval(GRID, np.outer(np.linspace(0.5, 2, 8), PUBLISHED), seed=1)
    assert (found.low, found.high) == (0.9, 0.9)


@pytest.mark.parametrize("prompts", [0, 1, 4])
def test_too_few_prompts_give_no_interval(prompts: int) -> None:
    rows = np.tile(PUBLISHED, (6, 1))
    rows[prompts:, 3] = np.nan
    found = turn_interval(GRID, rows, seed=1)
    assert (found.low, found.high, found.share_found) == (None, None, None)
    assert found.n_prompts == prompts
    assert f"has {prompts}" in str(found.reason)
    assert found.turn == (turn(GRID, PUBLISHED) if prompts else None)


@pytest.mark.parametrize("odd", [0.0, -0.1, np.inf])
def test_entropies_must_be_positive(odd: float) -> None:
    with pytest.raises(ValueError, match="leave out temperature 0"):
        turn(GRID, [odd, *PUBLISHED[1:]])
    with pytest.raises(ValueError, match=r"leave out temperature 0|0 or more"):
        turn_interval(GRID, [[odd, *PUBLISHED[1:]]], seed=1)


def test_a_prompt_without_any_choice_counts_as_one() -> None:
    """A question with one possible answer has entropy 0; the mean over prompts still turns, and so do redraws."""
    prompts = np.tile(PUBLISHED, (8, 1))
    prompts[0] = 0.0
    found = turn_interval(GRID, prompts, seed=1)
    assert found.turn == turn(GRID, PUBLISHED)
    assert (found.low, found.high, found.n_prompts) == (0.9, 0.9, 8)
    few = np.zeros((5, 14))
    few[0] = PUBLISHED
    assert turn_interval(GRID, few, seed=1).turn == turn(GRID, PUBLISHED)


def test_narrow_bounds_give_the_answer_and_wide_ones_what_is_possible() -> None:
    prompts = np.tile(PUBLISHED, (8, 1))
    exact = turn_interval(GRID, prompts, seed=1)
    narrow = turn_interval(GRID, prompts, upper=prompts * (1 + 1e-5), seed=1)
    assert narrow == exact
    # At .8 the published series bends downwards by so little that a thousandth decides.
    open_ = turn_interval(GRID, prompts, upper=prompts * 1.005, seed=1)
    assert (open_.turn, open_.low, open_.high) == (None, None, None)
    assert open_.possible == (0.8, 0.9)
    assert "several turning points" in str(open_.reason)
    nothing = turn_interval(GRID, prompts, upper=prompts * 100, seed=1)
    assert nothing.possible == (0.2, 1.3)
    with pytest.raises(ValueError, match="no lower"):
        turn_interval(GRID, prompts, upper=prompts * 0.9, seed=1)
    with pytest.raises(ValueError, match="axes"):
        turn_interval(GRID, prompts, upper=prompts[:, :-1], seed=1)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.floats(0, 0.1))
def test_every_curve_within_the_bounds_turns_where_it_is_possible(seed: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    least = np.exp(rng.normal(np.log(PUBLISHED), 0.05))
    most = least * np.exp(rng.uniform(0, width, 14))
    found = turn_interval(GRID, least[np.newaxis], upper=most[np.newaxis], seed=1)
    assert found.possible is not None
    for _ in range(20):
        curve = np.exp(rng.uniform(np.log(least), np.log(most)))
        inside = turn(GRID, curve)
        assert found.possible[0] <= inside.temperature <= found.possible[1]
        assert found.turn in (None, inside)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.05, 1), min_size=5, max_size=12),
    st.floats(0.1, 3),
    st.sampled_from([-1.0, 1.0]),
)
def test_uneven_distances_do_not_change_which_way_a_curve_bends(
    steps: list[float], strength: float, sign: float
) -> None:
    grid = np.cumsum(steps)
    found = turn(grid.tolist(), np.exp(sign * strength * (grid - grid.mean()) ** 2 / grid[-1] ** 2))
    assert (found.found, found.temperature) == ((True, grid[1]) if sign > 0 else (False, grid[-2]))


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="at least 5 temperatures"):
        turn(GRID[:4], PUBLISHED[:4])
    with pytest.raises(ValueError, match="turn_interval"):
        turn(GRID, [PUBLISHED])
    with pytest.raises(ValueError, match="axes"):
        turn_interval(GRID, PUBLISHED, seed=1)
    with pytest.raises(ValueError, match="positive numbers"):
        turn(GRID, [np.nan, *PUBLISHED[1:]])
