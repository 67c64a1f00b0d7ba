"""Tests that ask only which value is the larger: Page's test of an order, and the sign test.

Both are in scipy.stats as well, and held to it by tests; loading that takes longer than all else that a decision needs.
"""

from functools import lru_cache
from itertools import permutations

import numpy as np
from scipy import special

from tempkit.statistics.values import Floats

__all__ = ["average_ranks", "page_test", "sign_test"]


def average_ranks(values: Floats) -> Floats:
    """Return each value's rank within its row, 1 for the smallest; equal ones share the mean of their places.

    Args:
        values: Finite, (rows, columns).

    Example:
        >>> average_ranks(np.array([[0.3, 0.1, 0.3]])).tolist()
        [[2.5, 1.0, 2.5]]
    """
    ranks = np.full(values.shape, 0.5)
    for column in values.T[
        :, :, np.newaxis
    ]:  # by itself: all pairs at once would take columns times the memory
        ranks += (column < values) + (column == values) / 2
    return ranks


def page_test(values: Floats) -> float:
    """Return the p-value of Page's test that values rise from column to column, one-sided.

    E. B. Page, Journal of the American Statistical Association 58, 1963: L adds up, over columns, the column's number times its
    ranks' sum. Its distribution is exact for up to 20 rows of 3 columns and 12 rows of up to 8, as in Page's tables, and normal
    beyond. Ties take mean ranks and L is rounded down, which makes the exact p-value conservative.

    Args:
        values: Finite, (rows, columns): at least one row and 3 columns.

    Example:
        All of five rows rise: of 6 ** 5 ways to order five rows of three, one is as extreme.

        >>> round(page_test(np.array([[1.0, 2.0, 3.0]] * 5)) * 6**5, 9)
        1.0
    """
    rows, columns = values.shape
    statistic = float(average_ranks(values).sum(axis=0) @ np.arange(1, columns + 1))
    if columns > 8 or (rows > 12 and columns > 3) or rows > 20:
        mean = rows * columns * (columns + 1) ** 2 / 4
        variance = rows * columns**2 * (columns + 1) * (columns**2 - 1) / 144
        return float(special.ndtr((mean - statistic) / np.sqrt(variance)))
    chances, least = _page_distribution(rows, columns)
    return min(1.0, float(chances[max(0, int(statistic) - least) :].sum()))


def sign_test(positive: int, decided: int) -> float:
    """Return the p-value of so many positive signs among those that are not zero, two-sided: 1 for none at all.

    Example:
        >>> sign_test(5, 5), sign_test(2, 4)
        (0.0625, 1.0)
    """
    return min(1.0, 2 * float(special.bdtr(min(positive, decided - positive), decided, 0.5)))


@lru_cache(maxsize=64)
def _page_distribution(rows: int, columns: int) -> tuple[Floats, int]:
    """Return the probabilities of L, one after another from its least value, where every order of every row is as likely; and that value."""
    places = np.arange(1, columns + 1)
    of_one = np.array(list(permutations(places))) @ places
    least = int(of_one.min())
    single = np.bincount(of_one - least) / of_one.size
    chances = np.ones(1)
    for _ in range(rows):
        chances = np.convolve(chances, single)
    return chances, rows * least
