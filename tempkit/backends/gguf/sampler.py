"""Draw tokens at many temperatures from a batch of logits, and keep what the raw distributions said.

The chain: softmax(logits / T), cut by `truncation` where asked; T = 0 takes the most probable token, the lowest id among
equals. All samples that stand at the same place of the same text share a row of the batch: one pass over the vocabulary
for the raw distribution, one more for each temperature above 1. At lower temperatures the most probable tokens nearly
always settle the draw, because the rest can be bounded: at T < 1 no unlikely token gains weight. Nothing sorts the
vocabulary.

A draw inverts the cumulative distribution at one uniform number, walking the most probable tokens first and the rest in
order of their ids. For a given number, a lower temperature therefore ends at the same or a more probable token nearly
always: samples that share a random stream across temperatures stay together as long as the distributions let them.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tempkit.backends.gguf.truncation import NEUTRAL, Cut, Truncation, find_cut
from tempkit.backends.gguf.vocabulary_passes import largest, mean
from tempkit.softmax import inverse_temperature

__all__ = ["Rows", "Scratch"]

Array = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

_HEAD = 32
"""Tokens walked in order of probability before the rest; fixed, so that a draw does not depend on what is recorded."""

_BLOCK = 64
"""The vocabulary is searched and summed block by block."""

_ONES: Array = np.ones(_BLOCK, dtype=np.float32)

_SLACK = 1e-5
"""How much of the whole the tail's 32-bit sum may be wrong by, several times over."""

_UNSEEN = 1e-6
"""Nats that an entropy may be wrong by for what is not looked at."""

_LEAST_BETA = 1e-45
"""The smallest 1/T that is not 0 in 32 bits, where a logit of -inf would become NaN; all finite ones are equal there."""


