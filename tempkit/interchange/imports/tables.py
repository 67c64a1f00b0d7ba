"""Read a table from elsewhere for an import: its rows under the names of columns that tempkit knows.

Text tables are read with the sign between cells that their header shows, UTF-8 or as a byte-order mark says; JSON Lines,
YAML and Parquet as what they are. What was recognised and is not what the file's name promises is said. A table that is
larger than what can be compared is refused before it fills the memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tempkit.errors import PromptError
from tempkit.files import MAX_COLUMNS, SIGNS, Delimited
from tempkit.interchange.imports.column_names import Naming
from tempkit.interchange.imports.data_sets import is_data_set, read_data_set
from tempkit.interchange.imports.formats import Importer, importers
from tempkit.interchange.imports.inspect_logs import INSPECT, read_inspect
from tempkit.interchange.imports.llm_logs import LLM, read_llm
from tempkit.prompts import DataRow, json_rows, read_parquet, read_text, yaml_rows

__all__ = ["FORMATS", "Table", "read_table"]

_OTHERS = {
    ".xlsx": "save the sheet as CSV UTF-8",
    ".xls": "save the sheet as CSV UTF-8",
    ".ods": "save the sheet as CSV UTF-8",
    ".txt": "call it .csv or .tsv",
    ".gz": "decompress it first",
    ".zip": "decompress it first",
    ".zst": "decompress it first",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows, by the names of columns here."""

    rows: list[DataRow]
    columns: tuple[str, ...]
    """In their order; in JSON Lines and YAML in that of their first appearance."""
    delimited: bool
    """Whether every row has a cell for every column, so that an empty text is one that was given."""
    notes: tuple[str, ...] = ()
    """What is not carried over, or not as it stands, a line each."""
    hints: tuple[str, ...] = ()
    """How the file was read, where it could have been read otherwise."""


def read_table(path: Path, naming: Naming) -> Table:
    """Read a table.

    Args:
        path: The file.
        naming: What its columns are called here.

    Raises:
        PromptError: It cannot be read, is too large, or lacks a column; the message begins with the file, and the line.
        UsageError: `naming` names a column that is not there.
        PluginError: Another package's importer cannot be used.
    """
    suffix = ".eval" if path.is_dir() else path.suffix.lower()
    if path.is_dir() and is_data_set(path):
        table = _log(path, naming, read=read_data_set)
    elif suffix in _OWN:
        table = _OWN[suffix](path, naming)
    else:
        added = importers(FORMATS)
        if suffix not in added:
            also = _OTHERS.get(suffix, "save it as one of these")
            raise PromptError(f"{path}: a table must be one of {', '.join((*FORMATS, *added))}; {also}")
        table = _added(path, naming, added[suffix])
    if not table.rows:
        raise PromptError(f"{path}:1: the data file has no rows")
    return table


def _delimited(path: Path, naming: Naming, *, usual: str) -> Table:
    found = Delimited(read_text(path, "data file", exact=True), str(path), usual=usual, wanted=naming.wanted)
    columns = _named(found.columns, naming, found.header_at) if found.columns else {}
    called = [columns.get(name) for name in found.columns]
    rows = [
        DataRow(
            {name: cell or None for name, cell in zip(called, cells, strict=True) if name is not None}, where
        )
        for where, cells in found
    ]
    hints = () if found.sign == usual else (f"{path}: read with {SIGNS[found.sign]} between cells",)
    return Table(rows, tuple(columns.values()), delimited=True, hints=hints)


def _parquet(path: Path, naming: Naming) -> Table:
    names, rows = read_parquet(path)
    columns = _named(names, naming, str(path))
    return Table(_renamed(rows, columns), tuple(columns.values()), delimited=False)


def _nested(path: Path, naming: Naming, *, lines: bool) -> Table:
    """Read JSON Lines or YAML, whose rows need not have the same keys."""
    text = read_text(path, "data file", exact=lines)
    return _of_rows(list((json_rows if lines else yaml_rows)(text, str(path))), naming)


def _log(
    path: Path, naming: Naming, *, read: Callable[[Path], tuple[list[DataRow], tuple[str, ...]]]
) -> Table:
    """Read another program's log, whose rows come under the names of tempkit's own exports."""
    rows, notes = read(path)
    return replace(_of_rows(rows, naming), notes=notes)


def _added(path: Path, naming: Naming, importer: Importer) -> Table:
    """Read a file by another package's importer, whose rows need not have the same keys."""
    return _of_rows(
        [DataRow(values, f"{path}: row {n}") for n, values in enumerate(importer.read(path), 1)], naming
    )


def _of_rows(given: list[DataRow], naming: Naming) -> Table:
    names: dict[str, str] = {}
    for row in given:
        for name in row.values:
            names.setdefault(name, row.where)
        if len(names) > MAX_COLUMNS:
            raise PromptError(f"{row.where}: more than {MAX_COLUMNS:,} columns; leave out what is not needed")
    if not given:
        return Table([], (), delimited=False)
    columns = _named(tuple(names), naming, given[0].where)
    return Table(_renamed(given, columns), tuple(columns.values()), delimited=False)


def _renamed(rows: list[DataRow], columns: dict[str, str]) -> list[DataRow]:
    return [
        DataRow({columns[name]: value for name, value in row.values.items() if name in columns}, row.where)
        for row in rows
    ]


def _named(names: tuple[str, ...], naming: Naming, where: str, *, all_of_it: bool = True) -> dict[str, str]:
    """Return the columns by their names in the table; a row alone need not have those of scores."""
    columns = naming.columns(names, where, strict=all_of_it)
    missing = naming.missing(columns.values())
    if missing is not None:
        raise PromptError(f"{where}: {missing}")
    return columns


_OWN: Mapping[str, Callable[[Path, Naming], Table]] = {
    ".csv": partial(_delimited, usual=","),
    ".tsv": partial(_delimited, usual="\t"),
    ".tab": partial(_delimited, usual="\t"),
    ".jsonl": partial(_nested, lines=True),
    ".ndjson": partial(_nested, lines=True),
    ".yaml": partial(_nested, lines=False),
    ".yml": partial(_nested, lines=False),
    ".parquet": _parquet,
    **{ending: partial(_log, read=read_inspect) for ending in INSPECT},
    **{ending: partial(_log, read=read_llm) for ending in LLM},
}
"""By how a file's name ends: what reads it."""

FORMATS = tuple(_OWN)
"""How the names of files end that tempkit reads itself."""
