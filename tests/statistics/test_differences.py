"""Differences between temperatures in both scopes: against loops and textbooks, and what must not change them."""

import math
from itertools import product

import numpy as np
import pytest
from any_values import values as any_values
from clustered import bernoulli, normal
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats

from tempkit.statistics import Values
from tempkit.statistics.differences import Differences, between_items, within_items
from tempkit.statistics.intervals import MIN_ITEMS, unseen_share
from tempkit.statistics.joint_t import critical_value
from tempkit.statistics.values import ROUNDING, SMALLEST

NAN = math.nan
TABLES = ("mean", "error", "freedom", "counts", "unseen", "correlation")


def with_missing(rng: np.random.Generator, array: np.ndarray, share: float = 0.2) -> np.ndarray:
    found = array.copy()
    found[rng.random(array.shape) < share] = NAN
    found[0] = NAN
    return found


def assert_same(one: Differences, other: Differences, *, scale: float = 1.0, rel: float = 1e-9) -> None:
    """The same figures, those in the measure's unit times `scale`."""
    for name in TABLES:
        factor = scale if name in ("mean", "error", "unseen") else 1.0
        found, expected = getattr(one, name), factor * np.asarray(getattr(other, name), dtype=float)
        np.testing.assert_allclose(found, expected, rtol=rel, atol=rel * scale, err_msg=name)


