"""Loops, changes of language, refusals: texts that must count and texts that must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_samples import a_block, an_item, by_replicate, completion, take

from tempkit.measures.degeneration import (
    EMPTY,
    LANGUAGE_SWITCH,
    LOOP,
    REFUSAL,
    TRUNCATED,
    is_empty,
    is_loop,
    is_refusal,
    is_truncated,
    switches_language,
)
from tempkit.measures.language import language
from tempkit.measures.words import words

PROSE = (
    "The old house stood at the end of the road, and nobody had lived there for years. On some nights a light was seen in "
    "the upper window. The children said that it was a ghost; their parents said that it was the moon."
)
SPANISH = (
    "La casa vieja estaba al final del camino y nadie había vivido en ella por muchos años. Los niños decían que era un "
    "fantasma, pero sus padres decían que era la luna."
)


LANGUAGES = {
    "es": SPANISH,
    "pt": "A casa velha estava no fim da estrada e ninguém tinha morado nela por muitos anos. As crianças diziam que era um "
    "fantasma, mas os pais diziam que era a lua.",
    "it": "La vecchia casa stava in fondo alla strada e nessuno ci aveva vissuto per anni. I bambini dicevano che era un "
    "fantasma, ma i genitori dicevano che era la luna, e non se ne parlava più.",
    "fr": "La vieille maison était au bout du chemin et personne n'y avait vécu depuis des années. Les enfants disaient que "
    "c'était un fantôme, mais les parents disaient que c'était la lune qui se levait sur le toit.",
    "en": PROSE,
    "de": "Das alte Haus stand am Ende der Straße, und niemand hatte in den letzten Jahren in dem Haus gewohnt. Die Kinder "
    "sagten, es sei ein Geist; die Eltern sagten, es sei der Mond.",
}


def loops(text: str) -> bool:
    return is_loop(words(text))


def switches(text: str, prompt: str = "") -> bool:
    return switches_language(text, words(text), prompt)


@pytest.mark.parametrize(
    "text",
    [
        "I am a cat. " * 5,
        PROSE + " and then" * 8,
        "no " * 16,
        "Baked Calendun\n* " * 9,
        "a story of one long sentence that says the very same thing again and again. " * 3,
        "ha" * 40,
        "哈" * 20,
        "x" * 100_000,
        "x y " * 50_000,
        " ".join(str(i) for i in range(300)) + " end" * 16,
    ],
)
def test_loops(text: str) -> None:
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        PROSE + " " + PROSE,
        "one two three four five six seven eight nine ten " * 2 + PROSE,
        "very very very good",
        "no " * 15,
        "row row row your boat gently down the stream merrily merrily merrily merrily life is but a dream",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
        " ".join(f"word{i}" for i in range(5000)),
        "https://example.com/" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
    ],
)
def test_no_loops(text: str) -> None:
    assert not loops(text)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12), st.integers(3, 6))
def test_any_run_that_repeats_three_times_over_sixteen_words_is_a_loop(run: list[str], times: int) -> None:
    assert loops(" ".join(run * times)) or len(run) * times < 16
    assert loops(" ".join(["start", "here", *(run * 16), "end"]))


@given(st.lists(st.sampled_from("ab"), min_size=0, max_size=40))
def test_loops_are_what_a_search_by_hand_finds(found: list[str]) -> None:
    def by_hand() -> bool:
        for period in range(1, len(found) // 3 + 1):
            for start in range(len(found)):
                end = start + period
                while end < len(found) and found[end] == found[end - period]:
                    end += 1
                if end - start >= max(16, 3 * period):
                    return True
        return False

    assert is_loop(found) == by_hand()


@pytest.mark.parametrize(
    "text",
    [
        PROSE + " " + SPANISH,
        SPANISH + " " + PROSE,
        "A byte contains the least significant bits, in上长一音節の文字列です and more",
        "The sum of it is Абсолютно другое слово here",
        PROSE + " Absемiusetassistry",
        PROSE + " Let us go to the上 of the hill.",
        "Это русский текст, который вдруг 突然变成了中文并且继续",
    ],
)
def test_changes_of_language(text: str) -> None:
    assert switches(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        SPANISH,
        PROSE + " " + PROSE,
        "Say 你好 to greet someone politely in the morning, in the evening, or whenever you meet.",
        "東京は日本の首都です。GitHubとPythonも人気です。",
        "La vie est belle, café, naïve, Übermensch",
        "α and β are the angles of the triangle",
        "a wave of 5 μm and Δt and λx",
        "Компания купила iPhone и USB-кабель для IT-отдела.",
        PROSE + " (Ё)",
        "🎉🎉🎉 party 🎉🎉🎉",
        "שלום עולם, זה טקסט בעברית",
        "Short.",
        "\ud800\udfff",
    ],
)
def test_no_changes_of_language(text: str) -> None:
    assert not switches(text)


@pytest.mark.parametrize("name", LANGUAGES)
def test_languages(name: str) -> None:
    assert language(words(LANGUAGES[name])) == name
    assert not switches(f"{LANGUAGES[name]} {LANGUAGES[name]}")


def test_words_that_several_languages_share_tell_none() -> None:
    assert language(["de", "que", "a", "de", "que", "a", "de", "la", "o", "e"] * 3) is None
    assert language(["the", "of", "and", "to"]) is None


def test_the_prompts_own_script_is_no_change() -> None:
    text = "The word привет means hello"
    assert switches(text)
    assert not switches(text, prompt="What does привет mean?")


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with this request.",
        "I am afraid I am unable to do so.",
        "Sorry. I cannot provide that information.",
        "As an AI language model, I don't have opinions.",
        "Lo siento, pero no puedo ayudar con eso.",
        "Como modelo de lenguaje, no puedo opinar.",
    ],
)
def test_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        SPANISH,
        "I'm sorry to hear that your lamp broke. You can return it.",
        "You cannot help it.",
        "No puedo más.",
    ],
)
def test_no_refusals(text: str) -> None:
    assert not is_refusal(text)


def test_empty_and_cut_off() -> None:
    assert is_empty(" \n\t")
    assert not is_empty("🎉")
    assert is_truncated("length")
    assert not is_truncated("content_filter")
    assert not is_truncated("stop")


@given(st.text(st.characters(), max_size=100))
def test_any_text_is_judged(text: str) -> None:
    assert loops(text) in (True, False)
    assert switches(text, prompt=text) in (True, False)
    assert is_refusal(text) in (True, False)


def test_flags_of_a_block() -> None:
    cells = {
        1.0: [
            PROSE,
            "",
            completion(1.0, 2, "no " * 30, finish="length"),
            "I cannot help you.",
            "A text with 上长一音節の文字列です",
        ]
    }
    found = take(a_block(cells, an_item()), EMPTY, TRUNCATED, LOOP, REFUSAL, LANGUAGE_SWITCH)
    flags = {
        m.name: by_replicate([s for s in found if s.measure == m.name], 1.0)
        for m in (EMPTY, TRUNCATED, LOOP, REFUSAL, LANGUAGE_SWITCH)
    }
    assert flags == {
        "empty": [0, 1, 0, 0, 0],
        "truncated": [0, 0, 1, 0, 0],
        "loop": [0, 0, 1, 0, 0],
        "refusal": [0, 0, 0, 1, 0],
        "language_switch": [0, 0, 0, 0, 1],
    }
