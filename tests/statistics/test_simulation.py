"""The promises of the statistics, kept or broken on data sets whose truth is known.

Each figure is a share of simulated data sets, so it has a standard error of its own: sqrt(p (1 - p) / data sets), which is
0.7 percentage points for a coverage of 95 % in 1,000 of them and 0.2 in 10,000. Seeds are fixed.
"""

import itertools

import numpy as np
import pytest
from clustered import bernoulli, bernoulli_sets, normal, normal_sets, skewed
from scipy import stats

from tempkit.statistics import (
    Values,
    best_set,
    cliff,
    contrast,
    item_means,
    mean_interval,
    samples_needed,
    trend,
)
from tempkit.statistics.intervals import student
from tempkit.statistics.simultaneous import critical_value

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
        interval = mean_interval(item_means(values)[:, 0], span=10).interval
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
        values = item_means(skewed(rng, items, 6))[:, 0]
        interval = mean_interval(values, span=1).interval
        assert interval is not None
        covered += interval.low <= 0.8 <= interval.high
        if np.ptp(values) > 0:
            low, high = student(values, 0.95)
            plain += low <= 0.8 <= high
    print(f"skewed, {items} items: {covered / MANY:.3f}, Student alone {plain / MANY:.3f}")
    assert 0.93 <= covered / MANY <= 0.97
    assert plain < covered


@pytest.mark.parametrize("make", [normal, bernoulli])
@pytest.mark.parametrize("higher", [True, False])
def test_a_guard_rail_exactly_at_its_limit_is_hardly_ever_called_broken(make, higher: bool) -> None:
    """The hardest case: at the limit itself every "broken" is wrong, at any of five temperatures."""
    rng = np.random.default_rng(250)
    wrong = 0
    for _ in range(FEW):
        rails = cliff(make(rng, 12, 6), range(5), 0.6, higher_is_better=higher, span=10).rails
        wrong += any(rail.verdict == "broken" for rail in rails)
    print(f"{make.__name__}: {wrong / FEW:.3f} +- {error(0.05, FEW):.3f}")
    assert wrong / FEW <= 0.05 + 2 * error(0.05, FEW)


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


def largest_t(means: np.ndarray) -> np.ndarray:
    """The largest paired |t| of each data set of item means, (sets, items, temperatures); 0 for a pair without spread."""
    largest = np.zeros(len(means))
    for a, b in itertools.combinations(range(means.shape[2]), 2):
        d = means[:, :, a] - means[:, :, b]
        spread = stats.sem(d, axis=1)
        t = np.divide(np.abs(d.mean(axis=1)), spread, out=np.zeros(len(d)), where=spread > 1e-12)
        largest = np.maximum(largest, t)
    return largest


@pytest.mark.parametrize(
    ("make", "items"),
    [(normal_sets, n) for n in (5, 10, 20, 50)] + [(bernoulli_sets, n) for n in (6, 10, 20, 50)],
)
def test_without_any_effect_hardly_ever_is_a_temperature_called_worse(make, items: int) -> None:
    """At most 5 % of 10,000 data sets, plus two standard errors of that figure.

    A temperature is called worse when the largest |t| passes the critical value: the first 100 data sets show that this
    is what `best_set` does, and the others are counted in one go.
    """
    sets = 10_000
    values = make(np.random.default_rng(300 + items), sets, items, 6)
    called = largest_t(values.mean(axis=3)) > critical_value(items, 5, 0.95)
    for data, expected in zip(values[:100], called, strict=False):
        found = best_set(data, margin=0.0, higher_is_better=True, seed=1, draws=0)
        assert any(standing.worse for standing in found.standings) == expected
    wrong = called.mean()
    print(f"{make.__name__}, {items} items: {wrong:.4f} +- {error(0.05, sets):.4f}")
    assert wrong <= 0.05 + 2 * error(0.05, sets)


def test_five_items_with_right_or_wrong_answers_are_the_one_exception() -> None:
    """Their means take so few values that t misjudges its own tail; the module says so, and this says how much."""
    values = bernoulli_sets(np.random.default_rng(305), 10_000, 5, 6)
    wrong = (largest_t(values.mean(axis=3)) > critical_value(5, 5, 0.95)).mean()
    print(f"bernoulli_sets, 5 items: {wrong:.4f}")
    assert 0.05 < wrong < 0.07


def test_without_any_effect_ragged_data_are_as_safe() -> None:
    rng = np.random.default_rng(400)
    wrong = 0
    for _ in range(FEW):
        values = normal(rng, 14, 4)
        values[rng.random(values.shape) < 0.3] = np.nan
        values[rng.random(values.shape[:2]) < 0.15] = np.nan
        found = best_set(values, margin=0.0, higher_is_better=True, seed=1, draws=0)
        wrong += any(standing.worse for standing in found.standings)
    print(f"ragged: {wrong / FEW:.3f} +- {error(0.05, FEW):.3f}")
    assert wrong / FEW <= 0.05 + 2 * error(0.05, FEW)


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


PAIR = np.full(2, 0.5)
AHEAD = np.array([0.5, 0.5, 0.6, 0.5, 0.5])


@pytest.mark.parametrize("items", [10, 20, 50])
@pytest.mark.parametrize("make", [normal, bernoulli])
def test_a_true_best_ten_points_ahead_is_kept(make, items: int) -> None:
    rng = np.random.default_rng(600 + items)
    kept = 0
    for _ in range(FEW):
        found = best_set(make(rng, items, 6, AHEAD), margin=0.05, higher_is_better=True, seed=1, draws=0)
        kept += 2 in found.acceptable
    print(f"{make.__name__}, {items} items: kept {kept / FEW:.3f}")
    assert kept / FEW >= 0.95


def test_with_as_many_items_as_planned_it_stands_alone() -> None:
    """The four others lie 0.10 behind; to show that each is more than 0.05 behind leaves 0.05 for the half-width.

    A half-width h gives each pair an even chance only, so the plan asks for what also leaves room for a standard error or
    two: h (1 + 1.64 / 3) = 0.05, as the critical value of five temperatures is about 3 standard errors.
    """
    rng = np.random.default_rng(700)
    pilot = normal(rng, 30, 6, AHEAD, interaction=0.03, noise=0.1)
    plan = samples_needed(pilot, 0.05 / (1 + 1.64 / 3))
    assert plan.items is not None
    alone = kept = 0
    for _ in range(FEW):
        values = normal(rng, plan.items, 6, AHEAD, interaction=0.03, noise=0.1)
        found = best_set(values, margin=0.05, higher_is_better=True, seed=1, draws=0)
        alone += found.acceptable == (2,)
        kept += 2 in found.acceptable
    print(f"planned {plan.items} items: alone {alone / FEW:.3f}, kept {kept / FEW:.3f}")
    assert alone / FEW >= 0.8
    assert kept / FEW >= 0.95


def test_with_as_many_more_samples_as_planned_the_half_width_is_reached() -> None:
    rng = np.random.default_rng(800)
    widths = []
    for _ in range(FEW):
        pilot = normal(rng, 40, 4, PAIR, interaction=0.03, noise=0.3)
        plan = samples_needed(pilot, 0.07)
        if plan.more_samples is None:
            continue
        again = normal(rng, 40, 4 + plan.more_samples, PAIR, interaction=0.03, noise=0.3)
        width = samples_needed(again, 0.07).half_width
        assert width is not None
        widths.append(width)
    print(f"planned {len(widths)} of {FEW}: median half-width {np.median(widths):.3f} for a target of 0.07")
    assert len(widths) > 0.95 * FEW
    assert np.median(widths) <= 0.0725
