"""Texts to vectors with llama.cpp: many texts to a batch, each a sequence that is pooled as the model's file says.

A file that says nothing of pooling was not made for this. The mean over its tokens' last states is taken then, which is a real
vector and a poor one, and that is said. A text has to fit into one batch, since pooling does not reach across two; what is
longer is cut at the end.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp
import numpy as np

from tempkit.backends.gguf.ipc import Embedded
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.settings import Settings
from tempkit.errors import ModelError

__all__ = ["embed"]

_LONGEST = 2048
"""Tokens that are read of a text unless `n_ctx` says otherwise: what they are about is settled by then."""

_BATCH = 512
"""Tokens to a batch at least, so that short texts go together."""

_SEQUENCES = 32

_MAKESHIFT = (
    "it was not made for embeddings, so the mean of its tokens' states is taken: expect little of that"
)


def embed(model: LoadedModel, texts: Sequence[str], settings: Settings, n_ctx: int) -> Iterator[Embedded]:
    """Yield the vectors of texts, batch by batch, in their order.

    Args:
        model: The loaded model.
        texts: None of them blank.
        settings: How to compute.
        n_ctx: The most tokens that the model reads.

    Raises:
        ModelError: The model gives no vectors of texts, or llama.cpp fails.
    """
    kind = _pooling(model)
    limit = n_ctx if settings.n_ctx else min(n_ctx, _LONGEST)
    given = [model.whole_tokens(text) for text in texts]
    if not all(given):
        raise ModelError("a text has no tokens, so there is nothing to embed")
    tokens = [_shortened(ids, limit) for ids in given]
    if not tokens:
        return
    size = max(_BATCH, *map(len, tokens))
    context = _context(model, settings, size, kind)
    try:
        start = 0
        for end in _ends(tokens, size):
            rows = _decode(context, model, tokens[start:end], size)
            cut = [i for i in range(start, end) if len(given[i]) > limit]
            note = None if _says_pooling(model) else _MAKESHIFT
            yield Embedded(vectors=rows, cut=cut, note=note)
            start = end
    finally:
        llama_cpp.llama_free(context)


def _says_pooling(model: LoadedModel) -> str | None:
    architecture = model.meta.get("general.architecture", "")
    said = model.meta.get(f"{architecture}.pooling_type")
    return None if said in (None, str(llama_cpp.LLAMA_POOLING_TYPE_NONE)) else said


def _pooling(model: LoadedModel) -> int:
    said = _says_pooling(model)
    if said == str(llama_cpp.LLAMA_POOLING_TYPE_RANK):
        raise ModelError("it is a reranker, which compares two texts and has no vector of one")
    return llama_cpp.LLAMA_POOLING_TYPE_MEAN if said is None else llama_cpp.LLAMA_POOLING_TYPE_UNSPECIFIED


def _shortened(tokens: list[int], limit: int) -> list[int]:
    """Cut a text's end off, but keep its last token, which for many embedding models is a mark that they look at."""
    return tokens if len(tokens) <= limit else [*tokens[: limit - 1], tokens[-1]]


def _ends(tokens: Sequence[Sequence[int]], size: int) -> Iterator[int]:
    """Yield where to part texts into batches of at most `size` tokens."""
    count = start = 0
    for i, ids in enumerate(tokens):
        if i > start and (count + len(ids) > size or i - start == _SEQUENCES):
            yield i
            count, start = 0, i
        count += len(ids)
    yield len(tokens)


def _context(model: LoadedModel, settings: Settings, size: int, pooling: int) -> Any:
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = params.n_outputs_max = size
    params.n_seq_max = _SEQUENCES
    params.kv_unified = True
    params.flash_attn_type = (
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO
        if settings.flash_attn
        else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    params.embeddings = True
    params.pooling_type = pooling
    params.n_threads = params.n_threads_batch = settings.n_threads
    context = llama_cpp.llama_init_from_model(model.handle, params)
    if not context:
        raise ModelError(
            f"llama.cpp cannot make room for texts of {size} tokens: {model.reason()}; lower n_ctx"
        )
    return context


def _decode(context: Any, model: LoadedModel, texts: Sequence[Sequence[int]], size: int) -> list[list[float]]:
    batch = llama_cpp.llama_batch_init(size, 0, 1)
    try:
        rows = [(token, at, i) for i, ids in enumerate(texts) for at, token in enumerate(ids)]
        batch.n_tokens = len(rows)
        for place, (token, at, sequence) in enumerate(rows):
            batch.token[place], batch.pos[place] = token, at
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, sequence
            batch.logits[place] = True
        memory = llama_cpp.llama_get_memory(context)
        if memory:  # an encoder keeps none
            llama_cpp.llama_memory_clear(memory, True)
        if llama_cpp.llama_decode(context, batch) != 0:
            raise ModelError("llama.cpp cannot embed these texts: llama_decode failed")
        width = llama_cpp.llama_model_n_embd_out(model.handle)
        found = []
        for i in range(len(texts)):
            pointer = llama_cpp.llama_get_embeddings_seq(context, i)
            if not pointer:
                raise ModelError(
                    "llama.cpp gives no vector of a text by this model; is it an embedding model?"
                )
            found.append(np.ctypeslib.as_array(pointer, (width,)).tolist())
        return found
    finally:
        llama_cpp.llama_batch_free(batch)
