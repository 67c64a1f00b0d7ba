"""Options and printing that several commands share."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = ["db_option", "json_option", "number", "print_json", "print_table", "say", "table"]

F = TypeVar("F", bound=Callable[..., Any])


def db_option(function: F) -> F:
    """Add `--db`."""
    return click.option(
        "--db",
        metavar="FILE|URL",
        help="Database: an SQLite file or a database URL. Default: $TEMPKIT_DB, else ./tempkit.db.",
    )(function)


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)


def print_json(value: Any) -> None:
    """Print a value as indented JSON; not-a-numbers are refused rather than printed as no JSON reader takes them."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def table(*columns: str, title: str | None = None) -> "Table":
    """Make a table; a column whose name begins with `>` is set to the right."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, title_style="bold")
    for column in columns:
        right = column.startswith(">")
        made.add_column(column.lstrip(">"), justify="right" if right else "left", no_wrap=right)
    return made


def print_table(made: "Table") -> None:
    """Print to stdout: at the terminal's width, or unfolded on a pipe; rich honours NO_COLOR."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(made)


def say(text: "Text", indent: int = 0) -> None:
    """Print a line to stdout: folded to the terminal's width, whole on a pipe."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        click.echo(" " * indent + text.plain)


def number(value: float | None, digits: int = 3) -> str:
    """Format a number that may not be known."""
    return "–" if value is None else f"{value:.{digits}f}"
