"""Novelty, typicality, cohesion, incoherence: by hand, in blocks, and where there is nothing to compare with."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import BagEmbedder, a_block, by_replicate, completion, take

from tempkit.measures import Missing, Resources
from tempkit.measures.peeperkorn import (
    COHESION,
    INCOHERENCE,
    LONGEST_EDITED,
    NOVELTY,
    NOVELTY_EDIT,
    TYPICALITY,
    cohesion,
    edit_novelty,
    incoherence,
    novelty,
    typicality,
)
from tempkit.types import Scored, TokenLogprob
from tempkit.types.reasons import Reason

A, B = np.array([1.0, 0.0]), np.array([0.6, 0.8])


def test_by_hand() -> None:
    assert novelty(A, A) == 0
    assert novelty(A, B) == pytest.approx(0.4)
    assert novelty(A, -A) == 2
    assert typicality(A, 2 * B) == pytest.approx(0.6)
    assert typicality(A, A - A) is None
    assert cohesion(np.stack([A, B, B])) == pytest.approx((0.6 + 1) / 2)
    assert cohesion(A[None]) is None
    assert edit_novelty("kitten", "sitting") == pytest.approx(3 / 7)
    assert edit_novelty("", "") == 0
    assert isinstance(edit_novelty("x" * (LONGEST_EDITED + 1), "x"), Missing)


@given(st.text(max_size=12), st.text(max_size=12))
def test_edit_novelty_is_levenshteins(one: str, other: str) -> None:
    rows = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, rows[0] = rows[0], i
        for j, b in enumerate(other, 1):
            before, rows[j] = rows[j], min(rows[j] + 1, rows[j - 1] + 1, before + (a != b))
    assert edit_novelty(one, other) == pytest.approx(rows[-1] / max(len(one), len(other), 1))


def scored(*values: float | None) -> Scored:
    return Scored(index=0, tokens=tuple(TokenLogprob("x", value) for value in values))


def test_incoherence_by_hand() -> None:
    assert incoherence(scored(None, -1, -2, -3, -4, -5)) == 3
    assert incoherence(scored(-1, -1, -1, -1)) == Missing(Reason("few_tokens", least=5))
    assert isinstance(incoherence(scored(-1, -1, -1, -1, -math.inf)), Missing)
    found = incoherence(Scored(index=0, reason="too long"))
    assert found == Missing(Reason("reference_gave_none", reason="too long"))


def test_novelty_against_the_exemplar() -> None:
    block = a_block({0.5: ["red fox", "red fox"], 1.0: ["red fox", "blue whale", "red whale", ""]})
    found = take(block, NOVELTY)
    assert by_replicate(found, 0.5) == [
        "it is the reference answer",
        pytest.approx(0, abs=1e-6),
    ]
    expected = [pytest.approx(0, abs=1e-6), pytest.approx(1), pytest.approx(0.5), "the answer is empty"]
    assert by_replicate(found, 1.0) == expected
    assert {score.version for score in found} == {"1 bag exemplar T=0.5"}
    edited = take(block, NOVELTY_EDIT)
    assert by_replicate(edited, 1.0)[:2] == [0.0, edit_novelty("blue whale", "red fox")]
    assert {score.version for score in edited} == {"1 exemplar T=0.5"}


def test_the_exemplar_is_whole() -> None:
    cut = completion(0.0, 0, "red fox and", finish="length")
    block = a_block({0.0: [cut, completion(0.0, 1, "red fox")], 1.0: ["red fox"]})
    assert by_replicate(take(block, NOVELTY), 0.0)[0] == "truncated at max_tokens"
    assert by_replicate(take(block, NOVELTY), 1.0) == [pytest.approx(0, abs=1e-6)]
    nothing = a_block({0.0: [cut], 1.0: ["red fox"]})
    reason = "there is no complete answer at the lowest temperature to compare with"
    assert by_replicate(take(nothing, NOVELTY, TYPICALITY), 1.0) == [reason, reason]


def test_typicality_leaves_the_text_itself_out() -> None:
    block = a_block({0.0: ["red fox", "blue whale"], 1.0: ["red whale"]})
    found = take(block, TYPICALITY)
    assert by_replicate(found, 0.0) == [pytest.approx(0, abs=1e-6)] * 2
    # Against the mean of (red, fox) and (blue, whale), of length 1/sqrt(2): .5 / .7071.
    assert by_replicate(found, 1.0) == [pytest.approx(math.sqrt(0.5), abs=1e-6)]
    alone = a_block({0.0: ["red fox"], 1.0: ["red whale"]})
    assert by_replicate(take(alone, TYPICALITY), 0.0) == [
        "there is no other answer at the lowest temperature to compare with"
    ]


def test_cohesion_of_a_block() -> None:
    cut = completion(1.0, 2, "A red fox. A red fox. Some unfinished", finish="length")
    block = a_block({1.0: ["A red fox. A red fox. Blue whales!", "One sentence.", cut, ""]})
    found = by_replicate(take(block, COHESION), 1.0)
    assert found == [
        pytest.approx(0.5, abs=1e-6),
        "needs at least 2 sentences, has 1",
        pytest.approx(1),
        "the answer is empty",
    ]


class FixedReference:
    """Gives every word of a text the same logprob, and counts what it was asked."""

    name = "fixed"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts: Sequence[str]) -> Sequence[Scored]:
        self.asked += texts
        tokens = [tuple(TokenLogprob(word, -2.0) for word in text.split()) for text in texts]
        return [Scored(index=i, tokens=found) for i, found in enumerate(tokens)]


def test_incoherence_of_a_block() -> None:
    reference = FixedReference()
    block = a_block({0.0: ["a b c d e", "a b c d e", "", "a b"]})
    found = take(block, INCOHERENCE, resources=Resources(embedder=BagEmbedder(), reference=reference))
    assert by_replicate(found, 0.0) == [
        2.0,
        2.0,
        "the answer is empty",
        "needs at least 5 tokens with a logprob",
    ]
    assert {score.version for score in found} == {"1 fixed"}
    assert reference.asked == ["a b c d e", "a b"]


def test_without_a_reference_model_the_reason_says_what_to_do() -> None:
    found = take(a_block({0.0: ["a b c d e"]}), INCOHERENCE)
    assert by_replicate(found, 0.0) == ["needs a reference model: --reference MODEL"]
