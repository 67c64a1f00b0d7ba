"""A model as an embedder: texts to unit vectors, whichever backend makes them.

What is asked of every backend is settled here, alike for all: that no blank text is sent, that characters which no server takes
are replaced, that a very long text is cut, and that what comes back can be compared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tempkit.backends import TextEmbedder, load_backend, written_addresses
from tempkit.errors import ModelError, UsageError
from tempkit.models.opened import OpenedModel
from tempkit.planning import parse_model
from tempkit.text import without_surrogates
from tempkit.types import EmbedderChoice

__all__ = ["EmbeddingModel"]

_LONGEST = 20_000
"""Characters that are read of a text, as by the bundled embedder."""


class EmbeddingModel(OpenedModel):
    """An embedding model: `with EmbeddingModel("openai:text-embedding-3-small") as embedder`.

    Raises:
        UsageError: The model's backend has no embeddings.
    """

    def __init__(self, model: str, options: Mapping[str, Any] | None = None, *, concurrency: int = 8) -> None:
        spec = parse_model(model, options=options)
        if len(urls := written_addresses(spec.options)) > 1:
            raise UsageError(f"{spec.id}: an embedder is asked at one address, not at {len(urls)}; name one")
        backend = load_backend(spec.backend)(concurrency=concurrency)
        if not isinstance(backend, TextEmbedder):
            raise UsageError(
                f"{spec.id} gives no embeddings; name an openai: model, with base_url for another server, or a gguf: one"
            )
        super().__init__(spec, backend)
        self._embedder = backend
        self._width: int | None = None
        self.cut = 0
        """How many texts were longer than is read so far."""
        self.note: str | None = None
        """What a person should know of the model as an embedder, once it was asked."""

    @property
    def choice(self) -> EmbedderChoice:
        """What to store with a run."""
        return EmbedderChoice(model=self._spec.id, options=dict(self._spec.options), name=self.name)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (n, d); of a text that is too long, its beginning is read.

        Raises:
            ModelError: The model gives none, or not of one length.
        """
        if not all(text.strip() for text in texts):
            raise ValueError("a blank text has no embedding")
        if not texts:
            return np.empty((0, self._width or 1), dtype=np.float32)
        # A server refuses half a pair of surrogates, and a tokenizer may end at a NUL.
        sent = [without_surrogates(text[:_LONGEST]).replace("\0", " ") for text in texts]
        found = self._runner.run(
            self._embedder.embed(self._spec, [text if text.strip() else "?" for text in sent])
        )
        widths = sorted({len(vector) for vector in found.vectors} | ({self._width} if self._width else set()))
        if 0 in widths:
            raise ModelError(f"{self._spec.id}: a vector holds no numbers")
        if len(widths) != 1:
            raise ModelError(
                f"{self._spec.id}: its vectors differ in length ({' and '.join(map(str, widths))}), so they cannot be compared"
            )
        self._width = widths[0]
        self.cut += len(found.cut | {i for i, text in enumerate(texts) if len(text) > _LONGEST})
        self.note = found.note
        rows = np.array(found.vectors, dtype=np.float64)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (np.isfinite(norms) & (norms > 0)).all():
            raise ModelError(
                f"{self._spec.id}: a vector is zero or not of finite numbers, so it has no direction"
            )
        return np.asarray(rows / norms, dtype=np.float32)
