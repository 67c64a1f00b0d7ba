r"""Text and JSON that every database accepts, decided here once so that SQLite and PostgreSQL hold the same bytes.

PostgreSQL refuses U+0000 in text, SQLite's tools cut a text there, and a lone surrogate has no UTF-8 at all; a hostile
or broken server can send either. In text columns both are replaced *visibly* by their escape: NUL becomes the four
characters `\x00` (the notation `TokenLogprob` uses for bytes that are no UTF-8), a lone surrogate becomes `\udXXX`.
In JSON columns nothing is replaced: JSON has escapes of its own for both, so messages come back exactly as they were.
"""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from tempkit.text import LONE_SURROGATE

__all__ = ["dump_json", "jsonable", "storable", "storable_utf8"]


def storable_utf8(text: str) -> bytes:
    """Return the text as UTF-8 with NUL and lone surrogates replaced by visible escapes."""
    return text.encode("utf-8", "backslashreplace").replace(b"\0", b"\\x00")


def storable(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced by visible escapes; the same object when there are none."""
    # Called for every token: an ASCII text (the common case) costs two scans and no copy.
    if "\0" not in text and (text.isascii() or not LONE_SURROGATE.search(text)):
        return text
    return storable_utf8(text).decode()


def jsonable(value: Any) -> Any:
    """Return the value in JSON's own types, so that a row of YAML data or a server's answer can always be kept.

    Dates become ISO text, tuples and sets lists, non-finite numbers and any other object their `str`.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_json_key(key): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted((jsonable(inner) for inner in value), key=repr)  # the same for the same input
    return _json_key(value)


def dump_json(value: Any) -> str:
    """Serialize for a JSON column: always valid, and readable for a person: only what must be is escaped."""
    text = json.dumps(jsonable(value), ensure_ascii=False, allow_nan=False)
    return LONE_SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _json_key(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime, time)) else str(value)
