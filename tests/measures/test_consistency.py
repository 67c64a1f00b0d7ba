"""Agreement: worked examples, a second implementation by pairs, and properties."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import BagEmbedder, a_block, by_temperature, completion, take

from tempkit.measures.consistency import (
    CLAIMS_SHARED,
    FIRST_DIVERGENCE,
    MEAN_COSINE,
    MODAL_SHARE,
    SEMANTIC_ENTROPY,
    claims,
    claims_shared,
    entropy_of,
    first_divergence,
    meanings,
    modal_share,
)
from tempkit.types import TokenLogprob


def test_modal_share_by_hand() -> None:
    assert modal_share(["a", "b", "a", "c"]) == 0.5
    assert modal_share(["a"]) is None
    found = take(a_block({0.0: ["It is 8.", "it is  8", "It is 9."]}), MODAL_SHARE)
    assert by_temperature(found) == {0.0: pytest.approx(2 / 3)}


def test_entropy_by_hand() -> None:
    assert entropy_of([0, 0, 0]) == 0
    assert entropy_of([0, 1]) == pytest.approx(math.log(2))
    assert entropy_of([0, 0, 0, 1]) == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    assert entropy_of([0]) is None


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30))
def test_entropy_lies_between_one_meaning_and_all_different(labels: list[int]) -> None:
    found = entropy_of(labels)
    assert found is not None
    assert 0 <= found <= math.log(len(set(labels))) + 1e-12
    assert entropy_of(labels[::-1]) == pytest.approx(found)


def test_answers_with_different_numbers_differ_in_meaning() -> None:
    said = "as everyone knows who works with computers one byte has {} bits"
    texts = [said.format(8), said.format("8 good"), said.format(4), said.format("many"), "bananas are yellow"]
    rows = BagEmbedder().embed(texts)
    assert rows[0] @ rows[2] > 0.9
    labels = meanings(rows, texts).tolist()
    assert labels[0] == labels[1] != labels[2]
    assert labels[3] in (labels[0], labels[2])
    assert labels[4] not in labels[:4]
    assert meanings(BagEmbedder().embed(texts[:1]), texts[:1]).tolist() == [0]


def test_the_numbers_of_a_list_contradict_nothing() -> None:
    texts = ["1. tea\n2. milk", "tea milk"]
    assert len(set(meanings(np.eye(2)[[0, 0]], texts).tolist())) == 1


def test_first_divergence_by_hand() -> None:
    assert first_divergence([["a", "b", "c"], ["a", "b", "d"]]) == 2
    assert first_divergence([["a", "b"], ["a", "b"]]) == 2
    assert first_divergence([["a", "b"], ["a", "b", "c"], ["x"]]) == pytest.approx(2 / 3)
    assert first_divergence([["a"]]) is None


@given(st.lists(st.lists(st.sampled_from("ab"), max_size=6), min_size=2, max_size=9))
def test_first_divergence_is_over_all_pairs(texts: list[list[str]]) -> None:
    def shared(a: list[str], b: list[str]) -> int:
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))

    pairs = [shared(a, b) for a, b in itertools.combinations(texts, 2)]
    assert first_divergence(texts) == pytest.approx(sum(pairs) / len(pairs))


def test_first_divergence_counts_tokens_where_there_are_some() -> None:
    def made(replicate: int, *parts: str) -> object:
        tokens = tuple(TokenLogprob(part, -0.1) for part in parts)
        return completion(0.0, replicate, "".join(parts), tokens=tokens, kind="raw")

    found = take(a_block({0.0: [made(0, "un", "der", " it"), made(1, "un", "der", " me")]}), FIRST_DIVERGENCE)  # type: ignore[list-item]
    assert (found[0].value, found[0].version) == (2.0, "1 tokens")
    found = take(a_block({0.0: ["under it", "under me"]}), FIRST_DIVERGENCE)
    assert (found[0].value, found[0].version) == (1.0, "1 words")


def test_claims_by_hand() -> None:
    assert claims("Water boils at 100 °C, said Anders Celsius.") == {"100", "anders", "celsius"}
    assert claims("There are 1,000 of them. None is Big.") == {"1000", "big"}
    assert claims("1. tea\n2. milk") == frozenset()
    assert claims("I am what I am.") == frozenset()
    assert claims("-40 is 2.5 times") == {"-40", "2.5"}


def test_shared_claims_by_hand() -> None:
    assert claims_shared([frozenset("ab"), frozenset("bc")]) == pytest.approx(1 / 3)
    assert claims_shared([frozenset("ab"), frozenset("ab")]) == 1
    assert claims_shared([frozenset("ab"), frozenset()]) == 0
    assert claims_shared([frozenset(), frozenset()]) is None
    assert claims_shared([frozenset("a")]) is None


def test_without_a_claim_there_is_nothing_to_share() -> None:
    found = take(a_block({0.0: ["no claim here", "none here either"]}), CLAIMS_SHARED)
    assert by_temperature(found) == {0.0: "no answer has a number or a name"}


def test_agreement_of_cells() -> None:
    same, different = ["all the same words"] * 3, ["red fox", "blue whale", "green tea"]
    block = a_block({0.0: same, 1.0: different})
    assert by_temperature(take(block, MEAN_COSINE)) == {0.0: pytest.approx(1), 1.0: pytest.approx(0)}
    assert by_temperature(take(block, SEMANTIC_ENTROPY)) == {0.0: 0.0, 1.0: pytest.approx(math.log(3))}