class Scratch:
    """Working memory for `Rows` of up to so many rows, to be used by one after the other."""

    def __init__(self, n_vocab: int, rows: int) -> None:
        padded = -(-n_vocab // _BLOCK) * _BLOCK
        self.x: Array = np.empty((rows, padded), dtype=np.float32)
        self.raw: Array = np.empty((rows, padded), dtype=np.float32)
        self.hot: Array = np.empty(padded, dtype=np.float32)


class Rows:
    """The raw distributions of one batch of logits.

    The most probable tokens are summed in double precision, the others in blocks in single precision.

    Args:
        logits: Shape (rows, vocabulary), 32-bit, each row's largest finite; not changed.
        keep: How many of the most probable tokens to know per row.
        scratch: These rows end when the next ones take it.
    """

    def __init__(self, logits: Array, keep: int, scratch: Scratch | None = None) -> None:
        count, self.size = logits.shape
        scratch = scratch or Scratch(self.size, count)
        padded, self.raw, self.hot = scratch.x[:count], scratch.raw[:count], scratch.hot
        padded[:, self.size :] = -np.inf
        self.x: Array = padded[:, : self.size]
        """Logits, each row's largest being 0."""
        blocks = padded.shape[1] // _BLOCK
        peaks = np.empty((count, blocks), dtype=np.float32)
        means = np.empty(count)
        # One by one, so that a row is still in the processor's cache for the next pass.
        for row in range(count):
            np.subtract(logits[row], logits[row].max(), out=self.x[row])
            # Blocks are interleaved, which is the faster way to their maxima.
            padded[row].reshape(_BLOCK, blocks).max(axis=0, out=peaks[row])
            np.exp(padded[row], out=self.raw[row])
            means[row] = mean(self.raw[row, : self.size], self.x[row])
        kept = min(max(keep, _HEAD), self.size)
        self.top: Ints = largest(padded.reshape(count, _BLOCK, blocks), peaks, kept)
        """Shape (rows, at least keep): ids of the most probable tokens, most probable first."""
        self._top_x = np.take_along_axis(self.x, self.top, axis=1).astype(np.float64)
        self.head = self.top[:, :_HEAD]
        """Shape (rows, 32 or the vocabulary)."""
        self.head_x: Doubles = self._top_x[:, :_HEAD]
        np.put_along_axis(self.raw, self.head, 0, axis=1)
        self.sums: Array = np.empty((count, blocks), dtype=np.float32)
        """Shape (rows, blocks): the raw weights of all tokens beyond the head, added up by block."""
        # One by one: within a larger product BLAS adds a row up in an order that depends on its place.
        for row in range(count):
            np.matmul(self.raw[row].reshape(blocks, _BLOCK), _ONES, out=self.sums[row])
        self.mass: Doubles = self.sums.sum(axis=1, dtype=np.float64)
        """Shape (rows,): of all of them."""
        total = np.exp(self.head_x).sum(axis=1) + self.mass
        self.log_total: Doubles = np.log(total)
        """Shape (rows,): the log of the softmax's denominator over `x`."""
        self.entropy: Doubles = np.maximum(self.log_total - means / total, 0.0)
        """Shape (rows,): of the raw distribution over the whole vocabulary, in nats; good to 1e-4."""
        self.found_entropies: dict[tuple[int, float], float] = {}
        """By (row, beta): of tempered distributions that a draw went through anyway."""

    @property
    def top_logprobs(self) -> Doubles:
        """Shape as `top`: raw natural-log probabilities."""
        return np.asarray(self._top_x - self.log_total[:, None])

    def describe(self, rows: Ints, tokens: Ints) -> tuple[Doubles, Ints]:
        """Return the raw logprobs and ranks of tokens, one of each (row, token): how many tokens are more probable."""
        values = self.x[rows, tokens].astype(np.float64)
        ranks = (self._top_x[rows] > values[:, None]).sum(axis=1)
        for i in np.flatnonzero(values < self._top_x[rows, -1]):
            ranks[i] = np.count_nonzero(self.x[rows[i]] > values[i])
        return values - self.log_total[rows], ranks

    def draw(
        self, rows: Ints, temperatures: Doubles, uniforms: Doubles, truncation: Truncation = NEUTRAL
    ) -> Ints:
        """Draw one token per (row, temperature, uniform number in [0, 1)); shapes (n,)."""
        tokens: Ints = self.head[rows, 0].copy()
        hot = np.flatnonzero(temperatures > 0)
        betas = np.array([max(inverse_temperature(t), _LEAST_BETA) for t in temperatures[hot].tolist()])
        if truncation.neutral:
            left = self._draw_from_head(tokens, hot, rows[hot], betas, uniforms[hot])
        else:
            left = np.ones(len(hot), dtype=bool)
        groups: dict[tuple[int, float], list[int]] = {}
        for row, beta, i in zip(
            rows[hot][left].tolist(), betas[left].tolist(), hot[left].tolist(), strict=True
        ):
            groups.setdefault((row, beta), []).append(i)
        for (row, beta), places in groups.items():
            tokens[places] = _invert(self, row, beta, uniforms[places], truncation)
        return tokens

    def tempered_entropy(self, rows: Ints, temperatures: Doubles) -> Doubles:
        """Return the entropy at each (row, temperature >= 0) in nats, good to 1e-4; shapes (n,).

        Of the whole vocabulary, before any truncation. It is 0 at T = 0, where the lowest id among equals is taken. Where
        the most probable tokens hold all but nothing they alone are looked at; a draw that went through the vocabulary
        at this temperature has left the answer; only what remains costs a pass.
        """
        found = np.zeros(len(rows))
        hot = np.flatnonzero(temperatures > 0)
        betas = np.array([max(inverse_temperature(t), _LEAST_BETA) for t in temperatures[hot].tolist()])
        x = self.head_x[rows[hot]]
        weights = np.exp(betas[:, None] * x)
        totals = weights.sum(axis=1)
        found[hot] = np.log(totals) - betas * (weights * np.where(weights > 0, x, 0)).sum(axis=1) / totals
        _, most = _tail_bounds(betas, self.head_x[rows[hot], -1], self.mass[rows[hot]])
        # So much weight, spread evenly over the vocabulary, would add this; no way of spreading it adds more.
        with np.errstate(divide="ignore", invalid="ignore"):
            more = np.where(most > 0, most * (1 + np.log(self.size) - np.log(most)), 0.0)
        beyond = (most >= 1) | (more > _UNSEEN)
        for i, beta in zip(hot[beyond].tolist(), betas[beyond].tolist(), strict=True):
            row = int(rows[i])
            if beta == 1:
                found[i] = self.entropy[row]
                continue
            key = (row, beta)
            if key not in self.found_entropies:
                tempered = _Tempered(self, row, beta)
                self.found_entropies[key] = tempered.entropy(*tempered.tail(None))
            found[i] = self.found_entropies[key]
        return np.maximum(found, 0.0)

    def _draw_from_head(
        self, tokens: Ints, where: Ints, rows: Ints, betas: Doubles, uniforms: Doubles
    ) -> NDArray[np.bool_]:
        """Set `tokens[where]` as far as the most probable tokens settle it; say which are left, shape of `where`."""
        head_x, last = self.head_x[rows], self.head_x[rows, -1]
        reach = np.cumsum(np.exp(betas[:, None] * head_x), axis=1)
        ends = reach[:, -1]
        least, most = _tail_bounds(betas, last, self.mass[rows])
        if self.head.shape[1] == self.size:
            least, most = np.zeros(len(rows)), np.zeros(len(rows))
        with np.errstate(invalid="ignore"):  # 0 * inf: the number 0 is the first token's whatever follows
            low = (reach <= (uniforms * (ends + least))[:, None]).sum(axis=1)
            high = (reach <= (uniforms * (ends + most))[:, None]).sum(axis=1)
        # Rounding may leave a target a hair past the end: the last token with any weight is meant then.
        edge = (reach < ends[:, None]).sum(axis=1)
        settled = (most == 0) | ((low == high) & (low < reach.shape[1]))
        chosen = self.head[rows, np.minimum(low, edge)]
        tokens[where[settled]] = chosen[settled]
        return np.asarray(~settled)


def _tail_bounds(betas: Doubles, last: Doubles, mass: Doubles) -> tuple[Doubles, Doubles]:
    """Return what the tokens beyond the head may weigh together at each beta = 1/T: at least, at most.

    exp(beta x) = exp((beta - 1) x) exp(x), and beyond the head x is at most the head's last logit.

    Args:
        betas: Shape (n,).
        last: The head's last logit, the largest being 0.
        mass: What they weigh at T = 1.
    """
    slack = _SLACK * (1 + mass)
    with np.errstate(over="ignore", invalid="ignore"):
        most = np.where(betas < 1, np.inf, np.exp((betas - 1) * last) * (mass + slack))
        most = np.where(np.exp(betas * last) == 0, 0.0, most)  # what is less probable weighs nothing either
    return np.where((betas == 1) & (most > 0), np.maximum(mass - slack, 0.0), 0.0), most


class _Tempered:
    """One row at another temperature: weights exp(beta * x), head and tail apart."""

    def __init__(self, rows: Rows, row: int, beta: float) -> None:
        self.beta, self._rows, self._row = beta, rows, row
        self._x, self._ids = rows.x[row], rows.head[row]
        self._head: Doubles = np.exp(beta * rows.head_x[row])

    def head(self, cut: Cut | None) -> Doubles:
        if cut is None:
            return self._head
        return np.where(cut.keeps(self._x[self._ids], self._ids), self._head, 0.0)

    def entropy(self, weights: Array, sums: Array) -> float:
        """Return the entropy of the whole, given its tail, in nats; a tail that weighs nothing may be left out."""
        x = self._rows.head_x[self._row]
        total, moment = float(self._head.sum()), float(self._head @ np.where(self._head > 0, x, 0))
        if sums.any():
            total += float(sums.sum(dtype=np.float64))
            moment += mean(weights[: self._rows.size], self._x)
        return math.log(total) - self.beta * moment / total

    def tail(self, cut: Cut | None) -> tuple[Array, Array]:
        rows, size = self._rows, self._rows.size
        if len(self._ids) == size or self.head(cut)[-1] == 0:  # what is less probable weighs nothing either
            return np.zeros(_BLOCK, np.float32), np.zeros(1, np.float32)
        if self.beta == 1 and cut is None:
            return rows.raw[self._row], rows.sums[self._row]
        weights = rows.hot
        weights[size:] = 0
        with np.errstate(over="ignore"):  # what falls below the smallest number falls to -inf
            np.multiply(self._x, np.float32(self.beta), out=weights[:size])
        np.exp(weights[:size], out=weights[:size])
        weights[self._ids] = 0
        if cut is not None:
            weights[:size][~cut.keeps(self._x)] = 0
        return weights, weights.reshape(-1, _BLOCK) @ _ONES


def _invert(rows: Rows, row: int, beta: float, uniforms: Doubles, truncation: Truncation) -> list[int]:
    """Return the token at each uniform number of one row's softmax(beta * logits), cut."""
    tempered = _Tempered(rows, row, beta)
    cut = None
    if not truncation.neutral:
        weigh = _Tempered(rows, row, 1.0) if truncation.before_temperature else tempered
        cut = find_cut(rows.x[row], rows.head[row], truncation, weigh)
    reach = np.cumsum(tempered.head(cut))
    weights, sums = tempered.tail(cut)
    if cut is None and beta != 1:
        rows.found_entropies[row, beta] = tempered.entropy(weights, sums)
    blocks = np.cumsum(sums, dtype=np.float64)
    edge = int(np.searchsorted(reach, reach[-1]))
    tokens = []
    for target in (uniforms * (reach[-1] + blocks[-1])).tolist():
        at = int(np.searchsorted(reach, target, side="right"))
        if at < len(reach) or blocks[-1] <= 0:
            tokens.append(int(rows.head[row, min(at, edge)]))
        else:
            tokens.append(_find(weights, blocks, target - float(reach[-1])))
    return tokens


def _find(weights: Array, blocks: Doubles, target: float) -> int:
    """Return the first token at which the running sum of weights, in order of ids, passes the target."""
    last = int(np.searchsorted(blocks, blocks[-1]))  # the last block with any weight
    block = min(int(np.searchsorted(blocks, target, side="right")), last)
    inside = np.cumsum(weights[block * _BLOCK : (block + 1) * _BLOCK], dtype=np.float64)
    before = float(blocks[block - 1]) if block else 0.0
    edge = int(np.searchsorted(inside, inside[-1]))
    return block * _BLOCK + min(int(np.searchsorted(inside, target - before, side="right")), edge)
