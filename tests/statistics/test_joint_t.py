"""Critical values of several t statistics: against closed forms, a second integration and a simulation, and how they may move."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from tempkit.statistics.joint_t import INDEPENDENT, critical_value, joint_probability

ALPHAS = st.sampled_from([0.2, 0.05, 0.0488, 0.01, 0.0044, 1e-4, 3e-6])
"""Down to what an eighth look leaves for lower bounds."""
FREEDOMS = st.sampled_from([1.0, 2.0, 3.0, 4.0, 8.0, 12.0, 20.0, 50.0, math.inf])
CORRELATIONS = st.sampled_from([0.0, 0.15, 0.3, 0.5, 0.7, 0.9, 0.95])


def student(alpha: float, freedom: float) -> float:
    return float(stats.norm.isf(alpha) if math.isinf(freedom) else stats.t.isf(alpha, freedom))


@given(FREEDOMS, CORRELATIONS, ALPHAS)
def test_one_comparison_is_students(freedom: float, correlation: float, alpha: float) -> None:
    assert critical_value(1, freedom, correlation, alpha) == pytest.approx(student(alpha, freedom), rel=1e-4)


@given(st.integers(2, 15), FREEDOMS, ALPHAS)
def test_independent_statistics_are_students_at_the_root_of_the_level(
    comparisons: int, freedom: float, alpha: float
) -> None:
    """P(all at most c) = P(t at most c)^m, so c is the quantile at (1 - alpha)^(1/m): exact, at any alpha."""
    each = -math.expm1(math.log1p(-alpha) / comparisons)
    found = critical_value(comparisons, freedom, INDEPENDENT, alpha)
    assert found == pytest.approx(student(each, freedom), rel=2e-3)


@pytest.mark.parametrize("correlation", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("comparisons", [2, 5, 10])
def test_with_known_standard_errors_it_is_the_maximum_of_correlated_normals(
    comparisons: int, correlation: float
) -> None:
    for alpha in (0.05, 0.0044):
        found = critical_value(comparisons, math.inf, correlation, alpha)

        def below(shared: float, found: float = found) -> float:
            given_shared = (found - math.sqrt(correlation) * shared) / math.sqrt(1 - correlation)
            return float(stats.norm.pdf(shared) * stats.norm.cdf(given_shared) ** comparisons)

        assert integrate.quad(below, -12, 12)[0] == pytest.approx(1 - alpha, abs=0.01 * alpha)


@pytest.mark.parametrize(
    ("comparisons", "freedom", "correlation", "alpha"),
    [(3, 9, 0.5, 0.05), (10, 24, 0.25, 0.05), (5, 4, 0.3, 0.02), (4, 2, 0.7, 0.05), (10, 20, 0.9, 0.01)],
)
def test_a_simulation_exceeds_it_as_often_as_said(
    comparisons: int, freedom: float, correlation: float, alpha: float
) -> None:
    """Each statistic over a standard error of its own, with one shared normal part: 200,000 draws, 4 standard errors."""
    rng, draws = np.random.default_rng(17), 200_000
    shared = rng.normal(size=(draws, 1)) * math.sqrt(correlation)
    own = rng.normal(size=(draws, comparisons)) * math.sqrt(1 - correlation)
    errors = np.sqrt(rng.chisquare(freedom, (draws, comparisons)) / freedom)
    drawn = (shared + own) / errors
    exceeded = (drawn.max(axis=1) > critical_value(comparisons, freedom, correlation, alpha)).mean()
    assert exceeded == pytest.approx(alpha, abs=4 * math.sqrt(alpha / draws))

    thresholds = np.linspace(0.5, 3, comparisons)
    kept = (drawn <= thresholds).all(axis=1).mean()
    assert kept == pytest.approx(
        joint_probability(thresholds, freedom, correlation), abs=4 * math.sqrt(0.25 / draws)
    )


@given(st.integers(1, 12), FREEDOMS, CORRELATIONS, ALPHAS)
def test_it_is_the_value_that_all_stay_below_with_the_rest_of_the_probability(
    comparisons: int, freedom: float, correlation: float, alpha: float
) -> None:
    found = critical_value(comparisons, freedom, correlation, alpha)
    beyond = 1 - joint_probability(np.full(comparisons, found), freedom, correlation)
    assert beyond == pytest.approx(alpha, rel=0.02, abs=1e-9)


@given(st.integers(1, 12), st.integers(1, 12), FREEDOMS, CORRELATIONS, ALPHAS)
def test_more_comparisons_ask_for_more_up_to_bonferronis(
    one: int, other: int, freedom: float, correlation: float, alpha: float
) -> None:
    few, many = sorted((one, other))
    lower, upper = (critical_value(each, freedom, correlation, alpha) for each in (few, many))
    assert lower <= upper + 1e-5
    assert upper <= student(alpha / many, freedom) * (1 + 1e-4)
    assert lower >= student(alpha, freedom) * (1 - 1e-4)


@given(st.integers(1, 12), st.lists(FREEDOMS, min_size=2, max_size=2), CORRELATIONS, ALPHAS)
def test_more_degrees_of_freedom_ask_for_less(
    comparisons: int, freedoms: list[float], correlation: float, alpha: float
) -> None:
    few, many = (critical_value(comparisons, each, correlation, alpha) for each in sorted(freedoms))
    assert many <= few + 1e-5


@given(st.integers(1, 12), FREEDOMS, st.floats(-1, 0.99), st.floats(-1, 0.99), ALPHAS)
def test_more_correlation_asks_for_less(
    comparisons: int, freedom: float, one: float, other: float, alpha: float
) -> None:
    loose, tight = sorted((one, other))
    more = critical_value(comparisons, freedom, loose, alpha)
    less = critical_value(comparisons, freedom, tight, alpha)
    assert less <= more * (1 + 1e-3)


@given(st.integers(1, 12), FREEDOMS, CORRELATIONS, ALPHAS, ALPHAS)
def test_a_smaller_alpha_asks_for_more(
    comparisons: int, freedom: float, correlation: float, one: float, other: float
) -> None:
    small, large = sorted((one, other))
    assert critical_value(comparisons, freedom, correlation, large) <= (
        critical_value(comparisons, freedom, correlation, small) + 1e-5
    )


def test_alike_statistics_are_nearly_one() -> None:
    for comparisons in (2, 5, 10):
        apart = critical_value(comparisons, math.inf, 0.0, 0.05) - student(0.05, math.inf)
        together = critical_value(comparisons, math.inf, 0.999, 0.05) - student(0.05, math.inf)
        assert 0 < together < 0.45 * apart


@settings(max_examples=50)
@given(
    st.lists(st.floats(-3, 6) | st.sampled_from([math.inf, -math.inf, 1e308]), min_size=1, max_size=6),
    FREEDOMS,
    CORRELATIONS,
    st.integers(0, 5),
    st.floats(0, 2),
)
def test_the_joint_probability_lies_between_its_bounds_and_rises_with_every_threshold(
    thresholds: list[float], freedom: float, correlation: float, place: int, more: float
) -> None:
    given_thresholds = np.array(thresholds)
    found = joint_probability(given_thresholds, freedom, correlation)
    alone = np.array([1 - student_beyond(each, freedom) for each in thresholds])
    # Slepian's and Bonferroni's inequalities.
    assert max(alone.prod(), 1 - (1 - alone).sum()) - 2e-3 <= found <= alone.min() + 2e-3
    given_thresholds[place % len(thresholds)] += more
    assert joint_probability(given_thresholds, freedom, correlation) >= found - 1e-12
    if correlation == 0:
        assert found == pytest.approx(alone.prod(), abs=1e-6)


def student_beyond(threshold: float, freedom: float) -> float:
    return float(stats.norm.sf(threshold) if math.isinf(freedom) else stats.t.sf(threshold, freedom))


def test_degrees_of_freedom_between_two_count_as_the_fewer() -> None:
    assert critical_value(3, 7.9, 0.5, 0.05) == critical_value(3, 7, 0.5, 0.05)
    assert critical_value(3, 0.2, 0.5, 0.05) == critical_value(3, 1, 0.5, 0.05)
    assert critical_value(3, 1e9, 0.5, 0.05) == critical_value(3, math.inf, 0.5, 0.05)
