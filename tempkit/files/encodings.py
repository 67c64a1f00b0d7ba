"""Text out of bytes: UTF-8, or what a byte-order mark names; anything else is called what it seems to be, never guessed.

A file of Windows-1252 read as if it were Latin-2 is wrong in a few letters that nobody looks at. So what does not say its
encoding must be UTF-8, and the message says how to make it so.
"""

import re

from tempkit.errors import PromptError

__all__ = ["decoded"]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BINARY = (
    (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"GGUF", "a model"),
    (b"%PDF", "a PDF"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_LOOKED_AT = 2**16


def decoded(data: bytes, source: str, what: str) -> str:
    """Return the text of a file, without a byte-order mark.

    Args:
        data: The bytes.
        source: The file's name, for messages.
        what: What messages call it.

    Raises:
        PromptError: It is neither UTF-8 nor what its byte-order mark says.
    """
    kind = next((kind for head, kind in _BINARY if data.startswith(head)), None)
    if kind is not None:
        raise PromptError(f"{source}: {what} is not text: it seems to be {kind}; save it as UTF-8 text")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        if encoding not in ("utf-8", "utf-8-sig"):
            raise PromptError(
                f"{source}:{line}: {what} begins as {encoding.upper()} and is broken further on; save it as UTF-8"
            ) from e
        raise PromptError(f"{source}:{line}: {what} is not UTF-8 text; save it as UTF-8{_seems(data)}") from e
    if encoding == "utf-8" and data[:_LOOKED_AT].count(0) > len(data[:_LOOKED_AT]) / 4:
        raise PromptError(
            f"{source}:1: {what} is not UTF-8 text; save it as UTF-8 (it seems to be UTF-16 without a byte-order mark)"
        )
    return text


def _seems(data: bytes) -> str:
    """Say what a text seems to be: letters of Windows-1252 stand alone or in pairs among those of ASCII."""
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    if any(len(run) > 2 for run in _HIGH.findall(data, 0, _LOOKED_AT)):
        return ""
    return " (it seems to be Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 converts it)"
