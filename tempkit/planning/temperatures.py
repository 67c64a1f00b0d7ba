"""Temperature grids and sample seeds: the two things that make a plan repeatable to the last digit."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from tempkit.errors import UsageError, one_line
from tempkit.files import figure, hint

__all__ = ["SEED_BITS", "parse_temperatures", "sample_seed", "temperature"]

SEED_BITS = 31
"""Every backend's seed parameter holds this many bits; some hold no more."""

_MAX_TEMPERATURES = 1000
_LARGEST = 1e100
"""No model takes anything like it; squares of it still lie inside the range of a float."""
_NOT_FINITE = re.compile(r"[+-]?(s?nan|inf(inity)?)", re.IGNORECASE)


def temperature(value: object) -> float:
    """Read one temperature.

    Raises:
        UsageError: It is no number, negative, NaN, infinite or above 1e100.
    """
    meant = hint(value)
    if meant:
        raise UsageError(f"temperature {one_line(value, 40)!r} is not a number{meant}")
    return float(_decimal(str(value)))


def _decimal(text: str) -> Decimal:
    shown = one_line(text, 40)
    if _NOT_FINITE.fullmatch(text.strip()):
        raise UsageError(f"temperature {shown!r} is not a finite number")
    written = figure(text)
    if written is None:
        raise UsageError(f"temperature {shown!r} is not a number; write e.g. 0,0.3,0.7 or 0:1.6:0.2")
    try:
        number = Decimal(written)
        finite = math.isfinite(float(number))
    except (InvalidOperation, OverflowError):  # an exponent beyond what decimals hold
        finite = False
    if not finite:
        raise UsageError(f"temperature {shown!r} is not a finite number")
    if number > _LARGEST:
        raise UsageError(f"temperature {shown} is too large; the highest is {_LARGEST:g}")
    if number < 0:
        raise UsageError(f"temperature {shown} is negative; the lowest is 0 (always the most probable token)")
    if number and not float(number):
        raise UsageError(f"temperature {shown} is too small for a computer's number; write 0")
    return abs(number)  # -0 would be a second zero


def parse_temperatures(given: str | float | Sequence[object]) -> tuple[float, ...]:
    """Read temperatures: `"0,0.3,0.7"`, `"0:1.6:0.2"` (start:stop:step), mixtures of both, or a list of numbers.

    Steps are taken in decimal arithmetic, so 0:1:0.1 holds 0.3 and not 0.30000000000000004. The stop is included when
    it lies on the grid.

    Returns:
        The temperatures, ascending.

    Raises:
        UsageError: A bad number, an empty grid, a temperature given twice.
    """
    if isinstance(given, str):
        parts: Iterable[str] = given.split(",")
    elif isinstance(given, (int, float)):
        parts = [str(given)]
    else:
        parts = [str(value) for value in given]
    values: list[Decimal] = []
    for part in parts:
        values.extend(_range(part) if ":" in part else [_decimal(part)])
        if len(values) > _MAX_TEMPERATURES:
            raise UsageError(f"more than {_MAX_TEMPERATURES} temperatures; take a larger step")
    ordered = sorted(values)
    for low, high in pairwise(ordered):
        if float(low) == float(high):
            raise UsageError(
                f"temperature {float(low):g} is given twice; use --repeat for more samples of it"
            )
        if f"{float(low):g}" == f"{float(high):g}":
            raise UsageError(
                f"temperatures {float(low)!r} and {float(high)!r} would both be shown as {float(low):g}; leave one out"
            )
    if not ordered:
        raise UsageError("no temperatures; write e.g. 0,0.3,0.7 or 0:1.6:0.2")
    return tuple(float(value) for value in ordered)


def _range(text: str) -> list[Decimal]:
    parts = text.split(":")
    if len(parts) != 3:
        raise UsageError(f"temperature range {one_line(text, 60)!r} must be start:stop:step, e.g. 0:1.6:0.2")
    start, stop, step = (_decimal(part) for part in parts)
    if step == 0:
        raise UsageError(f"temperature range {one_line(text, 60)!r} has a step of 0")
    if stop < start:
        raise UsageError(f"temperature range {one_line(text, 60)!r} stops below its start")
    count = int((stop - start) / step) + 1
    if count > _MAX_TEMPERATURES:
        raise UsageError(f"temperature range {one_line(text, 60)!r} has more than {_MAX_TEMPERATURES} steps")
    return [start + step * i for i in range(count)]


def sample_seed(run_seed: int, item: str, model: str, replicate: int) -> int:
    """Derive a sample's seed from what it is, not from when it is drawn.

    The temperature is left out on purpose: replicate 3 has the same random stream at every temperature, so that what
    differs between its completions is the temperature's doing, and the backend may share their common beginning.
    """
    text = json.dumps([run_seed, item, model, replicate], ensure_ascii=True)
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - SEED_BITS)
