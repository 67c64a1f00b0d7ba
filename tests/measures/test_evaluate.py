"""Scores of blocks: which there are, in what order, what they are compared on, and why one has no value."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_samples import BagEmbedder, a_block, an_item, by_replicate, by_temperature, completion, take

from tempkit.measures import DEFAULT, JUDGED, MEASURES, Block, Resources, scores
from tempkit.measures.base import Unit
from tempkit.measures.diversity import COMPRESSION, DISTINCT, DISTINCT_SHARE, SELF_BLEU, VENDI
from tempkit.types import Completion, FinishReason, Score

ALL = tuple(MEASURES.values())


def test_every_measure_says_what_it_is_and_can_be_taken() -> None:
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.title
        assert measure.version >= 1
        assert measure.min_n >= 1
        assert measure.definition.endswith(".")
        assert measure.low is None or measure.high is None or measure.low < measure.high
        assert (measure.of_cell is None) != (measure.of_completions is None)
        assert measure.scope == ("completion" if measure.of_cell is None else "cell")
        assert measure.unit in get_args(Unit)
        assert measure.scope == "cell" or not measure.equal_n
    assert set(MEASURES) - set(DEFAULT) == {"incoherence"}


def test_one_score_for_each_completion_and_one_for_each_cell() -> None:
    block = a_block({0.0: ["red fox"], 0.7: ["red fox", "blue whale"], 1.0: []})
    found = take(block, MEASURES["loop"], MEASURES["distinct_share"])
    where = [(score.measure, score.temperature, score.replicate) for score in found]
    assert where == [
        ("loop", 0.0, 0),
        ("loop", 0.7, 0),
        ("loop", 0.7, 1),
        ("distinct_share", 0.0, None),
        ("distinct_share", 0.7, None),
        ("distinct_share", 1.0, None),
    ]
    assert by_temperature(found[3:]) == {
        0.0: "needs at least 2 answers, has 1",
        0.7: 1.0,
        1.0: "there are no answers",
    }


def test_replicates_keep_their_numbers_in_any_order() -> None:
    cells = {1.0: [completion(1.0, 5, ""), completion(1.0, 2, "red fox")]}
    found = take(a_block(cells), MEASURES["empty"])
    assert [(score.replicate, score.value) for score in found] == [(2, 0.0), (5, 1.0)]


def test_cut_off_answers_are_never_scored_as_whole() -> None:
    reasons: dict[FinishReason, str] = {
        "length": "truncated at max_tokens",
        "content_filter": "truncated by the provider's content filter",
    }
    item = an_item(facts=(("fox",),))
    for finish, reason in reasons.items():
        cells = {
            0.0: ["red fox"] * 3,
            1.0: [completion(1.0, i, "a red fox", finish=finish) for i in range(3)],
        }
        for measure in ALL:
            if not measure.needs_complete or "checks" in measure.needs or "list" in measure.needs:
                continue
            found = by_replicate(take(a_block(cells, item), measure), 1.0)
            if measure.scope == "completion":
                assert found == [reason] * 3, measure.name
            else:
                assert isinstance(found[0], str), measure.name
                assert "has 0" in found[0] or "less than half" in found[0]


def test_cells_are_compared_on_equally_many_completions() -> None:
    three, two = ["red fox", "blue whale", "green tea"], ["red fox", "blue whale"]
    found = by_temperature(take(a_block({0.0: two, 1.0: three}), VENDI))
    assert found == {0.0: pytest.approx(2), 1.0: pytest.approx(2)}
    whole = {
        0.0: two,
        1.0: ["red fox", completion(1.0, 1, "cut", finish="length"), "blue whale", "green tea"],
    }
    assert by_temperature(take(a_block(whole), VENDI))[1.0] == pytest.approx(2)
    assert by_temperature(take(a_block({0.0: two, 1.0: three}), DISTINCT_SHARE)) == {0.0: 1.0, 1.0: 1.0}


def test_a_cell_that_is_far_smaller_drops_out() -> None:
    many = [f"red{i} fox{i}" for i in range(6)]
    found = by_temperature(take(a_block({0.0: many, 1.0: many[:2]}), VENDI))
    assert found[0.0] == pytest.approx(6)
    assert found[1.0] == "has less than half as many complete answers with text as another temperature"


def test_cells_are_compared_on_equally_many_words() -> None:
    short = ["a b c d e f g h i j", "a b c d e f g h i j"]
    long = [f"{text} k l m n o p q r s t" for text in short]
    found = by_temperature(take(a_block({0.0: short, 1.0: long}), DISTINCT[1]))
    assert found == {0.0: 0.5, 1.0: 0.5}
    tiny = by_temperature(take(a_block({0.0: ["a b", "c d"], 1.0: long}), DISTINCT[2]))
    assert tiny == {0.0: "its answers have too few words to compare", 1.0: 0.5}
    assert by_temperature(take(a_block({0.0: ["a", "b"]}), COMPRESSION)) == {
        0.0: "its answers have too few characters to compare"
    }


def test_answers_without_words_are_not_compared_by_words() -> None:
    found = by_temperature(take(a_block({0.0: ["", "...", "red fox", "red fox"]}), SELF_BLEU))
    assert found == {0.0: pytest.approx(1)}
    found = by_temperature(take(a_block({0.0: ["", "...", "red fox"]}), SELF_BLEU))
    assert found == {0.0: "needs at least 2 answers with text, has 1"}


def test_without_an_embedder() -> None:
    block = a_block({0.0: ["red fox. Blue whale."] * 2})
    for measure in ALL:
        found = take(block, measure, resources=Resources())
        if "embedder" in measure.needs and "list" not in measure.needs:
            assert {str(score.reason) for score in found} == {"needs an embedder"}, measure.name


def test_what_is_not_of_the_block_is_refused() -> None:
    block = a_block({0.0: ["x"]})
    other = Block(item=block.item, model="other", completions=block.completions, temperatures=(0.0,))
    with pytest.raises(ValueError, match="is not of this block"):
        take(other, DISTINCT_SHARE)
    hotter = Block(item=block.item, model=block.model, completions=block.completions, temperatures=(1.0,))
    with pytest.raises(ValueError, match="is not of this block"):
        take(hotter, DISTINCT_SHARE)
    with pytest.raises(ValueError, match="'rubric' is not computed"):
        take(block, JUDGED["rubric"])


def test_a_number_that_is_none_is_a_fault_and_not_a_score() -> None:
    faulty = replace(DISTINCT_SHARE, of_cell=lambda *_: math.nan)
    with pytest.raises(ValueError, match="which is no number"):
        take(a_block({0.0: ["x", "y"]}), faulty)


def test_a_measure_is_taken_of_completions_or_of_cells() -> None:
    with pytest.raises(ValueError, match="distinct_share is taken of completions or of cells, not of both"):
        replace(DISTINCT_SHARE, of_completions=MEASURES["empty"].of_completions)


TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "Yes.", "No.", "1. tea\n2. milk", "a b c d " * 9, "🎉", "שלום", "\ud800", "It is 8. Or 9."]
    ),
    st.text(st.characters(), max_size=60),
)
FINISHES: st.SearchStrategy[FinishReason] = st.sampled_from(
    ["stop", "stop", "length", "content_filter", "unknown"]
)
CELLS = st.lists(st.lists(st.tuples(TEXTS, FINISHES), max_size=5), min_size=1, max_size=3)


def made(cells: Sequence[Sequence[tuple[str, FinishReason]]]) -> Block:
    return a_block(
        {
            float(t): [completion(float(t), i, text, finish=finish) for i, (text, finish) in enumerate(cell)]
            for t, cell in enumerate(cells)
        },
        an_item(facts=(("tea",),)),
    )


@settings(deadline=None, max_examples=60)
@given(CELLS)
def test_any_block_gives_values_in_range_or_reasons(cells: list[list[tuple[str, FinishReason]]]) -> None:
    block = made(cells)
    found = take(block, *ALL)
    for score in found:
        measure = MEASURES[score.measure]
        assert (score.value is None) != (score.reason is None)
        if score.value is None:
            assert score.reason
            assert not str(score.reason).endswith(".")
            continue
        assert type(score.value) is float
        assert math.isfinite(score.value)
        assert measure.low is None or score.value >= measure.low - 1e-6
        assert measure.high is None or score.value <= measure.high + 1e-6
    completions: dict[str, int] = {}
    for score in found:
        completions[score.measure] = completions.get(score.measure, 0) + 1
    for name, count in completions.items():
        assert count == (
            len(block.temperatures) if MEASURES[name].scope == "cell" else len(block.completions)
        )


@settings(deadline=None, max_examples=30)
@given(CELLS, st.randoms(use_true_random=False))
def test_the_order_in_which_completions_arrive_does_not_matter(
    cells: list[list[tuple[str, FinishReason]]], random: object
) -> None:
    block = made(cells)
    shuffled: list[Completion] = list(block.completions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = Block(
        item=block.item, model=block.model, completions=tuple(shuffled), temperatures=block.temperatures
    )
    resources = Resources(embedder=BagEmbedder())
    assert list(scores(block, ALL, resources)) == _near(list(scores(other, ALL, resources)))


def _near(found: list[Score]) -> list[object]:
    class Near:
        def __init__(self, score: Score) -> None:
            self.score = score

        def __eq__(self, other: object) -> bool:
            assert isinstance(other, Score)
            same = (
                self.score.item,
                self.score.replicate,
                self.score.measure,
                self.score.reason,
                self.score.version,
            )
            if same != (other.item, other.replicate, other.measure, other.reason, other.version):
                return False
            return self.score.value == pytest.approx(other.value, abs=1e-6)

        def __repr__(self) -> str:
            return repr(self.score)

        __hash__ = None  # type: ignore[assignment]

    return [Near(score) for score in found]
