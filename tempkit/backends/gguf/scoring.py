"""Teacher-forced scoring: what a model says of texts that are given, token by token.

Texts are read as prompts are, many tokens and several texts to a batch. Every sequence is a text of its own; the batch
takes as many tokens as it gives rows of logits.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tempkit.backends.gguf.context import Context, chunk_ends, chunk_size
from tempkit.backends.gguf.memory import Need, no_room, plan_caches, sequences_of
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.sampler import Rows, Scratch
from tempkit.backends.gguf.settings import Settings
from tempkit.errors import ModelError
from tempkit.types import Passage, Scored, TokenLogprob

__all__ = ["score_passages"]

_ROWS = 128
"""Tokens to a batch: wide enough for full speed, few enough that their logits take little memory."""

_SEQUENCES = 16


@dataclass(slots=True)
class _Text:
    index: int
    tokens: list[int]
    """Of the conversation and the text."""
    first: int
    """Where the text begins."""
    sequence: int
    position: int = 0
    """Tokens evaluated."""
    scored: list[TokenLogprob] = field(default_factory=list)


def score_passages(
    model: LoadedModel,
    passages: Sequence[Passage],
    top_logprobs: int,
    settings: Settings,
    n_ctx: int,
    sizes: tuple[int, int, int],
) -> Iterator[Scored]:
    """Yield one score per passage, in the order in which they end.

    Args:
        model: The loaded model.
        passages: What to score.
        top_logprobs: Alternatives to keep per token.
        settings: How to compute.
        n_ctx: The most tokens that conversation and text may have together.
        sizes: Bytes: what cache and logits may take, what a token takes in the cache, what a row of logits takes.

    Raises:
        ModelError: llama.cpp cannot make the cache.
    """
    texts: list[_Text] = []
    for index, passage in enumerate(passages):
        text = _tokenise(model, index, passage, n_ctx)
        if isinstance(text, Scored):
            yield text
        elif len(text.tokens) == text.first:
            yield Scored(index=index)
        else:
            texts.append(text)
    budget, cell, row = sizes
    few = replace(settings, parallel=min(settings.parallel, _SEQUENCES))
    needs = [Need(len(text.tokens), 0, 1) for text in texts]
    for plan, members in plan_caches(needs, few, budget - _ROWS * row, cell, 0):
        group = deque(texts[i] for i in members)
        if not plan.width:
            for text in group:
                yield Scored(index=text.index, reason=no_room(plan, budget, "one text"))
            continue
        context = Context(model, plan, sequences_of(plan.width), _ROWS, settings)
        try:
            size = min(chunk_size(settings), _ROWS)
            yield from _work(context, model, group, list(range(plan.width)), top_logprobs, size)
        finally:
            context.close()


def _tokenise(model: LoadedModel, index: int, passage: Passage, n_ctx: int) -> _Text | Scored:
    try:
        before = model.prompt_tokens(passage.messages) if passage.messages else model.opening
        tokens = before + model.plain_tokens(passage.text)
    except ModelError as e:
        return Scored(index=index, reason=str(e))
    if len(tokens) > n_ctx:
        why = f"conversation and text have {len(tokens)} tokens; the model's context holds {n_ctx}"
        return Scored(index=index, reason=why)
    return _Text(index, tokens, len(before), -1)


def _work(
    context: Context, model: LoadedModel, waiting: deque[_Text], free: list[int], top_logprobs: int, size: int
) -> Iterator[Scored]:
    active: list[_Text] = []
    scratch = Scratch(model.n_vocab, _ROWS)
    while active or waiting:
        rows: list[tuple[int, int, int]] = []
        parts: list[tuple[_Text, int]] = []
        while len(rows) + size <= _ROWS and (len(parts) < len(active) or (free and waiting)):
            if len(parts) == len(active):
                active.append(waiting.popleft())
                active[-1].sequence = free.pop(0)
            text = active[len(parts)]
            # The last token is not evaluated: nothing follows it.
            ends = next(chunk_ends(text.position, len(text.tokens) - 1, size), 0)
            rows += [(text.tokens[i], i, text.sequence) for i in range(text.position, ends)]
            parts.append((text, ends))
        good = not rows or context.decode(rows, len(rows))
        given = [text.tokens[position + 1] for text, ends in parts for position in range(text.position, ends)]
        tokens = iter(
            _describe(model, context.logits(len(rows)), given, top_logprobs, scratch) if good and rows else []
        )
        for text, ends in parts:
            if text.position == 0 and text.first == 0:  # nothing comes before the first token
                first = text.tokens[0]
                text.scored.append(TokenLogprob(model.text(first, special=False), None, token_id=first))
            read = list(itertools.islice(tokens, ends - text.position))
            text.scored += read[max(0, text.first - 1 - text.position) :]
            text.position = ends
            if good and ends < len(text.tokens) - 1:
                continue
            active.remove(text)
            context.clear(text.sequence)
            free.append(text.sequence)
            yield Scored(
                index=text.index,
                tokens=tuple(text.scored) if good else (),
                reason=None if good else "llama_decode failed",
            )


def _describe(
    model: LoadedModel,
    logits: NDArray[np.float32],
    tokens: list[int],
    top_logprobs: int,
    scratch: Scratch,
) -> list[TokenLogprob]:
    """Return what each row of logits says of the token that follows."""
    rows = Rows(logits, top_logprobs, scratch)
    logprobs, ranks = rows.describe(np.arange(len(tokens)), np.array(tokens))
    facts = zip(
        tokens,
        logprobs.tolist(),
        ranks.tolist(),
        rows.entropy.tolist(),
        rows.top[:, :top_logprobs].tolist(),
        rows.top_logprobs.tolist(),
        strict=True,
    )
    return [
        TokenLogprob(
            model.text(token, special=False),
            logprob,
            entropy,
            rank,
            tuple(zip([model.text(t, special=True) for t in ids], values[:top_logprobs], strict=True)),
            token,
        )
        for token, logprob, rank, entropy, ids, values in facts
    ]