class TestBetweenItems:
    """Items are a sample."""

    @pytest.mark.parametrize("seed", range(4))
    def test_loops_find_the_same(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        make = (normal, bernoulli)[seed % 2]
        values = Values(with_missing(rng, make(rng, 12, 2)), low=-5.0, high=5.0)
        found = between_items(values, higher_is_better=True)
        means = values.means
        apart = {
            (a, b): [x[a] - x[b] for x in means if not math.isnan(x[a]) and not math.isnan(x[b])]
            for a, b in product(range(5), repeat=2)
            if a != b
        }
        variances = {pair: np.var(each, ddof=1) for pair, each in apart.items()}
        usual = np.mean(list(variances.values()))
        freedom = np.mean([len(each) - 1 for each in apart.values()])
        excess = np.var(np.log(list(variances.values()))) / special.polygamma(1, freedom / 2)
        alike = min(max((3 - excess) / 2, 0), 1)
        for (a, b), each in apart.items():
            own, borrowed = len(each) - 1, min(16 * alike, 3 * (len(each) - 1))
            variance = (own * variances[a, b] + borrowed * usual) / (own + borrowed)
            assert found.counts[a, b] == len(each) >= MIN_ITEMS
            assert found.mean[a, b] == pytest.approx(np.mean(each))
            assert found.error[a, b] == pytest.approx(math.sqrt(variance / len(each)))
            assert found.freedom[a, b] == pytest.approx(own + borrowed)
            assert math.isnan(found.unseen[a, b])
        whole = means[~np.isnan(means).any(axis=1)]
        for row in range(5):
            others = np.corrcoef([whole[:, row] - whole[:, k] for k in range(5) if k != row])
            average = others[np.triu_indices(4, 1)].mean()
            weight = len(whole) / (len(whole) + 10)
            assert found.correlation[row] == pytest.approx(weight * average + (1 - weight) * 0.5)

    def test_two_temperatures_are_the_paired_t_test(self) -> None:
        values = Values(normal(np.random.default_rng(5), 9, 3)[:, :2])
        found = between_items(values, higher_is_better=True)
        textbook = stats.ttest_rel(values.means[:, 0], values.means[:, 1])
        assert found.mean[0, 1] / found.error[0, 1] == pytest.approx(textbook.statistic)
        assert found.freedom[0, 1] == textbook.df == 8
        half = stats.t.isf(0.05, 8) * found.error[0, 1]
        assert found.half_widths(0, 1, 0.05).tolist() == pytest.approx([0, half])

    @given(st.integers(0, 50), st.integers(3, 6), st.integers(5, 20))
    def test_a_variance_lies_between_its_own_and_the_usual_one(
        self, seed: int, temperatures: int, items: int
    ) -> None:
        rng = np.random.default_rng(seed)
        array = rng.normal(size=(items, temperatures, 1)) * rng.choice([0.1, 1, 3], (1, temperatures, 1))
        found = between_items(Values(array), higher_is_better=True)
        pairs = [(a, b) for a, b in product(range(temperatures), repeat=2) if a != b]
        own = {(a, b): stats.sem(array[:, a, 0] - array[:, b, 0]) for a, b in pairs}
        usual = math.sqrt(np.mean([each**2 for each in own.values()]))
        for pair in pairs:
            low, high = sorted((own[pair], usual))
            assert low * (1 - 1e-12) <= found.error[pair] <= high * (1 + 1e-12)
            assert found.freedom[pair] >= items - 1
        assert (found.correlation < 1).all()

    def test_pairs_borrow_from_others_only_as_far_as_they_are_alike(self) -> None:
        rng = np.random.default_rng(1)
        array = rng.normal(size=(6, 5, 1))
        alike = between_items(Values(array), higher_is_better=True)
        assert (alike.freedom[np.triu_indices(5, 1)] > 5 + 8).all()
        array[:, 3:] *= 100  # these two fall apart
        mixed = between_items(Values(array), higher_is_better=True)
        assert (mixed.freedom[np.triu_indices(5, 1)] == 5).all()
        assert mixed.error[0, 1] == pytest.approx(stats.sem(array[:, 0, 0] - array[:, 1, 0]))

    def test_few_shared_items_are_no_basis(self) -> None:
        array = np.random.default_rng(2).normal(size=(9, 3, 1))
        array[4:, 2] = NAN
        found = between_items(Values(array, low=-9.0, high=9.0), higher_is_better=True)
        assert found.counts[0].tolist() == [9, 9, 4]
        assert np.isfinite(found.error[0, 1])
        assert math.isnan(found.error[0, 2])
        assert found.half_widths(0, 2, 0.05)[2] == math.inf

    def test_items_that_differ_alike_leave_room_for_others(self) -> None:
        """Eight items right at both temperatures: what was not seen may lie a whole range away."""
        found = between_items(Values(np.ones((8, 2, 3)), low=0.0, high=1.0), higher_is_better=True)
        assert math.isnan(found.error[0, 1])
        assert found.unseen[0, 1] == 1
        assert found.half_widths(0, 1, 0.05)[1] == pytest.approx(1 - 0.05 ** (1 / 8))

    def test_without_a_range_nothing_bounds_items_that_differ_alike(self) -> None:
        found = between_items(Values(np.ones((8, 2, 3))), higher_is_better=True)
        assert found.half_widths(0, 1, 0.05)[1] == math.inf

    def test_of_nearly_alike_items_the_odd_one_is_no_measure_of_all(self) -> None:
        """Twenty right but one: t on one odd answer is not narrower than the share that could be as odd."""
        array = np.ones((20, 3, 1))
        array[0, 1] = 0
        found = between_items(Values(array, low=0.0, high=1.0), higher_is_better=True)
        assert found.unseen[0, 1] == pytest.approx(1 + 1 / 20)
        assert found.unseen[0, 2] == pytest.approx(1)
        halves = found.half_widths(0, 2, 0.01)
        assert halves[1] >= unseen_share(20, 0.005) * (1 + 1 / 20)
        assert halves[2] >= unseen_share(20, 0.005)
        assert np.isfinite(halves).all()

    def test_up_to_a_fifth_of_odd_items_counts_as_nearly_alike(self) -> None:
        array = np.ones((20, 2, 1))
        array[:4, 1] = 0
        assert np.isfinite(between_items(Values(array, low=0, high=1), higher_is_better=True).unseen[0, 1])
        array[:5, 1] = 0
        assert math.isnan(between_items(Values(array, low=0, high=1), higher_is_better=True).unseen[0, 1])


class TestWithinItems:
    """Items are all there is."""

    def test_one_item_is_welchs_test(self) -> None:
        rng = np.random.default_rng(4)
        array = rng.normal(size=(1, 2, 15)) * np.array([[[1.0], [3.0]]])
        array[0, 1, 9:] = NAN
        found = within_items(Values(array), higher_is_better=True, exact_at_zero=False)
        textbook = stats.ttest_ind(array[0, 0], array[0, 1, :9], equal_var=False)
        assert found.mean[0, 1] / found.error[0, 1] == pytest.approx(textbook.statistic)
        assert found.freedom[0, 1] == pytest.approx(textbook.df)
        assert found.counts[0, 1] == 9

    def test_loops_find_the_same(self) -> None:
        rng = np.random.default_rng(8)
        values = Values(with_missing(rng, normal(rng, 6, 4)[:, :3]))
        found = within_items(values, higher_is_better=False, exact_at_zero=False)
        whole = int((values.counts > 0).any(axis=1).sum())
        for a, b in ((0, 1), (0, 2), (1, 2)):
            cells = [
                [each[~np.isnan(each)] for each in (item[a], item[b])]
                for item in values.array
                if not np.isnan(item[a]).all() and not np.isnan(item[b]).all()
            ]
            n = len(cells)
            middle = np.mean([y.mean() - x.mean() for x, y in cells])
            parts = []
            for side in (0, 1):
                several = [cell[side] for cell in cells if len(cell[side]) > 1]
                ones = n - len(several)
                # An item with one answer has the average variance of the others.
                for x in several:
                    weight = (1 / len(x) + ones / len(several)) / n**2
                    parts.append((np.var(x, ddof=1) * weight, len(x) - 1))
            apart = [y.mean() - x.mean() for x, y in cells]
            parts.append((np.var(apart, ddof=1) * (1 / n - 1 / whole), n - 1))
            variance = sum(part for part, _ in parts)
            assert found.mean[a, b] == pytest.approx(middle)
            assert found.error[a, b] == pytest.approx(math.sqrt(variance))
            assert found.freedom[a, b] == pytest.approx(
                max(1, variance**2 / sum(part**2 / degrees for part, degrees in parts))
            )

    def test_items_that_lack_a_temperature_leave_the_mean_over_all_of_them_open(self) -> None:
        array = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [3.0, 3.0]], [[5.0, 5.0], [NAN, NAN]]])
        found = within_items(Values(array), higher_is_better=True, exact_at_zero=True)
        # Of three items two are known, 1 and 3 apart: the third may lie anywhere such items do.
        assert found.error[0, 1] == pytest.approx(math.sqrt(2 * (1 / 2 - 1 / 3)))
        assert found.freedom[0, 1] == 1
        one = within_items(Values(array[1:]), higher_is_better=True, exact_at_zero=True)
        assert np.isnan(one.error[0, 1])

    def test_independent_errors_have_the_share_of_the_common_one_in_common(self) -> None:
        rng = np.random.default_rng(6)
        values = Values(rng.normal(size=(3, 3, 40)) * np.array([[[2.0], [1.0], [1.0]]]))
        found = within_items(values, higher_is_better=True, exact_at_zero=False)
        own = [np.var(values.array[:, t], axis=1, ddof=1).sum() / 40 / 9 for t in range(3)]
        for row in range(3):
            others = [own[row] + own[k] for k in range(3) if k != row]
            assert found.correlation[row] == pytest.approx(own[row] / max(others))
        assert found.correlation[0] > 0.7 > 0.6 > found.correlation[1]

    def test_right_answers_alone_are_not_known_exactly(self) -> None:
        """No bound is narrower than two more answers, the other way, allow; nor than what so many answers can miss."""
        array = np.ones((1, 3, 20))
        array[0, 1, :4] = 0
        found = within_items(Values(array, low=0, high=1), higher_is_better=True, exact_at_zero=False)
        floor = 2 / 20**2
        assert found.error[0, 2] == pytest.approx(math.sqrt(2 * floor))
        assert found.error[0, 1] == pytest.approx(math.sqrt(np.var(array[0, 1], ddof=1) / 20 + 2 * floor))
        assert found.half_widths(0, 2, 0.05)[2] >= unseen_share(20, 0.025)

    def test_few_answers_that_all_differ_are_not_taken_for_right_or_wrong(self) -> None:
        """Nine values are few, but of nine answers they say that values are many: no answer the other way is allowed for."""
        array = np.random.default_rng(3).normal(0.4, 0.02, size=(1, 3, 3))
        found = within_items(Values(array, low=-1, high=1), higher_is_better=True, exact_at_zero=False)
        textbook = np.var(array[0, :2], axis=-1, ddof=1).sum() / 3
        assert found.error[0, 1] == pytest.approx(math.sqrt(textbook))

    @pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
    def test_answers_all_alike_leave_the_same_room_whatever_they_are(self, value: float) -> None:
        array = np.full((2, 2, 5), value)
        found = within_items(Values(array, low=0, high=1), higher_is_better=True, exact_at_zero=False)
        other = within_items(
            Values(np.ones((2, 2, 5)), low=0, high=1), higher_is_better=True, exact_at_zero=False
        )
        assert_same(found, other)
        assert 0 < found.half_widths(0, 1, 0.05)[1] < 1

    def test_a_deterministic_model_is_exact_at_zero_and_only_there(self) -> None:
        values = Values(np.ones((1, 3, 20)), (0, 0.5, 1), low=0, high=1)
        exact = within_items(values, higher_is_better=True, exact_at_zero=True)
        other = within_items(values, higher_is_better=True, exact_at_zero=False)
        assert exact.error[0, 1] == pytest.approx(math.sqrt(2) / 20)
        assert exact.error[1, 2] == other.error[1, 2] == pytest.approx(2 / 20)
        assert other.error[0, 1] == pytest.approx(2 / 20)

    def test_a_temperature_that_varies_at_zero_is_not_exact(self) -> None:
        array = np.ones((1, 2, 20))
        array[0, 0, 0] = 0
        found = within_items(Values(array, (0, 1), low=0, high=1), higher_is_better=True, exact_at_zero=True)
        other = within_items(Values(array, (0, 1), low=0, high=1), higher_is_better=True, exact_at_zero=False)
        assert_same(found, other)

    def test_equal_answers_of_a_continuous_measure_are_not_known_exactly_either(self) -> None:
        rng = np.random.default_rng(3)
        array = rng.random((1, 3, 20))
        array[0, 0] = 0.5
        found = within_items(Values(array, low=0, high=1), higher_is_better=True, exact_at_zero=False)
        own = np.var(array[0], axis=1, ddof=1) / 20
        # Two answers more could lie as far away as the most different one of any temperature.
        farthest = np.abs(array[0] - array[0].mean(axis=1, keepdims=True)).max()
        assert 0.4 < farthest < 1
        assert found.error[0, 1] == pytest.approx(math.sqrt(2 * farthest**2 / 400 + own[1]))
        assert found.error[1, 2] == pytest.approx(math.sqrt(own[1] + own[2]))

    def test_one_answer_per_item_tells_nothing_of_the_noise(self) -> None:
        found = within_items(
            Values(np.ones((9, 2, 1)), low=0, high=1), higher_is_better=True, exact_at_zero=False
        )
        assert np.isnan(found.error).all()
        assert found.half_widths(0, 1, 0.05)[1] == math.inf

    def test_temperatures_without_a_common_item_have_no_difference(self) -> None:
        array = np.random.default_rng(1).normal(size=(4, 2, 3))
        array[:2, 0] = NAN
        array[2:, 1] = NAN
        for found in (
            within_items(Values(array), higher_is_better=True, exact_at_zero=False),
            between_items(Values(array), higher_is_better=True),
        ):
            assert math.isnan(found.mean[0, 1])
            assert found.counts[0, 1] == 0
            assert found.half_widths(0, 1, 0.05)[1] == math.inf


