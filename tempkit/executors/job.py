"""One call's sweeps on their way through a pool: what is still to be handed out, what is being drawn, what has come."""

import asyncio
from collections.abc import Iterable, Sequence

from tempkit.backends import TokenListener
from tempkit.errors import TempkitError
from tempkit.executors.chunks import TRIES, Ahead, Chunk
from tempkit.types import Failure, Outcome, Sweep

__all__ = ["Job"]

_WAITING = 4
"""Deliveries that wait for whoever stores them; then actors are asked for no more, and stop drawing."""


class Job:
    """Ends when every sample has an outcome, or with an error."""

    def __init__(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> None:
        self.ahead = Ahead(sweeps)
        self.on_tokens = on_tokens
        self.in_hand = 0
        """Chunks that actors have."""
        self.closed = False
        self._came: asyncio.Queue[Sequence[Outcome] | TempkitError | None] = asyncio.Queue(_WAITING)

    async def drawn(self) -> Sequence[Outcome] | None:
        """Return what has come, as soon as there is something; None at the end.

        Raises:
            TempkitError: An actor cannot go on.
        """
        came = await self._came.get()
        if isinstance(came, TempkitError):
            raise came
        return came

    async def deliver(self, outcomes: Sequence[Outcome]) -> None:
        """Hand over what has come; waits while nobody takes it."""
        if outcomes and not self.closed:
            await self._came.put(outcomes)

    async def fail(self, error: TempkitError) -> None:
        if not self.closed:
            self.closed = True
            await self._came.put(error)

    async def settle(self) -> None:
        """End, when nothing is left to do."""
        if not self.closed and not self.in_hand and self.ahead.model() is None:
            self.closed = True
            await self._came.put(None)

    async def give_back(self, chunk: Chunk, sweeps: Sequence[Sweep], why: str) -> None:
        """Hand sweeps out again whose actor died; those that have had their tries fail."""
        if chunk.tries < TRIES:
            self.ahead.again(sweeps, chunk.tries)
            return
        await self.deliver(
            [
                Failure(
                    key=sweep.key(sample),
                    kind="decode",
                    message=f"{TRIES} actors died while they drew it; the last: {why}",
                    attempts=chunk.tries,
                    seed=sample.seed,
                    temperature_sent=sample.temperature,
                )
                for sweep in sweeps
                for sample in sweep.samples
            ]
        )
