"""What an adapter says of its provider's batch API: each method makes one request, once.

When to ask, how often, and what to do about faults is decided in `batching`, alike for all of them.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tempkit.backends.remote.adapter_types import Answer, RequestError
from tempkit.backends.remote.http import Http, Reply
from tempkit.backends.remote.http_errors import refusal, retry_after
from tempkit.types import Batch, FailureKind, Message

__all__ = ["CLOCKS_APART", "BatchApi", "BatchStatus", "FoundBatch"]

CLOCKS_APART = timedelta(minutes=10)
"""How much earlier than by our clock a batch of ours may have been made by the provider's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStatus:
    """How a batch stands."""

    state: str
    """In the provider's own word."""
    done: int
    """Requests that have a result of whatever kind: when it has ended, so many lines must come."""
    total: int
    ends_by: datetime | None = None
    """When the provider will end it, done or not."""
    ended: FailureKind | None = None
    """None while it goes on; then, what has become of requests that have no result."""
    why: str = ""
    """Why it ended, where its state does not say it all."""
    results: tuple[str, ...] = ()
    """Where the results are, one after the other."""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class FoundBatch:
    """What became of the search for a batch whose submission was cut short."""

    remote_id: str | None = None
    undecided: tuple[str, ...] = ()
    """Those of which only their end will tell."""


class BatchApi(ABC):
    """The batch API that one model is asked by.

    Args:
        http: To send with.
        url: What the paths of the API stand behind.
        headers: That go with every request, the key among them.
    """

    def __init__(self, http: Http, url: str, headers: Mapping[str, str]) -> None:
        self._http, self._url, self._headers = http, url, headers

    @abstractmethod
    def line(self, custom_id: str, messages: Sequence[Message], params: Mapping[str, Any]) -> bytes:
        """Write one request as it stands in a batch."""

    @abstractmethod
    async def submit(self, tag: str, lines: Sequence[bytes]) -> str:
        """Hand over a batch and return the provider's id of it.

        Raises:
            RequestError: The provider did not say that it took it.
        """

    @abstractmethod
    async def find(self, batch: Batch, others: Collection[str]) -> FoundBatch:
        """BatchStatus for a batch that the provider may have taken, among all that are not `others`.

        Raises:
            RequestError: There is no answer.
        """

    @abstractmethod
    async def status(self, remote_id: str) -> BatchStatus:
        """Ask how a batch stands.

        Raises:
            RequestError: There is no answer.
        """

    @abstractmethod
    def parse(self, line: bytes) -> tuple[str, bytes | RequestError]:
        """Return whose result a line is, and its answer's body or why it has none.

        Raises:
            RequestError: It is no result.
        """

    @abstractmethod
    def read(self, body: bytes) -> Answer:
        """Make an answer of its body.

        Raises:
            RequestError: It is none.
        """

    def results(self, path: str, silence_s: float) -> AsyncGenerator[bytes, None]:
        """Yield the lines of some results.

        Raises:
            RequestError: They cannot be had, or end early.
        """
        return self._http.lines(f"{self._url}{path}", self._headers, silence_s, self._refusal)

    async def _get(self, path: str) -> Reply:
        return self._taken(await self._http.get(f"{self._url}{path}", self._headers))

    def _taken(self, reply: Reply) -> Reply:
        if reply.status != 200:
            raise self._refusal(reply)
        return reply

    def _refusal(self, reply: Reply) -> RequestError:
        return refusal(reply, self._url)

    @staticmethod
    def _retry_after(reply: Reply) -> float | None:
        return retry_after(reply.headers)
