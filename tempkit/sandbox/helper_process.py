"""This process's end of the helper: start it at first need, ask it, and replace it when it went over a limit."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from tempkit.errors import TempkitError
from tempkit.sandbox import ipc

__all__ = ["MEMORY", "SECONDS", "TOTAL_SECONDS", "Answer", "Helper", "helper", "why"]

SECONDS = 1.0
"""Of computing that one item may take; the helper gives up by itself then, where Python gets the chance."""
TOTAL_SECONDS = 60.0
"""That all items together may take, on the clock: each may stay just below its limit."""
_PATIENCE = 1.8
"""Times `SECONDS` of computing, after which it is killed whatever it is doing; on the clock, where nobody tells what it has computed."""
_BUSY = 30
"""Times `SECONDS`, on the clock, after which it is killed on a machine that has too much else to do."""
MEMORY = 256 * 2**20
"""Bytes of address space that the helper may have, all its own code among them (some 35 MB)."""
_LOOK_S = 0.1
"""Between two looks at what it has computed."""
_START_S = 60.0
"""In which it must have started, on the slowest machine."""
_ITEMS, _LETTERS = 2000, 4_000_000
"""In one message, whichever comes first; a longer item has one of its own."""

_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
)

Over = Literal["time", "memory", "crash", "untried"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one item: a value, a fault of its own, or the limit that it went over."""

    value: Any = None
    fault: str | None = None
    """In one line, as whoever wrote the item reads it."""
    kind: str = ""
    """Of the fault, where a task tells several apart."""
    line: int | None = None
    """Of the template, from 1, where the fault or the limit was met."""
    place: str | None = None
    """`file:line` of it, where there are several files."""
    over: Over | None = None
    """`untried`: too many before it went over their limits, or all together took too long."""


def why(over: Over, seconds: float = SECONDS, memory: int = MEMORY) -> str:
    """Say of an item what it did, as the end of a sentence about it."""
    return {
        "time": f"takes longer than {seconds:g} s",
        "memory": f"takes more memory than {memory // 2**20} MB",
        "crash": "ended the process that it ran in",
        "untried": "takes too long altogether",
    }[over]


class Helper:
    """A process that does tasks under limits; any thread may ask it, one at a time.

    Args:
        memory: Bytes of address space that it may have; not enforced on Windows, nor by every macOS.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def run(
        self,
        task: str,
        common: object,
        items: Sequence[Any],
        *,
        seconds: float = SECONDS,
        total: float = TOTAL_SECONDS,
        give_up_after: int = 3,
    ) -> list[Answer]:
        """Do one task on many items, and return an answer for each.

        Args:
            task: `module:function`, of ours. The function takes `common` and returns a function of an item.
            common: What all items share, as JSON can carry it.
            items: As JSON can carry them.
            seconds: Of computing that each may take.
            total: Of all together; the rest is not tried.
            give_up_after: So many that went over a limit, and the rest is not tried.

        Raises:
            TempkitError: The process cannot be started.
        """
        found: list[Answer] = []
        overs = 0
        began = time.monotonic()
        with self._lock:
            for batch in _batches(items):
                waiting = list(batch)
                while waiting and overs < give_up_after and (left := began + total - time.monotonic()) > 0:
                    order = {"task": task, "common": common, "items": waiting, "seconds": seconds}
                    order |= {"stop": give_up_after - overs, "total": left}
                    answers = self._ask(order, len(waiting), seconds)
                    overs += sum(answer.over not in (None, "untried") for answer in answers)
                    found += answers
                    waiting = waiting[len(answers) :]
        return found + [Answer(over="untried")] * (len(items) - len(found))

    @property
    def memory(self) -> int:
        """Bytes that the process may have."""
        return self._memory

    def allow(self, memory: int) -> None:
        """Let the process have at least so much memory; one that has less is replaced."""
        with self._lock:
            if memory > self._memory:
                self.close()
                self._memory = memory

    def close(self) -> None:
        """End the process; harmless when there is none. The next task starts another."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                _end(process)

    def _ask(self, order: object, count: int, seconds: float) -> list[Answer]:
        """Return the answers up to and with the first that ended the process."""
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        found: list[Answer] = []
        with _Watch(process, seconds * _PATIENCE, seconds * _BUSY) as watch:
            try:
                # The helper reads all of a message before it answers, so neither waits for the other to read.
                process.stdin.write(ipc.pack(order))
                process.stdin.flush()
                watch.begin()
                while len(found) < count:
                    answer = ipc.read(process.stdout)
                    watch.begin()
                    found.append(Answer(**answer))
                    if found[-1].over not in (None, "untried"):
                        break
                else:
                    return found
            except (EOFError, BrokenPipeError, ValueError):
                found.append(Answer(over="time" if watch.late else "crash"))
        # What went over a limit may have left anything behind.
        self.close()
        if found[-1].over == "crash" and _over_time(process.returncode):
            found[-1] = Answer(over="time")
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        try:
            process = subprocess.Popen(  # noqa: S603 - this program
                # -P: modules come from where tempkit is installed, not from the folder it is run in.
                [sys.executable, "-P", "-m", "tempkit.sandbox.worker", str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("PYTHON")},
            )
        except OSError as e:
            raise _no_helper(e.strerror or str(e)) from e
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with _Watch(process, _START_S) as watch:
            watch.begin()
            try:
                ipc.read(process.stdout)
            except (EOFError, ValueError) as e:
                _end(process)
                raise _no_helper(f"it ended with {process.returncode}") from e
        self._process = process
        return process


