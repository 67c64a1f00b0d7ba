"""What a model may say next, behind given beginnings of an answer: whole distributions, nothing drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tempkit.backends import NextTokenTeller, Recaller, backend_names, load_backend
from tempkit.errors import UsageError
from tempkit.models.opened import OpenedModel
from tempkit.types import Message, ModelInfo, ModelSpec, NextTokens, Vocabulary

__all__ = ["ContinuationModel", "rows_of", "tells_next_tokens"]


class ContinuationModel(OpenedModel):
    """A model that is loaded once and asked for next tokens until it is closed: `with ContinuationModel(spec) as model`."""

    def __init__(self, spec: ModelSpec, found: ModelInfo | None = None) -> None:
        """Name the model; it is loaded on entering.

        Args:
            spec: As a plan has it.
            found: What was found when its run began, so that it is told the same time; None: there was none.

        Raises:
            UsageError: The model's backend cannot give whole distributions.
        """
        backend = load_backend(spec.backend)(concurrency=1)
        if not isinstance(backend, NextTokenTeller):
            raise UsageError(
                f"{spec.id} does not give the probabilities of all its tokens; local models do (gguf:)"
            )
        if found is not None and isinstance(backend, Recaller):
            backend.recall(spec, found)
        super().__init__(spec, backend)
        self._teller = backend

    def vocabulary(self) -> Vocabulary:
        """Return the model's tokens.

        Raises:
            ModelError: The model cannot go on.
        """
        return self._runner.run(self._teller.vocabulary(self._spec))

    def next_tokens(self, messages: Sequence[Message], paths: Sequence[Sequence[int]]) -> NextTokens:
        """Return what the model says of the token behind each of one or more beginnings of an answer.

        Raises:
            ModelError: The conversation does not fit or is refused, or the model cannot go on.
        """
        return self._runner.run(self._teller.next_tokens(self._spec, messages, paths))


def tells_next_tokens(spec: ModelSpec) -> bool:
    """Whether a model's backend gives whole distributions; False for what is no model, such as an imported table."""
    return spec.backend in backend_names() and issubclass(load_backend(spec.backend), NextTokenTeller)


def rows_of(found: NextTokens) -> NDArray[np.float32]:
    """Return the logits as an array, shape (beginnings, vocabulary)."""
    return np.stack([np.frombuffer(row, dtype=np.float32) for row in found.logits])
