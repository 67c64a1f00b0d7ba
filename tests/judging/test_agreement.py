"""Kappa: by hand, against statsmodels and scipy, and whether its bounds hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import inter_rater

from tempkit.judging.agreement import kappa_of

RESULTS = st.lists(st.tuples(st.sampled_from([0, 0.5, 1]), st.sampled_from([0, 0.5, 1])), min_size=1)


def of(pairs, questions=None, *, middle=0.5):
    first, second = zip(*pairs, strict=True)
    return kappa_of(first, second, range(len(pairs)) if questions is None else questions, middle=middle)


def weighted_kappa(table: np.ndarray) -> float:
    """One less the observed over the expected mean of the squared distance; statsmodels fails on tables of perfect agreement."""
    k = len(table)
    apart = (np.arange(k)[:, np.newaxis] - np.arange(k)) ** 2
    shares = table / table.sum()
    expected = shares.sum(axis=1)[:, np.newaxis] * shares.sum(axis=0)
    return float(1 - (apart * shares).sum() / (apart * expected).sum())


def test_the_second_implementation_is_statsmodels() -> None:
    table = np.array([[9, 2, 1], [2, 5, 0], [3, 1, 8]])
    assert weighted_kappa(table) == pytest.approx(inter_rater.cohens_kappa(table, wt="quadratic").kappa)


def test_by_hand() -> None:
    """Three agree, one is turned round: 2 (3 - 1) / (4 * 2). A tie against a win halves nothing but what it could tell."""
    assert of([(1, 1), (0, 0), (1, 1), (0, 1)]).value == pytest.approx(0.5)
    assert of([(1, 1), (1, 0.5)]).value == pytest.approx(2 / 3)
    assert of([(0.5, 0.5)] * 9) is None
    assert of([(3, 3)] * 9, middle=None) is None
    assert kappa_of([], [], [], middle=None) is None


@settings(deadline=None)
@given(RESULTS)
def test_it_is_weighted_kappa_of_comparisons_counted_from_both_sides(pairs) -> None:
    found = of(pairs)
    table = np.zeros((3, 3))
    for first, second in pairs:
        for a, b in ((first, second), (second, first)):
            table[int(2 * a), int(2 * b)] += 1
            table[2 - int(2 * a), 2 - int(2 * b)] += 1
    if found is None:
        assert table[1, 1] == table.sum()
    else:
        assert found.value == pytest.approx(weighted_kappa(table))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1))
def test_it_is_weighted_kappa_of_grades_with_pooled_margins(pairs) -> None:
    found = of(pairs, middle=None)
    table = np.zeros((5, 5))
    for a, b in pairs:
        table[a - 1, b - 1] += 1
        table[b - 1, a - 1] += 1
    if found is None:
        assert np.count_nonzero(table) == 1
    else:
        assert found.value == pytest.approx(weighted_kappa(table))


@settings(deadline=None)
@given(RESULTS, st.integers(1, 4))
def test_bounds_hold_the_value_and_do_not_depend_on_the_order(pairs, per_item) -> None:
    questions = [n // per_item for n in range(len(pairs))]
    found = of(pairs, questions)
    if found is None:
        return
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    turned = of([(1 - a, 1 - b) for a, b in pairs][::-1], questions[::-1])
    assert (turned.value, turned.low, turned.high) == pytest.approx((found.value, found.low, found.high))


def test_without_ties_and_with_a_question_each_it_is_clopper_and_pearsons() -> None:
    pairs = [(1, 1)] * 17 + [(1, 0)] * 3
    found = of(pairs)
    exact = stats.binomtest(17, 20).proportion_ci(0.9, method="exact")  # both sides, so 95 % each
    assert found.effective == pytest.approx(20, rel=0.11)  # the variance is estimated with n - 1
    assert found.low == pytest.approx(2 * exact.low - 1, abs=0.05)
    assert found.low <= 2 * exact.low - 1
    alike = of([(1, 1)] * 20)
    assert alike.low == pytest.approx(2 * 0.05 ** (1 / 20) - 1)


def test_pairs_of_few_questions_tell_less() -> None:
    pairs = [(1, 1)] * 40
    lows = [of(pairs, [n // size for n in range(40)]).low for size in (1, 4, 20)]
    assert lows[0] > lows[1] > lows[2]
    # Mistakes that come by whole questions count as few.
    together = of([(1, 1)] * 36 + [(1, 0)] * 4, [n // 4 for n in range(40)])
    apart = of([(1, 1) if n % 10 else (1, 0) for n in range(40)], [n // 4 for n in range(40)])
    assert together.value == apart.value
    assert together.low < apart.low


@pytest.mark.parametrize("unevenly", [False, True])
@pytest.mark.parametrize("flips", [0.05, 0.18, 0.4])
def test_bounds_hold_the_truth_where_questions_differ_in_how_often_a_judge_slips(flips, unevenly) -> None:
    rng = np.random.default_rng(int(100 * flips))

    def drawn(items: int):
        rates = rng.beta(4 * flips, 4 * (1 - flips), items) if unevenly else np.full(items, flips)
        questions = np.repeat(np.arange(items), 6)
        truth = rng.choice([0, 0.5, 1], len(questions), p=[0.4, 0.2, 0.4])

        def said():
            slip = rng.random(len(questions)) < rates[questions]
            return np.where(
                slip, np.where(truth == 0.5, rng.integers(0, 2, len(questions)), 1 - truth), truth
            )

        return said(), said(), questions.tolist()

    truth = kappa_of(*drawn(20_000), middle=0.5).value
    found = [kappa_of(*drawn(20), middle=0.5) for _ in range(400)]
    # 95 % each; with 400 data sets, chance takes away three points at most in one of a thousand tries.
    assert np.mean([each.low <= truth for each in found]) >= 0.92
    assert np.mean([each.high >= truth for each in found]) >= 0.92


def test_how_many_it_takes_grows_with_what_is_asked_for() -> None:
    found = of([(1, 1)] * 9 + [(1, 0)])
    assert found.value == pytest.approx(0.8)
    needed = [found.needed(least, 10) for least in (0.1, 0.4, 0.7, 0.79)]
    assert needed == sorted(needed)
    assert found.needed(0.8, 10) is None
    n = found.needed(0.4, 10)
    scaled = of(([(1, 1)] * 9 + [(1, 0)]) * 20)
    assert scaled.low >= 0.4
    assert 10 < n < 200