def both(values: Values, *, higher: bool = True) -> tuple[Differences, Differences]:
    return (
        between_items(values, higher_is_better=higher),
        within_items(values, higher_is_better=higher, exact_at_zero=False),
    )


@st.composite
def continuous(draw: st.DrawFn) -> np.ndarray:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    shape = (draw(st.integers(5, 12)), draw(st.integers(2, 5)), draw(st.integers(2, 4)))
    array = rng.normal(size=shape)
    array[rng.random(shape) < draw(st.sampled_from([0.0, 0.2]))] = NAN
    return array


@given(continuous(), st.randoms(use_true_random=False))
def test_the_order_of_items_and_answers_does_not_matter(array: np.ndarray, random: object) -> None:
    rng = np.random.default_rng(random.randrange(1000))  # type: ignore[attr-defined]
    moved = rng.permutation(rng.permutation(array, axis=0), axis=2)
    for one, other in zip(both(Values(array)), both(Values(moved)), strict=True):
        assert_same(one, other)


@given(continuous(), st.integers(0, 100))
def test_hard_and_easy_items_do_not_matter(array: np.ndarray, seed: int) -> None:
    shift = np.random.default_rng(seed).uniform(-10, 10, (len(array), 1, 1))
    for one, other in zip(both(Values(array + shift)), both(Values(array)), strict=True):
        assert_same(one, other)


