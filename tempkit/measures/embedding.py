"""Sentence embeddings: any embedder behind one small protocol, and the one that comes with tempkit.

WordLlama averages the token vectors of a large model (16 MB, no network, thousands of texts a second). It is blind to
word order and nearly blind to negation and to numbers; a stronger embedder can take its place, and every score says which
one made it. Blank texts have no embedding: nothing is asked about them, and no vector is made up.
"""

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tempkit.errors import TempkitError
from tempkit.text import without_surrogates

__all__ = ["Embedder", "EmbeddingCache", "WordLlamaEmbedder"]

Rows = NDArray[np.float32]

_BATCH = 512
_LONGEST = 20_000
"""Characters that are read of a text: its first few thousand words settle its average."""


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how alike they are."""

    @property
    def name(self) -> str:
        """Which model this is, with its version: part of the version of every score made with it."""

    def embed(self, texts: Sequence[str]) -> Rows:
        """Return unit vectors, shape (n, d), one for each text, in their order; no text is blank."""


class WordLlamaEmbedder:
    """The embedder in the `wordllama` package: the mean of 256-dimensional token vectors. Loaded at first use."""

    def __init__(self) -> None:
        self._loaded: tuple[Any, Rows] | None = None

    @property
    def name(self) -> str:
        return "wordllama-l2-256"

    def embed(self, texts: Sequence[str]) -> Rows:
        """Return unit vectors, shape (n, 256); of a text beyond 20,000 characters, its beginning is read.

        Raises:
            TempkitError: The package's weights are missing.
        """
        from scipy.sparse import csr_array  # loaded late, like the embedder itself

        if self._loaded is None:
            self._loaded = _load()
        tokenizer, table = self._loaded
        rows = np.empty((len(texts), table.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [without_surrogates(text[:_LONGEST]) for text in texts[start : start + _BATCH]]
            found = [
                encoding.ids for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            ]
            ends = np.cumsum([0, *map(len, found)])
            ids = np.fromiter(chain.from_iterable(found), dtype=np.int32, count=ends[-1])
            counts = csr_array((np.ones(len(ids), np.float32), ids, ends), shape=(len(batch), len(table)))
            rows[start : start + len(batch)] = counts @ table
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


class EmbeddingCache:
    """Asks an embedder about each different text once. Made for one block of completions and let go with it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._places: dict[str, int] = {}
        self._rows: Rows | None = None

    def rows(self, texts: Sequence[str]) -> Rows:
        """Return unit vectors of texts that are not blank, shape (n, d).

        Raises:
            ValueError: The embedder gave no unit vectors, or not one for each text.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._places]
        if new:
            found = np.asarray(self._embedder.embed(new), dtype=np.float32)
            if found.ndim != 2 or len(found) != len(new) or not _unit(found):
                raise ValueError(
                    f"the embedder {self._embedder.name!r} must give one unit vector for each text"
                )
            for text in new:
                self._places[text] = len(self._places)
            self._rows = found if self._rows is None else np.concatenate([self._rows, found])
        if self._rows is None:  # how long its vectors are is not known before it was asked
            return np.empty((0, 0), dtype=np.float32)
        return self._rows[[self._places[text] for text in texts]]


def _unit(rows: Rows) -> bool:
    return bool(np.all(np.abs(np.linalg.norm(rows, axis=1) - 1) < 1e-3))


def _load() -> tuple[Any, Rows]:
    found = find_spec("wordllama")
    if found is None or found.origin is None:
        raise TempkitError("the sentence embedder is missing: pip install wordllama")
    # On import the package sets up logging for the whole process, unless someone has done so before.
    root, guard = logging.getLogger(), logging.NullHandler()
    root.addHandler(guard)
    try:
        from wordllama import WordLlama  # type: ignore[import-untyped]
    finally:
        root.removeHandler(guard)
    try:
        # By itself it looks for the tokenizer in the user's cache and would then download it.
        model = WordLlama.load(cache_dir=Path(found.origin).parent, disable_download=True)
    except FileNotFoundError as e:
        raise TempkitError(
            "the sentence embedder's files are missing: pip install --force-reinstall wordllama"
        ) from e
    model.tokenizer.no_padding()
    return model.tokenizer, model.embedding
