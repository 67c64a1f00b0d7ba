"""Values as JavaScript writes them into a text, for templates and assertions of programs that are written in it."""

import re
from decimal import Decimal
from typing import Any

__all__ = ["as_numbers", "javascript_text"]

_LARGE, _SMALL = 1e21, 1e-6
_EXPONENT = re.compile(r"e([+-])0+(?=\d)")


def javascript_text(value: Any) -> str:
    """Return a value of JSON as `String(value)` has it: `true`, `null`, `5` for 5.0, `a,b` for a list, `[object Object]` for a mapping."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return ",".join("" if each is None else javascript_text(each) for each in value)
    return "[object Object]" if isinstance(value, dict) else str(value)


def as_numbers(value: Any) -> Any:
    """Return a value with its whole numbers as whole numbers, since 5.0 and 5 are one number in JavaScript."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGE:
        return int(value)
    if isinstance(value, list):
        return [as_numbers(each) for each in value]
    if isinstance(value, dict):
        return {key: as_numbers(each) for key, each in value.items()}
    return value


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < _LARGE:
        return str(int(value))
    if _SMALL <= abs(value) < _LARGE:
        return format(Decimal(repr(value)), "f")
    return _EXPONENT.sub(r"e\1", repr(value)).replace("inf", "Infinity").replace("nan", "NaN")