@given(continuous())
def test_lower_is_better_is_the_mirror_image(array: np.ndarray) -> None:
    for one, other in zip(both(Values(-array), higher=False), both(Values(array)), strict=True):
        assert_same(one, other, rel=0)
    for one, other in zip(both(Values(array), higher=False), both(Values(array)), strict=True):
        np.testing.assert_array_equal(one.mean, -other.mean)
        np.testing.assert_array_equal(one.error, other.error)


@given(continuous(), st.sampled_from([1e-60, 1e-9, 1e60]))
def test_the_unit_does_not_matter(array: np.ndarray, scale: float) -> None:
    for one, other in zip(both(Values(scale * array)), both(Values(array)), strict=True):
        assert_same(one, other, scale=scale, rel=1e-7)


@given(any_values(), st.booleans(), st.booleans(), st.sampled_from([0.2, 0.05, 1e-6]))
def test_any_values_have_differences_without_a_nan_where_there_is_a_number(
    values: Values, higher: bool, exact: bool, alpha: float
) -> None:
    assume(values.temperatures)
    for found in (
        between_items(values, higher_is_better=higher),
        within_items(values, higher_is_better=higher, exact_at_zero=exact),
    ):
        size = found.size
        assert (np.isnan(found.mean) == (found.counts == 0) & ~np.eye(size, dtype=bool)).all()
        np.testing.assert_array_equal(found.mean, -found.mean.T)
        for table in (found.error, found.unseen):
            known = table[~np.isnan(table)]
            assert (known > 0).all()
            assert np.isfinite(known).all()
            if values.scale > 1e6 * SMALLEST:  # below, what counts as a difference is a matter of rounding
                np.testing.assert_allclose(table, table.T, rtol=1e-9, atol=10 * ROUNDING * values.scale)
        assert (found.freedom >= 1).all()
        assert ((found.correlation <= 1) & np.isfinite(found.correlation)).all()
        for row in range(size):
            halves = found.half_widths(row, max(1, size - 1), alpha)
            assert (halves >= 0).all()  # and so none of them is NaN
            assert halves[row] == 0
            assert (np.delete(halves, row) > 0).all()


@given(any_values(), st.integers(0, 4))
def test_half_widths_are_critical_values_times_errors_or_what_was_not_seen(values: Values, row: int) -> None:
    assume(len(values.temperatures) > 1)
    found = between_items(values, higher_is_better=True)
    row %= found.size
    comparisons = found.size - 1
    for column, half in enumerate(found.half_widths(row, comparisons, 0.05)):
        if column == row:
            continue
        error, unseen, n = found.error[row, column], found.unseen[row, column], int(found.counts[row, column])
        freedom, correlation = float(found.freedom[row, column]), float(found.correlation[row])
        parts = [
            *([critical_value(comparisons, freedom, correlation, 0.05) * error] if error > 0 else []),
            *([unseen_share(n, 0.05 / comparisons) * unseen] if unseen > 0 else []),
        ]
        assert half == (max(parts) if parts else math.inf)
