"""Texts to vectors at another machine, under the same limits and the same retry policy as answers.

Texts go out in batches. What a server finds too long is found out by asking: the batch is halved until one text is left, and
that text until it fits, because no server tells how much it takes. How many were cut is counted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.model_session import ModelSession
from tempkit.types import Embeddings

__all__ = ["Ask", "embed_texts"]

Ask = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]
"""Makes one request, once, and returns a vector for each text; raises `RequestError` where it has none."""

_TEXTS = 64
_CHARACTERS = 100_000
"""What goes into one request at most, unless a single text is longer."""

_CHARACTERS_PER_TOKEN = 2.5

_NO_SUCH_THING = (404, 405, 501)
"""Statuses of a server, or of a model, that has no embeddings: asking again is of no use."""

_TOO_LARGE = ("too large to process", "batch size", "maximum input length", "must have less than")
"""What servers say of a text that they will not take, some of them with the status of a fault of their own."""


async def embed_texts(session: ModelSession, texts: Sequence[str], ask: Ask) -> Embeddings:
    """Return a vector for each text.

    Raises:
        RequestError: Some cannot be had.
    """
    vectors: dict[int, Sequence[float]] = {}
    cut: set[int] = set()
    work = _Work(session, list(texts), ask, vectors, cut)
    tasks = [asyncio.create_task(work.do(places)) for places in _batches(texts)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Embeddings(vectors=tuple(vectors[i] for i in range(len(texts))), cut=frozenset(cut))


class _Work:
    def __init__(
        self,
        session: ModelSession,
        texts: list[str],
        ask: Ask,
        vectors: dict[int, Sequence[float]],
        cut: set[int],
    ) -> None:
        self._session, self._texts, self._ask, self._vectors, self._cut = session, texts, ask, vectors, cut

    async def do(self, places: Sequence[int]) -> None:
        """Have the texts at some places embedded, however many requests that takes."""
        waiting = [places]
        while waiting:
            some = waiting.pop()
            found = await self._try([self._texts[i] for i in some])
            if found is not None:
                self._vectors.update(zip(some, found, strict=True))
            elif len(some) > 1:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
            else:
                self._cut.add(some[0])
                text = self._texts[some[0]]
                self._texts[some[0]] = text[: len(text) // 2]
                waiting.append(some)

    async def _try(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """Try one batch until it ends; None: it is too long.

        Raises:
            RequestError: It brought nothing, and trying again is of no use.
        """
        session, attempts, unread = self._session, 0, 0
        expected = sum(map(len, texts)) / _CHARACTERS_PER_TOKEN
        while True:
            ticket = await session.limiter.acquire(expected)
            try:
                if session.health.given_up:
                    raise session.health.given_up
                attempts += 1
                async with asyncio.timeout(session.timeout_s):
                    found = await self._ask(texts)
            except TimeoutError:
                error = RequestError("timeout", f"no answer in {session.timeout_s} s")
            except RequestError as e:
                error = e
            else:
                session.health.answered()
                session.limiter.clean()
                return found
            finally:
                session.limiter.done()
            if _too_long(error) and (len(texts) > 1 or len(texts[0]) > 1):
                session.health.answered()
                return None
            if error.status in _NO_SUCH_THING:
                error.scope = "model"
            unread += error.kind == "bad_answer"
            error.attempts, error.unread = attempts, unread
            delay = session.failed(error, ticket)
            if delay is None:
                raise error
            await session.limiter.pause(delay)


def _too_long(error: RequestError) -> bool:
    said = error.message.lower()
    return error.kind == "context_length" or (
        error.status is not None and any(words in said for words in _TOO_LARGE)
    )


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for i, text in enumerate(texts):
        if batch and (len(batch) == _TEXTS or size + len(text) > _CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(i)
        size += len(text)
    if batch:
        yield batch
