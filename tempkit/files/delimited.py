"""Tables of text with a sign between cells: CSV, and what spreadsheets and other programs write under its name.

Which sign it is shows in the header: the comma unless the line says otherwise. Semicolons, tabs and bars are known, and the
line `sep=;` that a spreadsheet puts first. A row keeps the line on which it begins.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from tempkit.errors import PromptError, one_line

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "SIGNS", "Delimited"]

MAX_COLUMNS = 1_000
MAX_ROWS = 1_000_000
_MAX_LINE = 2**24
_MAX_CELL = 2**26

_QUOTED = re.compile(r'"(?:[^"]|"")*"')

SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""Signs between cells, with their names; the first is the usual one."""


class Delimited:
    """A table, its header read.

    Args:
        text: The table.
        source: The file's name, for messages.
        usual: The sign that the file's name promises.
        wanted: Names of columns that are looked for: a sign that shows more of them goes before the usual one.

    Raises:
        PromptError: The header has an empty or repeated name, or too many; the message begins with `file:line`.
    """

    def __init__(self, text: str, source: str, *, usual: str = ",", wanted: Collection[str] = ()) -> None:
        self._source, self._wanted = source, wanted
        self._lines = io.StringIO(text, newline="")
        self._skipped = 0
        self.sign = self._find_sign(usual, wanted)
        self._reader = csv.reader(self._checked(), strict=True, delimiter=self.sign)
        self.columns: tuple[str, ...] = ()
        self.header_at = f"{source}:1"
        self._rows = self._records()
        header = next(self._rows, None)
        if header is not None:
            self.header_at, cells = header
            self.columns = self._named(cells)

    def _find_sign(self, usual: str, wanted: Collection[str]) -> str:
        """Return the sign between cells, and stand behind a line that only names it."""
        line = next((line for line in iter(self._lines.readline, "") if line.strip()), "")
        self._lines.seek(0)
        named = line.strip("\ufeff\r\n")
        if named[:4].lower() == "sep=" and len(named) == 5 and named[4] in SIGNS:
            while not self._lines.readline().strip():
                self._skipped += 1
            self._skipped += 1
            return named[4]
        if len(line) > _MAX_LINE or max(map(line.count, SIGNS)) > MAX_COLUMNS:
            return max(SIGNS, key=line.count)
        bare = _QUOTED.sub("", line)
        shown = {sign: len(set(wanted) & set(_split(line, sign))) for sign in SIGNS}
        if not any(shown.values()) and usual in bare:
            return usual
        return max(SIGNS, key=lambda sign: (shown[sign], bare.count(sign), sign == usual))

    def _checked(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, self._skipped + 1):
            if len(line) > _MAX_LINE:
                raise PromptError(
                    f"{self._source}:{number}: the line is longer than {_MAX_LINE // 2**20} MiB; give a smaller table"
                )
            yield line

    def _records(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each row that is not blank, with the line on which it begins."""
        start, rows = 1 + self._skipped, 0
        usual = csv.field_size_limit(_MAX_CELL)  # the module's own limit is below what a long answer has
        try:
            for cells in self._reader:
                where, start = f"{self._source}:{start}", self._reader.line_num + 1 + self._skipped
                if any(cell.strip() for cell in cells):
                    rows += 1
                    if rows > MAX_ROWS + 1:
                        raise PromptError(f"{where}: more than {MAX_ROWS:,} rows; give a smaller table")
                    yield where, cells
        except csv.Error as e:
            raise PromptError(
                f"{self._source}:{start}: the row that begins here cannot be read: {one_line(e)}"
            ) from e
        finally:
            csv.field_size_limit(usual)

    def _named(self, cells: list[str]) -> tuple[str, ...]:
        if len(cells) > MAX_COLUMNS:
            raise PromptError(
                f"{self.header_at}: {len(cells):,} columns; a table may have {MAX_COLUMNS:,}: leave out what is not needed"
            )
        names = tuple(cell.strip() for cell in cells)
        if len(set(names)) < len(names) or "" in names:
            raise PromptError(
                f"{self.header_at}: the header has an empty or repeated column name{_which(names)}"
            )
        return names

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the rows' cells, each with `file:line`.

        Raises:
            PromptError: A row cannot be read, or has more or fewer cells than the header.
        """
        for where, cells in self._rows:
            if len(cells) != len(self.columns):
                meant = _meant(cells, self.sign) if self._wanted and len(cells) > len(self.columns) else ""
                raise PromptError(f"{where}: {len(cells)} cells under {len(self.columns)} columns{meant}")
            yield where, cells


def _meant(cells: list[str], sign: str) -> str:
    """Say what may have made a row longer than its header."""
    pairs = [f"{one},{two}" for one, two in pairwise(cells) if one.lstrip("-").isdigit() and two.isdigit()]
    comma = f"; if {pairs[0]} is one number, write it with a point" if pairs and sign == "," else ""
    return f"{comma}; a text that holds a {sign!r} needs quotes around it" if sign != "\t" else comma


def _split(line: str, sign: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=sign), [])]
    except csv.Error:
        return []


def _which(names: tuple[str, ...]) -> str:
    """Say which name it is, where a table has more than a few columns."""
    if len(names) < 3:
        return ""
    if "" in names:
        at = names.index("") + 1
        return f": column {at} has none{' (is it an index? write the table without it, or name it)' if at == 1 else ''}"
    seen: set[str] = set()
    twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return f": {one_line(twice, 40)!r}"
