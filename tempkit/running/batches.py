"""The batches of a run: written down, submitted, watched and collected, over as many calls as that takes.

A batch is in the store before it is at the provider, so whatever ends this process, the next call knows every batch that may have
been paid for. Samples that a batch owes are nobody else's work as long as it is open.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from tempkit.backends import Batcher, BatchLostError, BatchRefusedError
from tempkit.running.display.progress import Progress
from tempkit.running.store_retry import StoreRetry
from tempkit.store import Store, UnavailableError
from tempkit.types import Batch, Failure, ModelSpec, Outcome, Plan, SampleKey, Sweep

__all__ = ["BatchWork", "Put", "open_batches"]

Put = Callable[[Outcome], Awaitable[None]]


class BatchWork:
    """What one call does about the batches of one run.

    Args:
        store: Where they are written down.
        run_id: The run.
        plan: Its plan.
        progress: Told how each batch stands.
        retry: Waits for the store.
        let_go: Make failures of the samples of a batch that the provider does not know any more, which is an error else.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        plan: Plan,
        progress: Progress,
        retry: StoreRetry,
        *,
        let_go: bool = False,
    ) -> None:
        self._store, self._run_id, self._progress, self._let_go = store, run_id, progress, let_go
        self._retry = retry
        self._messages = {item.key: item.messages for item in plan.items}
        self.open = store.batches(run_id)
        """Of earlier calls."""

    @property
    def awaited(self) -> set[SampleKey]:
        """The samples that batches of earlier calls owe."""
        return {request.key for batch in self.open for request in batch.awaited}

    async def produce(
        self, backend: Batcher, model: ModelSpec, pending: Iterator[Sweep] | None, put: Put
    ) -> None:
        """Collect a model's open batches, and those of what is pending.

        Args:
            backend: The model's.
            model: A prepared model.
            pending: To be submitted; None when this call submits nothing.
            put: Takes the outcomes.

        Raises:
            ModelError: Of the first batch that cannot be gone on with, when all others are done.
        """
        work: list[Awaitable[None]] = [
            self._follow(backend, model, batch, put) for batch in self.open if batch.model == model.label
        ]
        if pending is not None:
            work.append(self._begin(backend, model, pending, put))
        await _all(work)

    async def _begin(self, backend: Batcher, model: ModelSpec, pending: Iterator[Sweep], put: Put) -> None:
        """Submit what is pending, one batch after the other: each is in memory while it is sent."""
        collecting: list[asyncio.Task[None]] = []
        try:
            for made in backend.lay_out(model, pending):
                await self._retry.until_done(partial(self._store.add_batch, self._run_id, made))
                if batch := await self._submit(backend, model, made, put, fresh=True):
                    collecting.append(asyncio.create_task(self._collect(backend, model, batch, put)))
            await _all(collecting)
        finally:
            for task in collecting:
                task.cancel()
            await asyncio.gather(*collecting, return_exceptions=True)

    async def _follow(self, backend: Batcher, model: ModelSpec, batch: Batch, put: Put) -> None:
        submitted = batch
        if batch.remote_id is None:
            found = await self._submit(backend, model, batch, put, fresh=False)
            if found is None:
                return
            submitted = found
        await self._collect(backend, model, submitted, put)

    async def _submit(
        self, backend: Batcher, model: ModelSpec, batch: Batch, put: Put, *, fresh: bool
    ) -> Batch | None:
        """Have a batch at the provider; None when it will not have it."""
        try:
            remote_id = await backend.submit(
                model,
                batch,
                self._messages,
                self._tell(batch),
                fresh=fresh,
                known=self._store.remote_batches,
            )
        except BatchRefusedError as e:
            await self._retry.until_done(partial(self._store.refuse_batch, batch.tag))
            for request in batch.awaited:
                message = f"not sent, the batch was refused: {e}"
                await put(Failure(key=request.key, kind=e.kind, message=message, attempts=0))
            return None
        # At once, and not in a thread: nothing may come between the provider's yes and this.
        try:
            self._store.submitted(batch.tag, remote_id)
        except UnavailableError:
            await self._retry.until_done(partial(self._store.submitted, batch.tag, remote_id))
        return replace(batch, remote_id=remote_id)

    async def _collect(self, backend: Batcher, model: ModelSpec, batch: Batch, put: Put) -> None:
        owed = {request.key for request in batch.awaited}
        try:
            async with aclosing(backend.collect(model, batch, self._tell(batch))) as outcomes:
                async for outcome in outcomes:
                    await put(outcome)
                    owed.discard(outcome.key)
        except BatchLostError as e:
            if not self._let_go:
                raise
            for key in sorted(owed):
                await put(Failure(key=key, kind="batch_failed", message=str(e), batch=batch.remote_id))

    def _tell(self, batch: Batch) -> Callable[[str], None]:
        return partial(self._progress.batch, batch.tag)


async def _all(work: Sequence[Awaitable[None]]) -> None:
    """Wait for all of it, then raise the first error of any."""
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def open_batches(store: Store, run_id: str) -> str:
    """Say which batches go on without this process; nothing when there are none."""
    batches = store.batches(run_id)
    ids = [batch.remote_id for batch in batches if batch.remote_id is not None]
    unsure = len(batches) - len(ids)
    parts = []
    if ids:
        shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
        parts.append(f"batch{'es' if ids[1:] else ''} {shown} go{'' if ids[1:] else 'es'} on at the provider")
    if unsure:
        parts.append(f"{unsure} more may have been submitted" if ids else "a batch may have been submitted")
    return "; " + " and ".join(parts) if parts else ""
