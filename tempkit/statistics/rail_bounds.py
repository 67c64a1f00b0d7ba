"""One-sided bounds of a mean that must not be beyond a limit: of items like these, or of these items.

Guard-rails watch rare events, for which the normal approximations that serve a measure's mean say too much. So events that were never
seen are bounded by what so many answers could have missed, and rates by exact binomial bounds where the items are fixed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tempkit.statistics.intervals import MIN_ITEMS, skewness_corrected, unseen_share
from tempkit.statistics.noise import noise_of_mean, unit_of
from tempkit.statistics.roots import root
from tempkit.statistics.values import Floats, Values, is_constant

__all__ = ["Sample", "one_sided", "sample_of"]

_ALIKE = 0.2
"""How alike answers to one item are taken to be in whether something befalls them, as an intra-item correlation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a mean rests on."""

    mean: float | None
    items: Floats
    """Item values, or where `relative` their differences from the lowest temperature."""
    relative: bool
    least: float | None
    """The least that an item value can be; None, like `most`, where nothing bounds it."""
    most: float | None
    noise: float | None
    """Standard error where only the answers are left to chance; None: it is not known, or the items are."""
    freedom: float
    n: int
    """What the bounds rest on."""
    answers: Floats
    """Different answers behind each item value."""
    rates: tuple[tuple[float, int], ...]
    """Where values count something that happened or not: how often it did in how many answers; of a difference, of both its sides."""


def sample_of(
    values: Values, column: int, base: int | None, answers: Floats | None, *, these_items: bool
) -> Sample:
    """Return what is known of a temperature, or of its difference from another.

    Args:
        values: Higher being worse.
        column: The temperature's.
        base: The column of the temperature that it is compared with, item by item; None: with none.
        answers: How many different answers each cell holds, (items, temperatures); None: each item counts as one answer.
        these_items: Whether the items are all there is.
    """
    used = [column] if base is None else [column, base]
    both = values.items_with(*used)
    means = values.means[both][:, used]
    items = means[:, 0] if base is None else means[:, 0] - means[:, 1]
    least, most = values.low, values.high
    if base is not None and values.span is not None:
        least, most = -values.span, values.span
    counts = values.counts[both][:, used].sum(axis=0)
    parts = [noise_of_mean(values, each, both) for each in used] if these_items and items.size else [None]
    known = [part for part in parts if part is not None]
    noise = sum(known[1:], start=known[0]) if len(known) == len(parts) else None
    return Sample(
        mean=float(items.mean()) if items.size else None,
        items=items,
        relative=base is not None,
        least=least,
        most=most,
        noise=None if noise is None else unit_of(values) * math.sqrt(noise.variance),
        freedom=math.inf if noise is None else noise.freedom,
        n=items.size if noise is None else int(counts.min()),
        answers=np.ones(items.size) if answers is None else answers[both, column],
        rates=_rates(values, means, counts) if items.size else (),
    )


def _rates(values: Values, means: Floats, counts: NDArray[np.int64]) -> tuple[tuple[float, int], ...]:
    """Return how often something happened, by column, where that is what the values say; else nothing."""
    low, high = values.low, values.high
    if low is None or high is None or not np.isin(values.array[values.present], (low, high)).all():
        return ()
    shares = np.clip((means.mean(axis=0) - low) / (high - low), 0.0, 1.0)
    return tuple(zip(shares.tolist(), counts.tolist(), strict=True))


def one_sided(sample: Sample, alpha: float, *, lower: bool) -> float | None:
    """Return the lower or the upper bound of a mean, inside what a mean can be; None where nothing bounds it.

    Args:
        sample: With at least one item.
        alpha: The probability allowed for the mean to lie beyond it.
        lower: Which of the two.
    """
    bound = _bound(sample, alpha, lower=lower)
    end = sample.least if lower else sample.most
    if bound is None or end is None:
        return bound
    return max(bound, end) if lower else min(bound, end)


def _bound(sample: Sample, alpha: float, *, lower: bool) -> float | None:
    mean = sample.mean or 0.0
    if sample.noise is None:
        return _bound_over_items(sample, alpha, lower=lower)
    if sample.rates and sample.least is not None and sample.most is not None:
        return _bound_of_events(sample, alpha, lower=lower)
    if sample.noise == 0:
        return _bound_unseen(sample, mean, unseen_share(sample.n, alpha), lower=lower)
    width = float(special.stdtrit(sample.freedom, 1 - alpha)) * sample.noise
    return mean - width if lower else mean + width


def _bound_over_items(sample: Sample, alpha: float, *, lower: bool) -> float | None:
    """Return the bound for items like these.

    However alike the items seen are, some not seen may be entirely different, so where the range is known an upper bound never
    lies nearer to the least value than that allows: one bad answer seen must not look better than none. Of a difference it never
    lies nearer to the mean, since its least values come from what the lowest temperature got wrong.
    """
    items = sample.items
    if items.size < MIN_ITEMS:
        return None
    events = bool(sample.rates) and not sample.relative
    unseen = _rate_unseen(sample.answers, alpha) if events else unseen_share(items.size, alpha)
    if is_constant(items, float(np.abs(items).max())):
        return _bound_unseen(sample, float(items.mean()), unseen, lower=lower)
    low, high = skewness_corrected(items, 1 - 2 * alpha)
    if lower:
        return low
    nearest = float(items.mean() if sample.relative else items.min())
    allowed = _bound_unseen(sample, nearest, unseen, lower=False)
    return high if allowed is None else max(high, allowed)


def _bound_unseen(sample: Sample, seen: float, share: float, *, lower: bool) -> float | None:
    """Return what the mean could be if all but a share were as seen and that share as far from it as can be."""
    end = sample.least if lower else sample.most
    return None if end is None else seen + share * (end - seen)


def _rate_unseen(answers: Floats, alpha: float) -> float:
    """Return the largest rate of an event that so many answers without any would still meet with probability `alpha`.

    Answers to one item are alike: their rates are taken to follow a beta distribution over items whose intra-item correlation
    is `_ALIKE`, so that r answers are all spared with probability prod_j (b + j) / (a + b + j), j < r.

    Args:
        answers: Different answers to each item, (items,).
        alpha: In (0, 1).
    """
    total = (1 - _ALIKE) / _ALIKE
    steps = np.arange(int(answers.max(initial=1.0)))
    # How many items have at least j + 1 answers: the j-th factor counts for each of them.
    having = (answers[:, np.newaxis] > steps + 0.5).sum(axis=0)
    having[0] = answers.size

    def spared(rate: float) -> float:
        return float(having @ np.log(((1 - rate) * total + steps) / (total + steps))) - math.log(alpha)

    return root(spared, 0.0, 1 - 1e-12, 1e-12)


def _bound_of_events(sample: Sample, alpha: float, *, lower: bool) -> float:
    """Return a one-sided bound on the mean rate of these items, or on the difference of two.

    Of a rate it is C. J. Clopper and E. S. Pearson's (Biometrika 26, 1934). Answers of different items have different rates; their
    number of events varies less than a binomial with the mean rate, so the bound is safe. Of a difference it is made of the bounds
    of both as if they were normal (G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008).
    """
    least, most = sample.least or 0.0, sample.most or 0.0
    (rate, n), *base = sample.rates
    end = _clopper_pearson(rate, n, alpha, lower=lower)
    if not base:
        return least + end * (most - least)
    other, m = base[0]
    opposite = _clopper_pearson(other, m, alpha, lower=not lower)
    width = math.hypot(end - rate, opposite - other)
    return (rate - other + (-width if lower else width)) * most


def _clopper_pearson(rate: float, n: int, alpha: float, *, lower: bool) -> float:
    events = rate * n
    if lower:
        return float(special.betaincinv(events, n - events + 1, alpha)) if events > 0 else 0.0
    return float(special.betaincinv(events + 1, n - events, 1 - alpha)) if events < n else 1.0
