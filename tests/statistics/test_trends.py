"""Trend over temperature: against scipy and numpy, by hand, and on items with holes."""

import numpy as np
import pytest
from clustered import normal
from scipy import stats

from tempkit.statistics import Values, trend

GRID = (0.0, 0.3, 0.7, 1.0, 1.5)
ARRAY = normal(np.random.default_rng(21), 9, 4, 0.5 - 0.1 * np.array(GRID))
VALUES = Values(ARRAY, GRID)
MEANS = VALUES.means


@pytest.mark.parametrize("items", [9, 40])
def test_page_against_scipy_in_both_directions(items: int) -> None:
    array = normal(np.random.default_rng(22), items, 4, 0.5 - 0.1 * np.array(GRID))
    means = Values(array).means
    rise, fall = (stats.page_trend_test(m).pvalue for m in (means, means[:, ::-1]))
    assert trend(Values(array, GRID)).p_value == pytest.approx(2 * min(rise, fall), abs=1e-10)
    assert trend(Values(-array, GRID)).p_value == pytest.approx(2 * min(rise, fall), abs=1e-10)


def test_page_by_its_formula() -> None:
    """For many items L is normal with mean n k (k+1)^2 / 4 and variance n k^2 (k+1) (k^2-1) / 144."""
    values = Values(normal(np.random.default_rng(23), 60, 3), GRID)
    n, k = 60, 5
    statistic = (stats.rankdata(values.means, axis=1) @ np.arange(1, k + 1)).sum()
    z = (statistic - n * k * (k + 1) ** 2 / 4) / np.sqrt(n * k**2 * (k + 1) * (k**2 - 1) / 144)
    assert trend(values).p_value == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-8)


def test_slope_is_the_mean_of_item_slopes_with_their_t_interval() -> None:
    slopes = np.array([np.polyfit(GRID, row, 1)[0] for row in MEANS])
    found = trend(VALUES)
    assert found.slope == pytest.approx(slopes.mean(), abs=1e-10)
    assert found.interval is not None
    expected = stats.t.interval(0.95, len(slopes) - 1, loc=slopes.mean(), scale=stats.sem(slopes))
    assert (found.interval.low, found.interval.high) == pytest.approx(expected, abs=1e-10)


def test_the_pooled_slope_is_the_item_demeaned_regression() -> None:
    x = np.array(GRID) - np.mean(GRID)
    flat = (MEANS - MEANS.mean(axis=1, keepdims=True)).ravel()
    assert trend(VALUES).slope == pytest.approx(np.polyfit(np.tile(x, len(MEANS)), flat, 1)[0])


def test_rank_correlation_is_the_mean_of_spearmans_without_ties() -> None:
    expected = np.mean([stats.spearmanr(GRID, row).statistic for row in MEANS])
    assert trend(VALUES).spearman == pytest.approx(expected, abs=1e-10)


def test_perfect_order() -> None:
    values = (np.arange(5.0) + np.arange(6.0)[:, np.newaxis])[:, :, np.newaxis]
    up, down = (trend(Values(sign * values, GRID, low=-10, high=10)) for sign in (1, -1))
    assert (up.spearman, down.spearman) == (pytest.approx(1), pytest.approx(-1))
    assert up.p_value == pytest.approx(2 * stats.page_trend_test(values[:, :, 0]).pvalue)
    assert up.p_value == down.p_value
    assert up.slope == pytest.approx(-down.slope)


def test_equal_slopes_get_the_exact_bound() -> None:
    values = (np.array(GRID) * 0.2 + np.linspace(0, 0.3, 6)[:, np.newaxis])[:, :, np.newaxis]
    found = trend(Values(values, GRID, low=0, high=1))
    # The steepest line through values in a span of 1 has the low temperatures at one end and the high ones at the other.
    extreme = np.polyfit(GRID, np.array(GRID) > np.mean(GRID), 1)[0]
    off = (1 - 0.05 ** (1 / 6)) * (extreme + 0.2)
    assert found.interval is not None
    assert found.interval.method == "unseen items"
    assert (found.interval.low, found.interval.high) == pytest.approx((0.2 - off, 0.2 + off))
    unknown = trend(Values(values, GRID))
    assert unknown.interval is None
    assert "range" in str(unknown.interval_reason)


def test_items_with_holes_are_dropped_and_counted() -> None:
    array = ARRAY.copy()
    array[0, 2] = np.nan
    array[1, 0, 0] = np.nan  # one replicate less is no missing value of the item
    found = trend(Values(array, GRID))
    assert (found.n_items, found.dropped_items) == (8, 1)
    assert found.slope == pytest.approx(trend(Values(array[1:], GRID)).slope)


def test_no_difference_at_all_is_no_trend() -> None:
    found = trend(Values(np.full((8, 5, 2), 0.25), GRID, low=0, high=1))
    assert found.slope == pytest.approx(0)
    assert (found.spearman, found.p_value) == (None, 1.0)
    assert found.interval is not None
    assert found.interval.low < 0 < found.interval.high


def test_two_temperatures_have_a_slope_and_no_order() -> None:
    found = trend(VALUES, [0, 1])
    assert found.slope == pytest.approx((MEANS[:, 1] - MEANS[:, 0]).mean() / 0.3)
    assert found.interval is not None
    assert found.p_value is None
    assert "3 temperatures" in str(found.p_reason)


@pytest.mark.parametrize("items", [0, 1, 4])
def test_too_few_items_say_so(items: int) -> None:
    array = ARRAY.copy()
    array[items:, 0] = np.nan
    found = trend(Values(array, GRID))
    assert (found.n_items, found.dropped_items) == (items, 9 - items)
    assert (found.p_value, found.interval) == (None, None)
    assert found.p_reason == found.interval_reason
    assert found.p_reason
    assert (found.slope is None) == (found.spearman is None) == (items == 0)


def test_some_of_the_temperatures_are_looked_at_as_if_there_were_no_others() -> None:
    chosen = [0, 2, 4]
    assert trend(VALUES, chosen) == trend(Values(ARRAY[:, chosen], [GRID[c] for c in chosen]))


def test_one_temperature_is_no_trend() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        trend(VALUES, [2])
