"""`-q`: a command says its result and what went wrong, and nothing by the way.

What stays is what somebody asked for (a table, a decision, JSON), errors, and warnings. A line begins with `warning: ` where it bears on
the truth of a result: something was not done, was done otherwise, was left out, or a number is not what it seems to be. One that begins with
`note: ` is true of a result that is all right. What goes is progress, notes, hints at what to type next, and where a file was written that was named.
"""

import os
import re
from typing import Any

import click

__all__ = ["be_quiet", "hint", "is_quiet", "quiet_option", "worth_saying"]

_WARNING = re.compile(r"warning: |[\d,]+ failed\b")

_quiet = False
"""Of this process: progress is shown from threads that know no click context."""


def be_quiet(on: bool) -> None:
    """Say from now on only what was asked for, or everything again."""
    global _quiet
    _quiet = on
    if on:  # downloads of models show their own progress, and are told so by this alone
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"


def is_quiet() -> bool:
    """Whether `-q` was given."""
    return _quiet


def worth_saying(line: str) -> bool:
    """Whether a line for stderr is to be printed: under `-q` a warning is, a note is not."""
    return not _quiet or _WARNING.match(line) is not None


def hint(text: str) -> None:
    """Print to stdout what is said by the way: where a file went, what to type next."""
    if not _quiet:
        click.echo(text)


def _set(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        be_quiet(True)


def quiet_option() -> click.Option:
    """Return `-q`, which every command has; the group adds it."""
    return click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=_set,
        help="Print only the result and errors: no progress, notes or hints.",
    )
