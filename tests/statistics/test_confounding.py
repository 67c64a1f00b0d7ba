"""Whether what changed in the course of a run went with the temperature."""

import numpy as np
import pytest

from tempkit.statistics import goes_with

RUNS = 400


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ([[50, 0], [0, 50]], True),
        ([[2, 0], [0, 2]], True),  # nothing can tell the two apart, by chance or not
        ([[1, 0], [0, 1]], False),  # too little to say anything of
        ([[40, 40, 20], [0, 0, 20]], True),
        ([[25, 25], [25, 25]], False),
        ([[30, 20], [20, 30]], False),
        ([[10, 10]], False),
        ([[10], [10]], False),
        ([[10, 10], [0, 0]], False),
        ([], False),
    ],
)
def test_known_tables(counts: list[list[int]], wanted: bool) -> None:
    assert goes_with(counts) is wanted


@pytest.mark.parametrize("answers", [4, 8, 20])
def test_a_change_in_the_middle_that_hits_all_temperatures_alike_is_none(answers: int) -> None:
    """Samples come in any order, and from some number on another model answers: at most one run in a hundred is said to be confounded."""
    rng = np.random.default_rng(18)
    alarms = 0
    for _ in range(RUNS):
        order = rng.permutation(np.repeat(np.arange(5), answers))
        after = rng.integers(1, order.size)
        table = [np.bincount(part, minlength=5).tolist() for part in (order[:after], order[after:])]
        alarms += goes_with(table)
    assert alarms <= RUNS // 100


@pytest.mark.parametrize("answers", [8, 20, 100])
def test_a_change_between_two_temperatures_is_always_found(answers: int) -> None:
    rng = np.random.default_rng(18)
    for _ in range(RUNS):
        after = int(rng.integers(1, 5))
        table = [[answers] * after + [0] * (5 - after), [0] * after + [answers] * (5 - after)]
        stray = int(rng.integers(0, answers // 8 + 1))  # a few came late
        table[0][after], table[1][after] = stray, answers - stray
        assert goes_with(table)
