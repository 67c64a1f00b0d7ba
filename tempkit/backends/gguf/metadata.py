"""What the head of a GGUF file says, read without llama.cpp: key by key, as far as the tensors.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from tempkit.backends.gguf.variants import MAGIC

__all__ = ["MetadataError", "read_metadata"]

Plain = int | float | bool | str

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_FLOAT32, _TEXT, _LIST = 6, 8, 9
_VERSIONS = (2, 3)
_KEY = 2**16 - 1
"""Bytes that the format allows a key."""


class MetadataError(Exception):
    """The head of a file is not as the format says; the message says what is wrong."""


def read_metadata(path: Path, prefix: str) -> dict[str, Plain]:
    """Return the numbers and texts whose keys begin with `prefix`, by what follows it; lists are passed over.

    Raises:
        MetadataError: The file's head is damaged.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        reader = _Reader(file, os.fstat(file.fileno()).st_size)
        if reader.take(4) != MAGIC or reader.number("I") not in _VERSIONS:
            raise MetadataError(f"it is no GGUF file of version {' or '.join(map(str, _VERSIONS))}")
        reader.number("Q")  # tensors
        found = {}
        for _ in range(int(reader.number("Q"))):
            key = reader.text(_KEY)
            kind = int(reader.number("I"))
            if key.startswith(prefix) and kind != _LIST:
                found[key.removeprefix(prefix)] = reader.value(kind)
            else:
                reader.skip(kind)
        return found


class _Reader:
    """Reads one thing after another, and never more than the file holds."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def take(self, size: int) -> bytes:
        self._spend(size)
        return self._file.read(size)

    def number(self, form: str) -> int | float | bool:
        size = struct.calcsize(form)
        number: int | float | bool = struct.unpack(f"<{form}", self.take(size))[0]
        return number

    def text(self, most: int | None = None) -> str:
        size = int(self.number("Q"))
        if most is not None and size > most:
            raise MetadataError("a key in it is too long")
        return self.take(size).decode("utf-8", "replace")

    def value(self, kind: int) -> Plain:
        if kind == _TEXT:
            return self.text()
        number = self.number(self._form(kind))
        # As it was written down: 0.95, and not the nearest number of 32 bits.
        return float(f"{number:.7g}") if kind == _FLOAT32 else number

    def skip(self, kind: int) -> None:
        if kind == _TEXT:
            self._pass(int(self.number("Q")))
        elif kind == _LIST:
            of, count = int(self.number("I")), int(self.number("Q"))
            if of == _TEXT:
                for _ in range(count):
                    self._pass(int(self.number("Q")))
            else:
                self._pass(count * struct.calcsize(self._form(of)))
        else:
            self._pass(struct.calcsize(self._form(kind)))

    def _form(self, kind: int) -> str:
        if kind not in _NUMBERS:
            raise MetadataError(f"a value in it is of the unknown kind {kind}")
        return _NUMBERS[kind]

    def _pass(self, size: int) -> None:
        self._spend(size)
        self._file.seek(size, os.SEEK_CUR)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise MetadataError("it ends in the middle")
