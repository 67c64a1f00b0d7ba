"""Write rows as CSV or JSON Lines, one at a time.

Both hold every text exactly as it is. In CSV that includes texts that a spreadsheet takes for formulas, hence
`for_spreadsheet`; a row ends with CR LF, as RFC 4180 has it, because only so does every version of Python's writer quote a
text with either of the two in it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from tempkit.files import guarded
from tempkit.interchange.schema import Column
from tempkit.store import storable

__all__ = ["CsvFile", "JsonLines", "json_text"]

_BOM = b"\xef\xbb\xbf"
_BREAKS = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")
"""What JSON lets stand in a string, and many a reader takes for the end of the line."""

_ENCODER = msgspec.json.Encoder()


def json_text(value: Any) -> bytes:
    """Return JSON on one line as UTF-8: numbers exact, infinities null, lone surrogates as visible escapes."""
    try:
        encoded = _ENCODER.encode(value)
    except UnicodeEncodeError:
        encoded = _ENCODER.encode(_clean(value))
    return _BREAKS.sub(_escaped, encoded)


class JsonLines:
    """A JSON object per row; what is not known is left out."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, row: Mapping[str, Any]) -> None:
        self._out.write(json_text({name: value for name, value in row.items() if value is not None}) + b"\n")

    def close(self) -> None:
        self._out.flush()

    def abandon(self) -> None: ...


class CsvFile:
    """A line of cells per row under a header; nested values are JSON in their cell."""

    def __init__(self, out: BinaryIO, columns: Sequence[Column], *, for_spreadsheet: bool = False) -> None:
        self._out, self._columns, self._guard = out, columns, for_spreadsheet
        if for_spreadsheet:
            out.write(_BOM)
        self._writer = csv.writer(_Utf8(out), lineterminator="\r\n")
        self._writer.writerow([self._guarded(column.name) for column in columns])

    def write(self, row: Mapping[str, Any]) -> None:
        self._writer.writerow([self._cell(column, row.get(column.name)) for column in self._columns])

    def close(self) -> None:
        self._out.flush()

    def abandon(self) -> None: ...

    def _cell(self, column: Column, value: Any) -> Any:
        if value is None or column.kind in ("integer", "number"):
            return value
        if column.kind == "text":
            return self._guarded(storable(value))
        return json_text(value).decode()

    def _guarded(self, text: str) -> str:
        return guarded(text) if self._guard else text


class _Utf8:
    """What a CSV writer writes a row's text to."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(text.encode())


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match.group().decode())


def _visible(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _visible(value)
    if isinstance(value, Mapping):
        return {_visible(str(key)): _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner) for inner in value]
    return value
