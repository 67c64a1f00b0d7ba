"""Where a function crosses 0, by bisection.

Every decision looks for a few such points in functions that rise or fall throughout; loading scipy.optimize for them would take longer
than all else that a decision needs.
"""

from collections.abc import Callable

__all__ = ["root"]


def root(function: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """Return where a function is 0 between two points at which it has different signs.

    Args:
        function: Continuous.
        low: One end.
        high: The other, above it.
        tolerance: How far from a crossing the point may lie, above 0.

    Raises:
        ValueError: The signs are equal.

    Example:
        >>> round(root(lambda x: x**2 - 2, 0, 2, 1e-9), 6)
        1.414214
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0 or at_high == 0:
        return low if at_low == 0 else high
    if (at_low > 0) == (at_high > 0):
        raise ValueError(f"no change of sign between {low} and {high}: {at_low}, {at_high}")
    while True:
        middle = low + (high - low) / 2
        if high - low <= 2 * tolerance or not low < middle < high:
            return middle
        if (function(middle) > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
