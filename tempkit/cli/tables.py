"""Tables and lines for a terminal of any width: texts are folded, columns left out, and no number is ever shortened."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["print_fitting", "print_table", "say", "table", "visible"]

_GAP, _EDGES = 3, 2
"""Between two columns, and at the two ends."""
_WORD = 16
"""A longer word of a text may be broken, such as a path."""


class PlainTable:
    """A table for a terminal. What goes into it may be anybody's text, so it is shown without its control characters."""

    def __init__(self, columns: Sequence[str], title: str | None) -> None:
        from rich import box
        from rich.table import Table

        self.title = None if title is None else visible(title)
        self.heads = [visible(column.lstrip(">")) for column in columns]
        self.rows: list[list[Text]] = []
        self.drawn = Table(
            box=box.SIMPLE_HEAD, title=self.title, title_justify="left", pad_edge=False, title_style="bold"
        )
        for column, head in zip(columns, self.heads, strict=True):
            least = _longest_word(head.plain)
            self.drawn.add_column(
                head, justify="right" if column.startswith(">") else "left", overflow="fold", min_width=least
            )

    def add_row(self, *cells: "str | Text") -> None:
        """Add a row; a column of numbers is from now on so wide as to hold this one whole, others as this one's longest word."""
        shown = [visible(cell) for cell in cells]
        for column, cell in zip(self.drawn.columns, shown, strict=True):
            least = cell.cell_len if column.justify == "right" else min(_longest_word(cell.plain), _WORD)
            column.min_width = max(column.min_width or 0, least)
        self.drawn.add_row(*shown)
        self.rows.append(shown)

    @property
    def least(self) -> int:
        """How wide it is where its texts are folded and no number is."""
        widths = [column.min_width or 0 for column in self.drawn.columns]
        return sum(widths) + _GAP * (len(widths) - 1) + _EDGES


def _longest_word(text: str) -> int:
    from rich.cells import cell_len

    return max((cell_len(word) for word in text.split()), default=0)


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
    """Print to stdout: at the terminal's width, or unfolded on a pipe; rich honours NO_COLOR.

    A terminal too narrow for the table gets each row as lines of its own, a column's name before each cell.
    """
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    elif made.least > console.width:
        _print_records(made)
        return
    console.print(made.drawn)


def _print_records(made: PlainTable) -> None:
    """Print a table's rows one below the other: its first cell, and under it the others with their columns' names."""
    from rich.text import Text

    if made.title is not None:
        say(_bold(made.title.plain))
    for first, *others in made.rows:
        say(first)
        for head, cell in zip(made.heads[1:], others, strict=True):
            if cell:
                say(Text.assemble(head, ": ", cell), indent=2)


def print_fitting(
    columns: Sequence[str],
    rows: Sequence[Sequence["str | Text"]],
    *,
    dropped: Sequence[str],
    title: str | None = None,
    folded: bool = False,
) -> None:
    """Print a table with as many of its columns as there is room for, so that no number is shortened.

    Args:
        columns: As `table` takes them.
        rows: Their cells.
        dropped: Columns that may be left out, the least missed first.
        title: Goes above.
        folded: Fold texts, and leave columns out only where that does not do; else the other way round.
    """
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False)
    for count in range(len(dropped) + 1):
        kept = [i for i, column in enumerate(columns) if column not in dropped[:count]]
        made = table(*(columns[i] for i in kept))
        for row in rows:
            made.add_row(*(row[i] for i in kept))
        whole = Measurement.get(console, console.options.update(width=1000), made.drawn).maximum
        if not console.is_terminal or (made.least if folded else whole) <= console.width:
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
