"""Ask a person at a terminal. Questions stand on stderr, so that what a command prints can go elsewhere."""

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout

import click

__all__ = ["answered", "chosen", "somebody_is_there"]


def somebody_is_there() -> bool:
    """Say whether a question would be seen, and could be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def answered(question: str, taken: Callable[[str], str]) -> str:
    """Return what somebody types, as `taken` returns it; where that raises click's UsageError, ask again.

    Ctrl-C, and the end of what is typed, end the command as ever.
    """
    with redirect_stdout(sys.stderr):  # click leaves a question's last blank to stdout
        found = click.prompt(question, value_proc=taken, err=True)
    return str(found)


def chosen(question: str, options: Sequence[tuple[str, str]]) -> int:
    """Show numbered options, each with what it means, and return the place of the one that somebody chooses."""
    click.echo(question, err=True)
    width = max(len(name) for name, _ in options)
    for number, (name, meaning) in enumerate(options, 1):
        click.echo(f"  {number}  {name:<{width}}  {meaning}".rstrip(), err=True)
    places = {str(number): str(number) for number in range(1, len(options) + 1)}
    places |= {name: str(number) for number, (name, _) in enumerate(options, 1)}

    def taken(text: str) -> str:
        found = places.get(text.strip())
        if found is None:
            raise click.UsageError(f"type a number from 1 to {len(options)}")
        return found

    return int(answered("Number", taken)) - 1
