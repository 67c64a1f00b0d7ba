"""Values as cells of a CSV file that a program reads back to the last bit and a spreadsheet opens without running it.

Lines and quotes are those of RFC 4180. Numbers are written as Python's `repr`, so reading them gives the same number; what is
not known is an empty cell, and an empty text is a quoted one. Texts are guarded (see `tempkit.files.csv_injection`), numbers never.
"""

from collections.abc import Iterable, Sequence

from tempkit.files import guarded

__all__ = ["CellValue", "rows_as_csv"]

CellValue = str | int | float | None


def rows_as_csv(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> str:
    """Return a CSV file's text."""
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in (header, *rows))


def _cell(value: CellValue) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    quoted = guarded(value).replace('"', '""')
    return f'"{quoted}"'
