"""What a model says of the token behind given beginnings of an answer: whole rows of logits, nothing drawn.

The prompt is read once and kept while the same conversation is asked about; every beginning is read behind a copy of it, several
to a batch. All but the prompt's last two tokens are kept: read together with what follows, no token is ever alone in a batch,
so it rounds as it did when it was drawn (see `chunk_ends`).
"""

from collections.abc import Iterator, Sequence

from tempkit.backends.gguf.context import Context, chunk_ends, chunk_size
from tempkit.backends.gguf.ipc import Next, NextRows, Spelled
from tempkit.backends.gguf.memory import Need, no_room, plan_cache, sequences_of
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.settings import Settings
from tempkit.errors import ModelError

__all__ = ["NextReader", "spelled"]

_ROWS = 128
"""Tokens to a batch."""

_SEQUENCES = 16

_LEAST_ROOM = 64
"""Tokens of an answer that there is room for at first."""

_LAST = 2
"""Tokens of the prompt that are read again with every beginning."""


def spelled(model: LoadedModel) -> Spelled:
    """Return a model's vocabulary, as the texts of samples are put together from it."""
    ids = range(model.n_vocab)
    return Spelled([model.piece(token, special=False) for token in ids], [t for t in ids if model.ends(t)])


class NextReader:
    """Reads beginnings of answers for one loaded model; `close` frees what it keeps between two orders.

    Args:
        model: It must outlive the reader.
        settings: How to compute.
        n_ctx: The most tokens that prompt and answer may have together.
    """

    def __init__(self, model: LoadedModel, settings: Settings, n_ctx: int) -> None:
        self._model, self._settings, self._n_ctx = model, settings, n_ctx
        self._context: Context | None = None
        self._prompt: list[int] = []
        self._room = self._width = self._told = 0

    def close(self) -> None:
        """Free the cache; harmless when done twice."""
        if self._context is not None:
            self._context.close()
            self._context = None

    def read(self, order: Next, sizes: tuple[int, int, int]) -> Iterator[NextRows]:
        """Yield the logits behind each beginning, in order.

        Args:
            order: The conversation, and the beginnings of an answer.
            sizes: Bytes: what cache and logits may take, what a token takes in the cache, what a row of logits takes.

        Raises:
            ModelError: The conversation does not fit or is refused, or llama.cpp fails.
        """
        prompt = self._model.prompt_tokens(order.messages)
        longest = max((len(path) for path in order.paths), default=0)
        if not prompt or len(prompt) + longest >= self._n_ctx:
            raise ModelError(
                f"prompt and answer have {len(prompt) + longest} tokens; the model's context holds {self._n_ctx}"
            )
        if self._context is None or prompt != self._prompt or longest > self._room:
            self._open(prompt, longest, sizes)
        begun = self._model.thoughts_begun(prompt)
        for group in self._groups(order.paths):
            yield from self._rows(group, begun)

    def _open(self, prompt: list[int], longest: int, sizes: tuple[int, int, int]) -> None:
        """Make a cache and read the prompt into its last sequence."""
        self.close()
        budget, cell, row = sizes
        self._room = max(_LEAST_ROOM, 2 * longest)
        plan = plan_cache([Need(len(prompt), self._room, _SEQUENCES)], self._settings, budget, cell, row)
        if not plan.width:
            raise ModelError(no_room(plan, budget, "one answer"))
        self._prompt, self._width, self._told = prompt, plan.width, 0
        self._context = Context(self._model, plan, sequences_of(plan.width), _ROWS, self._settings)
        head, root, start = prompt[:-_LAST], sequences_of(plan.width) - 1, 0
        for end in chunk_ends(0, len(head), chunk_size(self._settings)):
            self._decode(self._context, [(head[i], i, root) for i in range(start, end)], 1)
            start = end

    def _groups(self, paths: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
        """Yield as many beginnings as a batch holds; one that is longer than a batch is alone."""
        group: list[Sequence[int]] = []
        rows = 0
        for path in paths:
            more = len(path) + _LAST
            if group and (rows + more > _ROWS or len(group) == self._width):
                yield group
                group, rows = [], 0
            group.append(path)
            rows += more
        if group:
            yield group

    def _rows(self, group: Sequence[Sequence[int]], begun: str) -> Iterator[NextRows]:
        context = self._context
        assert context is not None  # noqa: S101 - `read` has made it
        root, kept = sequences_of(self._width) - 1, max(0, len(self._prompt) - _LAST)
        texts = [[*self._prompt[kept:], *path] for path in group]
        for sequence in range(len(group)):
            context.clear(sequence)
            if kept:
                context.copy(root, sequence)
        size = min(chunk_size(self._settings), _ROWS)
        pieces = [list(chunk_ends(0, len(text), size)) for text in texts]
        for sequence, (text, ends) in enumerate(zip(texts, pieces, strict=True)):
            start = 0
            for end in ends[:-1]:  # long ones in pieces, all but the last of which nothing is asked of
                self._decode(context, [(text[i], kept + i, sequence) for i in range(start, end)], 1)
                start = end
        last = [(ends[-2] if len(ends) > 1 else 0, ends[-1]) for ends in pieces]
        rows = [
            (text[i], kept + i, sequence)
            for sequence, (text, (start, end)) in enumerate(zip(texts, last, strict=True))
            for i in range(start, end - 1)
        ]
        rows += [(text[-1], kept + len(text) - 1, sequence) for sequence, text in enumerate(texts)]
        self._decode(context, rows, len(texts))
        for logits in context.logits(len(texts)):
            evaluated, self._told = context.passes - self._told, context.passes
            yield NextRows(logits.tobytes(), len(self._prompt), self._n_ctx, begun, evaluated)

    def _decode(self, context: Context, rows: list[tuple[int, int, int]], outputs: int) -> None:
        if not context.decode(rows, outputs):
            self.close()  # what the cache holds is not known any more
            raise ModelError("llama_decode failed")
