"""Intervals of a mean: second implementations, properties, and everything too small or too uniform for one."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize, stats

from tempkit.statistics import MIN_ITEMS, Interval, mean_interval, unseen_share
from tempkit.statistics.intervals import skewness_corrected, student

SKEWED = np.array([0.0, 0.0, 0.125, 0.0, 0.25, 0.0, 1.0, 0.125])


def test_student_against_scipy() -> None:
    expected = stats.t.interval(0.9, len(SKEWED) - 1, loc=SKEWED.mean(), scale=stats.sem(SKEWED))
    assert student(SKEWED, 0.9) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_skewness_correction_solves_its_own_equation(sign: int) -> None:
    """The bounds are where Hall's transformation of the t statistic meets Student's quantiles."""
    values, n = sign * SKEWED, len(SKEWED)
    g = float(((values - values.mean()) ** 3).mean() / values.std(ddof=1) ** 3)

    def transformed(mean: float) -> float:
        t = (values.mean() - mean) / stats.sem(values)
        return float(t + g * t**2 / (3 * n**0.5) + g**2 * t**3 / (27 * n) + g / (6 * n**0.5))

    q = stats.t.ppf(0.975, n - 1)
    expected = [
        optimize.brentq(lambda mean, c=c: transformed(mean) - c, -20, 20, xtol=1e-13) for c in (q, -q)
    ]
    assert skewness_corrected(values, 0.95) == pytest.approx(expected, abs=1e-9)


def test_without_skewness_it_is_student() -> None:
    symmetric = np.array([-2.0, -1, 0, 1, 2])
    assert skewness_corrected(symmetric, 0.95) == pytest.approx(student(symmetric, 0.95))
    nearly = np.array([-2.0, -1, 0, 1, 2.0001])
    assert skewness_corrected(nearly, 0.95) == pytest.approx(student(nearly, 0.95), abs=1e-3)


def test_it_reaches_further_where_the_tail_is() -> None:
    estimate = mean_interval(SKEWED)
    assert estimate.interval is not None
    assert estimate.mean is not None
    assert estimate.interval.method == "skewness-corrected student"
    assert estimate.interval.high - estimate.mean > 1.5 * (estimate.mean - estimate.interval.low)
    assert estimate.n_items == 8
    assert estimate.reason is None


@pytest.mark.parametrize("n", [5, 12, 200])
def test_the_unseen_share_is_clopper_and_pearson(n: int) -> None:
    exact = stats.binomtest(0, n, alternative="less").proportion_ci(0.95).high
    assert unseen_share(n, 0.05) == pytest.approx(exact, abs=1e-12)


def test_identical_items_get_the_exact_bound_and_never_zero_width() -> None:
    estimate = mean_interval([1.0] * 10, span=1)
    off = 1 - 0.05**0.1
    assert estimate.interval == Interval(pytest.approx(1 - off), pytest.approx(1 + off), 0.95, "unseen items")
    assert estimate.interval.clipped(0, 1) == Interval(pytest.approx(1 - off), 1.0, 0.95, "unseen items")


def test_identical_items_of_unbounded_range_get_none() -> None:
    estimate = mean_interval([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3])  # equal but for rounding
    assert estimate.interval is None
    assert estimate.mean == pytest.approx(0.3)
    assert "range is not known" in str(estimate.reason)


@pytest.mark.parametrize(
    ("values", "n", "says"),
    [
        ([], 0, "no question"),
        ([np.nan, np.nan], 0, "no question"),
        ([0.5, np.nan], 1, "this question only"),
        ([0.5, 0.25, 0.5, 0.75], 4, f"at least {MIN_ITEMS} questions, has 4"),
    ],
)
def test_too_few_items_get_a_mean_and_a_reason(values: list[float], n: int, says: str) -> None:
    estimate = mean_interval(values, span=1)
    assert estimate.n_items == n
    assert (estimate.mean is None) == (n == 0)
    assert estimate.interval is None
    assert says in str(estimate.reason)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: mean_interval([1.0, np.inf]),
        lambda: mean_interval([[1.0], [2.0]]),
        lambda: mean_interval([1.0, 2.0], level=1),
        lambda: mean_interval([1.0, 2.0], span=0),
        lambda: mean_interval([1.0, 2.0], span=math.inf),
        lambda: mean_interval([0.0, 2.0], span=1),
    ],
)
def test_nonsense_is_refused(bad) -> None:
    with pytest.raises(ValueError):
        bad()


@given(
    st.lists(st.floats(-10, 10).map(lambda x: round(x, 3)), min_size=MIN_ITEMS, max_size=30),
    st.floats(0.1, 10),
    st.floats(-10, 10),
)
def test_intervals_hold_their_mean_and_follow_the_unit(
    values: list[float], scale: float, shift: float
) -> None:
    assume(np.ptp(values) > 0)
    here, there = mean_interval(values), mean_interval(np.array(values) * scale + shift)
    mirrored = mean_interval(-np.array(values))
    assert here.interval is not None
    assert there.interval is not None
    assert mirrored.interval is not None
    assert here.interval.low < here.mean < here.interval.high
    assert there.interval.low == pytest.approx(here.interval.low * scale + shift, rel=1e-6, abs=1e-6)
    assert mirrored.interval.low == pytest.approx(-here.interval.high, rel=1e-6, abs=1e-6)
    wider = mean_interval(values, level=0.99).interval
    assert wider is not None
    assert wider.low < here.interval.low
    assert wider.high > here.interval.high
