"""How far a long command is, on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

__all__ = ["Told", "shown"]

Told = Callable[[int, int], None]
"""Is called with how many are done, of how many."""

_EVERY_S = 10.0


@contextmanager
def shown(doing: str, things: str) -> Iterator[Told]:
    """Show progress: a bar on a terminal, a line every ten seconds elsewhere; nothing where there is nothing to do.

    Args:
        doing: What goes before a bar: `measuring`.
        things: What is counted and what becomes of it: `items measured`.
    """
    if not sys.stderr.isatty():
        begun = last = time.monotonic()

        def line(done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _EVERY_S:
                last = time.monotonic()
                left = (last - begun) / max(done, 1) * (of - done)
                click.echo(f"{done}/{of} {things}, about {left:.0f} s left", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def drawn(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of, visible=of > 0)

        yield drawn
