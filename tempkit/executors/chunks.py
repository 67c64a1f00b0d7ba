"""What of a job's sweeps is handed to an actor at once: enough to keep it busy for a while, and less and less towards the end.

So that no actor is left with the last of the work while the others have none.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tempkit.types import ModelSpec, SampleKey, Sweep

__all__ = ["TRIES", "Ahead", "Chunk"]

TRIES = 3
"""How often a sweep is handed out while the actors that draw it die."""
_LEAST, _MOST = 64, 2000
"""Samples handed out at once: as many as a local engine decodes together; and as many as an actor's death may cost."""
_SWEEPS = 256
_SECONDS = 8.0
"""How long an actor shall be busy with them."""
_AHEAD = 50_000
"""The most samples that are looked at before they are handed out."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Sweeps of one model, handed out together."""

    sweeps: Sequence[Sweep]
    tries: int = 1
    """How often they have been handed out, this time included."""

    @property
    def model(self) -> ModelSpec:
        return self.sweeps[0].model

    @property
    def samples(self) -> int:
        return sum(len(sweep.samples) for sweep in self.sweeps)

    def without(self, ended: set[SampleKey]) -> list[Sweep]:
        """Return the sweeps that have samples left, with these alone."""
        left = []
        for sweep in self.sweeps:
            samples = tuple(sample for sample in sweep.samples if sweep.key(sample) not in ended)
            if samples:
                left.append(replace(sweep, samples=samples))
        return left


class Ahead:
    """The sweeps of one job that are not handed out, made as they are needed."""

    def __init__(self, sweeps: Iterable[Sweep]) -> None:
        self._more: Iterator[Sweep] = iter(sweeps)
        self._next: deque[Sweep] = deque()
        self._samples = 0
        self._again: deque[Chunk] = deque()
        """Sweeps whose actor died: each by itself, so that one that kills its actor takes no other with it."""
        self._rate: float | None = None

    def look(self, seats: int) -> int:
        """Look ahead as far as so many actors need; return how many could begin with something."""
        wanted = min(2 * seats * self._size, max(_AHEAD, 2 * seats))
        while self._samples < wanted and (sweep := next(self._more, None)) is not None:
            self._next.append(sweep)
            self._samples += len(sweep.samples)
        return len(self._next) + len(self._again)

    def model(self) -> ModelSpec | None:
        """Return the model that comes next; None: nothing does."""
        if self._again:
            return self._again[0].model
        return self._next[0].model if self.look(1) else None

    def take(self, seats: int) -> Chunk:
        """Return what one of so many actors is to draw next, of the model that comes next."""
        if self._again:
            return self._again.popleft()
        self.look(seats)
        share = min(self._size, math.ceil(self._samples / (2 * seats)))
        model, sweeps, samples = self._next[0].model, list[Sweep](), 0
        while self._next and samples < share and len(sweeps) < _SWEEPS and self._next[0].model == model:
            sweep = self._next.popleft()
            sweeps.append(sweep)
            samples += len(sweep.samples)
        self._samples -= samples
        return Chunk(sweeps)

    def again(self, sweeps: Iterable[Sweep], tries: int) -> None:
        """Take sweeps back that were not drawn, to be handed out once more."""
        self._again.extend(Chunk([sweep], tries + 1) for sweep in sweeps)

    def took(self, samples: int, seconds: float) -> None:
        """Learn how long an actor took for something."""
        rate = samples / max(seconds, 1e-6)
        self._rate = rate if self._rate is None else (self._rate + rate) / 2

    @property
    def _size(self) -> int:
        return _LEAST if self._rate is None else int(min(max(_LEAST, self._rate * _SECONDS), _MOST))
