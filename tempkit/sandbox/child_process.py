"""What tempkit's own processes have in common: orders come on standard input, answers go to standard output.

Ctrl-C reaches the whole terminal but is the parent's to handle. A process ends when either stream is closed.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

__all__ = ["Serve", "answer_orders"]

Serve = Callable[[BinaryIO, BinaryIO], None]
"""Reads orders from the first and writes answers to the second, until one of them is closed."""


def answer_orders(load: Callable[[], Serve]) -> None:
    """Do what standard input says until it ends.

    Args:
        load: Imports what serves and returns it. Importing takes a while, in which Ctrl-C may come already.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints must not land between the answers
    serve = load()
    try:
        serve(sys.stdin.buffer, answers)
    except (EOFError, BrokenPipeError):  # the parent is gone or has heard enough
        return
