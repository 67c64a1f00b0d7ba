"""The promises of the statistics, kept or broken on data sets whose truth is known.

Each figure is a share of simulated data sets, so it has a standard error of its own: sqrt(p (1 - p) / data sets), which is
0.7 percentage points for a coverage of 95 % in 1,000 of them and 0.2 in 10,000. Seeds are fixed.
"""

import numpy as np
import pytest
from clustered import bernoulli, normal, skewed

from tempkit.statistics import Values, contrast, mean_interval, trend
from tempkit.statistics.intervals import student

pytestmark = pytest.mark.slow

MANY, FEW = 1000, 500


def error(share: float, data_sets: int) -> float:
    """The Monte-Carlo standard error of a share."""
    return float(np.sqrt(share * (1 - share) / data_sets))


@pytest.mark.parametrize("items", [5, 10, 20, 50])
@pytest.mark.parametrize("make", [normal, bernoulli])
def test_intervals_of_means_and_contrasts_cover_what_they_say(make, items: int) -> None:
    """93 to 97 %, on clustered data with 8 replicates and with 4."""
    rng = np.random.default_rng(100 + items)
    means = contrasts = 0
    for number in range(MANY):
        values = make(rng, items, 8 if number % 2 else 4)
        interval = mean_interval(values.mean(axis=2)[:, 0], span=10).interval
        difference = contrast(Values(values, low=-4.4, high=5.6), 1, 3).interval
        assert interval is not None
        assert difference is not None
        means += interval.low <= 0.6 <= interval.high
        contrasts += difference.low <= 0 <= difference.high
    print(f"{make.__name__}, {items} items: mean {means / MANY:.3f}, contrast {contrasts / MANY:.3f}")
    assert 0.93 <= means / MANY <= 0.97
    assert 0.93 <= contrasts / MANY <= 0.97


@pytest.mark.parametrize("items", [10, 20, 50])
def test_skewed_items_are_covered_better_than_by_student_alone(items: int) -> None:
    rng = np.random.default_rng(200 + items)
    covered = plain = 0
    for _ in range(MANY):
        values = skewed(rng, items, 6).mean(axis=2)[:, 0]
        interval = mean_interval(values, span=1).interval
        assert interval is not None
        covered += interval.low <= 0.8 <= interval.high
        if np.ptp(values) > 0:
            low, high = student(values, 0.95)
            plain += low <= 0.8 <= high
    print(f"skewed, {items} items: {covered / MANY:.3f}, Student alone {plain / MANY:.3f}")
    assert 0.93 <= covered / MANY <= 0.97
    assert plain < covered


def test_absent_trends_are_hardly_ever_found_and_slopes_are_covered() -> None:
    rng = np.random.default_rng(260)
    grid = np.array([0.0, 0.3, 0.7, 1.0, 1.5])
    found = covered = 0
    for _ in range(FEW):
        p = trend(Values(normal(rng, 20, 4), grid)).p_value
        assert p is not None
        found += p <= 0.05
        interval = trend(Values(normal(rng, 10, 4, 0.6 - 0.2 * grid), grid)).interval
        assert interval is not None
        covered += interval.low <= -0.2 <= interval.high
    print(f"Page's false positives {found / FEW:.3f}, slope covered {covered / FEW:.3f}")
    assert found / FEW <= 0.05 + 2 * error(0.05, FEW)
    assert 0.93 <= covered / FEW <= 0.97


def naive_interval(differences: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """A percentile bootstrap that takes every replicate for an independent answer, ignoring items."""
    flat = differences.ravel()
    drawn = rng.choice(flat, size=(400, flat.size)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def test_ignoring_items_breaks_both_promises() -> None:
    """The same data, the same checks: what fails here is why the item is the unit."""
    rng = np.random.default_rng(500)
    naive = kept = 0
    for _ in range(FEW):
        values = normal(rng, 10, 8, interaction=0.4)
        low, high = naive_interval(values[:, 3] - values[:, 1], rng)
        naive += not low <= 0 <= high
        paired = contrast(Values(values), 1, 3).interval
        assert paired is not None
        kept += not paired.low <= 0 <= paired.high
    print(f"false positives: naive {naive / FEW:.3f}, paired by item {kept / FEW:.3f}")
    assert naive / FEW > 0.3
    assert kept / FEW <= 0.05 + 2 * error(0.05, FEW)
