"""What a person asks to judge by: refused in one line where it cannot be asked, else a decision for each section it concerns."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from usecase_scores import section_of, table_of

from tempkit.decision.overrides import AS_THE_RUN_SAYS, Asked
from tempkit.decision.profile import shipped
from tempkit.errors import UsageError
from tempkit.statistics.policies import Policy

RNG = np.random.default_rng(1)
FACTS = table_of(RNG.integers(0, 2, (8, 3, 4)).astype(float), measure="fact_recall")
RATING = table_of(RNG.normal(3, 1, (8, 3, 4)), measure="rating")
NONE = table_of(np.full((8, 3, 4), math.nan), measure="check_pass")
SECTION = section_of(FACTS, RATING, NONE)


def refusal(section=SECTION, **given_: object) -> str:
    with pytest.raises(UsageError) as caught:
        Asked(**given_).decide([section])
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_without_anything_asked_the_run_says():
    (found,) = AS_THE_RUN_SAYS.decide([SECTION])
    assert found.use_case in shipped()


def test_a_measure_goes_before_that_of_the_use_case_and_keeps_the_rest():
    (alone,) = Asked(measure="rating", margin=0.5).decide([SECTION])
    assert (alone.use_case, alone.measure, alone.margin, alone.guardrails) == ("rating", "rating", 0.5, ())
    (within,) = Asked(use_case="general", measure="rating", margin=0.5).decide([SECTION])
    assert (within.use_case, within.measure, within.variety) == ("general", "rating", None)
    assert [each.measure for each in within.guardrails] == [
        each.measure for each in shipped()["general"].guard
    ]


def test_only_sections_that_took_the_measure_are_judged_by_it():
    other = section_of(FACTS)
    assert len(Asked(measure="rating", margin=0.5).decide([SECTION, other])) == 1
    assert len(Asked(measure="fact_recall", margin=0.05).decide([SECTION, other])) == 2


def test_a_measure_that_was_tried_and_has_no_value_gets_its_card():
    (found,) = Asked(measure="check_pass", margin=0.05).decide([SECTION])
    assert (found.pick, found.grade) == (None, "none")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"measure": "ratings", "margin": 1}, "no measure 'ratings' (did you mean 'rating'?); it has: fact_recall, rating"),
        ({"measure": "incoherence", "margin": 1}, "no measure 'incoherence' (it needs a reference model: tempkit measure RUN --reference"),
        ({"measure": "loop", "margin": 0.1}, "nothing in the run's prompts or answers that it could be taken of"),
        ({"measure": "fact_recall", "margin": 5}, "a margin of 5 is beyond what fact_recall can differ by, from 0 to 1: a margin of 5 points is 0.05"),
        ({"measure": "fact_recall", "margin": 1.0}, "from 0 to 1: a margin of 1 points is 0.01"),
        ({"policy": Policy("best-of", 5)}, "--policy best-of:5 needs at least 5 answers to a question at each temperature; the run has 4"),
        ({"measure": "rating", "margin": 1, "policy": Policy("majority", 3)}, "--policy majority:3 cannot be asked of rating"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_a_run_is_refused(asked: dict[str, object], said: str):
    assert said in refusal(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"measure": "rating"},
        {"margin": 0.0},
        {"direction": "lower"},
        {"use_case": "chat"},
        {"measure": "rating", "margin": 0.0},
        {"measure": "rating", "margin": math.nan},
        {"measure": "rating", "margin": math.inf},
        {"measure": "mean_entropy", "margin": 0.1},
    ],
)
def test_what_can_never_be_asked_is_refused_before_a_run_is_read(asked: dict[str, object]):
    with pytest.raises(UsageError):
        Asked(**asked)


def test_a_run_without_scores_says_so():
    assert (
        refusal(section_of(), measure="rating", margin=1.0)
        == "the run has no scores yet, so none of 'rating'"
    )


@given(
    st.sampled_from(["rating", "fact_recall", "check_pass"]) | st.text(max_size=30),
    st.floats(),
    st.none() | st.sampled_from(["higher", "lower"]),
    st.none() | st.sampled_from(["single", "best-of:2", "majority:3", "all-of:4", "best-of:100"]),
    st.none() | st.sampled_from(["items_like_these", "these_items"]),
)
def test_anything_asked_is_decided_or_refused_in_one_line(
    measure: str, margin: float, direction: str | None, policy: str | None, scope: str | None
):
    try:
        parsed = None if policy is None else Policy.parse(policy)
        asked = Asked(measure=measure, margin=margin, direction=direction, policy=parsed, scope=scope)  # type: ignore[arg-type]
        found = asked.decide([SECTION])
    except UsageError as e:
        assert str(e).isprintable() and len(str(e)) < 2000  # noqa: PT017, PT018  (either may happen)
    else:
        assert [each.use_case for each in found] == [measure]
        assert scope in (None, found[0].scope)
