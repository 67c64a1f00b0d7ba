"""What a judge says of equal texts is one measurement; what it says of two answers concerns both. Neither is counted as more."""

import numpy as np
import pytest
from scipy import stats

from tempkit.analysis.tables import Table
from tempkit.statistics import Values
from tempkit.statistics.differences import within_items
from tempkit.statistics.noise import noise_of_mean

ALL = np.ones(1, dtype=bool)


def test_equal_values_of_texts_count_once() -> None:
    array = [[[0.5, 0.5, 0.5, np.nan], [0.25, 0.5, 0.5, 1.0], [np.nan] * 4]]
    assert Values(array, low=0, high=1, opinions="of_texts").measurements.tolist() == [[1, 3, 0]]
    assert Values(array, low=0, high=1, opinions="of_pairs").measurements.tolist() == [[3, 4, 0]]
    assert Values(array, low=0, high=1).measurements.tolist() == [[3, 4, 0]]


def test_by_hand() -> None:
    array = [[[0.5] * 4, [0.25, 0.5, 0.5, 1.0]]]
    variance = np.var([0.25, 0.5, 0.5, 1.0], ddof=1)
    plain, texts, pairs = (
        Values(array, low=0, high=1, opinions=each) for each in (None, "of_texts", "of_pairs")
    )
    assert noise_of_mean(plain, 1, ALL).variance == pytest.approx(variance / 4)
    assert noise_of_mean(texts, 1, ALL).variance == pytest.approx(variance / 3)
    assert noise_of_mean(pairs, 1, ALL).variance == pytest.approx(variance / 2)
    # One text at the first temperature: nothing there tells how far its grade is off, but other texts do.
    assert noise_of_mean(plain, 0, ALL).variance == 0
    assert noise_of_mean(texts, 0, ALL).variance == pytest.approx(variance)
    assert noise_of_mean(Values([[[0.5] * 4] * 2], low=0, high=1, opinions="of_texts"), 0, ALL) is None


def test_opinions_stay_with_the_values() -> None:
    values = Values([[[0.0, 1.0], [0.5, 0.5]]], low=0, high=1, opinions="of_pairs")
    assert values.select([1]).opinions == values.replaced(values.array).opinions == "of_pairs"


@pytest.mark.parametrize(
    ("measure", "version", "opinions"),
    [
        ("rubric", "judged 1 openai:j", "of_texts"),
        ("preference", "judged 1 openai:j T=1", "of_pairs"),
        ("preference", "imported", None),
        ("fact_recall", "1", None),
    ],
)
def test_a_judges_scores_are_known_as_such(measure: str, version: str, opinions: str | None) -> None:
    assert Table.of(measure, version, ["i"], [0.0], [[[0.5]]]).values.opinions == opinions


@pytest.mark.parametrize(("opinions", "least", "most"), [("of_texts", 0.93, 1.0), (None, 0.0, 0.85)])
def test_intervals_for_these_questions_hold_what_a_judge_with_flicker_means(opinions, least, most) -> None:
    """At T = 0 all sixteen answers are one text, which is graded once; at the other, sixteen texts are graded."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(250):
        array, truth = np.empty((3, 2, 16)), 0.0
        for item in range(3):
            level = 0.6 + rng.normal(0, 0.08)
            array[item, 0] = np.clip(level + rng.normal(0, 0.2), 0, 1)
            array[item, 1] = np.clip(level - 0.05 + rng.normal(0, 0.1, 16) + rng.normal(0, 0.2, 16), 0, 1)
            truth += 0.05 / 3
        values = Values(np.round(8 * array) / 8, low=0, high=1, opinions=opinions)
        found = within_items(values, higher_is_better=True, exact_at_zero=False)
        half = stats.t.ppf(0.975, found.freedom[0, 1]) * found.error[0, 1]
        held.append(abs(found.mean[0, 1] - truth) <= half)
    assert least <= np.mean(held) <= most
