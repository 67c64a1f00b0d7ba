"""P-values adjusted for how many questions were asked.

Holm holds the chance of any false finding and serves the contrasts behind a recommendation; Benjamini and Hochberg hold
the expected share of false ones and serve a large grid of measures. A test that could not be made is None: it stays None
and does not count as a question.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tempkit.statistics.values import Floats

__all__ = ["benjamini_hochberg", "holm"]


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return Holm's adjusted p-values in the given order (S. Holm, Scandinavian Journal of Statistics 6, 1979).

    Raises:
        ValueError: A p-value lies outside [0, 1].

    Example:
        The smallest of three p-values counts three times, the next twice, the last once, and none less than the one before it.

        >>> holm([0.01, 0.04, None, 0.03])
        (0.03, 0.06, None, 0.06)
    """

    def adjusted(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")
        stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
        result = np.empty_like(p)
        result[order] = np.minimum(stepped, 1.0)
        return result

    return _on_known(p_values, adjusted)


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return Benjamini and Hochberg's adjusted p-values in the given order (Journal of the RSS B 57, 1995).

    Raises:
        ValueError: A p-value lies outside [0, 1].

    Example:
        Of three, the smallest is multiplied by 3 / 1, the next by 3 / 2, the last by 3 / 3, and none is above the one behind it.

        >>> benjamini_hochberg([0.01, 0.04, None, 0.03])
        (0.03, 0.04, None, 0.04)
    """

    def adjusted(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")[::-1]
        stepped = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
        result = np.empty_like(p)
        result[order] = np.minimum(stepped, 1.0)
        return result

    return _on_known(p_values, adjusted)


def _on_known(
    p_values: Sequence[float | None], adjust: Callable[[Floats], Floats]
) -> tuple[float | None, ...]:
    known = np.array([p for p in p_values if p is not None], dtype=np.float64)
    if not ((known >= 0) & (known <= 1)).all():
        raise ValueError("p-values lie between 0 and 1; a test that was not made is None")
    adjusted = iter(adjust(known).tolist() if known.size else ())
    return tuple(None if p is None else next(adjusted) for p in p_values)
