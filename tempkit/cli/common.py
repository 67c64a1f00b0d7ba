"""Options and printing that several commands share."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tempkit.cli.json_out import print_json
from tempkit.cli.number_options import AtLeast
from tempkit.cli.quiet import worth_saying

if TYPE_CHECKING:
    from rich.text import Text

    from tempkit.store import RunRecord, Store

__all__ = [
    "counted",
    "db_option",
    "json_option",
    "lang_option",
    "named_here",
    "number",
    "open_to_read",
    "print_fitting",
    "print_json",
    "print_table",
    "say",
    "say_note",
    "table",
    "visible",
]

F = TypeVar("F", bound=Callable[..., Any])


def db_option(function: F) -> F:
    """Add `--db`."""
    return click.option(
        "--db",
        metavar="FILE|URL",
        help="Database: an SQLite file or a database URL. Default: $TEMPKIT_DB, else ./tempkit.db.",
    )(function)


def lang_option(function: F) -> F:
    """Add `--lang`."""
    return click.option(
        "--lang",
        metavar="CODE",
        envvar="TEMPKIT_LANG",
        help="Language of the report: en (English) or es (Spanish). Default: $TEMPKIT_LANG, else en.",
    )(function)


def concurrency_option(function: F) -> F:
    return click.option(
        "-j",
        "--max-concurrency",
        type=AtLeast(1),
        default=8,
        show_default=True,
        help="Requests at once (remote).",
    )(function)


def key_options(who: str) -> Callable[[F], F]:
    """Add the options that let somebody (`the run`, ...) send keys which the command line does not name."""

    def add(function: F) -> F:
        servers = click.option(
            "--allow-key-to",
            multiple=True,
            metavar="HOST[:PORT]",
            help=f"Let {who} send a key to this server; may be repeated.",
        )
        variables = click.option(
            "--allow-key-env",
            multiple=True,
            metavar="NAME",
            help=f"Let {who} send the key in this environment variable; may be repeated.",
        )
        return variables(servers(function))

    return add


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)


@contextmanager
def open_to_read(db: str | None) -> "Iterator[Store]":
    """Open the database for a command that shows something, also where it cannot be written; what is not kept then is said.

    Raises:
        StoreError: It cannot be read.
    """
    from tempkit.api import opened

    with opened(db, reading=True, on_note=say_note) as store:
        yield store


def say_note(line: str) -> None:
    """Print on stderr what a person should know: folded to the terminal's width, whole on a pipe; under `-q` only warnings."""
    if not worth_saying(line):
        return
    if sys.stderr.isatty():
        from rich.console import Console

        Console(stderr=True, highlight=False).print(visible(line))
    else:
        click.echo(visible(line).plain, err=True)


class PlainTable:
    """A table for a terminal. What goes into it may be anybody's text, so it is shown without its control characters."""

    def __init__(self, columns: Sequence[str], title: str | None) -> None:
        from rich import box
        from rich.table import Table

        shown = None if title is None else visible(title)
        self.drawn = Table(
            box=box.SIMPLE_HEAD, title=shown, title_justify="left", pad_edge=False, title_style="bold"
        )
        for column in columns:
            right = column.startswith(">")
            self.drawn.add_column(
                visible(column.lstrip(">")),
                justify="right" if right else "left",
                no_wrap=right,
                overflow="ellipsis" if right else "fold",
            )

    def add_row(self, *cells: "str | Text") -> None:
        self.drawn.add_row(*map(visible, cells))


def table(*columns: str, title: str | None = None) -> PlainTable:
    """Make a table; a column whose name begins with `>` is set to the right."""
    return PlainTable(columns, title)


_SHOWN = "\n\u00a0\u202f"
"""Not printable to Python, and no command to a terminal: line ends, and the spaces that a number's digits are grouped by."""


def visible(text: "str | Text") -> "Text":
    """Return text with a placeholder for each character that a terminal would obey instead of showing."""
    from rich.text import Text

    made = Text(text) if isinstance(text, str) else text.copy()
    made.plain = "".join(c if c.isprintable() or c in _SHOWN else "\ufffd" for c in made.plain)
    return made


def print_table(made: PlainTable) -> None:
    """Print to stdout: at the terminal's width, or unfolded on a pipe; rich honours NO_COLOR."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(made.drawn)


def print_fitting(
    columns: Sequence[str],
    rows: Sequence[Sequence["str | Text"]],
    *,
    dropped: Sequence[str],
    title: str | None = None,
) -> None:
    """Print a table with as many of its columns as there is room for, so that no number is shortened.

    Args:
        columns: As `table` takes them.
        rows: Their cells.
        dropped: Columns that may be left out, the least missed first.
        title: Goes above.
    """
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False)
    for count in range(len(dropped) + 1):
        kept = [i for i, column in enumerate(columns) if column not in dropped[:count]]
        made = table(*(columns[i] for i in kept))
        for row in rows:
            made.add_row(*(row[i] for i in kept))
        width = Measurement.get(console, console.options.update(width=1000), made.drawn).maximum
        if not console.is_terminal or width <= console.width:
            break
    if title is not None:
        say(_bold(title))
    print_table(made)


def _bold(text: str) -> "Text":
    from rich.text import Text

    return Text(text, style="bold")


def say(text: "Text", indent: int = 0) -> None:
    """Print a line to stdout: folded to the terminal's width, whole on a pipe."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Padding(visible(text), (0, 0, 0, indent)))
    else:
        click.echo(" " * indent + visible(text).plain)


def counted(record: "RunRecord", where: str = "") -> str:
    """Say how far a run has come, in the one way in which every command counts: `4 of 6 completions in tempkit.db, 2 failed`."""
    place = f" in {where}" if where else ""
    failed = f", {record.failures} failed" if record.failures else ""
    more = f"; top-ups added {record.topped_up} to the {record.planned - record.topped_up} that were planned at first"
    return f"{record.completions} of {record.planned} completions{place}{failed}{more if record.topped_up else ''}"


def number(value: float | None, digits: int = 3) -> str:
    """Format a number that may not be known."""
    return "–" if value is None else f"{value:.{digits}f}"


def named_here(store: "Store", record: "RunRecord") -> str:
    """Return a run's name and, unless it is the default one, its database, as a command takes them."""
    from tempkit.api import named_here as named

    return named(store, record)
