"""Read rows from Parquet. The one module of readers that uses pyarrow, when it is first needed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tempkit.errors import ExtraMissingError, PromptError, one_line
from tempkit.files import MAX_COLUMNS, MAX_ROWS
from tempkit.prompts.data_rows import DataRow

__all__ = ["read_parquet"]

_MAX_BYTES = 256 * 2**20
"""Of what the columns hold when they are unpacked."""
_AT_ONCE = 1024


def read_parquet(path: Path) -> tuple[tuple[str, ...], list[DataRow]]:
    """Return the columns' names and the rows, each with its number from 1.

    Raises:
        ExtraMissingError: pyarrow is not installed.
        PromptError: The file cannot be read, or holds more than can be compared.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as e:
        raise ExtraMissingError("Parquet", "parquet") from e
    try:
        with path.open("rb") as opened:
            schema = parquet.read_schema(opened)
            names = tuple(map(str, schema.names))
            texts = [field.name for field in schema if pyarrow.types.is_string(field.type)]
            # A text that stands in every row is stored once, and is to be counted before it is unpacked.
            file = parquet.ParquetFile(opened, read_dictionary=texts)
            about = file.metadata
            groups = [about.row_group(i) for i in range(about.num_row_groups)]
            size = sum(group.total_byte_size for group in groups)
            for found, most, what in (
                (len(names), MAX_COLUMNS, "columns"),
                (about.num_rows, MAX_ROWS, "rows"),
                (size, _MAX_BYTES, "bytes unpacked"),
            ):
                if found > most:
                    raise PromptError(f"{path}: {found:,} {what}; a table may have {most:,}")
            if len(set(names)) < len(names):
                raise PromptError(f"{path}: two columns have one name")
            return names, list(_rows(file, path))
    except FileNotFoundError as e:
        raise PromptError(f"{path}: data file not found") from e
    except (pyarrow.ArrowException, OSError, ValueError) as e:
        raise PromptError(f"{path}: not a Parquet file that can be read: {one_line(e, 120)}") from e


def _rows(file: Any, path: Path) -> Iterator[DataRow]:
    number = size = 0
    for batch in file.iter_batches(batch_size=_AT_ONCE):
        size += sum(map(_unpacked, batch.columns))
        if size > _MAX_BYTES:
            raise PromptError(
                f"{path}: row {number + 1}: more than {_MAX_BYTES:,} bytes; give a smaller table"
            )
        for values in batch.to_pylist():
            number += 1
            yield DataRow(values, f"{path}: row {number}")


def _unpacked(column: Any) -> int:
    """Return how many bytes a column's values are, each text as often as it stands there."""
    import pyarrow
    from pyarrow import compute

    if not pyarrow.types.is_dictionary(column.type):
        return int(column.nbytes)
    values = column.dictionary
    if not (pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type)):
        return int(column.nbytes)
    lengths = compute.binary_length(values).take(column.indices)
    return int(compute.sum(lengths).as_py() or 0)
