"""Bounds on the probability of accepted answers at every temperature, from a tree of all answers explored best first.

A beginning of an answer has at temperature T the probability prod_t p_T(token t | those before), with p_T the softmax of the
model's logits over T. The model's logits behind a beginning, one pass, give that for every T at once and part it: into answers
that end there, which are accepted or not; into longer beginnings; and into what is lost whatever follows. So at any time, at
every T, accepted + not accepted + still open = 1, whence

    accepted <= P(an answer is accepted) <= accepted + still open.

Both hold whatever was explored, and going on only narrows them. The beginning that is taken up next is the one with the
largest probability at any of the temperatures. Different tokens may spell one text; all of their ways are in the tree.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tempkit.exact.spelling import Ints, Spelling
from tempkit.softmax import inverse_temperature

__all__ = ["Accepts", "Bounds", "Explorer", "NextLogits"]

Doubles = NDArray[np.float64]

NextLogits = Callable[[Sequence[tuple[int, ...]]], NDArray[np.float32]]
"""Returns the model's logits behind each beginning, given as token ids: shape (beginnings, vocabulary)."""

_ROUNDING = 1e-9
"""More than what sums of probabilities in double precision may be wrong by here; both bounds give way by so much."""

_KEPT = 256
"""Longer beginnings that are kept of each one; the others stay open together and are never taken up."""

_TOGETHER = 16
"""Beginnings that are taken up together, since a model reads several faster than one by one."""

_FORLORN = 1e-3
"""Of the width that is asked for: once all that could be taken up holds less than this, nothing more is."""


class Accepts(Protocol):
    """What is asked of a question."""

    def accepts(self, texts: Sequence[str]) -> list[bool | None]:
        """Return for each complete answer whether it is accepted; None where that cannot be decided."""
        ...

    def open(self, beginnings: Sequence[bytes]) -> list[bool]:
        """Return for each beginning whether an accepted answer may still come of it; False is sure."""
        ...

    @property
    def closed(self) -> bool:
        """Whether `open` rules anything out."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known so far, arrays by temperature."""

    lower: Doubles
    upper: Doubles
    passes: int
    """Beginnings that the model was asked about."""
    answers: tuple[tuple[str, Doubles], ...]
    """Accepted answers with the probability that was found of each, most probable first."""

    @property
    def width(self) -> float:
        """The largest difference between the bounds at any temperature."""
        return float((self.upper - self.lower).max())


@dataclass(order=True, slots=True)
class _Beginning:
    rank: tuple[float, tuple[int, ...]]
    """What comes first is taken up first."""
    path: tuple[int, ...] = field(compare=False)
    data: bytes = field(compare=False)
    mass: Doubles = field(compare=False)
    """Its probability by temperature."""


