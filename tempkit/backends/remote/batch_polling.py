"""BatchPoller after a batch: for as long as it takes, because a batch goes on without us."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tempkit.backends.protocol import BatchLostError, Tell
from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.batch_protocol import BatchApi
from tempkit.backends.remote.model_session import ModelSession
from tempkit.backends.remote.retry_policy import PASSING
from tempkit.errors import ModelError
from tempkit.text import holds_secret, without_secrets
from tempkit.types import ModelSpec

__all__ = ["LONGEST_PAUSE_S", "BatchPoller", "Pace"]

LONGEST_PAUSE_S = 3600.0
"""A server that asks for a longer pause than this between two looks at a batch is asked after this."""
_GONE = (404, 410)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a batch is looked at."""

    first_s: float = 5.0
    longest_s: float = 120.0
    growth: float = 1.5
    settle_s: float = 60.0
    """For how long after a submission was cut short the batch may still turn up in the provider's list."""

    def after(self, pause_s: float) -> float:
        """Return the pause that follows one of `pause_s`."""
        return min(pause_s * self.growth, self.longest_s)


PACE = Pace()


@dataclass(slots=True)
class BatchPoller:
    """One model's API with what is known of how to treat it."""

    model: ModelSpec
    api: BatchApi
    session: ModelSession
    tell: Tell
    pace: Pace = field(default_factory=lambda: PACE)

    def say(self, text: str) -> None:
        """Tell how a batch stands; what a server wrote is among it."""
        self.tell(without_secrets(text))

    async def once(self, ask: Awaitable[T], more_s: float = 0.0) -> T:
        """Make one request within its time.

        Raises:
            RequestError: There is no answer.
        """
        seconds = self.session.timeout_s + more_s
        try:
            async with asyncio.timeout(seconds):
                return await ask
        except TimeoutError as e:
            raise RequestError("timeout", f"no answer in {seconds:g} s") from e

    async def until_answered(self, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer; whatever passes is waited out, because the batch goes on without us.

        Raises:
            BatchLostError: What is asked for is not there.
            ModelError: BatchPoller is of no use.
        """
        pause = self.pace.first_s
        while True:
            try:
                return await self.once(ask())
            except RequestError as e:
                if e.kind not in PASSING or e.gives_up:
                    raise self.failed(what, e) from e
                self.say(f"{what} cannot be asked after now ({e.message}); trying again")
                await asyncio.sleep(max(pause, min(e.retry_after_s or 0.0, LONGEST_PAUSE_S)))
                pause = self.pace.after(pause)

    @staticmethod
    def named(remote_id: str) -> str:
        """Return the name that a provider gave to a batch; it is stored, shown and asked for.

        Raises:
            RequestError: The key is in it.
        """
        if holds_secret(remote_id):
            raise RequestError("rejected", "the name that the provider gave to the batch repeats the key")
        return remote_id

    def failed(self, what: str, error: RequestError) -> ModelError:
        """Make the error for what asking again will not help."""
        said = without_secrets(error.message)
        if error.status in _GONE:
            return BatchLostError(
                f"{self.model.label}: the provider does not know {what} ({said}); is the key of the account that "
                "submitted it? If it is gone for good, resume with --retry-errors: its samples then count as failed"
            )
        return ModelError(f"{self.model.label}: {what} cannot be had: {said}; resume the run later")
