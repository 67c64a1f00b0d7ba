"""The one writer of a run: it commits what arrives in small transactions, and lets go of nothing before it is stored.

A database that cannot take it at the moment is waited for.
"""

import asyncio
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from datetime import UTC, datetime

from tempkit.errors import StoreError
from tempkit.running.display.progress import Progress
from tempkit.running.store_retry import StoreRetry
from tempkit.store import RunStatus, Store
from tempkit.types import Outcome

__all__ = ["Writer"]

_COMMIT_AT = 64
"""Outcomes at which a transaction does not wait for more."""
_COMMIT_EVERY_S = 0.1


class Writer:
    """What is on its way into the store; the producers wait behind the queue while it waits for the database."""

    def __init__(self, store: Store, run_id: str, progress: Progress, retry: StoreRetry) -> None:
        self._store, self._run_id, self._progress = store, run_id, progress
        self._retry = retry
        retry.in_hand = self._in_hand
        self.queue: asyncio.Queue[Outcome | None] = asyncio.Queue(maxsize=_COMMIT_AT // 2)
        """None: no more will come."""
        self.stored = 0
        self._batch: list[Outcome] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tempkit-store")
        self._commit: Future[None] | None = None
        """The transaction that `_batch` is in."""
        self._at: datetime | None = None
        """When it was tried first: by this the store knows it again."""

    async def write(self) -> None:
        """Commit what arrives, at the latest a tenth of a second after it did.

        Raises:
            StoreError: It cannot be stored, or the database was waited for in vain.
        """
        more = True
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while more or self._batch:
            timeout = None if deadline is None else max(0.0, deadline - loop.time())
            try:
                if not self.queue.empty():  # where much comes, waiting for each would cost a task
                    outcome = self.queue.get_nowait()
                else:
                    outcome = await asyncio.wait_for(self.queue.get(), timeout) if more else None
                if outcome is None:
                    more = False
                else:
                    self._batch.append(outcome)
                    self._progress.outcome(outcome)
                    deadline = deadline or loop.time() + _COMMIT_EVERY_S
            except TimeoutError:
                pass
            if self._batch and (not more or len(self._batch) >= _COMMIT_AT or loop.time() >= (deadline or 0)):
                await self._add()
                deadline = None

    async def settle(self, status: RunStatus) -> None:
        """Set the run's status, once nothing more is to be stored."""
        await self._retry.until_done(lambda: self._store.set_status(self._run_id, status), self._thread)

    async def settle_part(self) -> None:
        """Set the run's status when this part is stored: `finished` where the others' are too."""
        await self._retry.until_done(lambda: self._store.end_part(self._run_id), self._thread)

    def rescue(self) -> int:
        """Store what has come, when nobody waits for `write` any more; return how many answers could not be stored."""
        if self._commit is not None:
            over = self._commit.done()
            try:
                self._commit.result()
            except (CancelledError, StoreError):
                if not over:  # it was waited for just now: another time would be no better
                    return self._in_hand()
            else:
                self._committed()
        try:
            if self._at is not None:  # by itself: it may be stored already
                self._transaction()
                self._committed()
            while not self.queue.empty():
                if (outcome := self.queue.get_nowait()) is not None:
                    self._batch.append(outcome)
            self._transaction()
        except StoreError:
            return self._in_hand()
        self._committed()
        return 0

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _add(self) -> None:
        try:
            await self._retry.until_done(self._transaction, self._thread, self._tried)
        except StoreError as e:
            raise StoreError(f"{e}; {self._in_hand()} answers that had come are not stored") from e
        self._committed()

    def _transaction(self) -> None:
        again = self._at is not None
        self._at = self._at or datetime.now(UTC)
        self._store.add(self._run_id, self._batch, at=self._at, again=again)

    def _tried(self, commit: Future[None]) -> None:
        self._commit = commit

    def _committed(self) -> None:
        self.stored += len(self._batch)
        self._batch, self._commit, self._at = [], None, None

    def _in_hand(self) -> int:
        return len(self._batch) + self.queue.qsize()
