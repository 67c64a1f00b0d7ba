"""Read a prompt's data rows from YAML, JSON Lines, CSV or TSV, all to the same shape.

A row keeps the line it came from: a mistake in row 40 of a file somebody else wrote must be found by its line.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tempkit.errors import PromptError, one_line
from tempkit.files import MAX_COLUMNS, MAX_ROWS, Delimited, decoded, kind, parse_yaml
from tempkit.text import NO_CHARACTER

__all__ = ["DataRow", "json_rows", "parse_json", "read_rows", "read_text", "yaml_rows"]

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv", ".tsv")
_MAX_BYTES = 64 * 2**20
_MAX_LINE = 16 * 2**20
"""Of a line of JSON: as Python's objects it may take thirty times as much."""
_MAX_YAML = 4 * 2**20
_MAX_DEPTH = 50
_POINTER = "version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row of data: its values by column, and where it stands (`file:line`)."""

    values: Mapping[str, Any]
    where: str


def read_text(path: Path, what: str, *, exact: bool = False) -> str:
    """Read a text file in UTF-8, or as its byte-order mark says; its line ends become LF, unless it is to be `exact`.

    Raises:
        PromptError: It is missing, a folder, unreadable, larger than 64 MiB, or in another encoding.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)  # a pipe or a device does not say how much is in it
        if len(data) > _MAX_BYTES:
            raise PromptError(f"{path}: {what} is larger than 64 MiB; give a smaller file")
        text = decoded(data, str(path), what)
        return text if exact else text.replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError as e:
        raise PromptError(f"{path}: {what} not found") from e
    except OSError as e:
        raise PromptError(f"{path}: {what} cannot be read: {e.strerror}") from e
    except ValueError as e:
        raise PromptError(f"{str(path)!r}: {what} cannot have this name: {one_line(e)}") from e


def read_rows(path: Path) -> list[DataRow]:
    """Read the rows of a data file by its suffix (`.yaml`, `.jsonl`, `.csv`, `.tsv`).

    Line ends in cells become LF, so that a prompt is the same wherever its file was checked out.

    Raises:
        PromptError: Naming `file:line`: not a list of mappings, a broken line, or no rows at all.
    """
    if path.suffix not in SUFFIXES:
        raise PromptError(f"{path}: data must be one of {', '.join(SUFFIXES)}")
    text = read_text(path, "data file")
    if text.startswith(_POINTER):
        raise PromptError(
            f"{path}:1: a pointer of Git LFS, not the file itself; fetch that with git lfs pull"
        )
    reader = {".jsonl": json_rows, ".csv": _cells, ".tsv": _cells}.get(path.suffix, yaml_rows)
    rows = list(reader(text, str(path)))
    if not rows:
        raise PromptError(f"{path}:1: the data file has no rows")
    return rows


def yaml_rows(text: str, source: str) -> Iterator[DataRow]:
    """Read a YAML list of mappings.

    Raises:
        PromptError: Naming `file:line`.
    """
    if len(text) > _MAX_YAML:
        raise PromptError(
            f"{source}: more than {_MAX_YAML // 2**20} MiB of YAML, which takes long to read; write JSON Lines (.jsonl)"
        )
    document = parse_yaml(text, source, PromptError)
    if document.value is None:
        return
    if not isinstance(document.value, list):
        document.fail(f"data must be a list of rows, not {kind(document.value)}")
    for i, value in enumerate(document.value):
        if not isinstance(value, dict):
            document.fail(f"a row must be a mapping, not {kind(value)}", i)
        if len(value) > MAX_COLUMNS:
            document.fail(f"{len(value):,} keys; a row may have {MAX_COLUMNS:,}", i)
        yield DataRow(value, f"{source}:{document.line(i)}")


def json_rows(text: str, source: str) -> Iterator[DataRow]:
    """Read JSON Lines: one object a line, blank lines passed over.

    Raises:
        PromptError: Naming `file:line`.
    """
    rows = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{source}:{number}"
        rows += 1
        if rows > MAX_ROWS:
            raise PromptError(f"{where}: more than {MAX_ROWS:,} rows; give a smaller table")
        value = parse_json(line, where, "not a JSON object")
        if not isinstance(value, dict):
            raise PromptError(f"{where}: a row must be a JSON object, not {kind(value)}")
        if len(value) > MAX_COLUMNS:
            raise PromptError(f"{where}: {len(value):,} keys; a row may have {MAX_COLUMNS:,}")
        yield DataRow(value, where)


def parse_json(text: str, where: str, wrong: str, *, not_numbers: bool = False) -> Any:
    """Read a JSON text as it may come from anywhere: what would fail or fill the memory later is refused here.

    Args:
        text: The JSON.
        where: What messages begin with, `file:line`.
        wrong: What they call a text that is none.
        not_numbers: Whether NaN and the infinities, which are no JSON, are values that are not known; else they are refused.

    Raises:
        PromptError: It is too long, no JSON, nested too deeply, or has a number or a character that is none.
    """
    if len(text) > _MAX_LINE:
        raise PromptError(f"{where}: the line is longer than {_MAX_LINE // 2**20} MiB; give a smaller row")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_unknown if not_numbers else _no_number,
            parse_float=_finite,
        )
    except json.JSONDecodeError as e:
        raise PromptError(f"{where}: {wrong}: {e.msg} at character {e.pos + 1}") from e
    except (ValueError, RecursionError) as e:
        raise PromptError(f"{where}: {wrong}: {one_line(e)}") from e
    if _depth(value) > _MAX_DEPTH:
        raise PromptError(f"{where}: values are nested more than {_MAX_DEPTH} deep")
    if "\\u" in text and not _encodable(value):
        raise PromptError(f"{where}: {NO_CHARACTER} is no character")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"key {one_line(name, 40)!r} is given twice")
            seen.add(name)
    return value


def _unknown(_text: str) -> None:
    return None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {one_line(text, 40)} is too large")
    return number


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [v for v in level if isinstance(v, (dict, list))]:
        level = [inner for v in level for inner in (v.values() if isinstance(v, dict) else v)]
        depth += 1
    return depth


def _cells(text: str, source: str) -> Iterator[DataRow]:
    """Read a table of text; an empty cell is a value that is not given, as a missing key is elsewhere."""
    table = Delimited(text, source, usual="\t" if source.endswith(".tsv") else ",")
    for where, cells in table:
        yield DataRow({name: cell or None for name, cell in zip(table.columns, cells, strict=True)}, where)
