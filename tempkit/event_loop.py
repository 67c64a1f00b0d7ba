"""Work that asks models, called where an event loop runs already: in a notebook, or from a coroutine.

Asking a model starts an event loop, and a thread has one at a time. So where one runs in the caller's thread the work is done in a
thread of its own. A plain call waits for it, and an awaited one lets the caller's loop go on. Ctrl-C, a notebook's "interrupt" and a
cancelled task end the work as Ctrl-C ends a command: what had come is stored, and the run can go on.
"""

import asyncio
import contextlib
import ctypes
import functools
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextvars import ContextVar, copy_context
from typing import Generic, ParamSpec, TypeVar

__all__ = ["Interruption", "awaited", "interrupted_by", "outside_event_loop"]

P = ParamSpec("P")
T = TypeVar("T")

_OFTEN_S = 0.1
"""How often a waiting thread looks whether Ctrl-C was pressed: on Windows nothing wakes it."""


class Interruption:
    """Takes the place of signals for work in a thread that is told of none: whoever waits for the work can ask it to stop."""

    def __init__(self) -> None:
        self._stops: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def calling(self, stop: Callable[[], object]) -> Iterator[None]:
        """Call `stop`, in whatever thread, when the work is asked to stop meanwhile."""
        with self._lock:
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def ask(self) -> bool:
        """Ask the work to stop; return whether there is anything that listens."""
        with self._lock:  # so that nobody is called who has just ended
            for stop in self._stops:
                stop()
            return bool(self._stops)


interrupted_by: ContextVar[Interruption | None] = ContextVar("interrupted_by", default=None)
"""What asks this thread's work to stop in place of signals."""


def outside_event_loop(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function that starts an event loop be called where one is running."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _in_event_loop():
            return function(*args, **kwargs)
        work = _Work(functools.partial(function, *args, **kwargs))
        while True:
            try:
                return work.result()
            except KeyboardInterrupt:
                if work.future.done():
                    raise
                work.interrupt()

    return called


def awaited(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return the coroutine function that does the same in another thread, and stops it where its task is cancelled."""

    @functools.wraps(function)
    async def called(*args: P.args, **kwargs: P.kwargs) -> T:
        work = _Work(functools.partial(function, *args, **kwargs))
        waiting = asyncio.wrap_future(work.future)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            work.interrupt()
            await _ended(work, waiting)
            raise

    return called


async def _ended(work: "_Work[T]", waiting: "asyncio.Future[T]") -> None:
    """Wait for the end of work that was interrupted: a store is in use. How it ends is no news to who wanted it to; more haste breaks it off."""
    while not waiting.done():
        with contextlib.suppress(Exception, KeyboardInterrupt):
            try:
                await asyncio.shield(waiting)
            except asyncio.CancelledError:
                work.interrupt()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Work(Generic[T]):
    """A call in a thread of its own, begun at once."""

    def __init__(self, call: Callable[[], T]) -> None:
        self.future: Future[T] = Future()
        self._interruption = Interruption()
        self._asked = False
        context = copy_context()
        context.run(interrupted_by.set, self._interruption)
        self._thread = threading.Thread(
            target=context.run, args=(self._do, call), name="tempkit", daemon=True
        )
        self._thread.start()

    def _do(self, call: Callable[[], T]) -> None:
        try:
            self.future.set_result(call())
        except BaseException as e:  # noqa: BLE001  (it is raised where the result is asked for)
            self.future.set_exception(e)

    def result(self) -> T:
        while self._thread.is_alive():
            self._thread.join(_OFTEN_S)
        return self.future.result()

    def interrupt(self) -> None:
        """Ask it to stop; where nothing in it can be asked, or was asked before, break it off as Ctrl-C does."""
        if not self._asked and self._interruption.ask():
            self._asked = True
        elif self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(KeyboardInterrupt)
            )
