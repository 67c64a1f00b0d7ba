"""What the helper's process and tempkit's own say to each other: JSON, each message after its length.

Never pickles: the process at the other end runs what others wrote, and nothing it says may be more than data.
"""

import json
import struct
from typing import IO, Any

__all__ = ["pack", "read"]

_HEADER = struct.Struct("<Q")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LONGEST = 2**30
"""Bytes of a message: more than any helper's memory can hold, so whatever claims more is no message."""


def pack(message: object) -> bytes:
    """Return a message as it goes over the pipe; lone surrogates pass, as a model's text may hold them."""
    text = _ENCODER.encode(message)
    data = text.encode("utf-8", "surrogatepass")
    return _HEADER.pack(len(data)) + data


def read(file: IO[bytes]) -> Any:
    """Read one message.

    Raises:
        EOFError: The other end is gone.
        ValueError: What came is no message.
    """
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise EOFError
    size = _HEADER.unpack(head)[0]
    if size > _LONGEST:
        raise ValueError(f"a message of {size} bytes")
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return json.loads(data.decode("utf-8", "surrogatepass"))
