"""Is the judge shown to go by the texts? Judges that do, that do not, and that cannot be told apart from those."""

import numpy as np
import pytest
from scipy import stats

from tempkit.judging.consistency import of_grades, of_pairs

QUALITY = [1, 2, 3, 4, 5, 5, 4, 2, 1, 3]


def test_a_judge_that_goes_by_the_texts_is_shown_to() -> None:
    found = of_grades([(q, q) for q in QUALITY], asked=10)
    assert (found.compared, found.alike, found.equal) == (10, 10, 10)
    assert found.shown
    assert found.warnings == ()


def test_grades_within_one_are_alike_but_not_equal() -> None:
    found = of_grades([(1, 1), (1, 2), (5, 4), (5, 3), (4, 5)], asked=5)
    assert (found.compared, found.alike, found.equal) == (5, 4, 1)


@pytest.mark.parametrize("said", [1, 2, 3, 4, 5])
def test_a_judge_that_always_says_the_same_number_is_not(said: int) -> None:
    found = of_grades([(said, 6 - said)] * 30, asked=30)
    assert not found.shown
    assert found.p_value == 1
    assert "it gives all of 30 different texts the same grade" in found.warnings[0]
    assert found.alike == (30 if said == 3 else 0)  # agreement by itself would say that 3 is perfect


def test_a_judge_that_always_means_the_same_grade_is_not() -> None:
    assert not of_grades([(5, 5)] * 30, asked=30).shown


def test_a_judge_that_looks_at_the_number_and_not_at_its_meaning_is_not() -> None:
    found = of_grades([(q, 6 - q) for q in QUALITY * 3], asked=30)
    assert not found.shown
    assert "agree no better than those of different texts would" in found.warnings[0]


def test_random_grades_are_shown_to_go_by_the_texts_in_one_case_of_twenty() -> None:
    rng = np.random.default_rng(1)
    shown = [
        of_grades([tuple(row) for row in rng.integers(1, 6, (20, 2))], asked=20, seed=n).shown
        for n in range(200)
    ]
    assert 0.01 <= np.mean(shown) <= 0.09


def test_the_permutation_test_agrees_with_scipys() -> None:
    grades = np.array([(1, 2), (2, 2), (3, 2), (4, 4), (5, 3), (2, 3), (4, 5)], dtype=float)
    expected = stats.permutation_test(
        (grades[:, 1],),
        lambda down: np.abs(grades[:, 0] - down).mean(),
        permutation_type="pairings",
        alternative="less",
        n_resamples=np.inf,
    ).pvalue
    assert of_grades([tuple(row) for row in grades], asked=7).p_value == pytest.approx(expected, abs=0.01)


def test_a_judge_that_contradicts_itself_is_called_so_even_where_it_is_shown_to_go_by_the_texts() -> None:
    grades = [(1, 1), (5, 5)] * 20 + [(1, 4), (5, 2), (3, 5), (3, 1)] * 5
    found = of_grades(grades, asked=60)
    assert found.shown
    assert "contradicts itself: its two grades are more than 1 apart for 20 of 60 texts" in found.warnings[0]


@pytest.mark.parametrize(("asked", "shown"), [(0, True), (8, False)])
def test_without_any_grade_nothing_is_shown_unless_nothing_was_asked(asked: int, shown: bool) -> None:
    for found in (of_grades([], asked=asked), of_pairs([], asked=asked)):
        assert (found.compared, found.p_value, found.shown) == (0, None, shown)
        assert bool(found.warnings) != shown


def test_pairs_judged_alike_in_both_orders() -> None:
    found = of_pairs([(1, 1), (0, 0), (1, 1), (0.5, 0.5), (0, 0), (1, 1)], asked=6)
    assert (found.compared, found.alike, found.decided) == (6, 6, 5)
    assert found.p_value == pytest.approx(1 / 32)
    assert found.shown
    # shown first it won 3 times and lost twice; shown second, the other way round
    assert found.first == pytest.approx(0.5)


def test_a_judge_that_always_takes_the_first_is_found_out() -> None:
    found = of_pairs([(1, 0)] * 12, asked=12)
    assert (found.alike, found.decided, found.first, found.p_value) == (0, 12, 1.0, 1.0)
    assert not found.shown
    assert "names the same winner in both orders in 0 of 12 pairs" in found.warnings[0]
    assert "favours the answer shown first: of 12 pairs" in found.warnings[1]


def test_a_judge_that_always_takes_the_second_is_found_out() -> None:
    found = of_pairs([(0, 1)] * 12, asked=12)
    assert found.first == 0
    assert "favours the answer shown second" in found.warnings[1]


def test_a_judge_that_only_ties_was_not_shown_to_see_anything() -> None:
    found = of_pairs([(0.5, 0.5)] * 12, asked=12)
    assert (found.alike, found.decided, found.first, found.shown) == (12, 0, None, False)
    assert "named no winner in both orders of any pair" in found.warnings[0]


def test_a_coin_is_shown_to_go_by_the_texts_in_at_most_one_case_of_twenty() -> None:
    rng = np.random.default_rng(2)
    shown = [
        of_pairs([tuple(row) for row in rng.integers(0, 2, (25, 2)).astype(float)], asked=25).shown
        for _ in range(500)
    ]
    assert np.mean(shown) <= 0.07


def test_a_judge_that_favours_a_place_but_sees_the_texts_counts_with_a_warning() -> None:
    results = [(1, 1), (0, 0)] * 20 + [(1, 0)] * 15
    found = of_pairs(results, asked=55)
    assert found.shown
    assert "contradicts itself: the orders disagree on 15 of 55 pairs" in found.warnings[0]
    assert "favours the answer shown first: of 15 pairs" in found.warnings[1]


def test_five_decided_pairs_are_the_fewest_that_can_show_anything() -> None:
    assert not of_pairs([(1, 1)] * 4, asked=4).shown
    assert of_pairs([(1, 1)] * 5, asked=5).shown
