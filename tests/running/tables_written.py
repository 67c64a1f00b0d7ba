"""Write one table of rows in every format that can be imported."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

FORMATS = ("csv", "tsv", "jsonl", "parquet", "yaml")


def written(folder: Path, form: str, rows: Sequence[Mapping[str, Any]], name: str = "t") -> Path:
    """Write rows, None as an empty cell or null; values of other types are text where a format has no types."""
    path = folder / f"{name}.{form}"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if form in ("csv", "tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, delimiter="\t" if form == "tsv" else ",")
            table.writerow(columns)
            table.writerows([row.get(column) for column in columns] for row in rows)
    elif form == "parquet":
        parquet.write_table(
            pyarrow.table({column: [row.get(column) for row in rows] for column in columns}), path
        )
    else:
        lines = [json.dumps(dict(row), ensure_ascii=form != "yaml") for row in rows]
        path.write_text("\n".join(f"- {line}" if form == "yaml" else line for line in lines) + "\n", "utf-8")
    return path


def place(path: Path, row: int) -> str:
    """Return what messages call a row, numbered from 1."""
    if path.suffix == ".parquet":
        return f"{path}: row {row}"
    return f"{path}:{row + (path.suffix in ('.csv', '.tsv'))}"
