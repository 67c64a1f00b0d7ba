"""The one writer of a run: it commits what arrives in small transactions, and lets go of nothing before it is stored."""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

from tempkit.errors import StoreError
from tempkit.running.display.progress import Progress
from tempkit.store import LockedError, RunStatus, Store
from tempkit.types import Outcome

__all__ = ["Writer"]

_COMMIT_AT = 64
"""Outcomes at which a transaction does not wait for more."""
_COMMIT_EVERY_S = 0.1
_SAY_AFTER_S = 3.0
"""Seconds that a transaction may take before a person is told what is being waited for."""
_SAY_EVERY_S = 60.0


class Writer:
    """What is on its way into the store.

    While another program holds the database it waits, however long that takes: answers cost money and time, and the producers
    wait behind the queue meanwhile.
    """

    def __init__(self, store: Store, run_id: str, progress: Progress) -> None:
        self._store, self._run_id, self._progress = store, run_id, progress
        self.queue: asyncio.Queue[Outcome | None] = asyncio.Queue(maxsize=_COMMIT_AT // 2)
        """None: no more will come."""
        self.stored = 0
        self._batch: list[Outcome] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tempkit-store")
        self._commit: Future[None] | None = None
        """The transaction that `_batch` is in."""
        self._said: float | None = None

    async def write(self) -> None:
        """Commit what arrives, at the latest a tenth of a second after it did.

        Raises:
            StoreError: It cannot be stored, for another reason than a lock.
        """
        more = True
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while more or self._batch:
            timeout = None if deadline is None else max(0.0, deadline - loop.time())
            try:
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
        await self._patiently(lambda: self._store.set_status(self._run_id, status))

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
        while not self.queue.empty():
            if (outcome := self.queue.get_nowait()) is not None:
                self._batch.append(outcome)
        try:
            self._store.add(self._run_id, self._batch)
        except StoreError:
            return len(self._batch)
        self._committed()
        return 0

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _add(self) -> None:
        try:
            await self._patiently(lambda: self._store.add(self._run_id, self._batch))
        except StoreError as e:
            raise StoreError(f"{e}; {self._in_hand()} answers that had come are not stored") from e
        self._committed()

    async def _patiently(self, call: Callable[[], None]) -> None:
        """Do one transaction in the thread, again as long as another program holds the database."""
        while True:
            self._commit = self._thread.submit(call)
            done = asyncio.wrap_future(self._commit)
            while not (await asyncio.wait({done}, timeout=_SAY_AFTER_S))[0]:
                self._say()
            try:
                return done.result()
            except LockedError:
                self._say()

    def _committed(self) -> None:
        self.stored += len(self._batch)
        self._batch, self._commit = [], None

    def _in_hand(self) -> int:
        return len(self._batch) + self.queue.qsize()

    def _say(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._said is None or now - self._said >= _SAY_EVERY_S:
            self._said = now
            kept = (
                f"; {self._in_hand()} answers are kept until then, and given up by Ctrl-C twice"
                if self._batch
                else ""
            )
            self._progress.note(f"waiting for {self._store.where}, which another program seems to hold{kept}")
