"""The bundled model's file with other metadata: what its makers are made to recommend."""

import struct
from collections.abc import Mapping
from pathlib import Path

from tempkit.backends import bundled_file

_ALIGNED = 32
_HEAD = 24
"""Bytes before the first key: magic, version, and how many tensors and keys there are."""


def _key(name: str, value: float | str) -> bytes:
    text = name.encode()
    head = struct.pack("<Q", len(text)) + text
    if isinstance(value, str):
        return head + struct.pack("<IQ", 8, len(value.encode())) + value.encode()
    return head + (struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<Ii", 5, value))


def planted(path: Path, values: Mapping[str, float | str]) -> Path:
    """Write the bundled model with more metadata to `path`: whole numbers as such, others as 32-bit floats."""
    bundled = bundled_file("smollm2")
    assert bundled is not None
    old = bundled.read_bytes()
    (count,) = struct.unpack_from("<Q", old, 16)
    more = b"".join(_key(name, value) for name, value in values.items())
    # A last key fills up to where tensors may begin, so that they stay where the file says they are.
    left = -(len(more) + len(_key("filler", ""))) % _ALIGNED
    more += _key("filler", "x" * left)
    path.write_bytes(old[:16] + struct.pack("<Q", count + len(values) + 1) + more + old[_HEAD:])
    return path
