"""What counts as an answer of the judge, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging_samples import completion

from tempkit.judging.parse import TRUNCATED_REASON, parse_choice, parse_grade, read
from tempkit.types import SampleKey
from tempkit.types.reasons import Reason

KEY = SampleKey("i", "m", 0.0, 0)

GRADES = [
    ("4", 4),
    ("It rambles.\n2", 2),
    ("**4**", 4),
    ("  5.\n\n", 5),
    ("Grade: 3", 3),
    ("**Grade:** 3", 3),
    ("Final grade: **1**", 1),
    ("My rating is 2", 2),
    ("4/5", 4),
    ("Score: 4 / 5", 4),
    ("4 out of 5", 4),
    ("`5`", 5),
    ("[[2]]", 2),
    ("# 3", 3),
    ("1 is the worst, but:\n\n  3  ", 3),
]
NO_GRADES = [
    "",
    "   \n",
    "6",
    "0",
    "-3",
    "45",
    "4.5",
    ".5",
    "0.5",
    "3-4",
    "3 or 4",
    "4/10",
    "four",
    "4 because it is good",
    "The grade is between 2 and 3",
    "4\nThank you for asking!",
    "Grade:",
    "٤",
    "⁴",
    "1 2",
]
CHOICES = [
    ("A", 1.0),
    ("B", 0.0),
    ("TIE", 0.5),
    ("tie.", 0.5),
    ("A is shorter.\n**B**", 0.0),
    ("Answer A", 1.0),
    ("Answer: B", 0.0),
    ("Verdict: **TIE**", 0.5),
    ("[[A]]", 1.0),
    ("The better answer is B.", 0.0),
    ("Winner: answer A", 1.0),
    ("(B)", 0.0),
]
NO_CHOICES = [
    "",
    "C",
    "AB",
    "A or B",
    "Both",
    "neither",
    "A, B",
    "B\nI hope that helps",
    "Answer A is better than answer B",
    "A TIE",
    "not A",
    "А",  # Cyrillic
]


@pytest.mark.parametrize(("text", "grade"), GRADES)
def test_a_grade_alone_on_the_last_line_is_read(text: str, grade: int) -> None:
    assert parse_grade(text) == grade


@pytest.mark.parametrize("text", NO_GRADES)
def test_anything_else_is_no_grade(text: str) -> None:
    assert parse_grade(text) is None


@pytest.mark.parametrize(("text", "choice"), CHOICES)
def test_a_choice_alone_on_the_last_line_is_read(text: str, choice: float) -> None:
    assert parse_choice(text) == choice


@pytest.mark.parametrize("text", NO_CHOICES)
def test_anything_else_is_no_choice(text: str) -> None:
    assert parse_choice(text) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert parse_grade(text) in (None, 1, 2, 3, 4, 5)
    assert parse_choice(text) in (None, 0.0, 0.5, 1.0)


@given(st.text(alphabet=st.characters(exclude_characters="12345")))
def test_a_grade_is_never_made_up(text: str) -> None:
    assert parse_grade(text) is None


def test_grades_are_turned_so_that_5_is_the_best() -> None:
    assert read("upwards", completion(KEY, "2")).value == 2
    assert read("downwards", completion(KEY, "2")).value == 4
    assert read("downwards", completion(KEY, "1")).value == 5


def test_an_answer_that_was_cut_off_is_not_read_even_where_it_looks_whole() -> None:
    for form in ("upwards", "pair"):
        cut = read(form, completion(KEY, "A\n4" if form == "upwards" else "B", finish="length"))
        assert (cut.value, cut.reason) == (None, TRUNCATED_REASON)


def test_what_cannot_be_read_has_a_reason() -> None:
    assert read("pair", completion(KEY, "both")).reason == Reason("judge_no_choice")
    assert read("upwards", completion(KEY, "A")).reason == Reason("judge_no_grade")
