"""Write rows as Parquet, a group of rows at a time. The one module that imports pyarrow, when it is first needed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from tempkit._version import __version__
from tempkit.errors import ExtraMissingError
from tempkit.interchange.exports.text_formats import json_text
from tempkit.interchange.schema import FORMAT_VERSION, VERSION, Column, Kind
from tempkit.store import storable

__all__ = ["ParquetFile", "check_installed"]

_CHUNK = 500
_CHARACTERS = 2**20
"""Rows are packed into Arrow's arrays when there are so many, or so much text in them: as Python's objects they are large."""

_GROUP_ROWS = 50_000
_GROUP_BYTES = 16 * 2**20
"""What is packed is written when it is so much: readers like large groups."""


def check_installed() -> None:
    """Import pyarrow.

    Raises:
        ExtraMissingError: It is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as e:
        raise ExtraMissingError("Parquet", "parquet") from e


class ParquetFile:
    """A typed column per column; `params` and messages are JSON texts.

    Raises:
        ExtraMissingError: pyarrow is not installed.
    """

    def __init__(self, out: BinaryIO, columns: Sequence[Column]) -> None:
        check_installed()
        import pyarrow
        from pyarrow import parquet

        self._pyarrow, self._columns = pyarrow, columns
        types = _types(pyarrow)
        self._schema = pyarrow.schema(
            [pyarrow.field(column.name, types[column.kind]) for column in columns],
            metadata={"tempkit": __version__, VERSION.name: FORMAT_VERSION},
        )
        self._writer = parquet.ParquetWriter(out, self._schema, compression="zstd")
        self._waiting: list[Mapping[str, Any]] = []
        self._characters = 0
        self._packed: list[Any] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._waiting.append(row)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._waiting) >= _CHUNK or self._characters >= _CHARACTERS:
            self._pack()
            rows, size = (sum(getattr(batch, of) for batch in self._packed) for of in ("num_rows", "nbytes"))
            if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
                self._write()

    def close(self) -> None:
        """Write what waits, and the footer, without which no part of the file can be read."""
        self._pack()
        self._write()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of a file that will not be finished, while it can still be written to: pyarrow insists on a footer."""
        with suppress(OSError):  # whatever stopped us may stop the footer too, and is being raised already
            self._writer.close()

    def _pack(self) -> None:
        arrays = [
            self._pyarrow.array(
                [_value(column.kind, row.get(column.name)) for row in self._waiting], type=field.type
            )
            for column, field in zip(self._columns, self._schema, strict=True)
        ]
        self._packed.append(self._pyarrow.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting.clear()
        self._characters = 0

    def _write(self) -> None:
        self._writer.write_table(self._pyarrow.Table.from_batches(self._packed, schema=self._schema))
        self._packed.clear()


def _types(pyarrow: Any) -> Mapping[Kind, Any]:
    text, number = pyarrow.string(), pyarrow.float64()
    return {
        "text": text,
        "integer": pyarrow.int64(),
        "number": number,
        "strings": pyarrow.list_(text),
        "alternatives": pyarrow.list_(pyarrow.struct([("text", text), ("logprob", number)])),
        "json": text,
    }


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind == "text":
        return storable(value)
    if kind == "strings":
        return [storable(each) for each in value]
    return json_text(value).decode() if kind == "json" else value
