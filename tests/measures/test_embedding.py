"""Embeddings: unit vectors for any text, the package's own pooling as a second opinion, and a cache that asks once."""

import logging
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from measure_samples import BagEmbedder
from numpy.typing import NDArray

from tempkit.measures.embedding import EmbeddingCache, WordLlamaEmbedder, _load

ODD = [
    "🎉🎉",
    "שלום עולם",
    "مرحبا",
    "日本語",
    "\ud800",
    "\u200b",
    "a" * 100_000,
    "-",
    "\x00",
    "\ufeff",
    "́",
    "word " * 20_000,
]


@pytest.fixture(scope="module")
def embedder() -> WordLlamaEmbedder:
    return WordLlamaEmbedder()


def test_any_text_has_a_unit_vector(embedder: WordLlamaEmbedder) -> None:
    rows = embedder.embed(ODD)
    assert rows.dtype == np.float32
    assert rows.shape == (len(ODD), 256)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, 256)


def test_the_vectors_are_the_packages_own(embedder: WordLlamaEmbedder) -> None:
    from wordllama import WordLlamaInference

    texts = ["A byte has 8 bits.", "Eight bits make a byte, they say.", "Bananas", "日本語のテキスト"]
    tokenizer, table = _load()
    other = WordLlamaInference(table, tokenizer).embed(texts, norm=True)
    np.testing.assert_allclose(embedder.embed(texts), other, atol=1e-5)


def test_alike_texts_are_close(embedder: WordLlamaEmbedder) -> None:
    rows = embedder.embed(["A byte has 8 bits.", "There are 8 bits in a byte.", "The cat sat on the mat."])
    assert rows[0] @ rows[1] > 0.75 > 0.5 > rows[0] @ rows[2]


def test_a_text_has_one_vector_whatever_comes_with_it(embedder: WordLlamaEmbedder) -> None:
    alone = embedder.embed(["A byte has 8 bits."])[0]
    among = embedder.embed(["x" * 5000, "A byte has 8 bits.", *(["other"] * 600)])[1]
    np.testing.assert_allclose(alone, among, atol=1e-6)


def test_the_package_leaves_logging_alone() -> None:
    code = (
        "import logging\n"
        "from tempkit.measures.embedding import WordLlamaEmbedder\n"
        "WordLlamaEmbedder().embed(['x'])\n"
        "print(logging.getLogger().handlers, logging.getLogger().level)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == f"[] {logging.WARNING}"
    assert found.stderr == ""


class Counting(BagEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().embed(texts)


def test_the_cache_asks_once() -> None:
    embedder = Counting()
    cache = EmbeddingCache(embedder)
    first = cache.rows(["a", "b", "a"])
    again = cache.rows(["b", "c"])
    assert embedder.asked == ["a", "b", "c"]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[1], again[0])
    assert cache.rows([]).shape == (0, 512)


@pytest.mark.parametrize("factor", [2.0, np.nan])
def test_what_is_no_unit_vector_is_refused(factor: float) -> None:
    class Wrong(BagEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().embed(texts) * np.float32(factor)

    with pytest.raises(ValueError, match="must give one unit vector for each text"):
        EmbeddingCache(Wrong()).rows(["a"])
