"""The process's own streams, made so that no reader of theirs decides how a command ends.

A reader may go (`| head -1`), a disk may be full, a terminal may be closed, a stream may be closed from the start. On stderr
stands only what is told by the way, so what cannot be written there is dropped. On stdout it depends on the command: where
printing is all that it does, there is no point in going on; where its work is elsewhere, as that of `tempkit run` is in the
database, it is done to its end.
"""

import contextlib
import io
import os
import sys
import time
from typing import Any, TextIO

__all__ = ["OutputLostError", "flush", "guard", "lost", "work_is_elsewhere"]

_BUSY_S = 0.01
"""Between two tries at a stream that takes no more at the moment, because another process made it non-blocking."""


class OutputLostError(Exception):
    """Stdout takes no more, and printing was what the command was to do."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause.strerror or str(cause))
        self.unread = isinstance(cause, BrokenPipeError)
        """Whether its reader has gone, who had enough."""


class _Lossy(io.RawIOBase):
    """A stream that drops what it cannot write, and remembers why."""

    def __init__(self, raw: Any, *, vital: bool) -> None:
        self._raw = raw
        self.vital = vital
        """Raise `OutputLostError` the first time."""
        self.lost: OSError | None = None

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self.lost is not None:
            return size
        try:
            while (written := self._raw.write(data)) is None:
                time.sleep(_BUSY_S)
        except OSError as e:
            self.lost = e
            if self.vital:
                raise OutputLostError(e) from e
            return size
        return int(written)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())


_WIDEST = 10_000
"""Columns or lines beyond which a number is no terminal's size."""

_stdout: _Lossy | None = None
"""Of this process, once it is guarded."""


def guard() -> None:
    """Put guarded streams in the places of stdout and stderr, and null devices where one is closed.

    A closed one's number would be given to the next file that is opened, which then would be printed into.
    """
    global _stdout
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                # The lowest free number is the one that is opened; a process of ours is to have it too.
                os.set_inheritable(os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY), True)
    for name in ("COLUMNS", "LINES"):
        said = os.environ.get(name, "")
        if said.isdecimal() and not 0 < int(said[:9]) <= _WIDEST:
            del os.environ[name]
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout, _stdout = _guarded(sys.stdout, 1, vital=True)
    sys.stderr, _ = _guarded(sys.stderr, 2, vital=False)


def work_is_elsewhere() -> None:
    """Say that what this command prints from now on may be lost: what it is for, it keeps elsewhere."""
    if _stdout is not None:
        _stdout.vital = False


def flush() -> None:
    """Write what is still in memory.

    Raises:
        OutputLostError: Stdout does not take it.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def lost() -> str:
    """Return why stdout took no more, where its reader had not just had enough of it; else an empty text."""
    if _stdout is None or _stdout.lost is None or isinstance(_stdout.lost, BrokenPipeError):
        return ""
    return _stdout.lost.strerror or str(_stdout.lost)


def _guarded(stream: TextIO | None, number: int, *, vital: bool) -> tuple[TextIO, _Lossy | None]:
    """Return a stream that never fails on its own account in the place of the given one, None for a closed one."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # with `python -u` there is no buffer between
    if stream is None:
        raw = io.FileIO(number, "w", closefd=False)
    elif not isinstance(raw, io.RawIOBase):
        return stream, None  # somebody catches what is printed
    guarded = _Lossy(raw, vital=vital)
    made = io.TextIOWrapper(
        io.BufferedWriter(guarded),
        encoding=getattr(stream, "encoding", "utf-8"),
        # A character that a code page does not have must not end a command either.
        errors="replace" if vital else "backslashreplace",
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )
    return made, guarded
