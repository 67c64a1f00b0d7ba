"""How a probe's findings are printed: the verdict first, all on one screen."""

import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tempkit.probing import CompareResult, ProbeResult

__all__ = ["print_comparison", "print_probe"]

_NAME = 14
"""Columns that names of findings take."""
_CELL = 7
"""Room of a temperature."""


def print_probe(found: "ProbeResult", *, kept: bool) -> None:
    """Print what was found: folded to a terminal's width, each finding on one line elsewhere."""
    from rich.console import Console
    from rich.text import Text

    from tempkit.cli.common import say
    from tempkit.probing import findings, verdict

    console = Console(highlight=False)
    width = console.width if console.is_terminal else None
    say(Text(verdict(found), style="bold"))
    for line in _effects(found, width):
        _print(line)
    for name, text in findings(found):
        for line in _folded(name, text, width):
            _print(line)
    tokens = found.input_tokens + found.output_tokens
    where = "; kept for runs" if kept else ""
    for line in _folded(
        "took", f"{found.requests} requests, {tokens:,} tokens, {found.seconds:.0f} s{where}", width
    ):
        _print(line)


def print_comparison(found: "CompareResult") -> None:
    """Print whether two endpoints serve the same model."""
    from rich.text import Text

    from tempkit.cli.common import say

    one, other = found.models
    say(Text(f"{one} and {other}: {found.why}.", style="bold"))
    say(
        Text(
            f"They call themselves {' and '.join(name or 'nothing' for name in found.answering)}; {found.requests} requests."
        )
    )


def _effects(found: "ProbeResult", width: int | None) -> list[str]:
    """Return the temperatures that were sent over those that they behave like, in columns."""
    effects = [e for e in found.temperature.effects if e.behaves_like is not None and e.se is not None]
    if not effects:
        return []
    rows = [
        ("sent", [f"{e.temperature:g}" for e in effects]),
        ("behaves like", [f"{e.behaves_like:.2f}" for e in effects]),
    ]
    if any(e.se for e in effects):
        rows.append(("give or take", [f"{e.se:.2f}" for e in effects]))
    at_once = len(effects) if width is None else max(1, (width - _NAME) // _CELL)
    return [
        f"{name:<{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in cells[first : first + at_once])
        for first in range(0, len(effects), at_once)
        for name, cells in rows
    ]


def _folded(name: str, text: str, width: int | None) -> list[str]:
    beginning = f"{name:<{_NAME}}"
    if width is None:
        return [beginning + text]
    return textwrap.wrap(
        text,
        max(width, 2 * _NAME),
        initial_indent=beginning,
        subsequent_indent=" " * _NAME,
        break_on_hyphens=False,
    ) or [beginning]


def _print(line: str) -> None:
    from tempkit.cli.common import visible

    click.echo(visible(line).plain)
