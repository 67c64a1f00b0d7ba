"""How a decision is printed: what to use, why, what it could cost, what to do next, and a row for each temperature."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from tempkit.decision import Decision, Here, TemperatureResult, Words

__all__ = ["STYLES", "print_decision"]

_GAP = 3
"""Between two columns of a table; its edges take two more."""

STYLES = {"shown": "green", "likely": "cyan", "guess": "yellow", "none": "yellow"}
"""By grade."""


def print_decision(found: "Decision", here: "Here") -> None:
    """Print a decision to stdout: folded to the terminal's width, in whole lines on a pipe; rich honours NO_COLOR.

    Args:
        found: The decision.
        here: What commands to type need.
    """
    from rich.console import Console
    from rich.text import Text

    from tempkit.cli.common import say, visible
    from tempkit.decision import other_scope, words

    said = words(found, here)
    console = Console(highlight=False)
    say(Text(_heading(found), style="dim"))
    head = Text(said.verdict, style=f"bold {STYLES[found.grade]}")
    say(head.append(f"   {said.marks} {said.grade}", style=f"not bold {STYLES[found.grade]}"))
    click.echo()
    lines = [(label, visible(text)) for label, text in _lines(said)]
    if console.is_terminal:
        console.print(_folded(lines))
    else:
        _whole(lines)
    for each in (found, *([] if found.variety is None else [found.variety])):
        if drawn := _table(each, console):
            _print(drawn, console)
    if line := other_scope(found):
        say(Text(line))
    click.echo()


def _heading(found: "Decision") -> str:
    from tempkit.decision import named
    from tempkit.i18n import gettext as _

    return _("%(use_case)s on %(model)s") % {"use_case": named(found), "model": found.model}


def _lines(said: "Words") -> "Iterator[tuple[str, Text]]":
    """Return the sentences, each with its label or, below another of the same, without."""
    from rich.text import Text

    from tempkit.i18n import pgettext

    parts: list[tuple[str, Sequence[str]]] = [
        (pgettext("of a decision", "First"), said.first),
        (pgettext("of a decision", "Because"), said.because),
        (pgettext("of a decision", "Risk"), said.risk),
        (pgettext("of a decision", "Next"), said.next),
    ]
    for label, sentences in parts:
        for i, sentence in enumerate(sentences):
            yield label if i == 0 else "", Text(sentence)
    for command in said.commands:
        line = Text(command.line, style="bold")
        yield "", line.append(f"   {command.about}", style="not bold dim") if command.about else line


def _folded(lines: "Sequence[tuple[str, Text]]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for label, text in lines:
        drawn.add_row(Text(label, style="bold"), text)
    return drawn


def _whole(lines: "Sequence[tuple[str, Text]]") -> None:
    width = max((len(label) for label, _text in lines), default=0)
    for label, text in lines:
        click.echo(f"{label:<{width}}  {text.plain}")


def _print(drawn: "RenderableType", console: "Console") -> None:
    from rich.console import Console

    (console if console.is_terminal else Console(highlight=False, width=200)).print(drawn)


def _table(found: "Decision", console: "Console") -> "Table | None":
    """Return a row for each temperature, with as many columns as there is room for: T and n always, and never shortened."""
    if not found.temperatures or found.measure is None:
        return None
    width = console.width if console.is_terminal else 200
    choices = (
        ("mean with interval", "could cost", "verdict"),
        ("mean", "could cost", "verdict"),
        ("mean", "could cost"),
        ("mean",),
        (),
    )
    drawn = (_with_columns(found, columns, width) for columns in choices)
    return next((each for each in drawn if each is not None), None)


def _with_columns(found: "Decision", columns: Sequence[str], room: int) -> "Table | None":
    """Return a table of these columns; None where they do not fit. Words of a heading may go on the next line, but no cell is broken."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    from tempkit.cli.common import visible

    heads = {"T": "T", **{column: visible(_head(found, column)).plain for column in columns}, "n": "n"}
    rows = [[visible(_cell(found, row, column)).plain for column in heads] for row in found.temperatures]
    widths = [
        max(cell_len(cell) for cell in (*(row[i] for row in rows), *head.split()))
        for i, head in enumerate(heads.values())
    ]
    spare = room - sum(widths) - _GAP * (len(widths) - 1) - 2
    if spare < 0 and columns:
        return None
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for (column, head), least in zip(heads.items(), widths, strict=True):
        more = max(0, min(spare, cell_len(head) - least))
        spare -= more
        drawn.add_column(head, justify="right" if column in ("T", "n") else "left", width=least + more)
    for row, cells in zip(found.temperatures, rows, strict=True):
        drawn.add_row(*(Text(cell, no_wrap=True) for cell in cells), style=_row_style(found, row))
    return drawn


def _row_style(found: "Decision", row: "TemperatureResult") -> str:
    from tempkit.decision import usable_pick

    if row.temperature == usable_pick(found):
        return f"bold {STYLES[found.grade]}"
    return "dim" if row.place in ("ruled_out", "not_measured") else ""


def _head(found: "Decision", column: str) -> str:
    from tempkit.i18n import gettext as _
    from tempkit.measures import titled

    measure = titled(found.measure or "")
    return {
        "mean with interval": _("%(measure)s (95 %% interval)") % {"measure": measure},
        "mean": measure,
        "could cost": _("could cost"),
        "verdict": _("verdict"),
    }[column]


def _cell(found: "Decision", row: "TemperatureResult", column: str) -> str:
    from tempkit.decision import amount, at, could_cost, place_word, spread, usable_pick

    match column:
        case "T":
            return (
                f"→ {at(row.temperature)}" if row.temperature == usable_pick(found) else at(row.temperature)
            )
        case "n":
            return str(row.n)
        case "mean with interval":
            return spread(row, found.unit)
        case "mean":
            return "–" if row.mean is None else amount(row.mean, found.unit)
        case "could cost":
            return could_cost(row, found.unit)
        case _:
            return place_word(row.place, row.inside_limits)
