"""How a run waits for a database that cannot take anything at the moment."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TypeVar

from tempkit.errors import StoreError
from tempkit.running.display.progress import Progress
from tempkit.running.display.tally import duration
from tempkit.store import LockedError, Store, UnavailableError

__all__ = ["StoreRetry", "read_again"]

_SAY_AFTER_S = 3.0
"""Seconds that a transaction may take before a person is told what is being waited for."""
_SAY_EVERY_S = 60.0
_PAUSES_S = (0.25, 5.0)
"""Between two tries to reach a database: at first, and at most."""


T = TypeVar("T")


def read_again(store: Store, read: Callable[[], T]) -> T:
    """Read from a store, again as long as its database is out of reach: what a run ends with is not lost to a cut connection.

    Raises:
        StoreError: As `read`; or the database was waited for in vain.
    """
    until = time.monotonic() + store.wait_s
    pause = _PAUSES_S[0]
    while True:
        try:
            return read()
        except UnavailableError:
            if time.monotonic() >= until:
                raise
            time.sleep(pause)
            pause = min(2 * pause, _PAUSES_S[1])


class StoreRetry:
    """How transactions of a run wait for its database: answers cost money and time.

    While another program holds it they wait however long that takes; while it is out of reach or full, for as long as the store
    says.
    """

    def __init__(self, store: Store, progress: Progress) -> None:
        self._store, self._progress = store, progress
        self._said: tuple[str, float] | None = None
        self.in_hand: Callable[[], int] = lambda: 0
        """How many answers are kept meanwhile."""

    async def until_done(
        self,
        call: Callable[[], None],
        thread: Executor | None = None,
        begun: Callable[[Future[None]], None] | None = None,
    ) -> None:
        """Do one transaction, again as long as the database cannot take it: so it must do nothing when it was done before.

        Args:
            call: The transaction.
            thread: To do it in; None: any.
            begun: Is told of every try.

        Raises:
            StoreError: The database refuses it, or was waited for in vain.
        """
        loop = asyncio.get_running_loop()
        since: float | None = None
        pause = _PAUSES_S[0]
        while True:
            done: asyncio.Future[None]
            if thread is None:
                done = asyncio.ensure_future(asyncio.to_thread(call))
            else:
                future = thread.submit(call)
                if begun is not None:
                    begun(future)
                done = asyncio.wrap_future(future)
            while not (await asyncio.wait({done}, timeout=_SAY_AFTER_S))[0]:
                self._say(self._held)
            try:
                done.result()
            except LockedError:
                self._say(self._held)
            except UnavailableError as e:
                since = loop.time() if since is None else since
                if loop.time() - since >= self._store.wait_s:
                    raise StoreError(
                        f"{e}; waited {duration(self._store.wait_s)} for it (TEMPKIT_DB_WAIT)"
                    ) from e
                self._say(f"at most {duration(self._store.wait_s)}: {e}")
                await asyncio.sleep(min(pause, self._store.wait_s))
                pause = min(2 * pause, _PAUSES_S[1])
            else:
                if since is not None:
                    self._said = None
                    self._progress.note(f"{self._store.where} takes what comes again")
                return

    @property
    def _held(self) -> str:
        lost = ", or whose server is out of reach" if self._store.on_server else ""
        return f"{self._store.where}, which another program seems to hold{lost}"

    def _say(self, why: str) -> None:
        now = asyncio.get_running_loop().time()
        if self._said is None or why != self._said[0] or now - self._said[1] >= _SAY_EVERY_S:
            self._said = why, now
            count = self.in_hand()
            kept = f"; {count} answers are kept until then, and given up by Ctrl-C twice" if count else ""
            self._progress.note(f"waiting for {why}{kept}")
