"""A run's rows as a data frame of Polars or pandas, where one of them is installed, or as a list of dictionaries.

The rows are those that `export` writes, with the same columns (`tempkit.interchange.schema`). Polars and pandas are imported here alone, and
only when a frame of theirs is asked for.
"""

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tempkit.errors import UsageError
from tempkit.interchange.exports.rows import (
    Record,
    Source,
    sample_rows,
    score_columns,
    score_rows,
    token_rows,
)
from tempkit.interchange.schema import MESSAGES, SAMPLE, SCORES, TOKEN, Column, Kind

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Frame", "Table", "framed", "kind_of_frame", "table"]

Frame = Literal["polars", "pandas", "rows"]
"""What a table is given as."""

Table = Literal["answers", "tokens", "scores"]


def kind_of_frame(wanted: str | None) -> Frame:
    """Return what a table is to be given as; where nothing is said, a frame of what is in use already, else of what is installed.

    Raises:
        UsageError: There is no such frame, or its package is not installed.
    """
    packages: tuple[Literal["polars", "pandas"], ...] = ("polars", "pandas")
    if wanted is None:
        in_use = [name for name in packages if name in sys.modules]
        there = [name for name in packages if importlib.util.find_spec(name) is not None]
        return next(iter([*in_use, *there]), "rows")
    if wanted == "rows":
        return "rows"
    for name in packages:
        if wanted == name:
            if importlib.util.find_spec(name) is None:
                raise UsageError(f"{name} is not installed: pip install {name}, or ask for rows")
            return name
    raise UsageError(f"there are frames of polars and pandas, and rows, but no {wanted!r}")


def table(
    store: "Store", run: "RunRecord", of: Table, *, messages: bool = False
) -> tuple[list[Column], list[Record]]:
    """Return the columns and all rows of a run's answers, tokens or scores, in the order of the plan.

    Args:
        store: Where the run is.
        run: The run.
        of: What a row is of.
        messages: With answers: add the prompt, as it was sent.
    """
    source = Source(store, run, tokens=of == "tokens")
    if of == "scores":
        return list(SCORES), list(score_rows(source, _nobody))
    if of == "tokens":
        return list(TOKEN), list(token_rows(source, _nobody))
    names, scored = score_columns([source])
    rows = sample_rows(source, names, with_messages=messages, on_progress=_nobody)
    return [*SAMPLE, *([MESSAGES] if messages else []), *scored], list(rows)


def framed(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], frame: Frame) -> Any:
    """Return rows as a frame with these columns, all of them there and of their kinds even where a column is empty."""
    if frame == "rows":
        return [{column.name: row.get(column.name) for column in columns} for row in rows]
    package = importlib.import_module(frame)
    values = {column.name: [row.get(column.name) for row in rows] for column in columns}
    if frame == "polars":
        return package.DataFrame(
            {
                column.name: package.Series(
                    column.name, values[column.name], dtype=_polars(package, column.kind), strict=False
                )
                for column in columns
            }
        )
    return package.DataFrame(
        {column.name: package.Series(values[column.name], dtype=_PANDAS[column.kind]) for column in columns}
    )


def _polars(package: Any, kind: Kind) -> Any:
    text, number = package.String, package.Float64
    if kind == "alternatives":
        return package.List(package.Struct({"text": text, "logprob": number}))
    known = {"text": text, "integer": package.Int64, "number": number, "strings": package.List(text)}
    return known.get(kind, package.Object)


_PANDAS: Mapping[Kind, str] = {
    "text": "object",
    "integer": "Int64",
    "number": "float64",
    "strings": "object",
    "alternatives": "object",
    "tokens": "object",
    "json": "object",
}
"""`Int64` is the one that holds whole numbers beside empty cells."""


def _nobody(_done: int) -> None: ...
