"""The noise of a mean over given items: by hand, where few items stand for many, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from tempkit.statistics import Values
from tempkit.statistics.noise import noise_of_mean, unit_of

NAN = math.nan


def noise(array: object, items: int, **range_: float) -> tuple[float, float] | None:
    """Return the standard error and its degrees of freedom, of the first temperature."""
    values = Values(array, **range_)
    found = noise_of_mean(values, 0, np.full(items, True))
    return None if found is None else (unit_of(values) * math.sqrt(found.variance), found.freedom)


def test_of_one_item_it_is_the_standard_error_of_its_answers() -> None:
    answers = [3.0, 5.0, 4.0, 8.0]
    found = noise([[answers]], 1)
    assert found == pytest.approx((stats.sem(answers), 3))


def test_items_with_many_answers_share_it_by_satterthwaite() -> None:
    cells = [[1.0, 2.0, 4.0], [7.0, 7.5, NAN], [0.0, 3.0, 9.0]]
    found = noise(np.array(cells)[:, np.newaxis], 3)
    parts = [np.var([x for x in cell if not math.isnan(x)], ddof=1) for cell in cells]
    of_means = [part / n / 9 for part, n in zip(parts, (3, 2, 3), strict=True)]
    freedom = sum(of_means) ** 2 / sum(v**2 / (n - 1) for v, n in zip(of_means, (3, 2, 3), strict=True))
    assert found == pytest.approx((math.sqrt(sum(of_means)), freedom))


def test_an_item_that_stands_for_eleven_others_has_one_degree_of_freedom() -> None:
    cells = np.full((12, 1, 2), NAN)
    cells[:, 0, 0] = np.arange(12)
    cells[0, 0] = 0, 2
    # Each mean of one answer has the variance 2 of the item with two answers, whose own mean has half of it.
    assert noise(cells, 12) == pytest.approx((math.sqrt((11 * 2 + 1) / 144), 1))


def test_without_a_second_answer_it_is_not_known() -> None:
    assert noise([[[1.0, NAN]], [[NAN, 2.0]]], 2) is None


def test_equal_answers_have_none_and_estimate_none() -> None:
    assert noise([[[1.0, 1.0]], [[2.0, 2.0]]], 2, low=0.0, high=4.0) == (0, math.inf)


@pytest.mark.parametrize("scale", [1e-60, 1e60])
def test_it_is_as_large_as_the_values(scale: float) -> None:
    cells = np.random.default_rng(1).normal(size=(4, 1, 3))
    one, other = noise(cells, 4), noise(scale * cells, 4)
    assert one is not None
    assert other == pytest.approx((scale * one[0], one[1]))


@pytest.mark.parametrize(("several", "answers"), [(1, 2), (2, 3), (12, 2)])
def test_bounds_on_these_items_hold_as_often_as_said(several: int, answers: int) -> None:
    """12 items, of which some have several answers: at 5 %, 1,000 data sets and 3 standard errors."""
    rng, wrong = np.random.default_rng(7), 0
    for _ in range(1000):
        cells = np.full((12, 1, answers), NAN)
        cells[:, 0, 0] = rng.normal(size=12)
        cells[:several, 0] = rng.normal(size=(several, answers))
        found = noise(cells, 12)
        assert found is not None
        wrong += np.nanmean(cells, axis=2).mean() > stats.t.ppf(0.95, found[1]) * found[0]
    assert wrong / 1000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1000)