class Explorer:
    """The tree of answers to one question on one model.

    Args:
        model: The model's logits.
        spelling: Its vocabulary.
        question: What is accepted.
        limit: The most tokens of an answer; one that has as many and no end is truncated, and not accepted.
        temperatures: At least one, none below 0; at 0 the most probable token is taken, the lowest id among equals.
    """

    def __init__(
        self,
        model: NextLogits,
        spelling: Spelling,
        question: Accepts,
        limit: int,
        temperatures: Sequence[float],
    ) -> None:
        self._model, self._spelling, self._question = model, spelling, question
        self._limit, self._temperatures = limit, tuple(temperatures)
        self._accepted = np.zeros(len(temperatures))
        self._shut = np.zeros(len(temperatures))
        """Open for good: answers that cannot be decided, and beginnings that were not kept."""
        self._by_text: dict[str, Doubles] = {}
        self._passes = 0
        self._leads: dict[bytes, Ints] = {}
        self._waiting: list[_Beginning] = []
        self._push((), b"", np.ones(len(temperatures)))

    def explore(self, passes: int, within: float) -> Bounds:
        """Go on until the bounds are `within` each other at every temperature, or so many more passes are spent.

        Called again it goes on.
        """
        left = passes
        while left > 0 and self._waiting:
            waiting = self._waiting_mass()
            if (waiting + self._shut).max() <= within or waiting.max() <= _FORLORN * within:
                break
            count = min(left, _TOGETHER, len(self._waiting))
            self._take_up([heapq.heappop(self._waiting) for _ in range(count)])
            left -= count
        return self.bounds()

    def bounds(self) -> Bounds:
        """Return what is known now."""
        still = self._shut + self._waiting_mass()
        rounding = 0.0 if not self._passes else _ROUNDING
        found = sorted(self._by_text.items(), key=lambda each: (-float(each[1].max()), each[0]))
        return Bounds(
            lower=np.clip(self._accepted - rounding, 0.0, 1.0),
            upper=np.clip(self._accepted + still + rounding, 0.0, 1.0),
            passes=self._passes,
            answers=tuple(found),
        )

    def _waiting_mass(self) -> Doubles:
        return sum((each.mass for each in self._waiting), np.zeros(len(self._temperatures)))

    def _push(self, path: tuple[int, ...], data: bytes, mass: Doubles) -> None:
        heapq.heappush(self._waiting, _Beginning((-float(mass.max()), path), path, data, mass))

    def _take_up(self, chosen: Sequence[_Beginning]) -> None:
        rows = self._model([each.path for each in chosen])
        self._passes += len(chosen)
        ended: list[tuple[str, Doubles]] = []
        for each, logits in zip(chosen, rows, strict=True):
            ends, after = self._spelling.ends, self._after(each)
            probabilities = self._probabilities(logits, np.concatenate([ends, after]))
            text = each.data.decode("utf-8", "replace")
            ended.append((text, each.mass * probabilities[:, : len(ends)].sum(axis=1)))
            self._grow(each, after, each.mass[:, None] * probabilities[:, len(ends) :], ended)
        self._judge(ended)

    def _probabilities(self, logits: NDArray[np.float32], ids: Ints) -> Doubles:
        """Return how probable some next tokens are at each temperature, shape (temperatures, ids)."""
        if not np.isfinite(logits.max()):
            raise ValueError("the model gave logits that are not finite")
        found = np.zeros((len(self._temperatures), len(ids)))
        below = logits.astype(np.float64) - float(logits.max())
        for row, temperature in enumerate(self._temperatures):
            if temperature == 0:
                found[row, ids == int(logits.argmax())] = 1.0
            else:  # as `tempered`, but for the tokens that nobody asks for
                weights = np.exp(below * inverse_temperature(temperature))
                found[row] = weights[ids] / weights.sum()
        return found

    def _after(self, each: _Beginning) -> Ints:
        """Return the tokens behind a beginning with which something may still come of it."""
        if len(each.path) + 1 >= self._limit and not self._spelling.stoppable:
            return np.empty(0, dtype=np.int64)  # whatever does not end here is truncated
        return self._leading_on(each.data) if self._question.closed else self._spelling.others

    def _grow(self, each: _Beginning, ids: Ints, masses: Doubles, ended: list[tuple[str, Doubles]]) -> None:
        """Take up what follows a beginning by one token; add answers that a stop text ends to `ended`."""
        if not len(ids):
            return
        ranks = masses.max(axis=0)
        if len(ids) > _KEPT:
            order = np.argpartition(-ranks, _KEPT)
            self._shut += masses[:, order[_KEPT:]].sum(axis=1)
            ids, masses, ranks = ids[order[:_KEPT]], masses[:, order[:_KEPT]], ranks[order[:_KEPT]]
        for place in np.flatnonzero(ranks > 0).tolist():
            token = int(ids[place])
            step = self._spelling.step(each.data, token, len(each.path) + 1, self._limit)
            if step.end == "stop":
                ended.append((step.data.decode("utf-8", "replace"), masses[:, place]))
            elif step.end is None:
                self._push((*each.path, token), step.data, masses[:, place].copy())

    def _leading_on(self, data: bytes) -> Ints:
        if data not in self._leads:
            self._leads[data] = self._spelling.leading_on(data, self._question.open)
        return self._leads[data]

    def _judge(self, ended: Sequence[tuple[str, Doubles]]) -> None:
        texts = list(dict.fromkeys(text for text, _ in ended))
        found = dict(zip(texts, self._question.accepts(texts), strict=True))
        for text, mass in ended:
            if found[text] is None:
                self._shut += mass
            elif found[text]:
                self._accepted += mass
                self._by_text[text] = self._by_text.get(text, 0.0) + mass
