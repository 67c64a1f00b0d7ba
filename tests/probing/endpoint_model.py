"""A language model small enough to state its own distribution: what it says next follows from the prompt, the place and one token.

Some places are as good as certain, some wide open, and at some the two best tokens are nearly tied, as with real models.
"""

import math
import re
from collections.abc import Mapping
from hashlib import blake2b
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["END", "TIE", "TOKENS", "Floats", "Ranked", "TinyModel", "log_softmax", "rank", "sampled"]

Floats = npt.NDArray[np.float64]

TOKENS: tuple[str, ...] = (
    *(f" {a}{b}{c}" for a, b, c in product("bdfgklmnprst", "aeiou", "dklmnrst")),
    *(",", ".", " and", " the", " of"),
    "<|im_end|>",
)
END = len(TOKENS) - 1
TIE = 0.02
"""How much worse, in nats, the second of two nearly tied tokens is at most."""
_END_SHARE = 0.03
"""Probability of the end, from the third token on."""
_OPEN, _TIED = 0.3, 0.15
"""Shares of places, of those that are not certain, that are wide open and nearly tied; the others lie between."""

_REPEATING = re.compile(r"\b(times|again|go on)\b")
_AGAIN = 1.5
"""Nats by which the token before is the best one, where repetition is asked for."""


class Ranked(NamedTuple):
    """Tokens from the best one down, and their logits."""

    tokens: npt.NDArray[np.intp]
    logits: Floats


def rank(logits: Floats) -> Ranked:
    """Sort tokens by their logits."""
    order = np.argsort(-logits)
    return Ranked(order, logits[order])


class TinyModel:
    """Logits by prompt, number of the token and the token before; another seed is another model."""

    def __init__(self, seed: int, certain: float = 0.2) -> None:
        """`certain`: share of places at which one token is far more probable than all others."""
        self._seed, self._certain = seed, certain
        self._known: dict[tuple[int, int, int], Ranked] = {}

    def logits(self, prompt: int, place: int, before: int) -> Floats:
        """Return the logits of all tokens.

        Args:
            prompt: Its `key`.
            place: How many tokens were said before.
            before: The last of them; -1 at the beginning.
        """
        return self._make((prompt, place, before))

    def ranked(self, prompt: int, place: int, before: int) -> "Ranked":
        """Return the same from the best one down; not to be written to."""
        key = (prompt, place, before)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = rank(self._make(key))
        return found

    @staticmethod
    def key(prompt: str) -> int:
        """Return the number that stands for a prompt; odd: of one that asks to be told the same again and again."""
        number = int.from_bytes(blake2b(prompt.encode(), digest_size=6).digest())
        return 2 * number + bool(_REPEATING.search(prompt))

    def _make(self, key: tuple[int, int, int]) -> Floats:
        prompt, place, before = key
        rng = np.random.default_rng((self._seed, prompt, place, before + 1))
        certain = rng.random() < self._certain
        kind = rng.random()
        spread = 2.0 if kind < _OPEN and not certain else 3.0
        logits = rng.normal(0, spread, len(TOKENS))
        best = int(np.argmax(logits[:END]))
        if certain:
            logits[best] += rng.uniform(3, 7)
        elif kind > 1 - _TIED:
            other = int(rng.integers(END - 1))
            logits[best] += 1
            logits[other + (other >= best)] = logits[best] - rng.uniform(0, TIE)
        if prompt % 2 and before >= 0:
            logits[before] = logits[best] + _AGAIN
        best_word = float(logits[:END].max())
        share = _END_SHARE if place >= 2 else 1e-4
        whole = best_word + math.log(np.exp(logits[:END] - best_word).sum())
        logits[END] = whole + math.log(share / (1 - share))
        return logits


def log_softmax(logits: Floats) -> Floats:
    """Return log-probabilities in nats; -inf stays."""
    shifted = logits - logits.max()
    normal: Floats = shifted - np.log(np.exp(shifted).sum())
    return normal


def sampled(logits: Floats, temperature: float, cuts: Mapping[str, float], *, cut_first: bool) -> Floats:
    """Return the log-probabilities that a token is drawn with, -inf for what was cut.

    Args:
        logits: Of all tokens.
        temperature: 0: the first of the best.
        cuts: `top_k` (0: none), `top_p`, `min_p`, in this order, each on what the one before it left.
        cut_first: Before the temperature, as llama.cpp does, in place of after it.
    """
    if temperature == 0:
        drawn = np.full(len(logits), -math.inf)
        drawn[int(np.argmax(logits))] = 0.0
        return drawn
    if cut_first:
        return log_softmax(_cut(log_softmax(logits), cuts) / temperature)
    return log_softmax(_cut(log_softmax(logits / temperature), cuts))


def _cut(logprobs: Floats, cuts: Mapping[str, float]) -> Floats:
    top_k, top_p, min_p = int(cuts.get("top_k", 0)), cuts.get("top_p", 1.0), cuts.get("min_p", 0.0)
    if top_k > 0 and top_k < len(logprobs):
        least = np.partition(logprobs, -top_k)[-top_k]
        logprobs = np.where(logprobs >= least, logprobs, -math.inf)
    if top_p < 1:
        logprobs = log_softmax(logprobs)
        order = np.argsort(-logprobs)
        # As many as are needed to reach the share: those before which it was not reached yet.
        summed = np.cumsum(np.exp(logprobs[order]))
        kept = order[: int(np.searchsorted(summed, top_p)) + 1]
        cut = np.full(len(logprobs), -math.inf)
        cut[kept] = logprobs[kept]
        logprobs = cut
    if min_p > 0:
        logprobs = np.where(logprobs >= logprobs.max() + math.log(min_p), logprobs, -math.inf)
    return logprobs
