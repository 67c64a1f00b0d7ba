"""Decode the samples of many sweeps together, one token of each at a time.

Temperatures differ only after the logits. So the unit that llama.cpp evaluates is not a sample but a *node*: all samples
that have the same text so far, whatever their temperature. A node is one sequence in the key-value cache and costs one
forward pass per token; when its samples draw different tokens it splits, each new node taking a copy of the sequence
(in a unified cache that is bookkeeping, not memory). An item's prompt is therefore evaluated once for all its samples,
and at T = 0 all replicates stay one node to the end.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import llama_cpp
import numpy as np

from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.sampler import Rows
from tempkit.backends.gguf.stream import Stream, failure
from tempkit.errors import ModelError
from tempkit.types import FinishReason, Outcome, Sample, Sweep, TokenLogprob

__all__ = ["Decoder"]

_BATCH = 2048
"""Tokens handed to llama.cpp at once while reading prompts."""


@dataclass(slots=True, eq=False)
class _Node:
    """Samples that share every token so far; `token` is the one to evaluate next, at `position`."""

    sequence: int
    position: int
    token: int
    streams: list[Stream]

    @property
    def places(self) -> int:
        """How many nodes its samples may become: replicates at T = 0 never part."""
        hot = sum(stream.sample.temperature > 0 for stream in self.streams)
        return hot + (hot < len(self.streams))


class Decoder:
    """Works through sweeps of one model, step by step.

    Args:
        model: The loaded model; it must outlive the decoder.
        sweeps: What to do.
        parallel: How many samples are under way at most; all replicates of an item at T = 0 count as one.
        threads: Threads for llama.cpp.
        flash_attn: Use llama.cpp's flash attention. On a CPU its plain attention takes other kernels for other batch
            shapes: the same token's logprob was measured to move by up to 0.46 nats (SmolLM2 135M, Q4_1), with flash
            attention by nothing. Where a sequence lies in the cache still matters: another schedule rounds otherwise.
        on_tokens: Called as (sweep, temperature, count) after each step.

    Raises:
        ModelError: The cache for so many samples of such length does not fit into memory.
    """

    def __init__(
        self,
        model: LoadedModel,
        sweeps: Iterable[Sweep],
        parallel: int,
        threads: int,
        flash_attn: bool,
        on_tokens: Callable[[Sweep, float, int], None],
    ) -> None:
        self._model, self._on_tokens = model, on_tokens
        self._early: list[Outcome] = []
        self._waiting: deque[tuple[Sweep, list[int], list[tuple[Sample, ...]]]] = deque()
        longest = most = 0
        for sweep in sweeps:
            tokens = self._tokens(sweep)
            if tokens is not None:
                self._waiting.append((sweep, tokens, _places(sweep)))
                longest = max(longest, len(tokens))
                most = max(most, min(sweep.sampling.max_tokens, model.n_ctx_train - len(tokens)))
        self._parallel = min(parallel, sum(len(w[2]) for w in self._waiting)) or 1
        # Every sample may live at once, on as many different prompts; a node more is being read in.
        cells = (self._parallel + 1) * (most + 1) + longest * (min(self._parallel, len(self._waiting)) + 1)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = cells
        params.n_batch = _BATCH
        params.n_seq_max = self._parallel + 1
        params.kv_unified = True
        params.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if flash_attn
            else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.n_threads = params.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(model.handle, params)
        if not self._context:
            raise ModelError(
                f"llama.cpp cannot make a context of {cells} tokens; lower --max-tokens or the option parallel, or try flash_attn: false"
            )
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(_BATCH, 0, 1)
        self._free = list(range(self._parallel + 1))
        self._nodes: list[_Node] = []
        self.passes = 0
        """Tokens evaluated, prompts included."""

    def close(self) -> None:
        """Free the context; harmless when done twice."""
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    @property
    def done(self) -> bool:
        return not (self._nodes or self._waiting or self._early)

    def step(self) -> list[Outcome]:
        """Read in a prompt, or advance every sample by one token; return what ended."""
        outcomes, self._early = self._early, []
        room = self._parallel - sum(node.places for node in self._nodes)
        # A prompt is read again for each group of its samples, so wait until a good part of them fits.
        if self._waiting and room >= min(len(self._waiting[0][2]), max(1, self._parallel // 4)):
            return outcomes + self._admit(room)
        if self._nodes:
            outcomes += self._advance()
        return outcomes

    def _tokens(self, sweep: Sweep) -> list[int] | None:
        """Tokenise a prompt, or fail its samples."""
        try:
            tokens = self._model.prompt_tokens(sweep.item.messages)
        except ModelError as e:
            self._early += [failure(sweep, s, "rejected", str(e)) for s in sweep.samples]
            return None
        room = self._model.n_ctx_train
        if not tokens or len(tokens) >= room:
            why = (
                f"the prompt has {len(tokens)} tokens; the model's context holds {room}, the answer included"
            )
            self._early += [failure(sweep, s, "context_length", why) for s in sweep.samples]
            return None
        return tokens

    def _admit(self, room: int) -> list[Outcome]:
        """Read in the next prompt for as many of its samples as there is room for."""
        sweep, tokens, pending = self._waiting[0]
        samples = [sample for place in pending[:room] for sample in place]
        del pending[:room]
        if not pending:
            self._waiting.popleft()
        streams = [Stream(sweep, sample, len(tokens)) for sample in samples]
        sequence = self._free.pop()
        for at in range(0, len(tokens), _BATCH):
            chunk = tokens[at : at + _BATCH]
            rows = [(token, at + i, sequence) for i, token in enumerate(chunk)]
            if not self._decode(rows, last_only=True):
                return self._drop([_Node(sequence, 0, 0, streams)])
        node = _Node(sequence, len(tokens), -1, streams)
        return self._draw([node], [self._batch.n_tokens - 1])

    def _advance(self) -> list[Outcome]:
        nodes, self._nodes = self._nodes, []
        if not self._decode([(n.token, n.position, n.sequence) for n in nodes]):
            return self._drop(nodes)
        for node in nodes:
            node.position += 1
        return self._draw(nodes, range(len(nodes)))

    def _decode(self, rows: Sequence[tuple[int, int, int]], *, last_only: bool = False) -> bool:
        """Evaluate (token, position, sequence) rows; False when llama.cpp fails on them."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence) in enumerate(rows):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = not last_only or i == len(rows) - 1
        self.passes += len(rows)
        return bool(llama_cpp.llama_decode(self._context, batch) == 0)

    def _drop(self, nodes: list[_Node], why: str = "llama_decode failed") -> list[Outcome]:
        """Fail every sample of nodes that llama.cpp could not evaluate; the others go on."""
        outcomes: list[Outcome] = []
        for node in nodes:
            self._release(node.sequence)
            outcomes += [failure(s.sweep, s.sample, "decode", why) for s in node.streams]
        return outcomes

    def _release(self, sequence: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._free.append(sequence)

    def _logits(self, row: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(
            ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (self._model.n_vocab,)
        )

    def _draw(self, nodes: list[_Node], at: Sequence[int]) -> list[Outcome]:
        """Give every sample of every node its next token, split the nodes, and return the samples that ended."""
        keep = max(s.sweep.sampling.logprobs for node in nodes for s in node.streams)
        logits = np.stack([self._logits(i) for i in at])
        sound = np.isfinite(logits.max(axis=1))  # NaN and infinity both show in the maximum
        outcomes = self._drop(
            [node for node, good in zip(nodes, sound, strict=True) if not good],
            "the model gave logits that are not finite",
        )
        nodes = [node for node, good in zip(nodes, sound, strict=True) if good]
        if not nodes:
            return outcomes
        rows = Rows(logits[sound], keep)
        for row, node in enumerate(nodes):
            draws = rows.draw(
                row,
                [s.sample.temperature for s in node.streams],
                [float(s.uniforms.random()) for s in node.streams],
            )
            entropy, top = float(rows.entropy[row]), self._top(rows, row, node)
            branches: dict[int, list[Stream]] = {}
            for stream, draw in zip(node.streams, draws, strict=True):
                reason: FinishReason | None = "stop"
                if not self._model.ends(draw.token):
                    piece = self._model.piece(draw.token, special=False)
                    kept = stream.sweep.sampling.logprobs
                    token = TokenLogprob(
                        _text(piece), draw.logprob, entropy, draw.rank, top[:kept], draw.token
                    )
                    reason = stream.add(piece, token if kept else None, self._model.n_ctx_train)
                    self._on_tokens(stream.sweep, stream.sample.temperature, 1)
                if reason is None:
                    branches.setdefault(draw.token, []).append(stream)
                else:
                    outcomes.append(stream.completion(reason))
            self._split(node, branches)
        return outcomes

    def _top(self, rows: Rows, row: int, node: _Node) -> tuple[tuple[str, float], ...]:
        keep = max(s.sweep.sampling.logprobs for s in node.streams)
        return tuple((_text(self._model.piece(t, special=True)), lp) for t, lp in rows.top(row, keep))

    def _split(self, node: _Node, branches: dict[int, list[Stream]]) -> None:
        """Keep the node for its first branch and open a sequence for every other."""
        if not branches:
            self._release(node.sequence)
            return
        first, *others = branches.items()
        for token, streams in others:
            sequence = self._free.pop()  # there are never more nodes than samples under way
            llama_cpp.llama_memory_seq_cp(self._memory, node.sequence, sequence, -1, -1)
            self._nodes.append(_Node(sequence, node.position, token, streams))
        node.token, node.streams = first
        self._nodes.append(node)


def _places(sweep: Sweep) -> list[tuple[Sample, ...]]:
    """Part a sweep's samples into what may become a node of its own; all replicates at T = 0 are one."""
    greedy = tuple(s for s in sweep.samples if s.temperature == 0)
    hot: list[tuple[Sample, ...]] = [(s,) for s in sweep.samples if s.temperature > 0]
    return [greedy, *hot] if greedy else hot


def _text(piece: bytes) -> str:
    r"""Bytes as text; what is no UTF-8 by itself (part of a character) is written `\xNN`."""
    return piece.decode("utf-8", "backslashreplace")
