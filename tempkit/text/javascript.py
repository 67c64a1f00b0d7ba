"""Values as JavaScript writes them into a text, for templates and assertions of programs that are written in it."""

import json
import math
import operator as operators
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["as_numbers", "javascript_compares", "javascript_json", "javascript_text"]

_LARGE, _SMALL = 1e21, 1e-6
_NUMBER = re.compile(r"(?:[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,4})?)?", re.ASCII)
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
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


def javascript_json(value: Any, margin: str = "") -> str:
    """Return a value of JSON as `JSON.stringify(value, null, 2)` writes it, behind a margin: keys that are numbers come first."""
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        keys = sorted(value, key=lambda key: (0, int(key)) if _INDEX.fullmatch(key) else (1, 0))
        lines = [
            f"{json.dumps(key, ensure_ascii=False)}: {javascript_json(value[key], inner)}" for key in keys
        ]
    elif isinstance(value, list) and value:
        lines = [javascript_json(each, inner) for each in value]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return _number(float(value))
        except OverflowError:  # infinite in JavaScript, which JSON has no number for
            return "null"
    else:
        return json.dumps(value, ensure_ascii=False)
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return f"{begin}\n{inner}" + f",\n{inner}".join(lines) + f"\n{margin}{end}"


def as_numbers(value: Any) -> Any:
    """Return a value with its whole numbers as whole numbers, since 5.0 and 5 are one number in JavaScript."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGE:
        return int(value)
    if isinstance(value, list):
        return [as_numbers(each) for each in value]
    if isinstance(value, dict):
        return {key: as_numbers(each) for key, each in value.items()}
    return value


def javascript_compares(left: Any, operator: str, right: Any) -> bool:
    """Say whether two values of JSON compare as they do in JavaScript, where a text with a number in it is less, equal or more as that number.

    Args:
        left: Before the operator.
        operator: `===`, `==`, `<`, `<=`, `>` or `>=`.
        right: Behind it.
    """
    if operator in ("===", "=="):
        return _is_equal(left, right, strictly=operator == "===")
    if isinstance(left, str) and isinstance(right, str):
        return _ORDERED[operator](left, right)
    return _ORDERED[operator](_as_number(left), _as_number(right))


def _is_equal(left: Any, right: Any, *, strictly: bool) -> bool:
    if left is None or right is None:
        return left is right
    numbers = [isinstance(each, (int, float)) and not isinstance(each, bool) for each in (left, right)]
    held = [isinstance(each, (list, dict)) for each in (left, right)]
    if all(numbers) or (type(left) is type(right) and not any(held)):
        return bool(left == right)
    if strictly or all(held):
        return left is right
    left, right = (
        javascript_text(v) if is_held else v for v, is_held in zip((left, right), held, strict=True)
    )
    return (
        left == right
        if isinstance(left, str) and isinstance(right, str)
        else _as_number(left) == _as_number(right)
    )


def _as_number(value: Any) -> float:
    """Return a value as `Number(value)` has it; NaN for what is none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    text = javascript_text(value).strip()
    return float(text or 0) if _NUMBER.fullmatch(text) else math.nan


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if _SMALL <= abs(value) < _LARGE:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return _EXPONENT.sub(r"e\1", repr(value)).replace("inf", "Infinity").replace("nan", "NaN")
