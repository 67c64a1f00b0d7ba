"""Bounds on regret: by hand, against the procedure as it is written down, and what must hold for any values."""

import math
from itertools import product

import numpy as np
import pytest
from any_values import values as any_values
from clustered import bernoulli, normal
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from tempkit.statistics import Values
from tempkit.statistics.differences import Differences, between_items, within_items
from tempkit.statistics.mcb import _CAUTION, first_shares, probability_within, regrets

NAN = math.nan
UPPER, LOWER = 0.0488, 0.0044


def by_hand(
    mean: object, error: object, *, freedom: float = math.inf, unseen: object = NAN, counts: int = 10
) -> Differences:
    """Return differences with given means and standard errors, independent of one another."""
    middle = np.asarray(mean, dtype=float)
    apart = middle[:, np.newaxis] - middle[np.newaxis, :]
    shape = apart.shape
    errors = np.array(np.broadcast_to(np.asarray(error, dtype=float), shape))
    np.fill_diagonal(errors, NAN)
    return Differences(
        mean=apart,
        error=errors,
        freedom=np.full(shape, freedom),
        counts=np.full(shape, counts),
        unseen=np.array(np.broadcast_to(np.asarray(unseen, dtype=float), shape)),
        correlation=np.zeros(len(middle)),
    )


def hsu(found: Differences, alpha_upper: float, alpha_lower: float) -> tuple[list[float], list[float]]:
    """Return lower and upper bounds as J. C. Hsu's constrained intervals are written down, in loops."""
    size = found.size
    lead = found.mean
    wide = [found.half_widths(row, size - 1, alpha_upper) for row in range(size)]
    wider = [found.half_widths(row, size - 1, alpha_lower) for row in range(size)]
    best = [
        k
        for k in range(size)
        if all(math.isnan(lead[k, j]) or lead[k, j] + wide[k][j] > 0 for j in range(size) if j != k)
    ] or list(range(size))
    lower, upper = [], []
    for i in range(size):
        most = [math.inf if math.isnan(lead[k, i]) else lead[k, i] + wide[k][i] for k in best if k != i]
        least = [-math.inf if math.isnan(lead[k, i]) else lead[k, i] - wider[i][k] for k in best if k != i]
        upper.append(max([0.0, *most]))
        lower.append(0.0 if i in best else max(0.0, min(least)))
    return lower, upper


class TestByHand:
    def test_three_temperatures_with_known_errors(self) -> None:
        """Means .80, .70, .40, every standard error .05: d is the normal quantile at the root of .95 for two comparisons."""
        d = stats.norm.ppf(0.95**0.5)
        assert d == pytest.approx(1.9545, abs=1e-4)
        found = regrets(by_hand([0.8, 0.7, 0.4], 0.05), alpha_upper=0.05, alpha_lower=0.05)
        half = 0.05 * d  # .0977: the second is .1 behind, so it is shown to be behind
        assert found.may_be_best == (True, False, False)
        assert found.mean == pytest.approx([0, 0.1, 0.4])
        assert found.upper == pytest.approx([0, 0.1 + half, 0.4 + half], abs=1e-4)
        assert found.lower == pytest.approx([0, 0.1 - half, 0.4 - half], abs=1e-4)

    def test_two_that_may_be_best_and_one_that_may_not(self) -> None:
        half = 0.06 * stats.norm.ppf(0.95**0.5)
        found = regrets(by_hand([0.8, 0.7, 0.4], 0.06), alpha_upper=0.05, alpha_lower=0.05)
        assert found.may_be_best == (True, True, False)
        assert found.upper == pytest.approx([half - 0.1, 0.1 + half, 0.4 + half], abs=1e-4)
        # The third is behind whichever of the two is best.
        assert found.lower == pytest.approx([0, 0, 0.3 - half], abs=1e-4)

    def test_lower_bounds_have_an_alpha_of_their_own(self) -> None:
        found = by_hand([0.8, 0.4], 0.1)
        strict, lax = (regrets(found, alpha_upper=0.05, alpha_lower=alpha) for alpha in (0.001, 0.05))
        assert strict.lower[1] == pytest.approx(0.4 - 0.1 * stats.norm.isf(0.001), abs=1e-4)
        assert lax.lower[1] == pytest.approx(0.4 - 0.1 * stats.norm.isf(0.05), abs=1e-4)
        assert strict.upper.tolist() == lax.upper.tolist()

    def test_one_temperature_is_the_best_of_those_tried(self) -> None:
        found = regrets(by_hand([0.5], 1.0), alpha_upper=0.05, alpha_lower=0.05)
        assert (found.mean.tolist(), found.lower.tolist(), found.upper.tolist()) == ([0], [0], [0])
        assert found.may_be_best == (True,)
        assert probability_within(by_hand([0.5], 1.0), 0, 0.1) == 1

    def test_where_nothing_bounds_a_difference_nothing_bounds_a_regret(self) -> None:
        found = regrets(by_hand([0.8, 0.4, 0.3], NAN), alpha_upper=0.05, alpha_lower=0.05)
        assert (found.upper == math.inf).all()
        assert (found.lower == 0).all()
        assert found.mean == pytest.approx([0, 0.4, 0.5])


