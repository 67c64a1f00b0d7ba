"""Policies: how they are written, and what they make of answers, against enumeration, closed forms and simulation."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.statistics.policies import Policy, apply_policy


@given(st.sampled_from(["best-of", "majority", "all-of"]), st.integers(2, 100))
def test_a_policy_is_read_and_written_the_same_way(kind, k):
    policy = Policy.parse(f"{kind}:{k}")
    assert (policy.kind, policy.k, str(policy)) == (kind, k, f"{kind}:{k}")


def test_single_is_the_policy_of_one_answer():
    assert Policy.parse("single") == Policy() == Policy("single", 1)
    assert str(Policy()) == "single"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "SINGLE",
            " single",
            "single:1",
            "best-of",
            "best-of:",
            "best-of:1",
            "best-of:0",
            "best-of:101",
        ),
        *("best-of:-5", "best-of:5.0", "best-of:05", "best-of:5 ", "best-of:٥", "worst-of:5", "best-of:5\n"),
    ],
)
def test_any_other_text_is_refused_with_the_forms_there_are(text):
    with pytest.raises(ValueError, match="single, best-of:K, majority:K or all-of:K, with K from 2 to 100"):
        Policy.parse(text)


def test_a_long_text_is_not_repeated_in_full():
    with pytest.raises(ValueError) as caught:
        Policy.parse("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_a_policy_that_could_not_be_written_cannot_be_made():
    for kind, k in (("single", 2), ("best-of", 1), ("all-of", 101), ("mean-of", 5)):
        with pytest.raises(ValueError, match="does not say how answers are used"):
            Policy(kind, k)


def enumerated(values, policy, *, higher_is_better=True):
    """Return the mean over all subsets, in exact arithmetic."""
    best, worst = (max, min) if higher_is_better else (min, max)

    def majority(drawn):
        right = 2 * sum(drawn)
        return Fraction(1, 2) if right == len(drawn) else Fraction(right > len(drawn))

    score = {"best-of": best, "all-of": worst, "majority": majority}[policy.kind]
    scores = [score(drawn) for drawn in combinations([Fraction(x) for x in values], policy.k)]
    return sum(scores) / len(scores)


def jackknifed(values, policy, *, higher_is_better=True):
    """Return the pseudo-values by their definition, in exact arithmetic, in the order of the values."""
    n = len(values)
    whole = enumerated(values, policy, higher_is_better=higher_is_better)
    return [
        float(
            n * whole
            - (n - 1) * enumerated(values[:i] + values[i + 1 :], policy, higher_is_better=higher_is_better)
        )
        for i in range(n)
    ]


def near(expected, values):
    """Return what to compare with: to 1e-9, of the result or of the largest value that went into it."""
    return pytest.approx(expected, rel=1e-9, abs=1e-12 * max(map(abs, values), default=1))


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e-300, -1e-300, 1e300, -1e300]),
)
CELLS = st.lists(NUMBERS, min_size=2, max_size=8)
RIGHTS = st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=9)
GRADED = st.sampled_from(["best-of", "all-of"])


@settings(deadline=None)
@given(CELLS, GRADED, st.booleans(), st.data())
def test_the_best_and_the_worst_of_k_are_those_of_all_subsets(values, kind, higher, data):
    policy = Policy(kind, data.draw(st.integers(2, len(values))))
    found = apply_policy(values, policy, higher_is_better=higher)
    if policy.k == len(values):
        assert found[0] == near(float(enumerated(values, policy, higher_is_better=higher)), values)
        assert np.isnan(found[1:]).all()
    else:
        assert found.tolist() == near(jackknifed(values, policy, higher_is_better=higher), values)


@settings(deadline=None)
@given(RIGHTS, st.data())
def test_a_majority_is_that_of_all_subsets_with_ties_as_half(values, data):
    policy = Policy("majority", data.draw(st.integers(2, len(values))))
    for higher in (True, False):
        found = apply_policy(values, policy, higher_is_better=higher)
        if policy.k == len(values):
            assert found[0] == near(float(enumerated(values, policy)), values)
            assert np.isnan(found[1:]).all()
        else:
            assert found.tolist() == near(jackknifed(values, policy), values)


@pytest.mark.parametrize("n", [7, 100, 1000])
@pytest.mark.parametrize("k", [2, 5, 99, 100])
def test_of_right_and_wrong_answers_the_published_formulas_come_out(n, k):
    if k >= n:
        return
    rng = np.random.default_rng(3)
    for c in {0, 1, n // 3, n - 1, n}:
        values = rng.permutation(np.r_[np.ones(c), np.zeros(n - c)])
        any_right = 1 - Fraction(math.comb(n - c, k), math.comb(n, k))
        all_right = Fraction(math.comb(c, k), math.comb(n, k))
        most = sum(
            Fraction(math.comb(c, j) * math.comb(n - c, k - j), math.comb(n, k))
            * (Fraction(1, 2) if 2 * j == k else int(2 * j > k))
            for j in range(k + 1)
        )
        for kind, score in (("best-of", any_right), ("all-of", all_right), ("majority", most)):
            found = apply_policy(values, Policy(kind, k))
            assert found.mean() == pytest.approx(float(score), rel=1e-9, abs=1e-15), (kind, c)


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=4, max_size=40), GRADED, st.booleans())
def test_more_draws_make_the_best_better_and_the_worst_worse_within_what_was_seen(values, kind, higher):
    largest = (kind == "best-of") == higher
    scores = [
        np.mean(values),
        *(
            apply_policy(values, Policy(kind, k), higher_is_better=higher).mean()
            for k in range(2, len(values))
        ),
    ]
    slack = 1e-9 * max(map(abs, values))
    assert min(values) - slack <= min(scores)
    assert max(scores) <= max(values) + slack
    steps = np.diff(scores) if largest else -np.diff(scores)
    assert (steps >= -slack).all()


@settings(deadline=None)
@given(CELLS, GRADED, st.randoms(use_true_random=False), st.data())
def test_pseudo_values_stay_with_their_answers_in_any_order_and_around_holes(values, kind, random, data):
    policy = Policy(kind, data.draw(st.integers(2, len(values))))
    holes = data.draw(st.integers(0, 3))
    order = list(range(len(values) + holes))
    random.shuffle(order)
    padded = np.array([*values, *[math.nan] * holes])
    found, moved = apply_policy(padded, policy), apply_policy(padded[order], policy)
    assert np.isnan(found[len(values) :]).all()
    if policy.k < len(values):
        slack = 1e-12 * max(map(abs, values))
        np.testing.assert_allclose(moved, found[order], rtol=1e-9, atol=slack)
    else:
        assert np.count_nonzero(~np.isnan(moved)) == 1
        assert np.nanmean(moved) == near(np.nanmean(found), values)
        assert not np.isnan(padded[order][~np.isnan(moved)]).any()


def test_single_answers_are_as_they_were_and_their_own():
    values = np.array([[[1.0, np.nan, 3.0]]])
    found = apply_policy(values, Policy())
    np.testing.assert_array_equal(found, values)
    found[0, 0, 0] = 7
    assert values[0, 0, 0] == 1


def test_every_cell_has_the_values_that_it_would_have_by_itself():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(6, 4, 7))
    values[rng.random(values.shape) < 0.4] = np.nan
    for policy in (Policy("best-of", 3), Policy("all-of", 2)):
        found = apply_policy(values, policy)
        assert found.shape == values.shape
        for item, temperature in np.ndindex(6, 4):
            alone = apply_policy(values[item, temperature], policy)
            np.testing.assert_allclose(found[item, temperature], alone, rtol=1e-12)
            n = np.count_nonzero(~np.isnan(values[item, temperature]))
            left = np.count_nonzero(~np.isnan(alone))
            assert left == (n if n > policy.k else int(n == policy.k))


def test_too_few_answers_have_no_score():
    assert np.isnan(apply_policy([1.0, 2.0, np.nan], Policy("best-of", 3))).all()
    assert np.isnan(apply_policy([np.nan, np.nan], Policy("all-of", 2))).all()
    assert apply_policy(np.empty((0, 3, 2)), Policy("all-of", 2)).shape == (0, 3, 2)


def test_equal_answers_have_equal_pseudo_values_without_any_spread():
    for value in (0.0, 1.0, 0.1, -3e-310, 1e300):
        assert apply_policy([value] * 50, Policy("best-of", 7)).tolist() == [value] * 50
    assert apply_policy([1.0] * 50, Policy("majority", 6)).tolist() == [1.0] * 50


def test_a_score_that_is_certain_has_no_spread_whichever_answer_is_left_out():
    values = [0.0] * 3 + [1.0] * 997
    assert apply_policy(values, Policy("best-of", 5)).tolist() == [1.0] * 1000
    assert apply_policy(values[::-1], Policy("majority", 9)).tolist() == [1.0] * 1000
    assert apply_policy([1 - v for v in values], Policy("all-of", 5)).tolist() == [0.0] * 1000


def test_extreme_values_give_numbers():
    rng = np.random.default_rng(5)
    for scale in (1e300, 1e-320, 1.0):
        values = rng.uniform(-1, 1, size=(3, 1000)) * scale
        for policy in (Policy("best-of", 100), Policy("all-of", 100), Policy("best-of", 2)):
            assert np.isfinite(apply_policy(values, policy)).all()


def test_what_cannot_be_used_is_said():
    with pytest.raises(ValueError, match="majority:3 needs values that are all 0 or 1"):
        apply_policy([0.0, 1.0, 0.5, 1.0], Policy("majority", 3))
    with pytest.raises(ValueError, match="beyond 1e"):
        apply_policy([0.0, math.inf, 1.0], Policy("best-of", 2))
    with pytest.raises(ValueError, match="axis of replicates"):
        apply_policy(1.0, Policy("best-of", 2))


@pytest.mark.parametrize(
    ("policy", "truth"),
    [  # of uniform values the best and the worst of k have the means k / (k + 1) and 1 / (k + 1)
        (Policy("best-of", 5), 5 / 6),
        (Policy("all-of", 5), 1 / 6),
        (Policy("best-of", 2), 2 / 3),
    ],
)
def test_over_many_runs_the_mean_is_the_truth_and_the_spread_the_variance_of_the_mean(policy, truth):
    values = np.random.default_rng(11).random((20_000, 30))
    found = apply_policy(values, policy)
    scores = found.mean(axis=1)
    assert scores.mean() == pytest.approx(truth, abs=4 * scores.std() / math.sqrt(len(scores)))
    estimated = (found.var(axis=1, ddof=1) / found.shape[1]).mean()
    assert estimated == pytest.approx(scores.var(), rel=0.12)


def test_of_few_answers_the_mean_is_the_truth_for_right_and_wrong():
    rng, p = np.random.default_rng(12), 0.3
    values = (rng.random((40_000, 6)) < p).astype(float)
    most = sum(math.comb(3, j) * p**j * (1 - p) ** (3 - j) for j in (2, 3))
    for policy, truth in (
        (Policy("best-of", 5), 1 - (1 - p) ** 5),
        (Policy("all-of", 3), p**3),
        (Policy("majority", 3), most),
        (Policy("majority", 2), p),
    ):
        scores = apply_policy(values, policy).mean(axis=1)
        assert scores.mean() == pytest.approx(truth, abs=4 * scores.std() / math.sqrt(len(scores))), policy
