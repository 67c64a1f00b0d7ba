"""What one answer can have cost, taken and counted: numbers beyond these are mistakes, and no sum of them means anything."""

from typing import TypeGuard

__all__ = ["MOST_SECONDS", "MOST_TOKENS", "MOST_USD", "known_amount"]

MOST_TOKENS = 2**31 - 1
"""What the integers of every database hold."""
MOST_USD = 1e9
MOST_SECONDS = 1e9


def known_amount(value: float | None, most: float) -> TypeGuard[float]:
    """Return whether `value` can be an amount: there, and from 0 to the most."""
    return value is not None and 0 <= value <= most