@pytest.mark.parametrize("seed", range(6))
def test_the_procedure_as_written_down_finds_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    means = np.array([0.5, 0.7, 0.7, 0.5, 0.1])
    array = (normal if seed % 2 else bernoulli)(rng, 12, 3, means)
    array[rng.random(array.shape) < 0.2] = NAN
    values = Values(array, low=-9, high=9)
    for found in (
        between_items(values, higher_is_better=bool(seed % 3)),
        within_items(values, higher_is_better=bool(seed % 3), exact_at_zero=False),
    ):
        made = regrets(found, alpha_upper=UPPER, alpha_lower=LOWER)
        lower, upper = hsu(found, UPPER, LOWER)
        assert made.lower == pytest.approx(lower)
        assert made.upper == pytest.approx(upper)
        assert made.mean == pytest.approx([max(0, np.nanmax(found.mean[:, i])) for i in range(5)])


@given(any_values(), st.booleans(), st.booleans(), st.sampled_from([0.05, 1e-3, 1e-6]))
def test_any_values_have_bounds_that_agree(values: Values, higher: bool, within: bool, alpha: float) -> None:
    assume(values.temperatures)
    found = (
        within_items(values, higher_is_better=higher, exact_at_zero=False)
        if within
        else between_items(values, higher_is_better=higher)
    )
    made = regrets(found, alpha_upper=alpha, alpha_lower=alpha / 10)
    assert ((made.lower >= 0) & np.isfinite(made.lower)).all()
    assert (made.lower <= made.upper).all()  # and so none of them is NaN
    assert any(made.may_be_best)
    for best, low, mean, high in zip(made.may_be_best, made.lower, made.mean, made.upper, strict=True):
        assert low == 0 or not best
        if not math.isnan(mean):
            assert 0 <= mean < math.inf
            assert mean <= high * (1 + 1e-12) or not best
    lower, upper = hsu(found, alpha, alpha / 10) if found.size > 1 else ([0.0], [0.0])
    np.testing.assert_array_equal(made.lower, lower)
    np.testing.assert_array_equal(made.upper, upper)
    for pick, margin in product(range(found.size), (1e-300, 0.05, 1e99)):
        probability = probability_within(found, pick, margin)
        assert probability is None or 0 <= probability <= 1
    shares = first_shares(values.means, higher_is_better=higher, draws=20, seed=1)
    assert shares is None or (sum(shares) == pytest.approx(1) and min(shares) >= 0)


@given(st.integers(0, 1000), st.integers(2, 6), st.integers(5, 12))
def test_more_of_the_same_items_bring_the_bounds_nearer(seed: int, temperatures: int, items: int) -> None:
    rng = np.random.default_rng(seed)
    array = normal(rng, items, 2, rng.uniform(0, 1, temperatures))

    def made(times: int) -> tuple[np.ndarray, np.ndarray]:
        found = between_items(Values(np.tile(array, (times, 1, 1))), higher_is_better=True)
        bounds = regrets(found, alpha_upper=UPPER, alpha_lower=LOWER)
        return bounds.lower, bounds.upper

    (few_low, few_high), (many_low, many_high) = made(1), made(4)
    assert (many_high <= few_high + 1e-12).all()
    assert (many_low >= few_low - 1e-12).all()


