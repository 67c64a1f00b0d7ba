"""A recommendation from scores: what is chosen, what it rests on, and what is said when the data do not tell."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs
from usecase_scores import clustered, section_of, table_of

from tempkit.errors import UsageError
from tempkit.types import Item
from tempkit.usecases import ad_hoc, between, recommend, recommend_run, use_case

GRID = (0.0, 0.5, 1.0, 1.5)
DOCS = use_case("technical-documentation")


def shares(rng, means, **shape):
    return np.clip(
        clustered(rng, means, **{"items": 60, "interaction_sd": 0.02, "item_sd": 0.05, **shape}), 0, 1
    )


def facts(rng, means, **shape):
    return table_of(shares(rng, means, **shape), temperatures=GRID)


def test_a_drop_is_found_and_the_lowest_of_the_equals_taken(rng):
    found = recommend(section_of(facts(rng, [0.8, 0.8, 0.8, 0.4])), DOCS)
    assert (found.status, found.temperature) == ("recommended", 0.0)
    assert found.within == found.acceptable == (0.0, 0.5, 1.0)
    assert [level.place for level in found.levels] == ["within", "within", "within", "excluded"]
    assert found.levels[3].behind_low > 0.3
    assert 0 < found.p_best < 1
    assert found.trend.slope == pytest.approx(-0.24, abs=0.02)
    assert found.trend.high < 0
    assert found.at_default.loss == pytest.approx(0, abs=0.02)
    assert found.evidence[0].startswith("0 to 1 are shown to be within 5 points of the best.")
    assert found.needs is None


def test_no_difference_is_a_tie_and_says_so(rng):
    found = recommend(section_of(facts(rng, [0.7] * 4)), DOCS)
    assert (found.status, found.temperature, found.within) == ("tie", 0.0, GRID)
    assert found.evidence[0].startswith("Any of 0 to 1.5 will do")
    assert [s.margin for s in found.sensitivity] == [0.025, 0.1]


def test_a_guard_rail_takes_temperatures_out_whatever_they_score(rng):
    looping = table_of(shares(rng, [0.0, 0.01, 0.3, 0.9]), measure="loop", temperatures=GRID)
    found = recommend(section_of(facts(rng, [0.5, 0.5, 0.9, 0.9]), looping), DOCS)
    assert found.temperature == 0.0
    assert found.acceptable == (0.0, 0.5)
    assert [level.place for level in found.levels][2:] == ["ruled out", "ruled out"]
    assert found.cliff.temperature == 1.0
    assert found.cliff.measure == "loop"
    assert found.cliff.distance == 1.0
    assert any("Guard-rail broken from 1 on" in sentence for sentence in found.evidence)


def test_a_relative_guard_rail_is_measured_from_the_lowest_temperature(rng):
    hard = table_of(3 + shares(rng, [0.0, 0.1, 0.2, 0.3]), measure="incoherence", temperatures=GRID)
    nonsense = table_of(3 + 4 * shares(rng, [0.0, 0.1, 0.6, 0.9]), measure="incoherence", temperatures=GRID)
    new = table_of(shares(rng, [0.0, 0.3, 0.5, 0.9]), measure="novelty", temperatures=GRID)
    creative = use_case("creative-writing")
    assert recommend(section_of(new, hard), creative).temperature == 1.5
    found = recommend(section_of(new, nonsense), creative)
    assert (found.status, found.temperature, found.cliff.temperature) == ("recommended", 0.5, 1.0)


def test_few_items_are_undecided_and_it_says_how_many_are_missing(rng):
    found = recommend(section_of(facts(rng, [0.9, 0.9, 0.9, 0.1], items=3)), DOCS)
    assert (found.status, found.temperature, found.acceptable) == ("undecided", None, GRID)
    assert (found.needs.items, found.needs.at_least) == (2, True)
    assert all(level.low is None for level in found.levels)


def test_noise_is_undecided_and_more_samples_would_tell():
    rng = np.random.default_rng(4)
    noisy = clustered(rng, [0.5] * 4, items=40, replicates=4, interaction_sd=0.0, noise_sd=0.3)
    found = recommend(
        section_of(table_of(noisy, temperatures=GRID, measure="score")), ad_hoc("score", 0.05, None, None)
    )
    assert found.status == "undecided"
    assert found.needs.samples > 10
    more = clustered(
        rng, [0.5] * 4, items=40, replicates=4 + found.needs.samples, interaction_sd=0.0, noise_sd=0.3
    )
    assert (
        recommend(
            section_of(table_of(more, temperatures=GRID, measure="score")), ad_hoc("score", 0.05, None, None)
        ).status
        == "tie"
    )


def test_every_look_asks_for_more_confidence(rng):
    section = section_of(facts(rng, [0.7] * 4, items=12))
    first, third = recommend(section, DOCS), recommend(replace(section, looks=3), DOCS)
    assert first.level == pytest.approx(0.95)
    assert third.level == pytest.approx(1 - 0.05 / 3)
    assert third.levels[1].behind_high > first.levels[1].behind_high


def test_a_temperature_where_most_values_are_missing_is_not_compared(rng):
    values = shares(rng, [0.8, 0.8, 0.8, 1.0])
    values[:, 3, 1:] = np.nan
    cut = {1.5: {"cut off by max_tokens": 60 * 5}}
    found = recommend(section_of(table_of(values, temperatures=GRID, missing=cut)), DOCS)
    assert found.levels[3].place == "not measured"
    assert found.levels[3].missing == 300
    assert 1.5 not in found.acceptable
    assert any(
        "300 of 360 values are missing (most: cut off by max_tokens)" in each for each in found.caveats
    )


def test_the_first_primary_measure_with_values_counts(rng):
    passed = table_of(shares(rng, [0.5] * 4), measure="check_pass", temperatures=GRID)
    assert recommend(section_of(passed), DOCS).measure == "check_pass"
    empty = table_of(np.full((5, 4, 2), np.nan), temperatures=GRID)
    assert recommend(section_of(empty, passed), DOCS).measure == "check_pass"


def test_lower_can_be_better(rng):
    errors = table_of(shares(rng, [0.5, 0.2, 0.2, 0.5]), measure="errors", temperatures=GRID)
    found = recommend(section_of(errors), ad_hoc("errors", 0.05, "lower", None))
    assert (found.status, found.temperature, found.within) == ("recommended", 0.5, (0.5, 1.0))
    assert found.wants == "errors as low as possible."


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((0, 4, 2)),
        np.full((6, 4, 2), np.nan),
        np.ones((1, 4, 1)),
        np.ones((30, 4, 5)),
        np.full((5, 4, 1), 0.25),
        np.where(np.arange(4)[None, :, None] == 2, np.nan, np.ones((8, 4, 3))),
        np.where(np.arange(8)[:, None, None] < 4, np.nan, np.ones((8, 4, 3))),
    ],
    ids=[
        "no items",
        "no values",
        "one sample",
        "all alike",
        "five items alike",
        "a hole of T",
        "items without values",
    ],
)
def test_degenerate_scores_give_a_status_and_no_false_precision(values):
    found = recommend(section_of(table_of(values, temperatures=GRID)), DOCS)
    assert found.evidence
    assert found.temperature is None or found.status in ("recommended", "tie")
    for level in found.levels:
        numbers = [
            level.mean,
            level.low,
            level.high,
            level.behind,
            level.behind_low,
            level.behind_high,
            level.p_best,
        ]
        assert all(number is None or np.isfinite(number) for number in numbers)
        assert level.low is None or level.high > level.low
    if values.shape[0] < 5:
        assert found.status == "undecided"


def test_thirty_items_that_agree_are_not_yet_a_tie_within_five_points_but_a_hundred_are():
    """No item differed, but 30 items cannot show that fewer than 1 in 20 ever does."""
    few = recommend(section_of(table_of(np.ones((30, 4, 5)), temperatures=GRID)), DOCS)
    assert (few.status, few.within) == ("undecided", ())
    assert few.needs.samples is None
    assert few.needs.items > 30
    many = recommend(section_of(table_of(np.ones((30 + few.needs.items, 4, 5)), temperatures=GRID)), DOCS)
    assert many.status == "tie"


def test_a_section_without_a_use_case_needs_one_named(rng):
    section = section_of(facts(rng, [0.5] * 4), use_case=None)
    with pytest.raises(UsageError, match="no use case is known for facts"):
        recommend_run([section])
    assert [each.use_case for each in recommend_run([section], DOCS)] == ["technical-documentation"]


def test_a_measure_that_is_neither_good_nor_bad_needs_a_direction():
    with pytest.raises(UsageError, match="say which you want, higher or lower"):
        ad_hoc("mean_entropy", 0.1, None, None)
    with pytest.raises(UsageError, match="a margin must be above 0"):
        ad_hoc("accuracy", 0.0, None, None)


def test_two_use_cases_of_one_model_are_compared_by_what_is_shown(rng):
    facts_low = recommend(section_of(facts(rng, [0.8, 0.8, 0.4, 0.4])), DOCS)
    facts_high = recommend(section_of(facts(rng, [0.4, 0.4, 0.8, 0.8])), replace_title(DOCS))
    facts_all = recommend(section_of(facts(rng, [0.8] * 4)), replace_title(DOCS))
    facts_mid = recommend(section_of(facts(rng, [0.4, 0.8, 0.8, 0.4])), replace_title(DOCS))
    (apart,) = between([facts_low, facts_high])
    assert "want different temperatures: 0 and 0.5 remain possible for Technical documentation alone" in apart
    (alike,) = between([facts_low, facts_low])
    assert alike.startswith("On scripted:m, nothing shows that")
    (partly,) = between([facts_low, facts_mid])
    assert "do not want quite the same" in partly
    assert partly.endswith("0.5 remains possible for both.")
    assert "0 and 0.5 remain possible for both" in between([facts_low, facts_all])[0]
    assert between([facts_low]) == []


def test_a_temperature_without_values_is_not_said_to_be_unwanted(rng):
    whole = recommend(section_of(facts(rng, [0.8] * 4)), DOCS)
    values = shares(rng, [0.8] * 4)
    values[:, 3] = np.nan
    lacking = recommend(section_of(table_of(values, temperatures=GRID)), replace_title(DOCS))
    assert lacking.levels[3].place == "not measured"
    (said,) = between([whole, lacking])
    assert "nothing shows that" in said
    assert "0 to 1.5 remain possible for both" in said


def replace_title(profile):
    return structs.replace(profile, name="other", title="Other")


def test_what_does_not_apply_to_some_items_is_said(rng):
    section = section_of(facts(rng, [0.8] * 4))
    items = tuple(Item(key=f"item-{i}", prompt="facts", messages=()) for i in range(70))
    whole = replace(section, prompts=(replace(section.prompts[0], items=items),))
    assert any("taken of 60 of 70 items" in each for each in recommend(whole, DOCS).caveats)
