"""Bradley and Terry's strengths: by hand, against scipy and statsmodels, and the interval's coverage."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize

from tempkit.judging import strengths as module
from tempkit.judging.consistency import Answers, of_pairs
from tempkit.judging.strengths import fit, strengths, win_chances

BASE = np.array([0.8, 0.6, 0.2, -0.4, -1.2])


def of(wins) -> np.ndarray:
    return np.asarray(wins, dtype=float)


def games(rng, items: int, *, spread: float = 0.5) -> np.ndarray:
    """Every two temperatures compared once per item."""
    k = len(BASE)
    strength = BASE + rng.normal(0, spread, (items, k))
    wins = np.zeros((items, k, k))
    for i in range(k):
        for j in range(i + 1, k):
            chance = 1 / (1 + np.exp(strength[:, j] - strength[:, i]))
            won = np.where(rng.random(items) < 0.3, 0.5, rng.random(items) < chance)
            wins[:, i, j], wins[:, j, i] = won, 1 - won
    return wins


def test_two_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a prior, 3 wins of 4 are a strength of ln 3 more; a tie is half a win for each."""
    monkeypatch.setattr(module, "_PULL", 1e-9)
    for wins in ([[0, 3], [1, 0]], [[0, 1.5], [0.5, 0]]):
        found = fit(of([wins]))[0]
        assert found[0] - found[1] == pytest.approx(np.log(3), abs=1e-6)
        np.testing.assert_allclose(win_chances(found[np.newaxis])[0], [0.75, 0.25], atol=1e-6)


def test_a_temperature_that_never_lost_keeps_a_finite_strength() -> None:
    found = strengths(of([[[0, 2, 2], [0, 0, 1], [0, 1, 0]]] * 6))
    assert [round(each.chance or 0, 2) for each in found] == [0.99, 0.26, 0.26]


def test_against_a_penalised_fit_by_scipy() -> None:
    total = games(np.random.default_rng(2), 9).sum(axis=0)

    def loss(theta):
        chance = 1 / (1 + np.exp(theta[np.newaxis] - theta[:, np.newaxis]))
        return -(total * np.log(chance)).sum() + 0.05 * (theta**2).sum()

    expected = minimize(loss, np.zeros(len(BASE)), tol=1e-12).x
    np.testing.assert_allclose(fit(total[np.newaxis])[0], expected - expected.mean(), atol=1e-4)


def test_against_a_logistic_regression_by_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PULL", 1e-9)
    total = games(np.random.default_rng(3), 12).sum(axis=0)
    k = len(BASE)
    rows, won = [], []
    for i in range(k):
        for j in range(i + 1, k):
            rows.append(np.eye(k)[i] - np.eye(k)[j])
            won.append((total[i, j], total[j, i]))
    model = sm.GLM(np.array(won), np.array(rows)[:, 1:], family=sm.families.Binomial()).fit()
    expected = np.array([0, *model.params])
    np.testing.assert_allclose(fit(total[np.newaxis])[0], expected - expected.mean(), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(float, (3, 4, 4), elements=st.sampled_from([0, 0.5, 1, 2, 400])))
def test_any_comparisons_are_fitted_and_the_better_record_never_ranks_lower(wins) -> None:
    wins[:, np.arange(4), np.arange(4)] = 0
    found = fit(wins)
    assert np.isfinite(found).all()
    for draw, theta in zip(wins, found, strict=True):
        chance = 1 / (1 + np.exp(theta[np.newaxis] - theta[:, np.newaxis]))
        slope = draw.sum(axis=1) - ((draw + draw.T) * chance).sum(axis=1) - 0.1 * theta
        # the strengths were centred, which the prior notices: nothing else may be left
        assert np.abs(slope - slope.mean()).max() < 1e-5 * max(1, draw.sum())
    chances = win_chances(found)
    assert ((chances >= 0) & (chances <= 1)).all()
    np.testing.assert_allclose(chances.mean(axis=1), 0.5)


