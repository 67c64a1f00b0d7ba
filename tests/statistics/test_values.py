"""The shape that every statistic takes: what is computed once, and what is refused."""

import numpy as np
import pytest

from tempkit.statistics import Values
from tempkit.statistics.values import LARGEST

NAN = np.nan
RAGGED = [[[1, 2, NAN], [NAN, NAN, NAN]], [[4, 4, 4], [0, NAN, NAN]]]


def test_missing_values_enter_no_mean() -> None:
    values = Values(RAGGED)
    np.testing.assert_array_equal(values.counts, [[2, 0], [3, 1]])
    np.testing.assert_array_equal(values.means, [[1.5, NAN], [4, 0]])
    np.testing.assert_array_equal(values.items_with(0), [True, True])
    np.testing.assert_array_equal(values.items_with(), [False, True])
    assert values.temperature_means == (2.75, 0.0)
    assert values.n_items == 2


def test_a_temperature_without_any_value_has_no_mean() -> None:
    assert Values([[[1.0], [NAN]], [[3.0], [NAN]]]).temperature_means == (2.0, None)


def test_the_share_that_is_missing_is_of_what_was_to_be_taken() -> None:
    values = Values(RAGGED, missing=[{"truncated": 1, "empty": 2}, {}])
    assert values.share_missing() == (3 / 8, 0.0)
    assert Values(np.full((2, 1, 2), NAN)).share_missing() == (None,)


def test_some_temperatures_keep_all_that_belongs_to_them() -> None:
    values = Values(RAGGED, (0.2, 0.9), low=0, high=5, missing=[{}, {"empty": 1}]).select([1])
    assert (values.temperatures, values.low, values.high, values.span) == ((0.9,), 0, 5, 5)
    assert values.missing == ({"empty": 1},)
    np.testing.assert_array_equal(values.means, [[NAN], [0]])


def test_what_was_checked_cannot_be_changed() -> None:
    given = np.zeros((2, 2, 2))
    values = Values(given)
    given[0, 0, 0] = NAN
    assert values.means[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        values.array[0, 0, 0] = 1


@pytest.mark.parametrize("odd", [np.inf, -np.inf, 1.001 * LARGEST])
def test_values_that_cannot_be_computed_with_are_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        Values([[[1.0, odd]]])


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="axes"):
        Values([[1.0, 2.0]])


@pytest.mark.parametrize("grid", [(0,), (0, 0), (1, 0), (0, np.inf), (NAN, 1), (0, 1e101)])
def test_temperatures_that_do_not_fit_are_refused(grid: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="temperatures"):
        Values(RAGGED, grid)


@pytest.mark.parametrize(("low", "high"), [(1, 5), (0, 3), (2, None), (None, 3.99)])
def test_a_value_outside_the_range_is_refused(low: float | None, high: float | None) -> None:
    with pytest.raises(ValueError, match="outside the measure's range"):
        Values(RAGGED, low=low, high=high)


@pytest.mark.parametrize(("low", "high"), [(5, 0), (0, 0), (0, np.inf), (NAN, None)])
def test_a_range_that_is_none_is_refused(low: float | None, high: float | None) -> None:
    with pytest.raises(ValueError, match="range"):
        Values(np.full((1, 1, 1), NAN), low=low, high=high)


def test_the_rounding_of_single_precision_is_no_value_outside() -> None:
    one = np.float32(1) + np.finfo(np.float32).eps
    assert Values([[[one]]], low=-1, high=1).means[0, 0] > 1
