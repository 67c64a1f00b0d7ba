"""Read a prompt's data rows from YAML, JSON Lines or CSV, all to the same shape.

A row keeps the line it came from: a mistake in row 40 of a file somebody else wrote must be found by its line.
"""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tempkit.documents import kind, parse_yaml
from tempkit.errors import PromptError, one_line

__all__ = ["Row", "read_rows", "read_text"]

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv")
_MAX_BYTES = 64 * 2**20
_MAX_DEPTH = 50


@dataclass(frozen=True)
class Row:
    """One row of data: its values by column, and where it stands (`file:line`)."""

    values: Mapping[str, Any]
    where: str


def read_text(path: Path, what: str, *, exact: bool = False) -> str:
    """Read a UTF-8 text file, with or without a byte-order mark; its line ends become LF, unless it is to be `exact`.

    Raises:
        PromptError: It is missing, a folder, unreadable, larger than 64 MiB, or not UTF-8.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise PromptError(f"{path}: {what} is larger than 64 MiB; give a smaller file")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        return text if exact else text.replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError as e:
        raise PromptError(f"{path}: {what} not found") from e
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise PromptError(f"{path}:{line}: {what} is not UTF-8 text; save it as UTF-8") from e
    except OSError as e:
        raise PromptError(f"{path}: {what} cannot be read: {e.strerror}") from e
    except ValueError as e:
        raise PromptError(f"{str(path)!r}: {what} cannot have this name: {one_line(e)}") from e


def read_rows(path: Path, *, exact: bool = False) -> list[Row]:
    """Read the rows of a data file by its suffix (`.yaml`, `.jsonl`, `.csv`).

    With `exact`, a text in CSV keeps its own line ends. Without, a prompt is the same wherever its file was checked out.

    Raises:
        PromptError: Naming `file:line`: not a list of mappings, a broken line, or no rows at all.
    """
    if path.suffix not in SUFFIXES:
        raise PromptError(f"{path}: data must be one of {', '.join(SUFFIXES)}")
    text = read_text(path, "data file", exact=exact and path.suffix == ".csv")
    reader = {".jsonl": _jsonl, ".csv": _csv}.get(path.suffix, _yaml)
    rows = list(reader(text, str(path)))
    if not rows:
        raise PromptError(f"{path}:1: the data file has no rows")
    return rows


def _yaml(text: str, source: str) -> Iterator[Row]:
    document = parse_yaml(text, source, PromptError)
    if document.value is None:
        return
    if not isinstance(document.value, list):
        document.fail(f"data must be a list of rows, not {kind(document.value)}")
    for i, value in enumerate(document.value):
        if not isinstance(value, dict):
            document.fail(f"a row must be a mapping, not {kind(value)}", i)
        yield Row(value, f"{source}:{document.line(i)}")


def _jsonl(text: str, source: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(
                line, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite
            )
        except json.JSONDecodeError as e:
            raise PromptError(
                f"{source}:{number}: not a JSON object: {e.msg} at character {e.pos + 1}"
            ) from e
        except (ValueError, RecursionError) as e:
            raise PromptError(f"{source}:{number}: not a JSON object: {one_line(e)}") from e
        if not isinstance(value, dict):
            raise PromptError(f"{source}:{number}: a row must be a JSON object, not {kind(value)}")
        if _depth(value) > _MAX_DEPTH:
            raise PromptError(f"{source}:{number}: values are nested more than {_MAX_DEPTH} deep")
        if "\\u" in line and not _encodable(value):
            raise PromptError(f"{source}:{number}: a lone surrogate (\\ud800 to \\udfff) is no character")
        yield Row(value, f"{source}:{number}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(n for n in names if names.count(n) > 1)!r} is given twice")
    return value


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


def _csv(text: str, source: str) -> Iterator[Row]:
    """Read CSV; an empty cell is a value that is not given, as a missing key is elsewhere."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    start = 1
    usual = csv.field_size_limit(_MAX_BYTES)  # the module's own limit is below what a long answer has
    try:
        for cells in reader:
            where, start = f"{source}:{start}", reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if len(set(header)) < len(header) or "" in header:
                    raise PromptError(f"{where}: the header has an empty or repeated column name")
            elif len(cells) != len(header):
                raise PromptError(f"{where}: {len(cells)} cells under {len(header)} columns")
            else:
                yield Row({name: cell or None for name, cell in zip(header, cells, strict=True)}, where)
    except csv.Error as e:
        raise PromptError(f"{source}:{start}: the row that begins here cannot be read: {one_line(e)}") from e
    finally:
        csv.field_size_limit(usual)
