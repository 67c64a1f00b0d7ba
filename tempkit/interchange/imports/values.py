"""The values of a table's cells by the kind that is declared for their column: each is read, or named by row and column.

A cell of CSV is text whatever it holds, and a value of JSON or Parquet has a type of its own; both end here as what the
column is said to hold. Numbers are read as `tempkit.files.numbers` has it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from tempkit.errors import PromptError, one_line
from tempkit.files import figure, hint, whole_figure
from tempkit.prompts import MOST, DataRow, parse_json
from tempkit.types import LARGEST_SCORE

__all__ = ["bad", "members", "number", "strings", "text", "whole_number", "word"]


def bad(row: DataRow, column: str, value: object, wanted: str) -> PromptError:
    """Return the error of a value that is not what its column holds."""
    return PromptError(f"{row.where}: {one_line(column, 40)!r} is {one_line(repr(value), 40)}, {wanted}")


def text(row: DataRow, column: str) -> str | None:
    """Read a text; a number counts as its digits."""
    value = row.values.get(column)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise bad(row, column, value, "not a text")
    return str(value)


def number(
    row: DataRow, column: str, *, low: float = -LARGEST_SCORE, high: float = LARGEST_SCORE
) -> float | None:
    """Read a number; None where the cell is empty."""
    return _number(row, column, row.values.get(column), low, high)


def _number(row: DataRow, column: str, value: object, low: float, high: float) -> float | None:
    if value is None or value == "":
        return None
    written = figure(value)
    if written is None:
        raise bad(row, column, value, f"not a number{hint(value)}")
    found = float(written)
    if not low <= found <= high:
        raise bad(row, column, value, f"not a number between {low:g} and {high:g}")
    return found


def whole_number(row: DataRow, column: str, *, low: int = -MOST, high: int = MOST) -> int | None:
    """Read a whole number, `7.0` included; None where the cell is empty."""
    return _whole(row, column, row.values.get(column), low, high)


def _whole(row: DataRow, column: str, value: object, low: int, high: int) -> int | None:
    if value is None or value == "":
        return None
    found = whole_figure(value)
    if found is None:
        raise bad(row, column, value, f"not a whole number{hint(value)}")
    if not low <= found <= high:
        raise bad(row, column, value, f"not a whole number between {low} and {high}")
    return found


def word(row: DataRow, column: str, known: Any, default: str) -> Any:
    """Read one of a closed set of words; an empty cell is the default."""
    value = row.values.get(column)
    if value is None or value == "":
        return default
    if value not in get_args(known):
        raise bad(row, column, value, f"not one of {', '.join(get_args(known))}")
    return value


def strings(row: DataRow, column: str) -> Sequence[str]:
    """Read a list of texts: a list in JSON Lines, its JSON in CSV."""
    value = _json(row, column) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise bad(row, column, row.values.get(column), "not a list of texts")
    return value


def members(row: DataRow, column: str) -> Mapping[str, Any]:
    """Read an object: one in JSON Lines, its JSON in CSV."""
    value = _json(row, column) or {}
    if not isinstance(value, dict):
        raise bad(row, column, row.values.get(column), "not a JSON object")
    return value


def _json(row: DataRow, column: str) -> Any:
    value = row.values.get(column)
    if not isinstance(value, str):
        return value
    return parse_json(value, f"{row.where}: {one_line(column, 40)!r}", "not JSON") if value else None
