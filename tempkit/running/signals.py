"""Ctrl-C as a way to end a run, not to break it."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from tempkit.event_loop import interrupted_by

__all__ = ["Stop", "stop_on_signals"]

_KEYS = ("SIGINT", "SIGBREAK")
"""Sent by a key, which a person may press again: the second one does as it always does."""
_OTHERS = ("SIGTERM", "SIGHUP")
"""Sent by programs, often twice: a shell that loses its terminal, or `timeout`, sends it to the process and to its group."""


class Stop:
    """Whether a signal has come that asks to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._then: Callable[[], None] | None = None

    def then(self, call: Callable[[], None]) -> None:
        """Say what is to be called when a signal comes; at once when one has come already."""
        self._then = call
        if self.asked:
            call()

    def ask(self) -> None:
        self.asked = True
        if self._then is not None:
            self._then()


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Give a `Stop` that is asked by the first Ctrl-C, and by SIGTERM, SIGHUP or Ctrl-Break where a system has them.

    In a thread that is told of no signals, `tempkit.event_loop.interrupted_by` takes their place.

    The handlers are Python's own and not the loop's, which Windows has none of. A signal that the process was told to ignore, as
    by `nohup`, stays ignored.
    """
    loop = asyncio.get_running_loop()
    stop = Stop()
    before: dict[int, Any] = {}

    def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not stop.asked:  # else it is the end that somebody wanted who did not want to wait for it
            loop.default_exception_handler(context)

    def heard(number: int, frame: FrameType | None) -> None:
        del frame
        if number in keys:
            signal.signal(number, before[number])
        loop.call_soon_threadsafe(stop.ask)

    keys, others = (
        [getattr(signal, name) for name in names if hasattr(signal, name)] for names in (_KEYS, _OTHERS)
    )
    loop.set_exception_handler(unhandled)
    if threading.current_thread() is threading.main_thread():  # no other can be told of signals
        for number in (*keys, *others):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, heard)
    instead = interrupted_by.get()
    asked = (
        contextlib.nullcontext()
        if instead is None
        else instead.calling(lambda: loop.call_soon_threadsafe(stop.ask))
    )
    try:
        with asked:
            yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
