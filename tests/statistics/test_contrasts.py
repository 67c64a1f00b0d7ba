"""Paired differences, equivalence and adjusted p-values against scipy and statsmodels, and their degenerate inputs."""

import numpy as np
import pytest
from clustered import normal
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from tempkit.statistics import Values, benjamini_hochberg, contrast, equivalence, holm

ARRAY = normal(np.random.default_rng(11), 14, 4, np.array([0.5, 0.5, 0.55, 0.6, 0.3]))
VALUES = Values(ARRAY)
MEANS = VALUES.means


def same_everywhere(offset: float, items: int = 10, *, span: bool = True) -> Values:
    """Items that differ among themselves, but all by the same amount between the two temperatures; the range is 1 wide."""
    level = np.linspace(0.1, 0.4, items)[:, np.newaxis, np.newaxis]
    both = np.concatenate([level, level + offset], axis=1)
    low = min(0.0, offset)
    return Values(both, low=low, high=low + 1) if span else Values(both)


@pytest.mark.parametrize(("a", "b"), [(0, 4), (0, 1), (3, 2)])
def test_the_paired_t_test_against_scipy(a: int, b: int) -> None:
    found = contrast(VALUES, a, b, level=0.9)
    expected = stats.ttest_rel(MEANS[:, b], MEANS[:, a])
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-10)
    assert found.interval is not None
    ends = expected.confidence_interval(0.9)
    assert (found.interval.low, found.interval.high) == pytest.approx((ends.low, ends.high), abs=1e-10)
    assert found.difference == pytest.approx(MEANS[:, b].mean() - MEANS[:, a].mean())
    assert found.n_items == 14


@pytest.mark.parametrize("margin", [0.02, 0.1, 0.3])
def test_equivalence_against_statsmodels(margin: float) -> None:
    found = equivalence(VALUES, 0, 1, margin)
    p, _, _ = ttost_paired(MEANS[:, 1], MEANS[:, 0], -margin, margin)
    assert found.p_value == pytest.approx(p, abs=1e-10)
    assert found.equivalent == (p <= 0.05)
    assert found.interval is not None
    assert found.interval.level == pytest.approx(0.9)
    inside = -margin < found.interval.low and found.interval.high < margin
    assert found.equivalent == inside


def test_only_items_with_both_temperatures_count() -> None:
    array = ARRAY.copy()
    array[:3, 0] = np.nan
    array[2:5, 4] = np.nan
    values = Values(array)
    found = contrast(values, 0, 4)
    expected = stats.ttest_rel(MEANS[5:, 4], MEANS[5:, 0])
    assert found.n_items == 9
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-10)
    assert equivalence(values, 0, 4, 0.5).n_items == 9


def test_identical_differences_by_hand() -> None:
    found = contrast(same_everywhere(0.1), 0, 1)
    assert found.interval is not None
    off = (1 - 0.05**0.1) * 1.1
    assert (found.interval.low, found.interval.high) == pytest.approx((0.1 - off, 0.1 + off))
    assert found.p_value == pytest.approx((1 / 1.1) ** 10)
    none = contrast(same_everywhere(0.1, span=False), 0, 1)
    assert (none.interval, none.p_value) == (None, None)
    assert none.difference == pytest.approx(0.1)
    assert "range" in str(none.reason)


def test_identical_temperatures_are_equivalent_only_with_enough_items() -> None:
    few, many = (equivalence(same_everywhere(0.0, items), 0, 1, 0.05) for items in (10, 60))
    assert few.p_value == pytest.approx(0.95**10)
    assert few.equivalent is False
    assert many.p_value == pytest.approx(0.95**60)
    assert many.equivalent is True
    assert contrast(same_everywhere(0.0), 0, 1).p_value == 1.0
    assert equivalence(same_everywhere(0.0, span=False), 0, 1, 0.05).equivalent is None
    assert equivalence(same_everywhere(0.2), 0, 1, 0.05).p_value == 1.0


@given(st.floats(-0.5, 0.5), st.integers(5, 200), st.floats(0.01, 0.4))
def test_the_exact_bound_and_its_p_values_agree(offset: float, items: int, margin: float) -> None:
    values = same_everywhere(offset, items)
    found = contrast(values, 0, 1)
    assert found.interval is not None
    assert found.p_value is not None
    if abs(found.p_value - 0.05) > 1e-6:
        assert (found.p_value < 0.05) == (not found.interval.low <= 0 <= found.interval.high)
    equal = equivalence(values, 0, 1, margin)
    assert equal.interval is not None
    assert equal.p_value is not None
    if abs(equal.p_value - 0.05) > 1e-6:
        assert equal.equivalent == (-margin < equal.interval.low and equal.interval.high < margin)


@pytest.mark.parametrize("items", [0, 1, 4])
def test_too_few_items_say_so(items: int) -> None:
    array = ARRAY.copy()
    array[items:, 0] = np.nan
    values = Values(array, low=-2, high=3)
    found, equal = contrast(values, 0, 1), equivalence(values, 0, 1, 0.1)
    assert (found.n_items, found.interval, found.p_value) == (items, None, None)
    assert (equal.n_items, equal.interval, equal.p_value, equal.equivalent) == (items, None, None, None)
    assert (found.difference is None) == (items == 0)
    assert found.reason == equal.reason
    assert found.reason


@pytest.mark.parametrize("margin", [0, -0.1, np.nan, np.inf])
def test_a_margin_must_be_positive(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        equivalence(VALUES, 0, 1, margin)


def test_alpha_and_level_must_make_sense() -> None:
    with pytest.raises(ValueError, match="alpha"):
        equivalence(VALUES, 0, 1, 0.1, alpha=0.5)
    with pytest.raises(ValueError, match="level"):
        contrast(VALUES, 0, 1, level=0)


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@settings(max_examples=40, deadline=None)  # statsmodels is slow
@given(P_VALUES)
def test_adjusted_p_values_against_statsmodels(p: list[float]) -> None:
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-10)
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], atol=1e-10)


def test_adjusted_p_values_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.04, 0.04))


def test_a_test_that_was_not_made_is_no_question() -> None:
    assert holm([0.01, None, 0.04]) == (0.02, None, 0.04)
    assert benjamini_hochberg([None, 0.04]) == (None, 0.04)
    assert holm([None]) == (None,)
    assert benjamini_hochberg([]) == ()


@pytest.mark.parametrize("odd", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_is_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, odd])
