"""The rule that turns standings into a choice, and its error rates by simulation."""

import numpy as np
import pytest
from usecase_scores import clustered

from tempkit.statistics import best_set
from tempkit.usecases.choice import choose

DATASETS = 500


def choice(values, *, margin=0.05, tie="lowest", ruled_out=False, candidates=None, higher=True):
    best = best_set(
        values, margin=margin, higher_is_better=higher, seed=1, draws=0, span=None, candidates=candidates
    )
    return choose(best, tie, margin=margin, ruled_out=ruled_out)


@pytest.mark.parametrize(("tie", "column"), [("lowest", 0), ("middle", 1), ("highest", 3)])
def test_equal_temperatures_are_a_tie_and_the_rule_takes_one(rng, tie, column):
    values = clustered(rng, [0.5] * 4, items=60, interaction_sd=0.01, noise_sd=0.02)
    found = choice(values, tie=tie)
    assert (found.status, found.column, found.within) == ("tie", column, (0, 1, 2, 3))


def test_a_leader_is_recommended_with_what_is_near_it(rng):
    values = clustered(rng, [0.5, 0.69, 0.7, 0.2], items=60, interaction_sd=0.01, noise_sd=0.02)
    found = choice(values)
    assert (found.status, found.column) == ("recommended", 1)
    assert found.within == found.acceptable == (1, 2)
    assert choice(-values, higher=False).within == (1, 2)


def test_too_few_items_decide_nothing(rng):
    found = choice(clustered(rng, [0.1, 0.9], items=4))
    assert (found.status, found.column, found.acceptable) == ("undecided", None, (0, 1))


def test_what_a_guard_rail_leaves_over_is_recommended_without_a_comparison(rng):
    values = clustered(rng, [0.5, 0.5], items=10)
    assert choice(values, candidates=[1], ruled_out=True).status == "recommended"
    assert choice(values, candidates=[1], ruled_out=True).column == 1
    assert choice(values, candidates=[1]).status == "undecided"


@pytest.mark.slow
@pytest.mark.parametrize(("items", "interaction"), [(10, 0.1), (30, 0.02), (50, 0.1)])
def test_where_temperature_does_nothing_nothing_is_recommended(items, interaction):
    """At most 5 % of the data sets may get a recommendation; 3 standard errors of 500 data sets are allowed on top."""
    rng = np.random.default_rng(items)
    statuses = [
        choice(clustered(rng, [0.5] * 5, items=items, interaction_sd=interaction)).status
        for _ in range(DATASETS)
    ]
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / DATASETS)
    assert statuses.count("recommended") / DATASETS <= allowed


@pytest.mark.slow
@pytest.mark.parametrize(("items", "alone"), [(10, 0.0), (50, 0.4), (100, 0.95)])
def test_a_true_best_ten_points_ahead_is_acceptable_and_with_enough_items_alone(items, alone):
    rng = np.random.default_rng(items)
    found = [
        choice(clustered(rng, [0.5, 0.5, 0.6, 0.5, 0.5], items=items, interaction_sd=0.05))
        for _ in range(DATASETS)
    ]
    assert np.mean([2 in each.acceptable for each in found]) >= 0.95
    assert np.mean([each.acceptable == (2,) for each in found]) >= alone
    assert all(each.column == 2 for each in found if each.acceptable == (2,))


@pytest.mark.slow
def test_bernoulli_answers_of_items_that_differ_in_difficulty():
    rng = np.random.default_rng(11)

    def answers(means):
        chance = np.clip(np.asarray(means)[np.newaxis, :] + rng.uniform(-0.35, 0.35, (30, 1)), 0, 1)
        return (rng.random((30, len(means), 8)) < chance[:, :, np.newaxis]).astype(float)

    null = [choice(answers([0.5] * 5)).status for _ in range(DATASETS)]
    assert null.count("recommended") / DATASETS <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / DATASETS)
    ahead = [choice(answers([0.5, 0.5, 0.6, 0.5, 0.5])) for _ in range(DATASETS)]
    assert np.mean([2 in each.acceptable for each in ahead]) >= 0.95
