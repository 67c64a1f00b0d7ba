"""What the helper's process does: hold itself to its limits, and answer item by item.

The imports are few, so that it starts in a tenth of a second; a task's module is loaded at its first order.
"""

import math
import signal
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any, BinaryIO

from tempkit.errors import one_line
from tempkit.sandbox import ipc
from tempkit.sandbox.errors import Fault, OverTimeError

__all__ = ["confine", "serve"]

Do = Callable[[Any], Any]


def confine(memory: int) -> None:
    """Hold this process to so many bytes of address space, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):  # macOS refuses some: the limit of time still holds
        return


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Do one order after the other.

    Raises:
        EOFError, BrokenPipeError: The other end is gone.
    """
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, _late)
    answers.write(ipc.pack("ready"))
    while True:
        order = ipc.read(orders)
        prepare, seconds, stop = _task(order["task"]), order["seconds"], order["stop"]
        do: Do | None = None
        refused: dict[str, Any] | None = None
        renewed, until = -math.inf, time.monotonic() + order["total"]
        for item in order["items"]:
            if time.monotonic() > until:
                answers.write(_UNTRIED)
                continue
            if time.monotonic() > renewed + seconds:
                _outlive(3 * seconds)
                renewed = time.monotonic()
            if refused is None:
                answer, do, refused = _answer(prepare, order["common"], do, item, seconds)
            else:
                answer = refused
            answers.write(_packed(answer))
            if "over" in answer:
                stop -= 1
                if not stop or answer["over"] == "memory":
                    return  # the parent starts afresh


@cache
def _task(name: str) -> Callable[[Any], Do]:
    module, _, function = name.partition(":")
    found: Callable[[Any], Do] = getattr(import_module(module), function)
    return found


def _answer(
    prepare: Callable[[Any], Do], common: Any, do: Do | None, item: Any, seconds: float
) -> tuple[dict[str, Any], Do | None, dict[str, Any] | None]:
    """Return what to say of an item, what does the next one, and what to say of all others, if that is settled."""
    prepared = do is not None
    try:
        _arm(seconds)
        try:
            if do is None:
                do = prepare(common)
                prepared = True
            return {"value": do(item)}, do, None
        finally:
            _arm(0)
    except Fault as e:
        said = {"fault": one_line(e), "kind": e.kind, "line": e.line}
        return said, do, None if prepared else said
    except (OverTimeError, TimeoutError) as e:
        return {"over": "time", **_where(e)}, do, None
    except MemoryError as e:
        return {"over": "memory", **_where(e)}, do, None


def _where(over: Exception) -> dict[str, Any]:
    return {name: getattr(over, name, None) for name in ("line", "place")}


_UNTRIED = ipc.pack({"over": "untried"})
_USUAL = {value: ipc.pack({"value": value}) for value in (True, False, None)}


def _packed(answer: dict[str, Any]) -> bytes:
    value = answer.get("value", "")
    if value is None or isinstance(value, bool):
        return _USUAL[value]
    try:
        return ipc.pack(answer)
    except MemoryError:
        return ipc.pack({"over": "memory"})


def _late(_number: int, _frame: FrameType | None) -> None:
    raise OverTimeError


def _arm(seconds: float) -> None:
    """Have this process interrupted after so much computing, again and again until it listens; 0: not any more."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.1 if seconds else 0)


def _outlive(seconds: float) -> None:
    """Have the system end this process after so much more computing, for the case that nobody is left to kill it."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, hard))
