"""Decode the samples of many sweeps together, one token of each at a time.

Temperatures differ only after the logits. So the unit that llama.cpp evaluates is not a sample but a *node*: all samples
that have the same text so far, whatever their temperature. A node is one sequence in the key-value cache and costs one
forward pass per token; when its samples draw different tokens it splits, and each further branch takes a copy of the
sequence. At T = 0 all replicates stay one node to the end.

One sequence more, the *root*, holds the prompt that was read last. Samples start as copies of it; the next prompt keeps
what the two have in common (the chat template's opening, a shared instruction) and reads only the rest.
"""

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tempkit.backends.gguf.context import LONE, Context, chunk_ends, chunk_size
from tempkit.backends.gguf.memory import CachePlan, sequences_of
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.sampler import Rows, Scratch
from tempkit.backends.gguf.settings import Settings
from tempkit.backends.gguf.stream import Stream, failure
from tempkit.backends.gguf.truncation import Truncation
from tempkit.types import FinishReason, Outcome, Sample, SamplingParams, Sweep, TokenLogprob

__all__ = ["Decoder", "Job", "places_of"]

_THIN = 16
"""With fewer nodes than this a token costs more, so part of a sweep is better than waiting for room for all of it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A sweep, ready to decode."""

    sweep: Sweep
    tokens: Sequence[int]
    """Of its prompt."""
    n_ctx: int
    """The most tokens that prompt and answer may have together."""
    begun: str = ""
    """The mark at its prompt's end that thoughts begin with, where there is one."""


@dataclass(slots=True, eq=False)
class _Node:
    """Samples that share every token so far; `token` is the one to evaluate next, at `position`."""

    sequence: int
    position: int
    token: int
    streams: list[Stream]

    @property
    def sampling(self) -> SamplingParams:
        """Of the one sweep that it belongs to."""
        return self.streams[0].sweep.sampling

    @property
    def places(self) -> int:
        """How many nodes its samples may become: replicates at T = 0 never part."""
        hot = sum(stream.sample.temperature > 0 for stream in self.streams)
        return hot + (hot < len(self.streams))


