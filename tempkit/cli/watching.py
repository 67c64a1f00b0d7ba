"""`tempkit report --watch`: the line that says how a watched report stands, and what is said at its end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

from tempkit.cli.common import print_json, say_note, visible
from tempkit.cli.quiet import hint, is_quiet
from tempkit.text import byte_size

if TYPE_CHECKING:
    from tempkit.api import Standing

__all__ = ["watched"]

_LONG_S = 60.0
"""After this it is said for how long nothing new has come."""


def watched(runs: tuple[str, ...], *, open_it: bool, as_json: bool, **how: Any) -> None:
    """Watch runs as `tempkit.api.watch` does, and say how the report stands and how that ended.

    Args:
        runs: Their names.
        open_it: Open the report in the browser once it is written.
        as_json: Print what came of it as JSON.
        **how: Of `watch`.

    Raises:
        Interrupted: By Ctrl-C; the report is written.
    """
    from tempkit.api import watch
    from tempkit.errors import Interrupted

    with _display() as display:

        def on_standing(standing: "Standing") -> None:
            nonlocal open_it
            display.show(standing)
            if open_it and standing.written_at is not None:
                open_it = False
                click.launch(str(standing.path))

        found = watch(runs or ("latest",), on_note=display.note, on_standing=on_standing, **how)
    if open_it:  # it was over with the first writing
        click.launch(str(found.path))
    names = ", ".join(record.name for record in found.runs)
    size = found.path.stat().st_size
    if as_json:
        report = {"report": str(found.path), "bytes": size, "written": found.written}
        print_json({**report, "ended": found.ended}, runs=found.runs)
    else:
        hint(f"Report of {names}: {found.path} ({byte_size(size)})")
    if found.ended == "stopped":
        going = any(record.status == "running" for record in found.runs)
        raise Interrupted("not watched any more; the run goes on" if going else "not watched any more")


class _Display(Protocol):
    def show(self, standing: "Standing") -> None: ...
    def note(self, line: str) -> None: ...


@contextmanager
def _display() -> "Iterator[_Display]":
    """Give one line that is drawn anew on a terminal, and a line for each writing elsewhere; both on stderr."""
    if is_quiet():
        yield _Silent()
        return
    if not sys.stderr.isatty() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        yield _Lines()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield _Line(live)


class _Silent:
    """For `-q`."""

    def show(self, standing: "Standing") -> None:
        """Nobody wants to know."""

    def note(self, line: str) -> None:
        say_note(line)


class _Lines:
    """For pipes, logs and CI."""

    def __init__(self) -> None:
        self._said = ""

    def show(self, standing: "Standing") -> None:
        if standing.doing == "writing" or standing.written_at is None:
            return
        said = f"waiting: {standing.why}" if standing.doing == "unreachable" else _written(standing)
        if said != self._said:
            self._said = said
            click.echo(said, err=True)

    def note(self, line: str) -> None:
        say_note(line)


class _Line:
    """Rich does the drawing; it honours NO_COLOR and the terminal's width by itself."""

    def __init__(self, live: Any) -> None:
        self._live = live

    def show(self, standing: "Standing") -> None:
        from rich.text import Text

        line = Text(no_wrap=True, overflow="ellipsis")
        line.append_text(visible(", ".join(filter(None, (_written(standing), _now(standing))))))
        self._live.update(line, refresh=True)

    def note(self, line: str) -> None:
        self._live.console.print(visible(line))


def _written(standing: "Standing") -> str:
    """Say when the report was written, on the clock of this machine, and of how many answers."""
    if standing.written_at is None:
        return ""
    failed = f", {standing.failures} failed" if standing.failures else ""
    return f"written {standing.written_at.astimezone():%H:%M:%S}, {standing.answers} of {standing.planned} answers{failed}"


def _now(standing: "Standing") -> str:
    from tempkit.running import duration

    if standing.doing == "writing":
        return "writing"
    if standing.doing == "unreachable":
        return f"waiting: {standing.why}"
    if standing.next_s is not None:
        return f"next in {duration(standing.next_s)}"
    return "nothing new" if standing.quiet_s < _LONG_S else f"nothing new for {duration(standing.quiet_s)}"
