"""Chances of being preferred: by hand, at separation, and how often their intervals hold; `benchmarks/rating.py` has more cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from tempkit.rating.chances import chances
from tempkit.rating.power import power


def met(pairs: list[tuple[int, int, int, float]], questions: int, k: int) -> np.ndarray:
    wins = np.zeros((1, questions, k, k))
    for question, one, other, won in pairs:
        wins[0, question, one, other] += won
        wins[0, question, other, one] += 1 - won
    return wins


def test_two_temperatures_against_a_proportion() -> None:
    """30 pairs of a question each, 21 won: close to Agresti and Coull's interval of a share, and Wilson's."""
    found = chances(met([(q, 0, 1, float(q < 21)) for q in range(30)], 30, 2))
    low, high = stats.binomtest(21, 30).proportion_ci(method="wilson")
    assert found.chance[0, 0] == pytest.approx(0.7, abs=0.01)
    assert found.low[0, 0] == pytest.approx(low, abs=0.03)
    assert found.high[0, 0] == pytest.approx(high, abs=0.03)
    np.testing.assert_allclose(found.low[0], 1 - found.high[0, ::-1])


def test_who_won_everything_is_not_known_exactly() -> None:
    found = chances(met([(q, 0, 1, 1.0) for q in range(20)], 20, 2))
    exact = stats.binomtest(20, 20).proportion_ci(method="exact")
    assert 0.95 < found.chance[0, 0] < 1
    assert found.low[0, 0] == pytest.approx(exact.low, abs=0.06)
    assert found.high[0, 0] < 1


def test_ties_alone_are_known_well_but_not_exactly() -> None:
    found = chances(met([(q, 0, 1, 0.5) for q in range(20)], 20, 2))
    assert found.chance[0, 0] == pytest.approx(0.5)
    assert 0.3 < found.low[0, 0] < 0.49


def test_pairs_that_hang_together_tell_less() -> None:
    rng = np.random.default_rng(0)
    won = rng.random(40) < 0.6
    alone = chances(met([(q, 0, 1, float(won[q])) for q in range(40)], 40, 2))
    together = chances(met([(q // 4, 0, 1, float(won[q // 4])) for q in range(40)], 10, 2))
    assert (together.high - together.low)[0, 0] > 1.4 * (alone.high - alone.low)[0, 0]


def test_too_few_questions_have_no_interval() -> None:
    found = chances(met([(q, 0, 1, float(q % 2)) for q in range(4)], 4, 2))
    assert np.isnan(found.low).all()
    assert np.isfinite(found.chance).all()


@settings(max_examples=60)
@given(hnp.arrays(float, (2, 7, 4, 4), elements=st.sampled_from([0, 0.5, 1, 2, 30])))
def test_any_comparisons_have_an_interval_around_them(wins) -> None:
    wins[:, :, np.arange(4), np.arange(4)] = 0
    wins[:, :, 0, 1:] += 0.5  # all have met
    found = chances(wins)
    assert ((found.low > 0) & (found.low < found.chance)).all()
    assert ((found.chance < found.high) & (found.high < 1)).all()
    np.testing.assert_allclose(found.chance.mean(axis=1), 0.5)


@pytest.mark.parametrize(
    ("strengths", "raters"),
    [((0, 0), 1), ((0.8, 0, -0.8), 2), ((0.5, 0.5, 0.5, -3), 1), ((0.8, 0.6, 0.2, -0.4, -1.2), 3)],
)
def test_simulated_raters_are_recovered(strengths: tuple[float, ...], raters: int) -> None:
    """40 pairs, each read by all raters, of questions and answers that differ: intervals hold in 93 to 97 of 100 cases, give or take chance."""
    draws, pairs, rng = 1_500, 40, np.random.default_rng([len(strengths), raters])
    level, k = np.array(strengths), len(strengths)

    def won(one, other, extra):
        seen = level[one] - level[other] + extra + rng.logistic(0, 1, np.shape(extra))
        return np.where(np.abs(seen) < 0.4, 0.5, seen > 0)

    questions = pairs // (k // 2)
    wins = np.zeros((draws, questions, k, k))
    for pair in range(pairs):
        matching = np.random.default_rng(pair // (k // 2)).permutation(k)
        one, other = matching[2 * (pair % (k // 2)) : 2 * (pair % (k // 2)) + 2]
        extra = rng.normal(0, 1, (draws, 1)) + np.zeros((draws, raters))
        mean = won(one, other, extra).mean(axis=1)
        wins[:, pair // (k // 2), one, other] += mean
        wins[:, pair // (k // 2), other, one] += 1 - mean
    truth = [
        np.mean([won(i, j, rng.normal(0, 1, 200_000)).mean() for j in range(k) if j != i]) for i in range(k)
    ]
    found = chances(wins)
    held = ((found.low <= truth) & (truth <= found.high)).mean()
    assert 0.925 < held < 0.98


def test_power_grows_with_pairs_and_with_what_is_to_be_seen() -> None:
    def sheet(questions: int) -> list[tuple[str, float, float]]:
        return [
            (f"q{q}", *((0.0, 1.0), (0.5, 1.5), (0.0, 0.5), (1.0, 1.5))[(2 * q + n) % 4])
            for q in range(questions)
            for n in (0, 1)
        ]

    few, many = power(sheet(10)), power(sheet(60))
    for found in (few, many):
        probabilities = [each.probability for each in found]
        assert probabilities == sorted(probabilities)
    assert all(a.probability < b.probability for a, b in zip(few, many, strict=True))
    assert many[-1].probability > 0.95
    assert power(sheet(4)) == ()


def test_the_power_of_one_pair_a_question_is_that_of_a_binomial_test() -> None:
    """Two temperatures, 60 questions: what a two-sided test of a proportion at 5 % finds, by its exact distribution."""
    (found,) = power([(f"q{q}", 0.0, 1.0) for q in range(60)], wins=(0.7,))
    least = next(n for n in range(61) if stats.binomtest(n, 60).proportion_ci(method="wilson").low > 0.5)
    assert found.probability == pytest.approx(stats.binom.sf(least - 1, 60, 0.7), abs=0.08)
