"""`tempkit doctor`."""

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, print_json
from tempkit.cli.quiet import is_quiet

if TYPE_CHECKING:
    from tempkit.api import Check

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor", short_help="Check this installation: versions, database, engine, keys, terminal.")
@db_option
@json_option
def command(db: str | None, as_json: bool) -> None:
    """Check what commands need on this machine, and say what to do about what is missing: nothing is asked over the network.

    \b
    ok    as it should be
    warn  some commands do not work, or something looks wrong
    fail  commands that need it fail

    Of keys it says which are set, never what they are. With -q only what is not ok is printed.

    Exit codes: 0 nothing fails, 1 something does.
    """
    from tempkit.api import checkup

    checks = [*checkup(db), *_terminal()]
    failed = any(each.health == "fail" for each in checks)
    if as_json:
        print_json({"ok": not failed, "checks": [asdict(each) for each in checks]})
    else:
        _print([each for each in checks if each.health != "ok" or not is_quiet()])
    raise SystemExit(1 if failed else 0)


def _terminal() -> "list[Check]":
    from rich.console import Console

    from tempkit.api import Check

    console = Console()
    encoding = sys.stdout.encoding or "none"
    colour = (
        "colour" if console.is_terminal and console.color_system and not console.no_color else "no colour"
    )
    width = f"{console.width} columns" if console.is_terminal else "no terminal"
    language = os.environ.get("TEMPKIT_LANG") or "en"
    said = f"{width}, {colour}, {encoding}, reports in {language}"
    if encoding.lower().replace("-", "") != "utf8":
        return [Check("terminal", "warn", said, "set PYTHONUTF8=1, so that all characters can be shown")]
    return [Check("terminal", "ok", said)]


def _print(checks: "list[Check]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tempkit.cli.common import visible

    console = Console(highlight=False)
    width = max((len(each.name) for each in checks), default=0)
    if not console.is_terminal:
        for each in checks:
            todo = f": {each.todo}" if each.todo else ""
            click.echo(visible(f"{each.health:<4}  {each.name:<{width}}  {each.found}{todo}").plain)
        return
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for each in checks:
        text = visible(each.found)
        if each.todo:
            text.append(f"\n{each.todo}", style="bold")
        drawn.add_row(Text(each.health, style=f"bold {_STYLES[each.health]}"), each.name, text)
    console.print(drawn)
