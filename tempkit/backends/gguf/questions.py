"""What a loaded local model is asked beside drawing samples: to score texts, to embed them, and to say what may come next."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from tempkit.errors import ModelError
from tempkit.types import Embeddings, Message, ModelSpec, NextTokens, Passage, Scored, Vocabulary

if TYPE_CHECKING:
    from tempkit.backends.gguf.engine import Engine

__all__ = ["Loaded", "Questions", "loaded"]

Loaded = tuple[str, str]
"""What is loaded: a model's name, and its options as text."""


def loaded(model: ModelSpec) -> Loaded:
    return model.name, repr(sorted(model.options.items()))


class Questions:
    """A backend's engines, each with one model, and what they are asked once they have loaded it."""

    def __init__(self) -> None:
        self._engines: dict[Loaded, Engine] = {}

    async def score(
        self, model: ModelSpec, passages: Sequence[Passage], top_logprobs: int
    ) -> AsyncGenerator[Scored, None]:
        """Score given texts under a prepared model, teacher-forced; yield one `Scored` per passage, as each ends.

        Raises:
            ModelError: The engine died, or llama.cpp cannot make the cache.
        """
        from tempkit.backends.gguf import ipc

        async with aclosing(self._engines[loaded(model)].ask(ipc.Score(passages, top_logprobs))) as answers:
            async for answer in answers:
                if isinstance(answer, ipc.Refused):
                    raise ModelError(f"{model.id}: {answer.message}")
                if isinstance(answer, ipc.Done):
                    return
                for scored in answer.scored:
                    yield scored

    async def embed(self, model: ModelSpec, texts: Sequence[str]) -> Embeddings:
        """Return a vector for each text under a prepared model, pooled as the model's file says.

        Raises:
            ModelError: The engine died, or the model gives no vectors of texts.
        """
        from tempkit.backends.gguf import ipc

        vectors: list[Sequence[float]] = []
        cut, note = set[int](), None
        async with aclosing(self._engines[loaded(model)].ask(ipc.Embed(texts))) as answers:
            async for answer in answers:
                if isinstance(answer, ipc.Refused):
                    raise ModelError(f"{model.id}: {answer.message}")
                if isinstance(answer, ipc.Embedded):
                    vectors += answer.vectors
                    cut.update(answer.cut)
                    note = answer.note
        return Embeddings(vectors=tuple(vectors), cut=frozenset(cut), note=note)

    async def vocabulary(self, model: ModelSpec) -> Vocabulary:
        """Return the tokens of a prepared model.

        Raises:
            ModelError: The engine died.
        """
        from tempkit.backends.gguf import ipc

        found = Vocabulary(pieces=(), ends=frozenset())
        async with aclosing(self._engines[loaded(model)].ask(ipc.Spell())) as answers:
            async for answer in answers:
                if isinstance(answer, ipc.Spelled):
                    found = Vocabulary(pieces=tuple(answer.pieces), ends=frozenset(answer.ends))
        return found

    async def next_tokens(
        self, model: ModelSpec, messages: Sequence[Message], paths: Sequence[Sequence[int]]
    ) -> NextTokens:
        """Say what a prepared model gives for the token behind each beginning of an answer.

        Args:
            model: The model.
            messages: The conversation that is answered.
            paths: Token ids, one sequence for each beginning, at least one; an empty one is the answer's start.

        Raises:
            ModelError: The engine died, the conversation does not fit or is refused, or llama.cpp fails.
        """
        from tempkit.backends.gguf import ipc

        rows: list[ipc.NextRows] = []
        async with aclosing(self._engines[loaded(model)].ask(ipc.Next(messages, paths))) as answers:
            async for answer in answers:
                if isinstance(answer, ipc.Refused):
                    raise ModelError(f"{model.id}: {answer.message}")
                if isinstance(answer, ipc.NextRows):
                    rows.append(answer)
        return NextTokens(
            logits=tuple(row.logits for row in rows),
            prompt_tokens=rows[0].prompt_tokens,
            n_ctx=rows[0].n_ctx,
            thinking=bool(rows[0].begun),
            evaluated=sum(row.evaluated for row in rows),
        )
