"""Finding facts: what must count, what must not, and properties that hold for any text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.measures.checks import fact_recall, facts_found
from tempkit.measures.wording import contains, normalize

PRESENT = [
    ("8", "A byte has 8 bits."),
    ("8", "8"),
    ("8", "It is 8."),
    ("8", "8, as everyone knows"),
    ("8", "**8** bits"),
    ("8", "an 8-bit byte"),
    ("8", "a byte (8)"),
    ("8", "costs $8!"),
    ("8", "8 %"),
    ("8", "共8個"),
    ("8.5", "about 8.5."),
    ("1000", "exactly 1,000."),
    ("1,000", "exactly 1000 bytes"),
    ("1000", "1\u202f000 bytes"),
    ("-40", "at \u221240 degrees"),
    ("40", "a range of 30-40 degrees"),
    ("40", "30–40"),
    ("HTTP/2", "It speaks HTTP/2."),
    ("HTTP/2", "(http/2)"),
    ("100 °C", "boils at 100°C"),
    ("100°C", "boils at 100\u00a0°C"),
    ("8 GB", "8GB of memory"),
    ("8GB", "8 GB of memory"),
    ("30 days", "a 30-days trial"),
    ("well known", "a well-known port"),
    ("retry-after", "the Retry After header"),
    ("retry-after", "the Retry\u2011After header"),
    ("hypertext markup language", "HyperText\n  Markup Language"),
    ("git clone", "run **`git clone`** first"),
    ("Paris", "_Paris_ it is"),
    ("Newton", "Newton’s law"),
    ("can't be found", "it can’t be found"),
    ("café", "the cafe\u0301 is open"),
    ("straße", "STRASSE"),
    ("C++", "in C++, templates"),
    ("C", "written in C."),
    ("--force", "use --force to"),
    ("package.json", "your `package.json` file"),
    ("max_tokens", "set max_tokens."),
    ("東京", "日本の東京です"),
    ("서울", "서울은 수도입니다"),
    ("naïve", "a naïve reader"),
    ("co\u00adoperate", "cooperate"),
    ("?", "why?"),
]

ABSENT = [
    ("8", "80"),
    ("8", "18"),
    ("8", "1.8"),
    ("8", "1,8"),
    ("8", "8.5 bits"),
    ("8", "8,5"),
    ("8", "8,000 bits"),
    ("8", "a value of .8"),
    ("8", "-8 degrees"),
    ("8", "\u22128 degrees"),
    ("8", "UTF8"),
    ("8", "8th"),
    ("8", "10⁸ and 8½"),
    ("40", "at -40 degrees"),
    ("-40", "30-40"),
    ("3.11", "version 3.11.2"),
    ("HTTP/2", "HTTP/20"),
    ("HTTP/2", "HTTP/2.5"),
    ("port", "report"),
    ("port", "ports"),
    ("port", "port_number"),
    ("C", "C++ and C#"),
    ("cafe", "café"),
    ("cafe", "cafe\u0301"),
    ("--force", "--force-with-lease"),
    ("-f", "--f"),
    ("1000", "10,000"),
    ("example.com", "example.community"),
    ("", "anything"),
    ("  ", "any thing"),
    ("10 20", "10-20"),
]


@pytest.mark.parametrize(("wording", "text"), PRESENT)
def test_found(wording: str, text: str) -> None:
    assert facts_found(text, ((wording,),)) == (True,)


@pytest.mark.parametrize(("wording", "text"), ABSENT)
def test_not_found(wording: str, text: str) -> None:
    assert facts_found(text, ((wording,),)) == (False,)


def test_recall_is_the_share_of_facts_and_any_wording_counts() -> None:
    facts = (("429",), ("Retry-After", "Retry After"), ("RFC 6585",))
    assert fact_recall("Status 429 with a retry after header", facts) == pytest.approx(2 / 3)
    assert fact_recall("", facts) == 0.0


def test_no_facts_is_unknown_not_zero() -> None:
    assert fact_recall("anything", ()) is None
    assert facts_found("anything", ()) == ()


words = st.text(st.characters(codec="utf-8", categories=("L",)), min_size=1, max_size=8)


@given(words, words, words)
def test_a_word_is_found_between_spaces(before: str, word: str, after: str) -> None:
    assert contains(normalize(f"{before} {word} {after}"), word)
    assert contains(normalize(f"{before} **{word}**, {after}"), word)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_is_found_only_as_itself(wanted: int, other: int) -> None:
    for text in (f"it is {other}.", f"{other} bytes", f"({other:,})", f"{other}%"):
        assert facts_found(text, ((str(wanted),),)) == (wanted == other,)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_no_part_of_a_decimal_is_found(whole: int, part: int, wanted: int) -> None:
    assert facts_found(f"x = {whole}.{part} m", ((str(wanted),),)) == (False,)


@given(st.text(max_size=80), st.text(max_size=12))
def test_any_text_and_any_wording_give_an_answer(text: str, wording: str) -> None:
    found = fact_recall(text, ((wording,),))
    assert found in (0.0, 1.0)
    assert found == fact_recall(
        unicodedata.normalize("NFD", text), ((unicodedata.normalize("NFD", wording),),)
    )


@given(st.lists(words, max_size=5), st.text(max_size=60))
def test_recall_counts_each_fact_once(wordings: list[str], text: str) -> None:
    facts = tuple((wording,) for wording in wordings)
    recall = fact_recall(text, facts)
    assert (recall is None) == (not facts)
    if facts:
        assert recall == pytest.approx(sum(fact_recall(text, (fact,)) or 0 for fact in facts) / len(facts))
