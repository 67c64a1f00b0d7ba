"""All differences between temperatures, with how exactly each is known: of items like these, or of these items.

Both scopes are legitimate and answer different questions. *Items like these*: the items are a sample, so a difference is as
exact as its spread over items allows, and the items' number decides. *These items*: the items are all there is; only the
chance in drawing answers remains, so the answers decide, and a single prompt can be settled.

Whichever it is, the result is the same kind of table, and everything further is computed from it. Values are turned so that
higher is better before anything else.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tempkit.statistics.intervals import MIN_ITEMS, unseen_share
from tempkit.statistics.joint_t import INDEPENDENT, critical_value
from tempkit.statistics.noise import Noise, noise_of_mean, unit_of
from tempkit.statistics.values import ROUNDING, SMALLEST, Floats, Values

__all__ = ["Differences", "between_items", "within_items"]

_PRIOR_CORRELATION = 0.5
"""What the differences from one temperature have in common when all temperatures are equally noisy."""

_PRIOR_ITEMS = 10
"""Weight of that in an estimated correlation, in items: a correlation from few items is hardly known."""

_PSEUDO_EVENTS = 2.0
"""Where values are few, such as right or wrong, or where answers to the same item were all alike, so much is added to the variance of
a temperature's mean, in units of one answer that turned out the other way: such a temperature is not known exactly."""

_BORROWED = 16.0
"""Degrees of freedom that a pair's variance borrows from those of the other pairs, at most."""

_LEAST_VARIANCE = 0.01
"""Of the usual one: a variance below counts as this much where variances are compared."""

_FEW_OTHERS = 0.2
"""Up to this share of items may differ from the usual amount for the items to count as nearly all alike."""

_NO_SPREAD = 1e-9
"""Standard deviations below this part of the values' scale are rounding."""

_FEW_VALUES = 12
"""A measure that took no more different values than this, each twice on average, counts as discrete."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Differences:
    """Differences between temperatures, all (temperatures, temperatures): row minus column, higher being better."""

    mean: Floats
    """NaN where no item has both."""
    error: Floats
    """Standard errors; NaN where nothing is known of the noise."""
    freedom: Floats
    """Degrees of freedom of the standard errors, at least 1; infinite where they are known."""
    counts: NDArray[np.int64]
    """What was observed of each pair: items, or in `these_items` answers."""
    unseen: Floats
    """For pairs in which (nearly) all items differ by the same amount: how far an item not seen could lie from it, so that no bound
    is narrower than such items allow. There is no standard error where all do. NaN for other pairs."""
    correlation: Floats
    """By temperature, (temperatures,): between the differences of the others from it, on average."""

    @property
    def size(self) -> int:
        return len(self.mean)

    def half_widths(self, row: int, comparisons: int, alpha: float) -> Floats:
        """Return one-sided half-widths that hold for all of a row's differences together, (temperatures,).

        Infinite where nothing bounds a difference; 0 for the temperature itself.
        """
        error, freedom, unseen = self.error[row], self.freedom[row], self.unseen[row]
        known = np.isfinite(error)
        result = np.full(self.size, -math.inf)
        for degrees in set(freedom[known].tolist()):
            there = known & (freedom == degrees)
            result[there] = (
                critical_value(comparisons, degrees, float(self.correlation[row]), alpha) * error[there]
            )
        for column in np.flatnonzero(np.isfinite(unseen)):
            share = unseen_share(int(self.counts[row, column]), alpha / comparisons)
            result[column] = max(result[column], share * unseen[column])
        result[np.isneginf(result)] = math.inf
        result[row] = 0.0
        return result


def between_items(values: Values, *, higher_is_better: bool) -> Differences:
    """Return the differences for items like these: paired over the items that have both temperatures.

    A pair that shares fewer than `MIN_ITEMS` items has no standard error, nor has one whose items all differ by the same amount, unless
    it borrows from others. Where nearly all do, as among right answers, t would take the few others for all that there is; so items not seen, at most
    `unseen_share` of all, are allowed for. They may lie as far away as the most different item of any pair; where no item of any
    pair differs at all, as far as the measure's range allows.

    Example:
        Row minus column, over items.

        >>> values = Values([[[0.2], [0.2 + rise / 10]] for rise in range(1, 6)])
        >>> between_items(values, higher_is_better=True).mean.round(3).tolist()
        [[0.0, -0.3], [0.3, 0.0]]
    """
    means = values.means if higher_is_better else -values.means
    apart = means[:, :, np.newaxis] - means[:, np.newaxis, :]
    both = ~np.isnan(apart)
    counts = both.sum(axis=0)
    middle = _divided(np.where(both, apart, 0.0).sum(axis=0), counts)
    np.fill_diagonal(middle, 0.0)
    off = np.where(both, apart - middle, 0.0)
    # Scaled before it is squared, so that neither huge nor tiny values leave the range of a float.
    scale = max(values.scale, SMALLEST)
    freedom = np.maximum(counts - 1.0, 1.0)
    enough = (counts >= MIN_ITEMS) & ~np.eye(len(counts), dtype=bool)
    squares = np.where(enough, _divided(((off / scale) ** 2).sum(axis=0), counts - 1), math.nan)
    squares, borrowed = _moderated(squares, freedom, enough)
    rounding = max(ROUNDING * values.scale, SMALLEST)
    error = scale * np.sqrt(squares / np.maximum(counts, 1))
    usual = _medians(apart, counts)
    off_usual = np.where(both, np.abs(apart - usual), 0.0)
    alike = (off_usual > rounding).sum(axis=0) <= _FEW_OTHERS * counts
    farthest = float(off_usual[:, enough].max(initial=0.0))
    reach = farthest if farthest > rounding else math.nan if values.span is None else values.span
    return Differences(
        mean=middle,
        error=np.where(error > rounding, error, math.nan),
        freedom=freedom + borrowed,
        counts=counts,
        unseen=np.where(enough & alike, reach + np.abs(middle - usual), math.nan),
        correlation=_over_items(means, values),
    )


def _moderated(squares: Floats, freedom: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return variances of differences with what they borrow from the other pairs, and how many degrees of freedom that is worth.

    With few items a variance is hardly known, and t pays for it. Variances of other pairs tell about it: as in G. K. Smyth's
    moderated t (Statistical Applications in Genetics and Molecular Biology 3, 2004) it is averaged with theirs. But only as far as
    pairs are alike: the more the logarithms of their variances spread beyond what chance makes of equal ones (trigamma of half the
    degrees of freedom), the less is borrowed, and nothing from three times that on; temperatures that hardly differ must not pay
    for others that fall apart.
    """
    pairs = int(known.sum()) // 2
    usual = float(squares[known].mean()) if pairs > 1 else 0.0
    if usual <= 0:
        return squares, np.zeros_like(freedom)
    logs = np.log(np.maximum(squares[known], _LEAST_VARIANCE * usual))
    by_chance = float(special.polygamma(1, float(freedom[known].mean()) / 2))
    alike = min(max((3 - float(logs.var()) / by_chance) / 2, 0.0), 1.0)
    temperatures = int(known.any(axis=0).sum())
    borrowed = np.minimum(_BORROWED * alike, (temperatures - 2) * freedom)
    return (freedom * squares + borrowed * usual) / (freedom + borrowed), borrowed