class Decoder:
    """Works through sweeps of one model, step by step.

    Args:
        model: The loaded model; it must outlive the decoder.
        jobs: What to do; all fit into the plan.
        plan: The cache: at most its `width` samples are under way; all replicates of an item at T = 0 count as one.
        settings: How to compute.
        on_tokens: Called as (model label, temperature, count) after each step.

    Raises:
        ModelError: llama.cpp cannot make the cache.
    """

    def __init__(
        self,
        model: LoadedModel,
        jobs: Iterable[Job],
        plan: CachePlan,
        settings: Settings,
        on_tokens: Callable[[str, float, int], None],
    ) -> None:
        self._model, self._plan, self._settings, self._on_tokens = model, plan, settings, on_tokens
        self._waiting = deque((job, places_of(job.sweep)) for job in jobs)
        self._root, self._root_tokens = sequences_of(plan.width) - 1, list[int]()
        self.context = Context(model, plan, self._root + 1, self._root, settings)
        self._free = list(range(self._root))  # a heap: low numbers are taken first
        self._nodes: list[_Node] = []
        self._scratch = Scratch(model.n_vocab, self._root)
        self.started: list[tuple[Sweep, Sample]] = []
        """Samples taken up by the last step."""
        self.steps = 0
        self.tokens = 0
        """Drawn, the ends of texts included."""

    def close(self) -> None:
        """Free the context; harmless when done twice."""
        self.context.close()

    @property
    def done(self) -> bool:
        return not (self._nodes or self._waiting)

    def step(self) -> list[Outcome]:
        """Read in a prompt, or advance every sample by one token; return what ended."""
        self.steps += 1
        self.started = []
        room = self._plan.width - sum(node.places for node in self._nodes)
        if self._waiting and room:
            # Samples of an item share most when they start together.
            whole = min(len(self._waiting[0][1]), max(1, self._plan.width // 2))
            if room >= whole or len(self._nodes) < _THIN:
                return self._admit(room)
        return self._advance()

    def _admit(self, room: int) -> list[Outcome]:
        """Start as many of the next sweep's samples as there is room for."""
        job, pending = self._waiting[0]
        samples = [sample for place in pending[:room] for sample in place]
        del pending[:room]
        if not pending:
            self._waiting.popleft()
        self.started = [(job.sweep, sample) for sample in samples]
        streams = [Stream(job.sweep, sample, len(job.tokens), job.n_ctx, job.begun) for sample in samples]
        node = _Node(self._root, len(job.tokens), -1, streams)
        if not self._read(job.tokens):
            return self._drop([node])
        return self._draw([node])

    def _read(self, tokens: Sequence[int]) -> bool:
        """Make the root hold a prompt, with the logits of its last token; False when llama.cpp fails."""
        pairs = zip(tokens, self._root_tokens, strict=False)
        known = min(len(tokens), len(self._root_tokens))
        common = next((i for i, (a, b) in enumerate(pairs) if a != b), known)
        # The last token's logits are wanted, and a single one is not read alone (see chunk_ends).
        common = max(0, min(common, len(tokens) - 2))
        if not self.context.shorten(self._root, common):
            self.context.clear(self._root)
            common = 0
        self._root_tokens = list(tokens)
        start = common
        for end in chunk_ends(common, len(tokens), chunk_size(self._settings)):
            if not self.context.decode([(tokens[i], i, self._root) for i in range(start, end)], 1):
                return False
            start = end
        return True

    def _advance(self) -> list[Outcome]:
        nodes, self._nodes = self._nodes, []
        self._close_ranks(nodes)
        rows = [(n.token, n.position, n.sequence) for n in nodes]
        companion = self._companion(nodes[0]) if len(nodes) == 1 else []
        done = self.context.decode(rows + companion, len(rows) + len(companion))
        for _, _, sequence in companion:
            self.context.clear(sequence)
        if not done:
            return self._drop(nodes)
        for node in nodes:
            node.position += 1
        return self._draw(nodes)

    def _companion(self, node: _Node) -> list[tuple[int, int, int]]:
        """Return a second row for a last sample far into its text, so that it rounds as it did among others."""
        if node.position < LONE or self._settings.n_gpu_layers:
            return []
        sequence = 1 if node.sequence == 0 else node.sequence - 1  # free: there is no other node
        self.context.copy(node.sequence, sequence)
        return [(node.token, node.position, sequence)]

    def _close_ranks(self, nodes: list[_Node]) -> None:
        """Put nodes in the order of their sequences and, in separate caches, leave no gaps between them.

        llama.cpp evaluates sequences in one go only while their numbers follow each other.
        """
        nodes.sort(key=lambda node: node.sequence)
        if self._plan.unified:
            return
        gaps = sorted(set(range(len(nodes))) - {node.sequence for node in nodes})
        for node, gap in zip(reversed(nodes), gaps, strict=False):
            self.context.copy(node.sequence, gap)
            self.context.clear(node.sequence)
            self._free[self._free.index(gap)] = node.sequence
            node.sequence = gap
        heapq.heapify(self._free)
        nodes.sort(key=lambda node: node.sequence)

    def _drop(self, nodes: list[_Node], why: str = "llama_decode failed") -> list[Outcome]:
        """Fail every sample of nodes that llama.cpp could not evaluate; the others go on."""
        outcomes: list[Outcome] = []
        for node in nodes:
            self._release(node.sequence)
            outcomes += [failure(s.sweep, s.sample, "decode", why) for s in node.streams]
        return outcomes

    def _release(self, sequence: int) -> None:
        self.context.clear(sequence)
        if sequence == self._root:
            self._root_tokens = []
        else:
            heapq.heappush(self._free, sequence)

    def _draw(self, nodes: list[_Node]) -> list[Outcome]:
        """Draw the next token of every sample of nodes whose logits were computed last, in this order."""
        outcomes: list[Outcome] = []
        counts: Counter[tuple[str, float]] = Counter()
        logits = self.context.logits(len(nodes))
        sound = np.isfinite(logits.max(axis=1))
        if not sound.all():
            bad = [node for node, good in zip(nodes, sound, strict=True) if not good]
            outcomes += self._drop(bad, "the model gave logits that are not finite")
            nodes, logits = [n for n, good in zip(nodes, sound, strict=True) if good], logits[sound]
        for node, draws in zip(nodes, self._sample(nodes, logits) if nodes else (), strict=True):
            branches: dict[int, list[Stream]] = {}
            for stream, token in zip(node.streams, draws, strict=True):
                counts[stream.sweep.model.label, stream.sample.temperature] += 1
                reason: FinishReason | None = "stop"
                if token.token_id is not None and not self._model.ends(token.token_id):
                    reason = stream.add(self._model.piece(token.token_id, special=False), token)
                if reason is None:
                    branches.setdefault(token.token_id or 0, []).append(stream)
                else:
                    outcomes.append(stream.completion(reason, truncate_first=self._settings.truncate_first))
            self._split(node, branches)
        self.tokens += counts.total()
        for (label, temperature), count in counts.items():
            self._on_tokens(label, temperature, count)
        return outcomes

    def _sample(
        self, nodes: list[_Node], logits: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    ) -> Iterator[list[TokenLogprob]]:
        """Draw a token for every sample of every node, a list for each node in turn."""
        keep = max(node.sampling.logprobs for node in nodes)
        rows = Rows(logits, keep, self._scratch)
        streams = [stream for node in nodes for stream in node.streams]
        owners = np.repeat(np.arange(len(nodes)), [len(node.streams) for node in nodes])
        temperatures = np.array([stream.sample.temperature for stream in streams])
        uniforms = np.array([stream.next_uniform() for stream in streams])
        tokens = np.empty(len(streams), dtype=np.int64)
        truncations = [
            Truncation.of(node.sampling, before_temperature=self._settings.truncate_first) for node in nodes
        ]
        for truncation in set(truncations):
            same = np.array([t == truncation for t in truncations])[owners]
            tokens[same] = rows.draw(owners[same], temperatures[same], uniforms[same], truncation)
        logprobs, ranks = rows.describe(owners, tokens)
        # A record that is not kept is not worth a pass.
        entropies = rows.tempered_entropy(owners, temperatures) if keep else np.zeros(len(streams))
        facts = zip(tokens.tolist(), logprobs.tolist(), ranks.tolist(), entropies.tolist(), strict=True)
        tops = zip(rows.top.tolist(), rows.top_logprobs.tolist(), rows.entropy.tolist(), strict=True)
        for node, (ids, alternatives, entropy) in zip(nodes, tops, strict=True):
            kept = node.sampling.logprobs
            spelled = [self._model.text(t, special=True) for t in ids[:kept]]
            top = tuple(zip(spelled, alternatives[:kept], strict=True))
            yield [
                TokenLogprob(
                    self._model.text(token, special=False), logprob, entropy, rank, top, token, at_temperature
                )
                for token, logprob, rank, at_temperature in itertools.islice(facts, len(node.streams))
            ]

    def _split(self, node: _Node, branches: dict[int, list[Stream]]) -> None:
        """Keep the node for its first branch and open a sequence for every other; the root is only copied."""
        keeps = node.sequence != self._root
        for i, (token, streams) in enumerate(branches.items()):
            if i == 0 and keeps:
                sequence = node.sequence
            else:
                sequence = heapq.heappop(self._free)  # there are never more nodes than samples under way
                self.context.copy(node.sequence, sequence)
            self._nodes.append(_Node(sequence, node.position, token, streams))
        if keeps and not branches:
            self._release(node.sequence)


def places_of(sweep: Sweep) -> list[tuple[Sample, ...]]:
    """Part a sweep's samples into what may become a node of its own; all replicates at T = 0 are one.

    In the order of replicates: those of one number share a random stream at all temperatures, and stay together longest.
    """
    greedy = tuple(s for s in sweep.samples if s.temperature == 0)
    hot = sorted((s for s in sweep.samples if s.temperature > 0), key=lambda s: (s.replicate, s.temperature))
    return [*([greedy] if greedy else []), *((s,) for s in hot)]