@given(st.integers(0, 1000), st.permutations(range(5)))
def test_the_order_of_temperatures_does_not_matter(seed: int, order: list[int]) -> None:
    array = normal(np.random.default_rng(seed), 9, 2, np.array([0.5, 0.7, 0.7, 0.5, 0.1]))
    here, there = (
        regrets(between_items(Values(each), higher_is_better=True), alpha_upper=UPPER, alpha_lower=LOWER)
        for each in (array, array[:, order])
    )
    assert there.upper == pytest.approx(here.upper[order])
    assert there.lower == pytest.approx(here.lower[order])
    assert [here.may_be_best[column] for column in order] == list(there.may_be_best)


class TestProbabilityWithin:
    @given(st.integers(0, 1000), st.lists(st.floats(0.001, 2), min_size=2, max_size=2), st.booleans())
    def test_it_rises_with_the_margin(self, seed: int, margins: list[float], within: bool) -> None:
        values = Values(bernoulli(np.random.default_rng(seed), 8, 3), low=0, high=1)
        found = (
            within_items(values, higher_is_better=True, exact_at_zero=False)
            if within
            else between_items(values, higher_is_better=True)
        )
        for pick in range(5):
            less, more = (probability_within(found, pick, margin) for margin in sorted(margins))
            assert less is not None
            assert more is not None
            assert 0 <= less <= more + 1e-12 <= 1 + 1e-12

    def test_its_chance_of_being_wrong_is_a_flat_priors_raised(self) -> None:
        found = by_hand([0.8, 0.7], 0.1, counts=10_000)
        within = stats.norm.cdf((0.05 + 0.1) / 0.1)
        assert probability_within(found, 0, 0.05) == pytest.approx(1 - _CAUTION * (1 - within), abs=1e-4)
        assert probability_within(found, 1, 0.05) == 0  # more likely behind by more than that than not

    def test_items_that_were_all_alike_leave_what_they_can_have_missed(self) -> None:
        """Twenty items alike, one unit of room for those that are not: within .1 unless more than a tenth of them is not."""
        found = by_hand([0.5, 0.5], NAN, unseen=1.0, counts=20)
        assert probability_within(found, 0, 0.1) == pytest.approx(max(0.0, 1 - _CAUTION * 0.9**20))

    def test_without_an_idea_of_the_noise_there_is_none(self) -> None:
        assert probability_within(by_hand([0.8, 0.7], NAN), 0, 0.05) is None

    def test_far_behind_it_is_nothing_and_far_ahead_certain(self) -> None:
        found = by_hand([0.9, 0.1, 0.1], 0.01)
        assert probability_within(found, 0, 0.05) == pytest.approx(1)
        assert probability_within(found, 1, 0.05) == 0


class TestFirstShares:
    def test_a_clear_leader_has_all(self) -> None:
        means = np.random.default_rng(1).normal(size=(10, 3)) * 0.01 + [0, 1, 0]
        assert first_shares(means, higher_is_better=True, draws=100, seed=1) == (0, 1, 0)
        assert first_shares(-means, higher_is_better=False, draws=100, seed=1) == (0, 1, 0)

    def test_ties_are_split(self) -> None:
        assert first_shares(np.ones((7, 4)), higher_is_better=True, draws=50, seed=1) == (0.25,) * 4

    def test_the_seed_decides_and_items_without_all_temperatures_are_left_out(self) -> None:
        means = np.random.default_rng(2).normal(size=(8, 3))
        found = first_shares(means, higher_is_better=True, draws=500, seed=3)
        more = np.vstack([means, [[NAN, 9, 9]]])
        assert first_shares(more, higher_is_better=True, draws=500, seed=3) == found
        assert found is not None
        assert 0 < min(found) < max(found) < 1

    def test_fewer_than_five_whole_items_have_none(self) -> None:
        assert first_shares(np.ones((4, 2)), higher_is_better=True, draws=50, seed=1) is None
