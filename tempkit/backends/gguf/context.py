"""One llama.cpp context: a key-value cache, a batch, and the logits of what was evaluated last."""

import time
from collections.abc import Iterator, Sequence

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from tempkit.backends.gguf.memory import CachePlan
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.settings import Settings
from tempkit.errors import ModelError

__all__ = ["LONE", "Context", "chunk_ends", "chunk_size"]

_CHUNK = 32
"""Tokens of one sequence that a CPU evaluates at once.

llama.cpp's flash attention takes another kernel for 64 and more, and a third one for a single token far into a text. They
round otherwise; with 8-bit activations that grows to tenths of a nat. Kept between the two, a token's logits are the same
to the last bit however a text is cut into batches. On a CPU that is as fast.
"""

_GPU_CHUNK = 512
"""A GPU needs more at once, and has other kernels."""

_BATCH = 512
"""Tokens handed to llama.cpp at once, at most."""

LONE = 255
"""From this position on a single token of a single sequence is the third case."""


def chunk_ends(start: int, stop: int, size: int) -> Iterator[int]:
    """Yield where to cut the reading of a sequence's tokens from `start` to `stop`, no piece of 1 left; last is `stop`."""
    while start < stop:
        start = stop if stop - start <= size else start + size - (stop - start == size + 1)
        yield start


def chunk_size(settings: Settings) -> int:
    """Return how many tokens of one sequence to evaluate at once."""
    return _GPU_CHUNK if settings.n_gpu_layers else _CHUNK


_TYPES = {
    "f32": llama_cpp.GGML_TYPE_F32,
    "f16": llama_cpp.GGML_TYPE_F16,
    "q8_0": llama_cpp.GGML_TYPE_Q8_0,
    "q4_0": llama_cpp.GGML_TYPE_Q4_0,
}


class Context:
    """A context with `sequences` sequences, numbered from 0; `close` frees it.

    Args:
        model: It must outlive the context.
        plan: The cache to make.
        sequences: How many sequences the cache is for.
        outputs: Rows of logits that one `decode` gives at most.
        settings: Threads, attention, what the cache holds.

    Raises:
        ModelError: llama.cpp cannot make it.
    """

    def __init__(
        self, model: LoadedModel, plan: CachePlan, sequences: int, outputs: int, settings: Settings
    ) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = plan.cells
        params.n_batch = _BATCH
        params.n_seq_max = sequences
        params.n_outputs_max = max(outputs, sequences)  # llama.cpp aborts on fewer than sequences
        params.kv_unified = plan.unified
        params.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if settings.flash_attn
            else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.type_k = params.type_v = _TYPES[settings.cache_type]
        params.n_threads = params.n_threads_batch = settings.n_threads
        self._context = llama_cpp.llama_init_from_model(model.handle, params)
        if not self._context:
            raise ModelError(
                f"llama.cpp cannot make a cache of {plan.cells} tokens: {model.reason()}; "
                "lower --memory, --max-tokens or the option parallel"
            )
        self._n_vocab = model.n_vocab
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(_BATCH, 0, 1)
        self.passes = 0
        """Tokens evaluated."""
        self.decode_s = 0.0
        """Seconds spent in llama.cpp, copies of sequences included."""

    def close(self) -> None:
        """Free the context; harmless when done twice."""
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def decode(self, rows: Sequence[tuple[int, int, int]], outputs: int) -> bool:
        """Evaluate (token, position, sequence) rows, with logits for the last `outputs` of them.

        Returns:
            False when llama.cpp fails: then what the cache holds of these sequences is not known any more.
        """
        batch = self._batch
        batch.n_tokens = len(rows)
        silent = len(rows) - outputs
        for i, (token, position, sequence) in enumerate(rows):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = i >= silent
        self.passes += len(rows)
        start = time.perf_counter()
        done = llama_cpp.llama_decode(self._context, batch) == 0
        llama_cpp.llama_synchronize(self._context)
        self.decode_s += time.perf_counter() - start
        return bool(done)

    def logits(self, outputs: int) -> NDArray[np.float32]:
        """Return the last decode's logits, shape (outputs, vocabulary): llama.cpp's own memory until the next one."""
        pointer = llama_cpp.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, (outputs, self._n_vocab))

    def copy(self, source: int, target: int) -> None:
        """Make an empty sequence the same as another; done before the next decode, in order."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def shorten(self, sequence: int, length: int) -> bool:
        """Keep a sequence's first `length` tokens; False when this kind of model cannot (a recurrent one)."""
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def clear(self, sequence: int) -> None:
        """Empty a sequence."""
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
