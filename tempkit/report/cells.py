"""Values as cells of a CSV file that a program reads back to the last bit and a spreadsheet opens without running it.

Lines and quotes are those of RFC 4180. Numbers are written as Python's `repr`, so reading them gives the same number; what is
not known is an empty cell, and an empty text is a quoted one. Texts come from models and users, and a spreadsheet takes one
that begins with `=`, `+`, `-` or `@` (or, in some, with a tab, a line end or one of these signs at full width) for a formula.
So such a text gets an apostrophe before it, and so does one that begins with an apostrophe: whoever reads the file takes one
leading apostrophe away and has the text as it was. Numbers are never touched.
"""

from collections.abc import Iterable, Sequence

__all__ = ["RISKY", "Cell", "guarded", "rows_as_csv", "unguarded"]

Cell = str | int | float | None

RISKY = "=+-@\t\r\n'＝＋－＠"
"""First characters that get an apostrophe before them; the page's script has the same."""


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; `unguarded` gives it back."""
    return f"'{text}" if text[:1] and text[0] in RISKY else text


def unguarded(cell: str) -> str:
    """Undo `guarded`."""
    return cell.removeprefix("'")


def rows_as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a CSV file's text."""
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in (header, *rows))


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    quoted = guarded(value).replace('"', '""')
    return f'"{quoted}"'
