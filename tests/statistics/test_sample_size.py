"""Planning: variance parts against known ones and statsmodels, and plans checked by carrying them out."""

import numpy as np
import pytest
import statsmodels.api as sm
from clustered import normal
from statsmodels.stats.power import normal_power

from tempkit.statistics import minimum_detectable_effect, paired_components, samples_needed
from tempkit.statistics.simultaneous import critical_value


def test_minimum_detectable_effect_has_the_power_it_promises() -> None:
    effect = minimum_detectable_effect(0.02)
    assert effect == pytest.approx((1.959964 + 0.841621) * 0.02, rel=1e-6)
    assert normal_power(effect / 0.02, 1, 0.05) == pytest.approx(0.8, abs=1e-4)
    assert minimum_detectable_effect(0.02, alpha=0.005, power=0.9) > effect


@pytest.mark.parametrize("bad", [(-0.1, 0.05, 0.8), (np.nan, 0.05, 0.8), (0.1, 0, 0.8), (0.1, 0.05, 1)])
def test_it_refuses_nonsense(bad: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="standard error"):
        minimum_detectable_effect(bad[0], alpha=bad[1], power=bad[2])


def test_components_find_the_variances_that_made_the_data() -> None:
    values = normal(np.random.default_rng(41), 3000, 4, interaction=0.15, noise=0.3)
    parts = paired_components(values, 0, 3)
    assert parts is not None
    assert parts.within == pytest.approx(2 * 0.3**2, rel=0.05)
    assert parts.between == pytest.approx(2 * 0.15**2, rel=0.1)
    assert (parts.replicates, parts.n_items) == (4, 3000)


def test_components_against_analysis_of_variance() -> None:
    """Mean squares between and within items, from statsmodels' regression on item dummies."""
    values = normal(np.random.default_rng(42), 12, 5)
    parts = paired_components(values, 1, 2)
    d = values[:, 2] - values[:, 1]
    fit = sm.OLS(d.ravel(), np.kron(np.eye(12), np.ones((5, 1)))).fit()
    assert parts is not None
    assert parts.within == pytest.approx(fit.mse_resid, abs=1e-10)
    assert parts.between == pytest.approx(max(0, d.mean(axis=1).var(ddof=1) - fit.mse_resid / 5), abs=1e-10)


def test_a_shared_random_stream_cancels() -> None:
    stream = np.random.default_rng(43).normal(size=(10, 1, 6))
    parts = paired_components(np.concatenate([stream, stream + 0.1], axis=1), 0, 1)
    assert parts is not None
    assert parts.within == pytest.approx(0, abs=1e-20)


def test_only_replicates_at_both_temperatures_count() -> None:
    values = np.array(
        [[[1.0, 3, 9], [2, 6, np.nan]], [[0, np.nan, np.nan], [0, 1, 1]], [[1, 1, 1], [np.nan] * 3]]
    )
    parts = paired_components(values, 0, 1)
    assert parts is not None
    assert parts.within == pytest.approx(2.0)  # differences 1 and 3 of the first item
    assert parts.total == pytest.approx(2.0)  # item means 2 and 0
    assert parts.replicates == pytest.approx(4 / 3)
    assert paired_components(values[1:], 0, 1) is None


def test_the_plan_for_more_samples_is_the_least_that_reaches_the_target() -> None:
    values = normal(np.random.default_rng(44), 30, 4, interaction=0.02, noise=0.3)[:, :2]
    parts = paired_components(values, 0, 1)
    plan = samples_needed(values, 0.03)
    assert parts is not None
    assert plan.half_width > 0.03
    assert plan.more_samples is not None
    cut = critical_value(30, 2, 0.95)

    def reached(more: int) -> float:
        return float(cut * np.sqrt((parts.between + parts.within / (4 + more)) / 30))

    assert reached(plan.more_samples) <= 0.03 < reached(plan.more_samples - 1)


def test_the_plan_for_more_items_is_the_least_that_reaches_the_target() -> None:
    values = normal(np.random.default_rng(45), 10, 4)
    plan = samples_needed(values, 0.1)
    widest = max(
        (values.mean(axis=2)[:, a] - values.mean(axis=2)[:, b]).std(ddof=1)
        for a in range(5)
        for b in range(a)
    )
    assert plan.items is not None
    assert critical_value(plan.items, 5, 0.95) * widest / plan.items**0.5 <= 0.1
    assert critical_value(plan.items - 1, 5, 0.95) * widest / (plan.items - 1) ** 0.5 > 0.1


def test_it_says_when_only_items_help() -> None:
    plan = samples_needed(normal(np.random.default_rng(46), 10, 8, interaction=0.4, noise=0.1), 0.1)
    assert plan.more_samples is None
    assert plan.items > 10
    assert "items are needed" in str(plan.reason)
    cells = samples_needed(normal(np.random.default_rng(47), 10, 1), 0.05)
    assert cells.more_samples is None
    assert "one value per cell" in str(cells.reason)


def test_nothing_more_is_needed_when_the_target_is_met() -> None:
    plan = samples_needed(normal(np.random.default_rng(48), 40, 8), 0.5)
    assert (plan.more_samples, plan.items, plan.reason) == (0, 40, None)


def test_identical_items_need_items_by_the_exact_bound() -> None:
    plan = samples_needed(np.full((10, 2, 3), 0.5), 0.05, span=1)
    assert plan.more_samples is None
    assert 1 - 0.05 ** (1 / plan.items) <= 0.05 < 1 - 0.05 ** (1 / (plan.items - 1))
    assert "only more items" in str(plan.reason)
    assert samples_needed(np.full((90, 2, 3), 0.5), 0.05, span=1).more_samples == 0
    unknown = samples_needed(np.full((10, 2, 3), 0.5), 0.05)
    assert (unknown.half_width, unknown.items) == (None, None)
    assert "range is not known" in str(unknown.reason)


def test_too_few_items_cannot_be_planned_from() -> None:
    plan = samples_needed(normal(np.random.default_rng(49), 4, 4), 0.05)
    assert (plan.half_width, plan.more_samples, plan.items) == (None, None, None)
    assert "at least 5 items, has 4" in str(plan.reason)


def test_candidates_limit_the_plan_and_nonsense_is_refused() -> None:
    values = normal(np.random.default_rng(50), 12, 4)
    assert samples_needed(values, 0.1, candidates=(1, 3)) == samples_needed(values[:, [1, 3]], 0.1)
    with pytest.raises(ValueError, match="at least two"):
        samples_needed(values, 0.1, candidates=(1,))
    with pytest.raises(ValueError, match="target"):
        samples_needed(values, 0)
