"""Policies: how they are written, and what they make of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.statistics.policies import Policy


@given(st.sampled_from(["best-of", "majority", "all-of"]), st.integers(2, 100))
def test_a_policy_is_read_and_written_the_same_way(kind, k):
    policy = Policy.parse(f"{kind}:{k}")
    assert (policy.kind, policy.k, str(policy)) == (kind, k, f"{kind}:{k}")


def test_single_is_the_policy_of_one_answer():
    assert Policy.parse("single") == Policy() == Policy("single", 1)
    assert str(Policy()) == "single"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "SINGLE",
            " single",
            "single:1",
            "best-of",
            "best-of:",
            "best-of:1",
            "best-of:0",
            "best-of:101",
        ),
        *("best-of:-5", "best-of:5.0", "best-of:05", "best-of:5 ", "best-of:٥", "worst-of:5", "best-of:5\n"),
    ],
)
def test_any_other_text_is_refused_with_the_forms_there_are(text):
    with pytest.raises(ValueError, match="single, best-of:K, majority:K or all-of:K, with K from 2 to 100"):
        Policy.parse(text)


def test_a_long_text_is_not_repeated_in_full():
    with pytest.raises(ValueError) as caught:
        Policy.parse("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_a_policy_that_could_not_be_written_cannot_be_made():
    for kind, k in (("single", 2), ("best-of", 1), ("all-of", 101), ("mean-of", 5)):
        with pytest.raises(ValueError, match="does not say how answers are used"):
            Policy(kind, k)
