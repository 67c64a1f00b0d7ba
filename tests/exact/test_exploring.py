"""Bounds on accepted answers hold whatever was explored, at every temperature, and only get narrower."""

import numpy as np
import pytest
from exact.toy_models import END, PIECES, Asked, Toy
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.types import Check

TEMPERATURES = (0.0, 1e-3, 0.2, 0.7, 1.0, 2.0, 50.0)

QUESTIONS = [
    Asked((Check("equals", "yes"),)),
    Asked((Check("equals", "yes"),), stops=("\n",)),
    Asked((Check("equals", "ye"),), stops=("s\nx", "s")),
    Asked((Check("equals", "é"),)),
    Asked((Check("equals", "�"),)),  # what half a character reads as, so any odd byte spells it
    Asked((Check("equals", ""),), stops=("\n", "s")),
    Asked((Check("regex", "^(yes|no)$"),)),
    Asked((Check("regex", "^(?i)(YES|no)$"), Check("contains", "y")), stops=("e\n",)),
    Asked((Check("regex", r"^y[es]{0,2}"),)),
    Asked((Check("contains", "yes"),)),
    Asked((Check("icontains", "NO"), Check("is-json"))),
    Asked((Check("regex", "es"),), stops=("\n",)),
]

questions = st.sampled_from(QUESTIONS)
seeds = st.integers(0, 10**6)


@given(question=questions, seed=seeds, limit=st.integers(1, 4))
@settings(max_examples=60)
def test_bounds_hold_the_truth_and_are_nested_as_passes_grow(question, seed, limit):
    truth = question.truth(Toy(seed, []), limit, TEMPERATURES)
    explorer = question.explorer(Toy(seed, []), limit, TEMPERATURES)
    before = explorer.bounds()
    assert (before.lower == 0).all()
    assert (before.upper == 1).all()
    for passes in (1, 1, 3, 10, 100):
        now = explorer.explore(passes, within=0.0)
        assert (now.lower <= truth + 1e-12).all()
        assert (truth <= now.upper + 1e-12).all()
        assert (before.lower <= now.lower + 1e-12).all()
        assert (now.upper <= before.upper + 1e-12).all()
        before = now


@given(question=questions, seed=seeds, limit=st.integers(1, 3))
@settings(max_examples=40)
def test_with_passes_enough_the_bounds_meet_at_the_truth(question, seed, limit):
    found = question.explorer(Toy(seed, []), limit, TEMPERATURES).explore(10**6, within=0.0)
    truth = question.truth(Toy(seed, []), limit, TEMPERATURES)
    # Beginnings that are left behind together hold less than a thousandth of nothing.
    np.testing.assert_allclose(found.lower, truth, atol=3e-9)
    np.testing.assert_allclose(found.upper, truth, atol=3e-9)


@given(question=questions, seed=seeds)
@settings(max_examples=30)
def test_answers_add_up_to_the_lower_bound_and_to_no_more_than_1(question, seed):
    found = question.explorer(Toy(seed, []), 4, TEMPERATURES).explore(60, within=0.0)
    total = sum((mass for _, mass in found.answers), np.zeros(len(TEMPERATURES)))
    np.testing.assert_allclose(total, found.lower, atol=3e-9)
    assert (total <= 1 + 1e-12).all()


def test_a_closed_question_takes_a_pass_for_each_way_to_begin_an_answer():
    toy = Toy(3, [])
    found = QUESTIONS[0].explorer(toy, 5, (0.5, 1.5)).explore(1000, within=0.0)
    spelled = {b"".join(PIECES[token] for token in path) for path in toy.asked}
    assert spelled == {b"", b"y", b"ye", b"yes"}
    assert found.passes == len(toy.asked) == len(set(toy.asked))
    assert max(map(len, toy.asked)) == 4  # the fifth token can only be the end


def test_the_most_probable_beginning_at_any_temperature_comes_first():
    toy = Toy(8, [])
    question = Asked((Check("contains", "yes"),))
    question.explorer(toy, 6, (0.0, 2.0)).explore(17, within=0.0)
    first = next(path for path in toy.asked if len(path) == 1)
    row = toy.row(())
    best = row.index(max(x for i, x in enumerate(row) if i != END))
    assert first == (best,)


def test_it_stops_once_the_bounds_are_narrow_enough():
    question = QUESTIONS[0]
    narrow = question.explorer(Toy(5, []), 6, TEMPERATURES).explore(10**4, within=1e-6)
    wide = question.explorer(Toy(5, []), 6, TEMPERATURES).explore(10**4, within=0.2)
    assert narrow.width <= 1e-6 + 3e-9
    assert wide.width <= 0.2
    assert wide.passes < narrow.passes


def test_logits_that_are_not_finite_are_no_distribution():
    class Broken(Toy):
        def row(self, path):
            return [float("nan")] * len(PIECES)

    with pytest.raises(ValueError, match="not finite"):
        QUESTIONS[0].explorer(Broken(1, []), 3, (1.0,)).explore(1, within=0.0)
