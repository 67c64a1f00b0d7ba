"""Texts that are empty, enormous or strange go through every measure, with the embedder that ships."""

import itertools

import pytest
from measure_samples import a_block, an_item, completion

from tempkit.measures import DEFAULT, MEASURES, Block, Resources, WordLlamaEmbedder, scores
from tempkit.types import Check, Score

RESOURCES = Resources(embedder=WordLlamaEmbedder())
ITEM = an_item(
    facts=(("tea",),),
    checks=(Check("regex", r"(^|\n)[\s*#]*5[.):]"), Check("is-json"), Check("similar", "a cup of tea")),
)

STRANGE = {
    "empty": ["", "", ""],
    "blank": [" ", "\n\n", "\u200b"],
    "identical": ["A cup of tea."] * 3,
    "emoji": ["🎉🎉🎉", "👩‍👩‍👧‍👦 🏳️‍🌈", "🎉 🎉"],
    "right-to-left": ["שלום עולם. מה שלומך?", "مرحبا بالعالم. كيف حالك؟", "\u202eabc\u202c"],
    "lone surrogates": ["\ud800", "a\udfff b. c\ud83d d.", "\ud800" * 50],
    "control": ["\x00\x01", "a\x00b", "\x1b[31mred"],
    "one word": ["a" * 100_000, "ab" * 50_000, "x" * 99_999],
    "words": ["tea " * 25_000, "milk " * 20_000, "tea milk " * 11_000],
    "different words": [" ".join(f"w{i}x{k}" for i in range(14_000)) for k in range(3)],
    "a list": ["\n".join(f"{i}. idea {i * k}" for i in range(8000)) for k in (1, 2, 3)],
    "brackets": ["[" * 100_000, "{" * 100_000, '{"a":' * 20_000],
    "stars": ["*" * 100_000, "_" * 100_000, "1. " * 33_000],
    "space": [" " * 100_000 + "x", "\n" * 100_000, "a" + " " * 99_999],
    "stops": ["." * 100_000, "a. " * 33_000, "!?" * 50_000],
    "digits": ["9" * 100_000, "1,000," * 16_000, "1.2." * 25_000],
    "accents": ["e\u0301" * 50_000, "\u0301" * 100_000, "ﷺ" * 30_000],
}


def take(block: Block) -> list[Score]:
    return list(scores(block, [MEASURES[name] for name in DEFAULT], RESOURCES))


@pytest.mark.slow
@pytest.mark.parametrize("name", STRANGE)
def test_strange_texts(name: str) -> None:
    block = a_block({0.0: ["A cup of tea. It is hot."] * 3, 1.0: STRANGE[name]}, ITEM)
    found = take(block)
    assert {score.measure for score in found if score.value is not None} >= {
        "empty",
        "loop",
        "distinct_share",
    }
    assert all((score.value is None) != (score.reason is None) for score in found)


def test_one_replicate() -> None:
    found = take(a_block({0.0: ["A cup of tea."], 1.0: ["Milk, then. And tea."]}, ITEM))
    for score in found:
        if MEASURES[score.measure].scope == "cell" and MEASURES[score.measure].min_n > 1:
            assert score.value is None, score
            assert "needs at least 2" in str(score.reason)


def test_no_completion_at_all() -> None:
    found = take(a_block({0.0: [], 1.0: []}, ITEM))
    assert {str(score.reason) for score in found} == {"there are no answers"}
    assert {MEASURES[score.measure].scope for score in found} == {"cell"}
    assert take(Block(item=ITEM, model="m", completions=(), temperatures=())) == []


def test_all_cut_off() -> None:
    cut = {t: [completion(t, i, "A cup of tea and", finish="length") for i in range(3)] for t in (0.0, 1.0)}
    for score in take(a_block(cut, ITEM)):
        if MEASURES[score.measure].needs_complete:
            assert score.value is None, score
    truncated = [score.value for score in take(a_block(cut, ITEM)) if score.measure == "truncated"]
    assert truncated == [1.0] * 6


def test_identical_answers_everywhere() -> None:
    texts = ["1. A cup of tea, hot.\n2. A glass of milk, cold, from the old farm over there.\n5. Water."] * 4
    found = take(a_block({0.0: texts, 1.0: texts}, an_item()))
    for _, some in itertools.groupby(found, key=lambda score: (score.measure, score.replicate)):
        values = [score.value for score in some if score.replicate is None]
        assert len(set(values)) <= 1
    by_name = {score.measure: score.value for score in found if score.temperature == 1.0}
    assert by_name["distinct_share"] == 0.25
    assert by_name["vendi"] == pytest.approx(1)
    assert by_name["mean_cosine"] == pytest.approx(1)
    assert by_name["self_bleu"] == pytest.approx(1)
    assert by_name["semantic_entropy"] == 0
    assert by_name["modal_share"] == 1
    assert by_name["novelty_edit"] == 0
    assert by_name["typicality"] == pytest.approx(1)
    assert by_name["unique_ideas"] == pytest.approx(3)
    assert by_name["marginal_ideas"] == pytest.approx(0)