def test_what_met_nobody_has_no_strength() -> None:
    wins = np.zeros((6, 3, 3))
    wins[:, 0, 1] = [1, 1, 1, 0, 1, 0.5]
    wins[:, 1, 0] = 1 - wins[:, 0, 1]
    found = strengths(wins)
    assert (found[2].chance, found[2].low, str(found[2].reason)) == (None, None, "it was in no comparison")
    assert found[0].chance is not None
    assert found[0].low is not None
    assert found[0].low < found[0].chance < (found[0].high or 0)
    assert all(each.chance is None for each in strengths(np.zeros((6, 3, 3))))


def test_few_items_or_items_all_alike_get_no_interval() -> None:
    some = games(np.random.default_rng(4), 4)
    assert {str(each.reason) for each in strengths(some)} == {"needs at least 5 questions, has 4"}
    padded = np.concatenate([some, np.zeros((6, 5, 5))])  # items without a comparison are none
    assert {str(each.reason) for each in strengths(padded)} == {"needs at least 5 questions, has 4"}
    alike = strengths(np.repeat(of([[[0, 1], [0, 0]]]), 9, axis=0))
    assert {(each.low, str(each.reason)) for each in alike} == {
        (None, "every question gave the same, so nothing says how others would differ")
    }


def test_intervals_hold_the_truth_and_stay_in_range() -> None:
    """40 data sets of 8 items: 95 % of 200 intervals, give or take; the percentiles of the draws would hold 88 %."""
    rng = np.random.default_rng(5)
    truth = win_chances(fit(games(rng, 40_000).sum(axis=0)[np.newaxis]))[0]
    held = []
    for _ in range(40):
        for each, true in zip(strengths(games(rng, 8)), truth, strict=True):
            assert each.low is not None
            assert each.high is not None
            assert 0 <= each.low < each.high <= 1
            held.append(each.low <= true <= each.high)
    assert 0.91 <= np.mean(held) <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    wins = games(np.random.default_rng(6), 8)
    assert strengths(wins, seed=1) == strengths(wins, seed=1) != strengths(wins, seed=2)


@pytest.mark.parametrize("flicker", [0.0, 0.05, 0.1])
def test_intervals_hold_what_the_judge_would_say_without_flicker(flicker: float) -> None:
    """Sixty data sets of 30 items; each answer is turned round with the probability `flicker`, and what contradicts itself is a tie."""
    rng = np.random.default_rng([7, int(100 * flicker)])
    k = len(BASE)
    met = [(i, j) for i in range(k) for j in range(i + 1, k)]

    def drawn(items: int, share: float):
        strength = BASE + rng.normal(0, 0.5, (items, k))
        wins, answers = np.zeros((items, k, k)), []
        for i, j in met:
            better = rng.random(items) < 1 / (1 + np.exp(strength[:, j] - strength[:, i]))
            both = better ^ (rng.random((2, items)) < share)
            result = np.where(both[0] == both[1], both[0], 0.5)
            wins[:, i, j], wins[:, j, i] = result, 1 - result
            answers += [Answers(float(a), float(b), str(n)) for n, (a, b) in enumerate(both.T)]
        return wins, answers

    truth = win_chances(fit(drawn(40_000, 0.0)[0].sum(axis=0)[np.newaxis]))[0]
    held = []
    for _ in range(60):
        wins, answers = drawn(30, flicker)
        how = of_pairs(answers, asked=len(answers), min_kappa=0.4)
        assert how.shrinks is not None
        for each, true in zip(strengths(wins, shrinks=how.shrinks), truth, strict=True):
            assert each.low is not None
            assert each.high is not None
            held.append(each.low <= true <= each.high)
    assert np.mean(held) >= 0.92  # of 300 that hang together, 95 % less what chance takes


def test_where_nothing_is_known_of_the_judge_there_are_no_intervals() -> None:
    found = strengths(games(np.random.default_rng(4), 8), shrinks=None)
    assert {(each.low, str(each.reason)) for each in found} == {
        (None, "the judge was not shown to agree with itself")
    }
    plain = strengths(games(np.random.default_rng(4), 8))
    wider = strengths(games(np.random.default_rng(4), 8), shrinks=0.7)
    for one, other in zip(plain, wider, strict=True):
        assert one.chance == other.chance
        assert (other.low or 0) <= (one.low or 0) < (one.high or 1) <= (other.high or 1)