def within_items(values: Values, *, higher_is_better: bool, exact_at_zero: bool) -> Differences:
    """Return the differences for these very items: only the sampling of answers inside each cell is noise, and which items lack one.

    A pair for which no cell of one temperature has two answers has no standard error. Where all answers to each item were alike at
    both temperatures, answers not seen are allowed for as items not seen are among items like these. They may lie as far away as
    the most different answer of any cell; where no answer of any cell differs, as far as the measure's range allows.

    Args:
        values: Of the measure.
        higher_is_better: The measure's direction.
        exact_at_zero: Whether equal answers at temperature 0 are so by construction and not by chance.

    Example:
        Of one item's two answers at each temperature, one of two is right at the first and both are at the second.

        >>> values = Values([[[0, 1], [1, 1]]], low=0, high=1)
        >>> within_items(values, higher_is_better=True, exact_at_zero=False).mean.tolist()
        [[0.0, -0.5], [0.5, 0.0]]
    """
    size = len(values.temperatures)
    means = values.means if higher_is_better else -values.means
    event = _event(values)
    nothing = np.full((size, size), math.nan)
    mean, error, unseen = nothing.copy(), nothing.copy(), nothing.copy()
    freedom, counts = np.ones((size, size)), np.zeros((size, size), dtype=np.int64)
    np.fill_diagonal(mean, 0.0)
    for a, b in combinations(range(size), 2):
        both = values.items_with(a, b)
        if not both.any():
            continue
        mean[a, b] = (means[both, a] - means[both, b]).mean()
        answers = values.counts[both][:, [a, b]].sum(axis=0)
        counts[a, b] = answers.min()
        one, other = (noise_of_mean(values, column, both) for column in (a, b))
        left_out = _left_out(means[both, a] - means[both, b], values)
        if one is None or other is None or left_out is None:
            continue
        noise = one + other + left_out
        if noise.variance == 0 and event is not None:
            unseen[a, b] = event.size
        for column, own in ((a, one), (b, other)):
            noise += _pseudo_event(values, column, both, own, event, exact_at_zero)
        if noise.variance > 0:
            error[a, b] = unit_of(values) * math.sqrt(noise.variance)
            freedom[a, b] = noise.freedom
    lower = np.tril_indices(size, -1)
    mean[lower] = -mean.T[lower]
    for table in (error, unseen, freedom, counts):
        table[lower] = table.T[lower]
    return Differences(
        mean=mean,
        error=error,
        freedom=freedom,
        counts=counts,
        unseen=unseen,
        correlation=_shared_noise(error),
    )


