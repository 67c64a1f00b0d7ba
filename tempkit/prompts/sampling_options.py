"""The ranges of sampling values, wherever they were written: a prompt file, an experiment file or the command line."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from tempkit.errors import UsageError, nearest, one_line
from tempkit.types import SamplingParams

__all__ = ["MOST", "amount", "sampling_params", "seconds", "whole_number"]

MOST = 2**63 - 1
"""The largest whole number that the store's databases hold."""

_KNOWN = tuple(f.name for f in dataclasses.fields(SamplingParams))


def whole_number(value: Any, name: str, least: int) -> int | None:
    """Check a whole number; None means that it was not given.

    Raises:
        UsageError: It is none, or out of range.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(
            f"{name} must be a whole number of at least {least}, not {one_line(repr(value), 60)}"
        )
    if value > MOST:
        raise UsageError(f"{name} must be a whole number of at most {MOST}")
    return value


def amount(value: Any, name: str) -> float | None:
    """Check a sum of money; None means that it was not given.

    Raises:
        UsageError: It is none, or not above 0.
    """
    if value is None:
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < float("inf"):
        raise UsageError(f"{name} must be a number above 0, not {one_line(repr(value), 60)}")
    return float(value)


_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d)?", re.ASCII)
_SECONDS = {None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str | None, name: str) -> float | None:
    """Read a stretch of time: 90s, 30m, 1.5h, 2d; a bare number is seconds. None means that it was not given.

    Raises:
        UsageError: It is none, or not above 0.
    """
    if text is None:
        return None
    match = _TIME.fullmatch(text.strip())
    if not match or not float(match[1]):
        raise UsageError(f"{name} must be a time such as 90s, 30m or 2h, not {one_line(repr(text), 60)}")
    return float(match[1]) * _SECONDS[match[2]]


def sampling_params(values: Mapping[str, Any]) -> SamplingParams:
    """Check sampling values and fill in neutral ones where there is none, or None.

    Raises:
        UsageError: Naming the value and its range.
    """
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _KNOWN:
            raise UsageError(
                f"unknown sampling parameter {name!r}{nearest(name, _KNOWN)}; known: {', '.join(_KNOWN)}"
            )
        if value is None:
            continue
        if name == "stop":
            texts = (value,) if isinstance(value, str) else value
            if not isinstance(texts, (list, tuple)) or not all(isinstance(t, str) and t for t in texts):
                raise UsageError("stop must be a text or a list of texts")
            checked[name] = tuple(texts)
        elif name in ("max_tokens", "top_k", "logprobs"):
            checked[name] = whole_number(value, name, least=1 if name == "max_tokens" else 0)
        else:
            low, high = (-2.0, 2.0) if name.endswith("penalty") else (0.0, 1.0)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not number or not low <= value <= high or (name == "top_p" and value == 0):
                above = "above 0 and at most 1" if name == "top_p" else f"from {low:g} to {high:g}"
                raise UsageError(f"{name} must be a number {above}, not {one_line(repr(value), 60)}")
            checked[name] = float(value)
    return SamplingParams(**checked)
