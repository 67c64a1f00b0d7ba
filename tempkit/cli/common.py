"""Options and printing that several commands share."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tempkit.cli.json_out import print_json
from tempkit.cli.number_options import AtLeast
from tempkit.cli.quiet import worth_saying
from tempkit.cli.tables import print_fitting, print_table, say, table, visible

if TYPE_CHECKING:
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


def _known_language(_context: click.Context, _option: click.Parameter, code: str | None) -> str | None:
    """Refuse a language that there is not before anything is asked or paid for."""
    if code:
        from tempkit.i18n import language

        with language(code):
            pass
    return code


def lang_option(function: F) -> F:
    """Add `--lang`."""
    return click.option(
        "--lang",
        metavar="CODE",
        envvar="TEMPKIT_LANG",
        callback=_known_language,
        help="Language of the report: en (English) or es (Spanish). Default: $TEMPKIT_LANG, else en.",
    )(function)


def concurrency_option(function: F) -> F:
    return click.option(
        "-j",
        "--max-concurrency",
        type=AtLeast(1),
        default=8,
        show_default=True,
        help="Requests at once to a remote model, at each of its addresses.",
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
