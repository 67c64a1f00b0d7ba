"""The one writer of a run: it commits what arrives in small transactions."""

import asyncio

from tempkit.running.progress import Progress
from tempkit.store import Store
from tempkit.types import Outcome

__all__ = ["COMMIT_AT", "write"]

COMMIT_AT = 64
"""Outcomes at which a transaction does not wait for more."""
_COMMIT_EVERY_S = 0.1


async def write(store: Store, run_id: str, queue: "asyncio.Queue[Outcome | None]", progress: Progress) -> int:
    """Commit what arrives, at the latest a tenth of a second after it did; return how many were stored."""
    stored, batch, more = 0, list[Outcome](), True
    deadline: float | None = None
    loop = asyncio.get_running_loop()
    while more or batch:
        timeout = None if deadline is None else max(0.0, deadline - loop.time())
        try:
            outcome = await asyncio.wait_for(queue.get(), timeout) if more else None
            if outcome is None:
                more = False
            else:
                batch.append(outcome)
                progress.outcome(outcome)
                deadline = deadline or loop.time() + _COMMIT_EVERY_S
        except TimeoutError:
            pass
        if batch and (not more or len(batch) >= COMMIT_AT or loop.time() >= (deadline or 0)):
            await asyncio.to_thread(store.add, run_id, batch)
            stored += len(batch)
            batch, deadline = [], None
    return stored