class _Watch:
    """Kills a process that has not done the next thing in time. One thread, for as long as the block lasts.

    Args:
        process: The process.
        seconds: Of computing that it may take for a thing.
        busy: On the clock, however little it has computed; as `seconds` where it is not given.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, busy: float | None = None) -> None:
        self._process, self._seconds, self._busy = process, seconds, busy or seconds
        self._left = threading.Event()
        self._began = float("inf")
        self._looked, self._computed = float("-inf"), 0.0
        self.late = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def begin(self) -> None:
        """The next thing begins now."""
        now = time.monotonic()
        # There may be thousands: what was computed until now need not be known to the last of them.
        if now > self._looked + _LOOK_S:
            self._looked, self._computed = now, _computed(self._process.pid) or 0.0
        self._began = now

    def _watch(self) -> None:
        # It looks when the time may be up, and not whenever a thing begins.
        wait = self._seconds
        while not self._left.wait(wait):
            wait = self._seconds - (time.monotonic() - self._began)
            if wait > 0:
                wait = min(self._seconds, wait)
                continue
            computed = _computed(self._process.pid)
            spent = None if computed is None else computed - self._computed
            if spent is None or spent >= self._seconds or time.monotonic() - self._began >= self._busy:
                self.late = True
                self._process.kill()
                return
            wait = _LOOK_S

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()


def _computed(pid: int) -> float | None:
    """Return the seconds that a process has computed; None where the system has no `/proc` to say so, or the process is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    first, letters = 0, 0
    for i, item in enumerate(items):
        letters += len(item) if isinstance(item, str) else len(str(item))
        if i > first and (i - first >= _ITEMS or letters > _LETTERS):
            yield items[first:i]
            first, letters = i, 0
    yield items[first:]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:  # what was not sent yet has nowhere to go
                continue
    process.wait()


def _over_time(code: int | None) -> bool:
    return sys.platform != "win32" and code == -signal.SIGXCPU


def _no_helper(reason: str) -> TempkitError:
    return TempkitError(
        f"the process in which templates and patterns run under limits cannot be started: {reason}; "
        "is there memory left, and may this program start others?"
    )


@cache
def helper() -> Helper:
    """Return the one that all share, which ends with this process."""
    made = Helper()
    atexit.register(made.close)
    return made
