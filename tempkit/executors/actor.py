"""The actor: a process of the cluster that holds a loaded model and draws what it is handed. Nothing here knows Ray.

What it has drawn is fetched from it, never sent: so nothing piles up where it is read, and it stops drawing when nobody fetches.
"""

import asyncio
import contextlib
import os
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from tempkit._version import __version__
from tempkit.backends import Backend, Recaller, Resident, load_backend
from tempkit.errors import TempkitError, one_line
from tempkit.types import ModelInfo, ModelSpec, Outcome, Sweep

__all__ = ["Arrived", "Drawer", "Drawn", "Loaded"]

_FETCH_S = 0.1
"""Seconds for which outcomes are gathered before they go."""
_OUTCOMES, _TOKENS = 256, 16_384
"""Outcomes that go at once, or so many as have this many tokens. Twice as many wait before drawing stops."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an actor says first."""

    version: str
    """Of tempkit, where it is."""
    host: str
    process: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of loading a model."""

    info: ModelInfo | None
    refused: str = ""
    """Why there is none, in a line for the user."""


@dataclass(slots=True)
class Drawn:
    """What has been drawn since the last time."""

    outcomes: list[Outcome] = field(default_factory=list)
    tokens: Counter[tuple[str, float]] = field(default_factory=Counter)
    """By model label and temperature."""
    done: bool = False
    """Whether all that was handed over is drawn."""
    refused: str = ""
    """Why it will not be, in a line for the user."""


class Drawer:
    """One loaded model, and the sweeps that are being drawn from it: one handful after another."""

    def __init__(self, folder: str, processors: int, neighbours: int) -> None:
        """Work in a folder, where this machine has it: models may be named by relative paths."""
        if os.path.isdir(folder):  # noqa: PTH112  (of another machine's, so as it was written there)
            os.chdir(folder)
        self._share = processors, neighbours
        self._backend: Backend | None = None
        self._work: asyncio.Task[None] | None = None
        self._drawn, self._waiting = Drawn(), 0
        self._full, self._room = asyncio.Event(), asyncio.Event()

    async def arrive(self) -> Arrived:
        return Arrived(__version__, socket.gethostname(), os.getpid())

    async def load(self, model: ModelSpec, found: ModelInfo | None) -> Loaded:
        """Load a model in place of the one that is loaded; `found` is what was found of it before, here or elsewhere."""
        try:
            await self._free()
            backend = load_backend(model.backend)(concurrency=1)
            self._backend = backend
            if isinstance(backend, Resident):
                backend.reside(*self._share)
            if found is not None and isinstance(backend, Recaller):
                backend.recall(model, found)
            return Loaded(await backend.prepare(model))
        except TempkitError as e:
            return Loaded(None, str(e))

    async def draw(self, sweeps: Sequence[Sweep]) -> Drawn:
        """Begin with sweeps of the loaded model, and return what is drawn first."""
        self._drawn, self._waiting = Drawn(), 0
        self._full.clear()
        self._work = asyncio.create_task(self._draw(sweeps))
        return await self.fetch()

    async def fetch(self) -> Drawn:
        """Return what has been drawn since, as soon as there is something."""
        while not self._full.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), _FETCH_S)
            if self._drawn.outcomes or self._drawn.tokens:
                break
        drawn, self._drawn = self._drawn, Drawn()
        self._waiting = 0
        if not (drawn.done or drawn.refused):
            self._full.clear()
        self._room.set()
        return drawn

    async def _draw(self, sweeps: Sequence[Sweep]) -> None:
        assert self._backend is not None  # noqa: S101  (a model is loaded first)
        try:
            async with aclosing(self._backend.run(sweeps, self._tokens)) as outcomes:
                async for outcome in outcomes:
                    await self._add(outcome)
            self._drawn.done = True
        except TempkitError as e:
            self._drawn.refused = str(e)
        except Exception as e:  # noqa: BLE001  (a fault of the backend: told where the run is)
            kind = type(self._backend)
            self._drawn.refused = f"the backend {kind.__module__}.{kind.__qualname__} has a fault: {type(e).__name__}: {one_line(e)}"
        self._full.set()

    async def _add(self, outcome: Outcome) -> None:
        held = self._drawn.outcomes
        held.append(outcome)
        self._waiting += len(getattr(outcome, "tokens", ()))
        if len(held) >= _OUTCOMES or self._waiting >= _TOKENS:
            self._full.set()
            if len(held) >= 2 * _OUTCOMES or self._waiting >= 2 * _TOKENS:
                self._room.clear()
                await self._room.wait()

    def _tokens(self, label: str, temperature: float, count: int) -> None:
        self._drawn.tokens[label, temperature] += count

    async def _free(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        if self._backend is not None:
            await self._backend.close()
            self._backend = None
