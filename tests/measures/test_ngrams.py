"""Distinct-n, self-BLEU and compression: by hand, against sacrebleu, and as properties."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tempkit.measures.diversity import compression_ratio, distinct_n, self_bleu
from tempkit.measures.ngrams import distinct_ngrams, even_lengths

Texts = list[NDArray[np.int64]]

IDS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=12), min_size=2, max_size=7)


def ids(*texts: str) -> Texts:
    numbers: dict[str, int] = {}
    return [np.array([numbers.setdefault(w, len(numbers)) for w in text.split()], np.int64) for text in texts]


def arrays(texts: Sequence[Sequence[int]]) -> Texts:
    return [np.array(text, np.int64) for text in texts]


def test_distinct_by_hand() -> None:
    texts = ids("a b a b", "a b c d")
    assert distinct_n(texts, 1, 8) == 4 / 8
    assert distinct_n(texts, 2, 8) == pytest.approx(4 / 6)  # ab ba ab | ab bc cd
    assert distinct_n(texts, 3, 8) == 1.0  # aba bab | abc bcd


def test_no_ngram_runs_from_one_text_into_the_next() -> None:
    assert distinct_n(ids("a b", "a b"), 2, 4) == 1 / 2
    assert distinct_n(ids("a", "b"), 2, 2) is None


def test_a_budget_takes_words_evenly() -> None:
    assert even_lengths([10, 2, 10], 9) == [4, 2, 3]
    assert even_lengths([3, 3], 6) == [3, 3]
    assert even_lengths([3, 3], 99) == [3, 3]
    assert even_lengths([5, 5, 5], 2) == [1, 1, 0]
    assert distinct_n(ids("a b x x x", "a c x x x"), 1, 4) == 3 / 4
    assert distinct_n(ids("a b", "c"), 1, 4) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.integers(0, 200))
def test_a_budget_is_used_up(lengths: list[int], budget: int) -> None:
    taken = even_lengths(lengths, budget)
    assert sum(taken) == min(budget, sum(lengths))
    assert all(0 <= a <= b for a, b in zip(taken, lengths, strict=True))
    cut = [a for a, b in zip(taken, lengths, strict=True) if a < b]
    assert not cut or max(taken) - min(cut) <= 1


@given(IDS, st.integers(1, 4))
def test_distinct_ngrams_are_the_different_ones(texts: list[list[int]], n: int) -> None:
    grams = [tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)]
    found = distinct_ngrams(arrays(texts), n)
    assert found == (len(set(grams)) / len(grams) if grams else None)


def test_many_different_words_do_not_overflow() -> None:
    numbers = np.arange(200_000)
    texts = [numbers * 1000, numbers * 1000 + 1]
    assert distinct_ngrams(texts, 4) == 1.0
    assert distinct_ngrams([texts[0], texts[0]], 4) == 0.5


def oracle(texts: Sequence[Sequence[int]]) -> float:
    """Self-BLEU by sacrebleu, one sentence at a time."""
    lines = [" ".join(f"w{i}" for i in text) for text in texts]
    bleu = sacrebleu.metrics.BLEU(tokenize="none", effective_order=True)
    return math.fsum(
        bleu.sentence_score(line, lines[:i] + lines[i + 1 :]).score / 100 for i, line in enumerate(lines)
    ) / len(lines)


def test_self_bleu_by_hand() -> None:
    assert self_bleu(ids("a b c d", "a b c d", "a b c d")) == pytest.approx(1)
    assert self_bleu(ids("a b c d", "e f g h")) == 0.0
    # Both share 3 of 4 words, 2 of 3 pairs and 1 of 2 triples; no quadruple, halved once.
    assert self_bleu(ids("a b c d", "a b c e")) == pytest.approx((3 / 4 * 2 / 3 * 1 / 2 * 1 / 2) ** 0.25)


@settings(deadline=None)
@given(IDS)
def test_self_bleu_is_sacrebleus(texts: list[list[int]]) -> None:
    assert self_bleu(arrays(texts)) == pytest.approx(oracle(texts), abs=1e-9)


def test_self_bleu_of_long_texts_is_sacrebleus() -> None:
    rng = np.random.default_rng(3)
    texts = [rng.zipf(1.5, rng.integers(20, 90)).clip(max=60).tolist() for _ in range(12)]
    assert self_bleu(arrays(texts)) == pytest.approx(oracle(texts), abs=1e-9)


@given(IDS)
def test_self_bleu_is_a_share_and_ignores_order(texts: list[list[int]]) -> None:
    found = self_bleu(arrays(texts))
    assert found is not None
    assert 0 <= found <= 1
    assert self_bleu(arrays(texts[::-1])) == pytest.approx(found)


def test_self_bleu_needs_two_texts_with_words() -> None:
    assert self_bleu(ids("a b")) is None
    assert self_bleu(ids("a b", "")) is None


def test_compression_by_hand() -> None:
    same, other = b"abcdefgh" * 50, bytes(itertools.islice(itertools.cycle(range(256)), 400))
    alike = compression_ratio([same, same], 800)
    unlike = compression_ratio([same, other], 800)
    assert alike is not None
    assert unlike is not None
    assert alike > 20
    assert alike > 2 * unlike
    assert compression_ratio([same], 100) is None
    assert compression_ratio([same, same], 801) is None


def test_compression_looks_at_equal_lengths() -> None:
    rng = np.random.default_rng(1)
    long = [bytes(rng.integers(97, 123, 2000).astype(np.uint8)) for _ in range(3)]
    short = [text[:200] for text in long]
    assert compression_ratio(long, 600) == compression_ratio(short, 600)
