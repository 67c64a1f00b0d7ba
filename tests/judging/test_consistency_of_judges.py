"""Does the judge agree with itself? Judges that do, that do not, and of which too little is known."""

import math

import numpy as np
import pytest

from tempkit.judging.consistency import Answers, Consistency, of_grades, of_pairs

QUALITY = [1, 2, 3, 4, 5, 5, 4, 2, 1, 3]
SAME = ((1, 1), (0, 0))


def answers(given, *, per_item: int = 3) -> list[Answers]:
    return [
        Answers(float(first), float(second), f"i{n // per_item}") for n, (first, second) in enumerate(given)
    ]


def grades(given, *, asked: int | None = None, again=()) -> Consistency:
    return of_grades(answers(given), asked=len(given) if asked is None else asked, min_kappa=0.4, again=again)


def pairs(given, *, asked: int | None = None, again=(), min_kappa: float = 0.4) -> Consistency:
    return of_pairs(
        answers(given), asked=len(given) if asked is None else asked, min_kappa=min_kappa, again=again
    )


def test_a_judge_that_goes_by_the_texts_is_used() -> None:
    found = grades([(q, q) for q in QUALITY * 3])
    assert (found.compared, found.questions, found.alike, found.equal) == (30, 10, 30, 30)
    assert (found.verdict, found.shown, found.warnings, found.needed) == ("reliable", True, (), None)
    assert found.kappa is not None
    assert found.kappa.value == 1
    assert 0.4 < found.kappa.low < 1


def test_grades_within_one_are_alike_but_not_equal() -> None:
    found = grades([(1, 1), (1, 2), (5, 4), (5, 3), (4, 5)])
    assert (found.compared, found.alike, found.equal) == (5, 4, 1)


@pytest.mark.parametrize("said", [1, 2, 3, 4, 5])
def test_a_judge_that_always_says_the_same_number_is_not_used(said: int) -> None:
    found = grades([(said, 6 - said)] * 30)
    assert not found.shown
    assert "it gives all of 30 different texts the same grade" in found.warnings[0]
    assert found.alike == (30 if said == 3 else 0)  # agreement by itself would say that 3 is perfect


def test_a_judge_that_always_means_the_same_grade_is_not_used() -> None:
    assert not grades([(5, 5)] * 30).shown


def test_a_judge_that_looks_at_the_number_and_not_at_its_meaning_goes_by_the_scale() -> None:
    found = grades([(q, 6 - q) for q in QUALITY * 3], again=[(q, q) for q in QUALITY])
    assert found.verdict == "unreliable"
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(-1)
    assert "kappa -1.00, at least -1.00 and at most" in found.warnings[0]
    assert "it changed 0 of 10 answers, so it goes by the scale" in found.warnings[0]


def test_a_coin_is_called_unsteady() -> None:
    rng = np.random.default_rng(1)
    found = pairs(rng.integers(0, 2, (200, 2)), again=rng.integers(0, 2, (30, 2)).tolist())
    assert found.verdict == "unreliable"
    assert "by 200 pairs asked in both orders; 0.4 is asked for" in found.warnings[0]
    assert "answers, so it is unsteady; use another judge" in found.warnings[0]
    assert found.shrinks is None


def test_coins_are_hardly_ever_used_and_never_by_few_pairs() -> None:
    rng = np.random.default_rng(2)
    verdicts = [pairs(rng.integers(0, 2, (24, 2))).verdict for _ in range(300)]
    assert verdicts.count("reliable") <= 3
    assert not any(pairs(rng.integers(0, 2, (3, 2))).shown for _ in range(100))


def test_too_few_pairs_are_said_to_be_that_with_how_many_it_takes() -> None:
    found = pairs([(1, 1), (0, 0), (1, 1), (0, 0), (1, 1)])
    assert (found.verdict, found.shown) == ("unknown", False)
    assert found.needed is not None
    assert 5 < found.needed < 20
    assert f"about {found.needed} pairs would show it, were it as found" in found.warnings[0]
    assert pairs([SAME[n % 2] for n in range(found.needed + 3)]).shown


def test_where_no_number_of_pairs_would_do_it_says_so() -> None:
    found = pairs([(1, 1), (0, 0), (1, 0), (1, 1), (1, 0), (0, 1)])
    assert (found.verdict, found.needed) == ("unknown", None)
    assert "no number of pairs would show enough: use another judge" in found.warnings[0]


def test_the_threshold_can_be_moved() -> None:
    given = [(1, 0) if n % 10 == 0 else SAME[n % 2] for n in range(100)]
    found = pairs(given)
    assert found.kappa is not None
    assert found.kappa.low > 0.4
    assert not pairs(given, min_kappa=0.9).shown
    assert "0.9 is asked for" in pairs(given, min_kappa=0.9).warnings[0]


def test_a_judge_that_contradicts_itself_is_called_so_even_where_it_is_used() -> None:
    found = grades([(1, 1), (5, 5), (2, 1), (4, 5)] * 20 + [(1, 3), (5, 3), (3, 5), (3, 1)] * 7)
    assert found.shown
    assert "contradicts itself: its two grades are more than 1 apart for 28 of 108 texts" in found.warnings[0]


@pytest.mark.parametrize(("asked", "shown"), [(0, True), (8, False)])
def test_without_any_answer_nothing_is_shown_unless_nothing_was_asked(asked: int, shown: bool) -> None:
    for found in (grades([], asked=asked), pairs([], asked=asked)):
        assert (found.compared, found.kappa, found.shown) == (0, None, shown)
        assert bool(found.warnings) != shown


def test_pairs_judged_alike_in_both_orders() -> None:
    found = pairs([(1, 1), (0, 0), (1, 1), (0.5, 0.5), (0, 0), (1, 1)])
    assert (found.compared, found.alike, found.decided) == (6, 6, 5)
    # shown first it won 3 times and lost twice; shown second, the other way round
    assert found.first == pytest.approx(0.5)


def test_a_judge_that_rightly_prefers_one_side_throughout_is_not_punished_for_it() -> None:
    found = pairs([(1, 1)] * 30)
    assert found.shown
    assert found.kappa == pairs([SAME[n % 2] for n in range(30)]).kappa


@pytest.mark.parametrize(("said", "place"), [((1, 0), "first"), ((0, 1), "second")])
def test_a_judge_that_always_takes_one_place_is_found_out(said, place: str) -> None:
    found = pairs([said] * 12, again=[(1, 1)] * 6)
    assert (found.alike, found.decided, found.first, found.verdict) == (0, 12, said[0], "unreliable")
    assert found.kappa is not None
    assert found.kappa.value == -1
    assert "it changed 0 of 6 answers, so it goes by the order" in found.warnings[0]
    assert f"favours the answer shown {place}: of 12 pairs" in found.warnings[1]


def test_a_judge_that_only_ties_was_not_shown_to_see_anything() -> None:
    found = pairs([(0.5, 0.5)] * 12)
    assert (found.alike, found.decided, found.first, found.shown) == (12, 0, None, False)
    assert "it names no winner in any of 12 pairs" in found.warnings[0]


def test_a_judge_that_favours_a_place_but_sees_the_texts_counts_with_warnings() -> None:
    found = pairs([(1, 1), (0, 0)] * 60 + [(1, 0)] * 18)
    assert found.shown
    assert "favours the answer shown first: of 18 pairs" in found.warnings[-1]
    assert found.kappa is not None
    assert found.shrinks == pytest.approx(math.sqrt(found.kappa.low))
