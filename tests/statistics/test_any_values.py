"""Any values at all: few items, one that differs, none that does, missing ones, the largest and the smallest that there are.

Whatever can be put into a `Values` gets a result or a reason, and no result holds a NaN or an infinite number. Warnings of
numpy and scipy are errors here as everywhere.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from any_values import values
from hypothesis import given
from hypothesis import strategies as st

from tempkit.statistics import Values, contrast, equivalence, mean_interval, trend


def numbers_in(result: object) -> Iterator[float]:
    if isinstance(result, dict):
        for each in result.values():
            yield from numbers_in(each)
    elif isinstance(result, float):
        yield result


def assert_finite(result: object) -> None:
    found = asdict(result)  # type: ignore[call-overload]
    assert all(math.isfinite(number) for number in numbers_in(found)), found


LEVELS = st.sampled_from([0.5, 0.95, 0.999, 1 - 1e-12, math.nextafter(1.0, 0.0)])


@given(values(), LEVELS, st.data())
def test_a_contrast_is_finite_and_says_why_it_has_no_interval(
    given_values: Values, level: float, data: st.DataObject
) -> None:
    columns = st.integers(0, len(given_values.temperatures) - 1)
    a, b = data.draw(columns), data.draw(columns)
    found, other = contrast(given_values, a, b, level=level), contrast(given_values, b, a, level=level)
    assert_finite(found)
    assert (found.interval is None) == (found.p_value is None) == (found.reason is not None)
    assert (found.difference is None) == (found.n_items == 0)
    if found.interval is not None:
        assert found.difference is not None
        assert found.interval.low <= found.difference <= found.interval.high
        assert found.p_value is not None
        assert 0 <= found.p_value <= 1
        assert other.p_value == pytest.approx(found.p_value)


@given(values(), st.sampled_from([5e-324, 1e-99, 0.05, 1e99, 1e308]), st.sampled_from([1e-12, 0.05, 0.49]))
def test_an_equivalence_is_finite_and_agrees_with_its_interval(
    given_values: Values, margin: float, alpha: float
) -> None:
    found = equivalence(given_values, 0, len(given_values.temperatures) - 1, margin, alpha=alpha)
    assert_finite(found)
    assert (found.interval is None) == (found.p_value is None) == (found.reason is not None)
    if found.interval is not None and found.p_value is not None:
        assert 0 <= found.p_value <= 1
        if abs(found.p_value - alpha) > 1e-6:
            inside = -margin < found.interval.low and found.interval.high < margin
            assert found.equivalent == inside


@given(values(), LEVELS)
def test_a_trend_is_finite_and_says_why_something_is_missing(given_values: Values, level: float) -> None:
    if len(given_values.temperatures) < 2:
        with pytest.raises(ValueError, match="at least 2"):
            trend(given_values, level=level)
        return
    found = trend(given_values, level=level)
    assert_finite(found)
    assert (found.interval is None) == (found.interval_reason is not None)
    assert (found.p_value is None) == (found.p_reason is not None)
    assert found.n_items + found.dropped_items == given_values.n_items
    if found.spearman is not None:
        assert -1 - 1e-12 <= found.spearman <= 1 + 1e-12


@given(values(), LEVELS)
def test_the_interval_of_a_mean_is_finite_and_holds_it(given_values: Values, level: float) -> None:
    for column in given_values.means.T:
        found = mean_interval(column, level=level, span=given_values.span)
        assert_finite(found)
        assert (found.interval is None) == (found.reason is not None)
        if (
            found.interval is not None and level > 0.9
        ):  # of a lower one the correction for skewness may leave it out
            assert found.mean is not None
            assert found.interval.low <= found.mean <= found.interval.high
