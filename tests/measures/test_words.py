"""Words, sentences and list items, by example, and for any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.measures.words import finished_sentences, list_items, words

ANY = st.text(st.characters(), max_size=200)  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat, the CAT!", ["the", "cat", "the", "cat"]),
        ("well-known e.g. user's", ["well-known", "e.g", "user's"]),
        ("a—b -- c--d", ["a", "b", "c", "d"]),
        ("**bold** (x) “quoted”", ["bold", "x", "quoted"]),
        ("東京です", ["東", "京", "で", "す"]),
        ("שלום, עולם!", ["שלום", "עולם"]),
        ("مرحبا، العالم؟", ["مرحبا", "العالم"]),
        ("हिन्दी भाषा।", ["हिन्दी", "भाषा"]),
        ("🎉 party 🎉", ["🎉", "party", "🎉"]),
        ("... --- !!!", []),
        ("", []),
        ("a\ud800 b", ["a\ud800", "b"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said "no." Then he left.', ['He said "no.', "Then he left."]),
        ("A line\nanother line", ["A line", "another line"]),
        ("1. Apples\n2. Pears", ["Apples", "Pears"]),
        ("Version 1.8 is out. Good.", ["Version 1.8 is out.", "Good."]),
        ("今日は。明日も。", ["今日は。", "明日も。"]),
        ("123. 456!", []),
        ("  \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert finished_sentences(text) == expected


def test_the_unfinished_last_sentence_of_a_cut_off_text_is_left_out() -> None:
    assert finished_sentences("One. Two. Thr", truncated=True) == ["One.", "Two."]
    assert finished_sentences("One. Two.", truncated=True) == ["One.", "Two."]
    assert finished_sentences("Thr", truncated=True) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Here:\n1. Tea\n2. Milk", ["Tea", "Milk"]),
        ("1) Tea\n2) Milk", ["Tea", "Milk"]),
        ("**1.** Tea\n**2.** Milk", ["Tea", "Milk"]),
        ("1. **Tea**: hot\n2. _Milk_", ["Tea: hot", "Milk"]),
        ("- Tea\n- Milk", ["Tea", "Milk"]),
        ("• Tea\n• Milk\n\nEnjoy!", ["Tea", "Milk"]),
        ("* Tea\n  * green\n  * black\n* Milk", ["Tea", "Milk"]),
        ("1. Tea\n   - green\n2. Milk", ["Tea", "Milk"]),
        ("1. Tea 2. Milk 3. Water", ["Tea", "Milk", "Water"]),
        ("- 5 %\n- 10 %\n- Tea\n- Milk", ["Tea", "Milk"]),
        ("Just one sentence.", []),
        ("1. Only one", []),
        ("- Only one", []),
        ("In 1984. And 2. more", []),
        ("", []),
    ],
)
def test_list_items(text: str, expected: list[str]) -> None:
    assert list_items(text) == expected


@given(ANY)
def test_any_text_can_be_cut(text: str) -> None:
    assert all(word and not word.isspace() for word in words(text))
    assert all(part.strip() for part in finished_sentences(text))
    assert len(list_items(text)) != 1
    assert words(text.upper().lower()) == words(text.upper().lower().casefold())


def test_long_texts_take_no_longer_than_their_length() -> None:
    for text in (
        "a" * 100_000,
        "a " * 50_000,
        "1. " * 33_000,
        "* " * 50_000,
        "\n" * 100_000,
        "-" * 100_000,
        " " * 100_000 + "x",
    ):
        words(text)
        finished_sentences(text, truncated=True)
        list_items(text)
