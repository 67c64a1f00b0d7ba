"""What the end of an answer says of it: whole, cut, refused, or nothing that anybody knows."""

import pytest
from measure_samples import a_block, an_item, completion

from tempkit.judging.layout import unfit
from tempkit.measures import MEASURES, Resources, scores
from tempkit.measures.base import Missing
from tempkit.measures.block import View
from tempkit.measures.degeneration import is_refusal
from tempkit.measures.quality import quality
from tempkit.types import FinishReason
from tempkit.types.reasons import Reason

SORRY = "That one is not for me."
"""A refusal in no usual words."""

WHY_LEFT_OUT: dict[FinishReason, str | None] = {
    "stop": None,
    "tool_calls": None,
    "refusal": None,
    "unstated": None,
    "length": Reason("token_limit"),
    "content_filter": Reason("content_filter"),
    "unknown": Reason("end_unknown"),
}
"""Why an answer with this end is left out of what needs a complete one."""


@pytest.mark.parametrize("end", WHY_LEFT_OUT)
def test_what_needs_a_complete_answer_takes_those_that_are_known_or_taken_to_be(end: FinishReason) -> None:
    block = a_block({0.0: [completion(0.0, 0, "Tea and milk.", finish=end)]}, an_item(facts=(("tea",),)))
    found = {score.measure: score for score in scores(block, [MEASURES["fact_recall"]], Resources())}
    assert found["fact_recall"].reason == WHY_LEFT_OUT[end]
    assert found["fact_recall"].value == (1.0 if WHY_LEFT_OUT[end] is None else None)
    assert unfit(block.completions[0]) == WHY_LEFT_OUT[end]
    passed = quality(View(block, Resources()), block.completions[0])
    assert not isinstance(passed, Missing)
    assert passed is (WHY_LEFT_OUT[end] is None and end != "refusal")


@pytest.mark.parametrize("end", WHY_LEFT_OUT)
def test_a_refusal_is_one_whatever_its_words(end: FinishReason) -> None:
    block = a_block({0.0: [completion(0.0, 0, SORRY, finish=end)]})
    (score,) = scores(block, [MEASURES["refusal"]], Resources())
    assert score.value == float(end == "refusal")
    assert is_refusal(SORRY, end) is (end == "refusal")
    assert is_refusal("I'm sorry, but I can't help with that.", end)


def test_a_refusal_beside_the_same_words_is_not_taken_for_them() -> None:
    """The same text with two ends is two things: quality is kept for each."""
    block = a_block(
        {0.0: [completion(0.0, 0, SORRY, finish="refusal"), completion(0.0, 1, SORRY, finish="stop")]}
    )
    view = View(block, Resources())
    assert [quality(view, each) for each in block.completions] == [False, True]
