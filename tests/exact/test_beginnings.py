"""A beginning that is called lost is lost, whatever follows; most lost ones are found at once."""

from itertools import product

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.exact.beginnings import Beginnings
from tempkit.types import Check

LETTERS = "ab \n"
TEXTS = ["".join(letters) for n in range(6) for letters in product(LETTERS, repeat=n)]

_atoms = st.sampled_from(["a", "b", " ", r"\s", r"\w", "[ab]", "[^a]", ".", "(?:a|b )", "(ab|a)", r"\n"])
_counted = st.tuples(_atoms, st.sampled_from(["", "", "?", "*", "+", "{1,2}", "*?"])).map("".join)
_bodies = st.lists(_counted, min_size=1, max_size=4).map("".join)
patterns = st.tuples(
    st.sampled_from(["^", r"\A", "^(?i)", "^(?s)"]),
    st.lists(_bodies, min_size=1, max_size=2).map("|".join).map("(?:{})".format),
    st.sampled_from(["$", r"\Z", "", "\\s*$"]),
).map("".join)


@given(pattern=patterns)
@settings(max_examples=120)
def test_no_text_that_a_pattern_is_found_in_has_a_lost_beginning(pattern):
    beginnings = Beginnings((Check("regex", pattern),))
    compiled = regex.compile(pattern, regex.VERSION0)
    found = [text for text in TEXTS if compiled.search(text)]
    wanted = sorted({text[:n] for text in found for n in range(len(text) + 1)})
    assert all(beginnings.open([text.encode() for text in wanted]))


@pytest.mark.parametrize(
    ("check", "lost", "open_"),
    [
        (Check("equals", "yes"), ["n", "Y", "yes.", "yess", " "], ["", "y", "yes"]),
        (Check("equals", 12), ["2", "12."], ["", "1", "12"]),
        (Check("regex", "^(yes|no)$"), ["x", "yes!", "nope"], ["", "ye", "no", "no\n"]),
        (Check("regex", r"(?i)\A\s*(red|blue)\.?\Z"), ["x", "red..", "bluer"], ["  R", "Blue", "red."]),
    ],
)
def test_closed_checks_lose_what_cannot_pass(check, lost, open_):
    beginnings = Beginnings((check,))
    assert beginnings.closed
    assert beginnings.open([text.encode() for text in lost]) == [False] * len(lost)
    assert beginnings.open([text.encode() for text in open_]) == [True] * len(open_)


@pytest.mark.parametrize(
    "check",
    [
        Check("contains", "yes"),
        Check("icontains", "yes"),
        Check("contains-all", ["a", "b"]),
        Check("is-json"),
        Check("regex", "yes"),
        Check("regex", "(?s)^.*yes"),
        Check("regex", "^(?!no)yes$"),
        Check("regex", r"^yes\B.$"),
        Check("regex", r"^(yes|no)\b"),
        Check("regex", r"^(a)\1$"),
        Check("regex", "^(?:yes){e<=1}$"),
        Check("regex", "^a++b$"),
        Check("regex", "(?m)^yes$"),  # on a later line, too
        Check("equals", "\ufffd"),
    ],
)
def test_checks_that_leave_too_much_or_are_not_understood_lose_nothing(check):
    beginnings = Beginnings((check,))
    assert not beginnings.closed
    assert beginnings.open([b"", b"no", b"\xff"]) == [True] * 3


def test_half_a_surrogate_pair_is_spelled_by_no_bytes():
    assert not Beginnings((Check("equals", chr(0xD800)),)).closed


def test_all_checks_must_be_passed():
    beginnings = Beginnings(
        (Check("regex", "^(yes|no)$"), Check("regex", "^[a-o]+$"), Check("contains", "o"))
    )
    assert beginnings.open([b"n", b"y", b"no"]) == [True, False, True]


def test_half_a_character_may_still_become_one():
    beginnings = Beginnings((Check("equals", "é"), Check("regex", "^é$")))
    assert beginnings.open([b"\xc3", b"\xc3\xa9", b"\xc4"]) == [True, True, False]


@pytest.mark.parametrize(
    ("stops", "data", "is_open"),
    [
        ((), b"yes\n", False),
        (("\n",), b"yes\n", True),
        (("\n",), b"yes\n\n", True),
        (("\n\n",), b"yes\n", True),  # the second may follow
        (("\n\n",), b"yes\na", False),
        (("##", "#a"), b"yes#", True),
        (("ab cd", "b"), b"yesab", True),  # `ab cd` may become complete and cut more
        (("b",), b"yesab", False),
    ],
)
def test_what_a_stop_text_may_cut_off_is_not_held_against_a_beginning(stops, data, is_open):
    assert Beginnings((Check("equals", "yes"),), stops).open([data]) == [is_open]