def _left_out(apart: Floats, values: Values) -> Noise | None:
    """Return the noise of a mean over some of the items in place of all; None where it takes two items to know.

    The items that lack a temperature are taken to be left out at random: the mean over n of N has the variance s^2 (1/n - 1/N)
    (W. G. Cochran, Sampling Techniques, 1977, chapter 2).

    Args:
        apart: The difference of each item that has both temperatures, (items,).
        values: Of the measure.
    """
    n, complete = apart.size, int((values.counts > 0).any(axis=1).sum())
    if n == complete:
        return Noise(0.0, 0.0)
    if n < 2:
        return None
    variance = float((apart / unit_of(values)).var(ddof=1)) * (1 / n - 1 / complete)
    return Noise(variance, variance**2 / (n - 1))


@dataclass(frozen=True, slots=True)
class _Event:
    """One answer that turns out otherwise than the others."""

    size: float
    """How far away it lies."""
    discrete: bool
    """Whether values are few, such as right or wrong: then a variance seen may miss such answers, too."""


def _event(values: Values) -> _Event | None:
    """Return what an answer not seen could be; None where nothing is known of that."""
    known = values.array[values.present]
    apart = np.abs(np.where(values.present, values.array - values.means[:, :, np.newaxis], 0.0))
    farthest = float(apart.max(initial=0.0))
    discrete = np.unique(known).size <= min(_FEW_VALUES, known.size / 2)
    if values.span is not None and (discrete or farthest <= ROUNDING * values.scale):
        return _Event(values.span, discrete)
    return _Event(farthest, discrete) if farthest > ROUNDING * values.scale else None


def _pseudo_event(
    values: Values,
    column: int,
    items: NDArray[np.bool_],
    seen: Noise,
    event: _Event | None,
    exact_at_zero: bool,
) -> Noise:
    """Return what is added to the noise that was seen of a temperature's mean over `items`."""
    exact = exact_at_zero and values.temperatures[column] == 0 and seen.variance == 0
    if exact or event is None or not (event.discrete or seen.variance == 0):
        return Noise(0.0, 0.0)
    answers = float(values.counts[items, column].sum())
    return Noise(_PSEUDO_EVENTS * (event.size / unit_of(values) / answers) ** 2, 0.0)


def _over_items(means: Floats, values: Values) -> Floats:
    """Return by temperature the average correlation, over items, between the others' differences from it, (temperatures,)."""
    size = means.shape[1]
    result = np.full(size, _PRIOR_CORRELATION)
    complete = means[values.items_with()] if size else means
    n = len(complete)
    if n < 3 or size < 3:
        return result
    scaled = (complete - complete.mean(axis=0)) / max(values.scale, SMALLEST)
    apart = scaled[:, :, np.newaxis] - scaled[:, np.newaxis, :]
    spread = apart.std(axis=0)
    usable = spread > _NO_SPREAD
    m = usable.sum(axis=1)
    # The mean of all correlations between m standardised columns comes from the variance of their sum.
    standard = np.divide(apart, spread, out=np.zeros_like(apart), where=usable)
    totals = standard.sum(axis=2).var(axis=0)
    found = np.divide(totals - m, m * (m - 1.0), out=np.full(size, _PRIOR_CORRELATION), where=m > 1)
    weight = n / (n + _PRIOR_ITEMS)
    return np.asarray(weight * found + (1 - weight) * _PRIOR_CORRELATION)


def _shared_noise(error: Floats) -> Floats:
    """Return by temperature the average correlation of the others' differences from it when temperatures err independently."""
    size = len(error)
    result = np.full(size, INDEPENDENT)
    if size < 3 or not np.nanmax(error, initial=0.0) > 0:
        return result
    error = error / np.nanmax(error)
    for row in range(size):
        # error[row, j]^2 = own^2 + other_j^2: with three temperatures the parts can be told apart.
        squares = error**2
        own = [
            (squares[row, j] + squares[row, k] - squares[j, k]) / 2
            for j, k in combinations([c for c in range(size) if c != row], 2)
        ]
        known = [max(0.0, each) for each in own if math.isfinite(each)]
        others = squares[row][np.isfinite(squares[row])]
        if known and others.size and others.max() > 0:
            result[row] = min(1.0, float(np.mean(known)) / float(others.max()))
    return result


def _medians(apart: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return the lower median over items of every pair, (temperatures, temperatures); 0 where no item has both."""
    if not len(apart):
        return np.zeros(counts.shape)
    middle = np.maximum(counts - 1, 0)[np.newaxis] // 2
    found = np.take_along_axis(np.sort(apart, axis=0), middle, axis=0)[0]  # NaN sorts last
    return np.where(counts > 0, found, 0.0)


def _divided(totals: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return totals divided by counts; NaN where there is nothing to divide by."""
    result = np.full(totals.shape, math.nan)
    np.divide(totals, counts, out=result, where=counts > 0)
    return result
