"""The cluster bootstrap: draw items, then replicates inside each drawn item.

Drawing replicates as if each were an independent answer to an independent question pretends to far more data than there
are. Inside an item the same replicates are drawn at all temperatures at once, because replicate r of an item shares its
random stream across them. The work goes item by item over all draws, as counts times values, so memory holds one item's
draws at a time.

The inner stage adds spread inside items a second time, on top of what it already adds to the item means: the variance of
a drawn mean is (variance of item means + mean variance of a cell's mean) / n, and the first term alone estimates that of
the mean (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). That is wanted where it is
used: "how probably is this one the best" claimed too much without it (claims above 80 % averaged 89 % and were right in
60 % of cases, against 88 % and 71 % with it; 10 items, 5 temperatures, interaction). Intervals are not made this way.
"""

import numpy as np

from tempkit.statistics.values import Floats, Values

__all__ = ["bootstrap_means"]


def bootstrap_means(values: Values, *, draws: int, rng: np.random.Generator) -> Floats:
    """Return bootstrap draws of the temperature means, (draws, temperatures).

    Each draw takes as many items as there are, with replacement, and from each as many replicates as it has. Cells of an
    item that have the same replicates draw them jointly; cells with other holes draw on their own. A temperature's mean
    is NaN in a draw whose items all lack a value there.

    Args:
        values: Of one measure.
        draws: How many, at least 1.
        rng: Its state decides the result.

    Raises:
        ValueError: There are no items.
    """
    array = values.array
    n_items, n_temperatures, _ = array.shape
    if n_items == 0:
        raise ValueError("a bootstrap needs at least one item")
    picks = rng.multinomial(n_items, np.full(n_items, 1 / n_items), size=draws)
    totals = np.zeros((draws, n_temperatures))
    counts = np.zeros((draws, n_temperatures))
    for item in range(n_items):
        owners = np.repeat(np.arange(draws), picks[:, item])
        present = values.present[item]
        for pattern in {row.tobytes(): row for row in present if row.any()}.values():
            columns = np.flatnonzero((present == pattern).all(axis=1))
            cell = array[item][np.ix_(columns, np.flatnonzero(pattern))]
            means = _redrawn(cell, owners.size, rng)
            for column, drawn in zip(columns, means.T, strict=True):
                totals[:, column] += np.bincount(owners, weights=drawn, minlength=draws)
            counts[:, columns] += picks[:, [item]]
    result = np.full(totals.shape, np.nan)
    np.divide(totals, counts, out=result, where=counts > 0)
    return result


def _redrawn(cell: Floats, times: int, rng: np.random.Generator) -> Floats:
    """Return `times` means of jointly redrawn replicates, (times, temperatures), of (temperatures, replicates)."""
    size = cell.shape[1]
    drawn = rng.integers(0, size, size=(times, size))
    flat = (drawn + np.arange(times)[:, np.newaxis] * size).ravel()
    weights = np.bincount(flat, minlength=times * size).reshape(times, size)
    return np.asarray(weights @ cell.T / size, dtype=np.float64)
