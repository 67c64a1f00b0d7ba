"""TURN of a section: the published series from scores, what bounds leave open, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from usecase_scores import section_of, table_of

from tempkit.analysis import curves
from tempkit.analysis.trends import measure_trends
from tempkit.analysis.turn import SectionTurn, section_turn
from tempkit.decision import as_data, decide, use_case
from tempkit.decision.prose.entropy import by_entropy

GRID = tuple(round(0.1 * i, 1) for i in range(15))
PUBLISHED = np.array(
    [
        *(0.0, 0.0127, 0.0274, 0.0453, 0.0667, 0.0895, 0.1158, 0.1460),
        *(0.1839, 0.2280, 0.2919, 0.4140, 0.7597, 1.9236, 3.9159),
    ]
)
ITEMS = np.linspace(0.5, 1.5, 8)[:, None]
"""Eight items whose entropies are the published ones times this: mean 1."""


def entropies(rows=ITEMS * PUBLISHED, *, replicates=3, measure="tempered_entropy", **others):
    values = np.repeat(np.asarray(rows)[:, :, None], replicates, axis=2)
    return table_of(values, measure=measure, temperatures=others.pop("temperatures", GRID), **others)


def turned(*tables) -> SectionTurn:
    return section_turn(section_of(*tables))


def test_the_published_series_turns_at_0_9_and_temperature_0_is_left_out() -> None:
    found = turned(entropies())
    assert (found.status, found.temperature, found.low, found.high) == ("found", 0.9, 0.9, 0.9)
    assert (found.items, found.share_found, found.left_out) == (8, 1.0, (0.0,))
    assert [at.temperature for at in found.entropies] == list(GRID[1:])
    assert [at.least for at in found.entropies] == pytest.approx(PUBLISHED[1:].tolist())
    first, note = by_entropy(found)
    assert first == (
        "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be 0.9 (95 % interval over 8 questions: "
        "0.9 to 0.9)."
    )
    assert "validated only for mathematics and code with many answers to each question" in note
    assert "knows nothing of the quality" in note


def test_items_weigh_the_same_however_many_samples_they_have() -> None:
    rows = np.repeat((ITEMS * PUBLISHED)[:, :, None], 3, axis=2)
    rows[0, :, 1:] = np.nan
    assert section_turn(section_of(table_of(rows, measure="tempered_entropy", temperatures=GRID))) == turned(
        entropies()
    )


def test_without_a_bend_the_last_interior_temperature_is_named_as_such() -> None:
    found = turned(entropies(ITEMS * np.sqrt(GRID)))
    assert (found.status, found.temperature) == ("none", 1.3)
    assert by_entropy(found) == ()


def test_few_items_have_no_interval() -> None:
    found = turned(entropies(ITEMS[:3] * PUBLISHED))
    assert (found.status, found.temperature, found.low, found.items) == ("found", 0.9, None, 3)
    assert "at least 5 questions with an entropy at every temperature" in by_entropy(found)[0]


def ends(width: float, rows=ITEMS * PUBLISHED, **others):
    return (
        entropies(rows, measure="tempered_entropy_least", version="1 raw top-20", **others),
        entropies(rows * (1 + width), measure="tempered_entropy_most", version="1 raw top-20", **others),
    )


def test_bounds_are_enough_where_they_settle_it() -> None:
    found = turned(*ends(1e-5))
    assert (found.status, found.temperature, found.possible) == ("found", 0.9, (0.9, 0.9))
    left_open = turned(*ends(0.005))
    assert (left_open.status, left_open.temperature, left_open.possible) == ("open", None, (0.8, 0.9))
    assert "anything from 0.8 to 0.9: only the most probable tokens are known" in by_entropy(left_open)[0]


def test_items_with_bounds_and_items_without_are_taken_together() -> None:
    rows = ITEMS * PUBLISHED
    holes = np.full_like(rows[3:], np.nan)
    exact = entropies(np.concatenate([rows[:3], holes]))
    both = turned(exact, *ends(1e-6, np.concatenate([np.full_like(rows[:3], np.nan), rows[3:]])))
    assert (both.items, both.temperature) == (8, 0.9)
    assert [at.least for at in both.entropies] == pytest.approx(PUBLISHED[1:].tolist())


def test_what_cannot_be_sought_has_a_reason_and_is_not_spoken_of() -> None:
    few = turned(entropies((ITEMS * PUBLISHED)[:, :5], temperatures=GRID[:5]))
    assert (few.status, few.temperature) == ("too few temperatures", None)

    gaps = ITEMS * PUBLISHED
    gaps[np.arange(8), np.arange(3, 11)] = np.nan
    assert turned(entropies(gaps)).status == "too few items"

    unknown = {0.1: {"the provider does not say what its logprobs are of; this needs raw ones": 24}}
    none = turned(entropies(np.full((8, 15), np.nan), missing=unknown))
    assert none.status == "not known"
    assert none.why_missing == "the provider does not say what its logprobs are of; this needs raw ones"
    assert (turned().status, turned().why_missing) == ("not known", None)
    assert by_entropy(few) == by_entropy(none) == ()


def test_hot_temperatures_without_values_and_cold_ones_without_a_choice_are_left_out() -> None:
    rows = ITEMS * PUBLISHED
    rows[:, 1] = 0.0
    rows[:5, 14] = np.nan
    found = turned(entropies(rows))
    assert found.left_out == (0.0, 0.1, 1.4)
    assert (found.status, found.temperature, found.items) == ("found", 0.9, 8)


def test_it_stands_beside_a_decision_and_changes_nothing_of_it() -> None:
    facts = table_of(np.full((8, 15, 2), 0.5), temperatures=GRID)
    profile = use_case("technical-documentation")
    alone = decide(section_of(facts), profile)
    beside = decide(section_of(facts, entropies()), profile)
    assert beside.turn is not None
    assert beside.turn.temperature == 0.9
    assert alone == replace(beside, turn=alone.turn)
    assert as_data(beside)["turn"]["entropies"][0] == {
        "temperature": 0.1,
        "least": pytest.approx(0.0127),
        "most": pytest.approx(0.0127),
        "items": 8,
    }


def test_ends_of_bounds_have_no_curve_and_no_trend_of_their_own() -> None:
    section = section_of(*ends(0.1), entropies())
    assert [curve.measure for curve in curves(section)] == ["tempered_entropy"]
    assert [each.measure for each in measure_trends([section])] == ["tempered_entropy"]
