"""Ideas: grouping, the curve over samples by hand and by enumeration, NoveltyBench's utility, and what may count."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import BagEmbedder, a_block, an_item, by_temperature, completion, take

from tempkit.measures import Resources, WordLlamaEmbedder
from tempkit.measures.ideas import (
    MARGINAL_IDEAS,
    NOVELTY_UTILITY,
    UNIQUE_IDEAS,
    group_ideas,
    marginal_ideas,
    novelty_utility,
    rarefaction,
)
from tempkit.types import Check


def test_rarefaction_by_hand() -> None:
    # Three samples; idea A is in all, B in one: two samples miss B in 1 of 3 choices.
    assert rarefaction([3, 1], 3).tolist() == pytest.approx([0, 1 + 1 / 3, 1 + 2 / 3, 2])
    assert rarefaction([], 2).tolist() == [0, 0, 0]


@given(st.lists(st.sets(st.integers(0, 5), max_size=4), max_size=6))
def test_rarefaction_is_the_mean_over_all_choices(ideas: list[set[int]]) -> None:
    ideas, samples = [idea for idea in ideas if idea], 6
    curve = rarefaction([len(idea) for idea in ideas], samples)
    for m in range(samples + 1):
        chosen = list(itertools.combinations(range(samples), m))
        found = sum(sum(1 for idea in ideas if idea & set(some)) for some in chosen) / len(chosen)
        assert curve[m] == pytest.approx(found, abs=1e-9)
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(curve))


def test_the_last_sample_adds_what_only_one_holds() -> None:
    curve = rarefaction([3, 1, 1], 4)
    assert marginal_ideas(curve, 4) == pytest.approx(2 / 4)
    assert marginal_ideas(curve, 1) is None
    assert marginal_ideas([0, 1, 1], 2) == 0


def test_utility_by_hand() -> None:
    # k = 3, p = .8: weights 1, .8, .64 over their sum 2.44.
    assert novelty_utility([0, 1, 2]) == pytest.approx(1)
    assert novelty_utility([0, 0, 0]) == pytest.approx(1 / 2.44)
    assert novelty_utility([0, 0, 1]) == pytest.approx(1.64 / 2.44)
    assert novelty_utility([None, 0, 0]) == pytest.approx(0.8 / 2.44)
    assert novelty_utility([None, None]) == 0
    assert novelty_utility([0]) is None


def test_utility_is_the_published_formula() -> None:
    labels, p = [0, 1, 0, 2, None, 1, 3], 0.8
    new = [label is not None and label not in labels[:i] for i, label in enumerate(labels)]
    whole = (1 - p) / (1 - p ** len(labels)) * sum(p**i for i, is_new in enumerate(new) if is_new)
    assert novelty_utility(labels) == pytest.approx(whole)


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=2, max_size=20))
def test_utility_is_a_share(labels: list[int | None]) -> None:
    found = novelty_utility(labels)
    assert found is not None
    assert 0 <= found <= 1 + 1e-12


def test_wordings_of_one_idea_are_one() -> None:
    wordings = ["carrot sticks with hummus", "hummus with carrot sticks", "boiled eggs"]
    held = group_ideas(BagEmbedder().embed(wordings), [{0}, {1}, {1, 2}])
    assert sorted(map(sorted, held)) == [[0, 1], [1, 2]]
    assert group_ideas(BagEmbedder().embed([]), []) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Apple slices with peanut butter", "Sliced apples and peanut butter"),
        ("Carrot sticks and hummus", "Hummus with carrots"),
        ("Go for a walk in the park", "Take a stroll through the park"),
    ],
)
def test_the_embedder_that_ships_knows_one_idea_in_two_wordings(one: str, other: str) -> None:
    rows = WordLlamaEmbedder().embed([one, other, "Host a movie night", "Hard-boiled eggs"])
    assert len(group_ideas(rows, [{0}, {1}, {2}, {3}])) == 3


def a_list(*ideas: str) -> str:
    return "\n".join(f"{i}. {idea}" for i, idea in enumerate(ideas, 1))


def ideas_of(cells: dict[float, Sequence[object]], **item: object) -> dict[float, float | str | None]:
    return by_temperature(take(a_block(cells, an_item(**item)), UNIQUE_IDEAS))  # type: ignore[arg-type]


def test_unique_ideas_of_a_cell() -> None:
    cold = [a_list("red fox", "blue whale")] * 2
    warm = [a_list("red fox", "blue whale"), a_list("red fox", "green tea")]
    assert ideas_of({0.0: cold, 1.0: warm}) == {0.0: pytest.approx(2), 1.0: pytest.approx(3)}


def test_more_samples_do_not_make_more_ideas() -> None:
    two = [a_list("red fox", "blue whale"), a_list("green tea", "old boat")]
    found = ideas_of({0.0: two, 1.0: [*two, a_list("red fox", "blue whale")]})
    assert found[0.0] == pytest.approx(4)
    # Of three samples two are looked at: both holders of the first pair in 1 of 3 choices.
    assert found[1.0] == pytest.approx(2 / 3 * 4 + 1 / 3 * 2)


def test_only_ideas_that_pass_count() -> None:
    good = a_list("red fox", "blue whale")
    cells = {
        0.0: [good, good, good, good],
        1.0: [
            completion(1.0, 0, a_list("cut off", "here and"), finish="length"),
            completion(1.0, 1, ""),
            completion(1.0, 2, a_list("I'm sorry, I cannot help", "with that one")),
            completion(1.0, 3, good),
        ],
        2.0: [completion(2.0, i, a_list("cut off", "again and"), finish="length") for i in range(4)],
    }
    found = ideas_of(cells)
    assert found == {0.0: pytest.approx(2), 1.0: pytest.approx(2), 2.0: 0.0}
    checks = (Check("contains", "fox"),)
    other = {0.0: [good, a_list("green tea", "old boat")]}
    assert ideas_of(other, checks=checks) == {0.0: pytest.approx(2)}


def test_a_check_that_needs_a_judge_leaves_quality_unknown() -> None:
    found = ideas_of({0.0: [a_list("red fox", "tea")] * 2}, checks=(Check("llm-rubric", "funny"),))
    assert found == {0.0: "the check 'llm-rubric' needs a judge"}


def test_items_that_are_not_answered_by_lists_have_no_ideas() -> None:
    block = a_block({0.0: ["Paris.", "Paris."], 1.0: [a_list("a x", "b y")] * 2})
    assert take(block, UNIQUE_IDEAS, MARGINAL_IDEAS) == []


def test_utility_of_a_cell() -> None:
    same, different = ["all the same words"] * 3, ["red fox", "blue whale", "green tea"]
    found = by_temperature(take(a_block({0.0: same, 1.0: different}), NOVELTY_UTILITY))
    assert found == {0.0: pytest.approx(1 / 2.44), 1.0: pytest.approx(1)}


def test_without_an_embedder_there_are_no_ideas() -> None:
    block = a_block({0.0: [a_list("red fox", "tea")] * 2})
    assert by_temperature(take(block, UNIQUE_IDEAS, resources=Resources())) == {0.0: "needs an embedder"}


def test_more_ideas_than_can_be_grouped_are_not_grouped() -> None:
    lists = [a_list(*(f"idea{i} number{k}" for i in range(900))) for k in range(3)]
    reason = "more than 2,000 different texts, which take too long to group"
    assert ideas_of({0.0: lists}) == {0.0: reason}
