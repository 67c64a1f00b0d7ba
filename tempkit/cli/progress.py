"""How far a long command is, on stderr."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from tempkit.api import OnProgress, Task
    from tempkit.running import Progress

from tempkit.cli.common import say_note
from tempkit.cli.quiet import is_quiet

__all__ = ["run_progress", "shown"]

_EVERY_S = 10.0
_COUNTED: "Mapping[Task, str]" = {
    "measuring": "items measured",
    "exporting": "samples exported",
    "computing": "questions computed",
}


class _Display(Protocol):
    def show(self, done: int, of: int) -> None: ...
    def close(self) -> None: ...


@contextmanager
def shown(counted: "Mapping[Task, str]" = _COUNTED) -> "Iterator[OnProgress]":
    """Show progress: a bar on a terminal, a line every ten seconds elsewhere; nothing where there is nothing to do.

    Args:
        counted: What is counted and what becomes of it, by what is being done.
    """
    display: _Display | None = None

    def on_progress(task: "Task", done: int, of: int) -> None:
        nonlocal display
        if is_quiet():
            return
        if display is None:
            if done >= of:
                return
            display = _Bar(task) if sys.stderr.isatty() else _Lines(counted[task])
        display.show(done, of)
        if done >= of:
            display.close()
            display = None

    try:
        yield on_progress
    finally:
        if display is not None:
            display.close()


def run_progress() -> "Progress":
    """Return what shows how far a run is, on stderr: warnings alone under `-q`."""
    from tempkit.running import SilentProgress, make_progress

    return SilentProgress(say_note) if is_quiet() else make_progress()


class _Lines:
    """A line every ten seconds."""

    def __init__(self, things: str) -> None:
        self._things = things
        self._begun = self._last = time.monotonic()

    def show(self, done: int, of: int) -> None:
        if time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            left = (self._last - self._begun) / max(done, 1) * (of - done)
            click.echo(f"{done}/{of} {self._things}, about {left:.0f} s left", err=True)

    def close(self) -> None:
        """Nothing is left to be taken away."""


class _Bar:
    """A bar, which goes when all is done."""

    def __init__(self, doing: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self._bar.start()
        self._task = self._bar.add_task("")

    def show(self, done: int, of: int) -> None:
        self._bar.update(self._task, completed=done, total=of)

    def close(self) -> None:
        self._bar.stop()
