"""Ctrl-C as a way to end a run, not to break it."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator

__all__ = ["stop_on_signals"]


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process as usual."""
    loop = asyncio.get_running_loop()

    def first(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        stop()

    handled: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        handled = ()  # there a loop takes no signals
    for number in handled:
        loop.add_signal_handler(number, first, number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
