"""Guard-rails: at which temperatures a measure is beyond its limit, and where that begins.

A temperature is out when its guard-rail is shown to be broken there, or when it lies beyond such a temperature with none
between that is shown to hold: "broken here, inconclusive there" is no difference between here and there (A. Gelman and
H. Stern, The American Statistician 60, 2006). Both directions are looked at: high temperatures fall off a cliff, and low
ones, which loop, have a floor.

Two errors are paid for separately. A temperature is called broken only with a bound that holds for all temperatures and
guard-rails together (the caller divides alpha). It is shown to hold with a bound at alpha of its own, because whoever wants
to use it needs every guard-rail to hold there, and one that does not is enough to refuse it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats

from tempkit.statistics.intervals import MIN_ITEMS, skewness_corrected, unseen_share
from tempkit.statistics.values import Floats, Values, is_constant

__all__ = ["GuardRails", "Rail", "Verdict", "guard_rails"]

_ALIKE = 0.2
"""How alike answers to one item are taken to be in whether something befalls them, as an intra-item correlation."""

Verdict = Literal["holds", "broken", "unknown"]
"""`holds`: shown to be no worse than the limit. `broken`: shown to be worse. `unknown`: neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """A guard-rail at one temperature."""

    mean: float | None
    low: float | None
    """It is at least this much; None where nothing bounds it."""
    high: float | None
    """It is at most this much."""
    verdict: Verdict
    inside: bool | None
    """Whether the mean is inside the limit; None without a mean."""
    n: int
    """What the bounds rest on: items, or in a scope of these items answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRails:
    """A guard-rail over all temperatures."""

    rails: tuple[Rail, ...]
    """One per temperature, rising."""
    ruled_out: tuple[int, ...]
    """Columns that are out."""
    cliff: int | None
    """The column from which on all are out; None: the highest temperature is not."""
    floor: int | None
    """The column down from which all are out, while a higher one is not; None: the lowest temperature is not."""


def guard_rails(
    values: Values,
    limit: float,
    *,
    worse_above: bool,
    alpha_broken: float,
    alpha_holds: float,
    these_items: bool,
    relative: bool = False,
    answers: Floats | None = None,
) -> GuardRails:
    """Return the verdict at every temperature, and which of them are out.

    Args:
        values: Of the guard-rail's measure.
        limit: The worst value that is still good enough, in the measure's unit.
        worse_above: Whether the limit is broken above it (else below).
        alpha_broken: The probability allowed for any temperature inside the limit to be called broken.
        alpha_holds: The probability allowed, for each temperature alone, to be called inside when it is beyond.
        these_items: Whether the items are all there is; else they stand for items like these.
        relative: Whether the limit is for the difference, item by item, from the lowest temperature that has values.
        answers: How many different answers each cell holds, (items, temperatures): a copy tells nothing new of what answers to
            an item do. None: nothing is known of that, and each item counts as one answer.
    """
    signed = values.array if worse_above else -values.array
    turned = Values(signed, values.temperatures, span=values.span)
    bound = limit if worse_above else -limit
    columns = len(values.temperatures)
    with_values = [column for column in range(columns) if turned.counts[:, column].any()]
    judged = with_values[1:] if relative else with_values
    each = alpha_broken / max(1, len(judged))
    rails = [Rail(mean=None, low=None, high=None, verdict="unknown", inside=None, n=0)] * columns
    for column in judged:
        sample = _sample(
            turned, column, with_values[0] if relative else None, answers, these_items=these_items
        )
        rails[column] = _rail(sample, bound, each, alpha_holds, worse_above=worse_above)
    if relative and with_values:
        first = with_values[0]
        n = int((turned.counts[:, first] > 0).sum())
        rails[first] = Rail(mean=0.0, low=0.0, high=0.0, verdict="holds", inside=True, n=n)
    out, cliff, floor = _beyond(rails)
    return GuardRails(rails=tuple(rails), ruled_out=tuple(out), cliff=cliff, floor=floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """What a mean rests on: independent values whose mean it is, or a mean with its noise."""

    mean: float | None
    items: Floats
    """Item values, where items are a sample."""
    noise: float | None
    """Standard error, where only the sampling of answers is noise."""
    freedom: float
    n: int
    span: float | None
    answers: Floats
    """Different answers behind each item value."""
    events: bool
    """Whether the values are counts of something that happened or not."""


def _sample(
    values: Values, column: int, base: int | None, answers: Floats | None, *, these_items: bool
) -> _Sample:
    """Return what is known of a temperature, or of its difference from `base`."""
    both = values.items_with(column) if base is None else values.items_with(base, column)
    means = values.means[both, column] - (0.0 if base is None else values.means[both, base])
    span = values.span if base is None or values.span is None else 2 * values.span
    counts = values.counts[both, column]
    noise, freedom, n = None, math.inf, means.size
    events = base is None and values.span is not None and _two_valued(values)
    if these_items and means.size:
        n = int(counts.sum())
        used = [column] if base is None else [base, column]
        squares, rest = 0.0, 0.0
        for each in used:
            several = values.counts[both, each] > 1
            if several.any():
                part = (values.deviations[both, each][several] / max(values.scale, 1e-100)) ** 2
                shares = part / values.counts[both, each][several] / several.sum() / means.size
                squares += float(shares.sum())
                rest += float((shares**2 / (values.counts[both, each][several] - 1)).sum())
        if squares > 0:
            noise = values.scale * math.sqrt(squares)
            freedom = max(1.0, squares**2 / rest)
    return _Sample(
        mean=float(means.mean()) if means.size else None,
        items=means,
        noise=noise,
        freedom=freedom,
        n=n,
        span=span,
        answers=np.ones(means.size) if answers is None else answers[both, column],
        events=events,
    )


def _two_valued(values: Values) -> bool:
    known = values.array[values.present]
    return bool(known.size) and np.unique(known).size <= 2 and float(np.ptp(known)) in (0.0, values.span)


def _rail(sample: _Sample, limit: float, broken: float, holds: float, *, worse_above: bool) -> Rail:
    """Return the verdict where higher is worse, turned back for showing."""
    mean = sample.mean
    low = None if mean is None else _bound(sample, broken, lower=True)
    high = None if mean is None else _bound(sample, holds, lower=False)
    verdict: Verdict = "unknown"
    if low is not None and low > limit:
        verdict = "broken"
    elif high is not None and high <= limit:
        verdict = "holds"
    inside = None if mean is None else mean <= limit
    if not worse_above:
        mean = None if mean is None else -mean
        low, high = (None if high is None else -high), (None if low is None else -low)
    return Rail(mean=mean, low=low, high=high, verdict=verdict, inside=inside, n=sample.n)


def _bound(sample: _Sample, alpha: float, *, lower: bool) -> float | None:
    """Return the one-sided bound of a mean at `alpha`, or None where nothing bounds it."""
    mean, sign = sample.mean or 0.0, -1.0 if lower else 1.0
    if sample.noise is None and sample.n == sample.items.size:
        return _bound_over_items(sample, alpha, lower=lower)
    if sample.events and sample.span is not None:
        return _bound_of_events(sample, alpha, lower=lower)
    if sample.noise is None:
        return None if sample.span is None else mean + sign * unseen_share(sample.n, alpha) * sample.span
    return mean + sign * float(stats.t.ppf(1 - alpha, sample.freedom)) * sample.noise


def _bound_over_items(sample: _Sample, alpha: float, *, lower: bool) -> float | None:
    """Return the bound for items like these.

    However alike the items seen are, some not seen may be entirely different, so where the range is known an upper bound never
    lies nearer to the least value than that allows: one bad answer seen must not look better than none.
    """
    items, mean = sample.items, sample.mean or 0.0
    n = items.size
    if n < MIN_ITEMS:
        return None
    room = None
    if sample.span is not None:
        unseen = _rate_unseen(sample.answers, alpha) if sample.events else unseen_share(n, alpha)
        room = unseen * sample.span
    if is_constant(items, float(np.abs(items).max())):
        return None if room is None else mean + (-room if lower else room)
    ends = skewness_corrected(items, 1 - 2 * alpha)
    if lower:
        return ends[0]
    return ends[1] if room is None else max(ends[1], float(items.min()) + room)


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

    return float(optimize.brentq(spared, 0.0, 1 - 1e-12))


def _bound_of_events(sample: _Sample, alpha: float, *, lower: bool) -> float:
    """Return Clopper and Pearson's one-sided bound (Biometrika 26, 1934) on the mean rate of these items.

    Answers of different items have different rates; their number of events varies less than a binomial with the mean rate, so
    the bound is safe.
    """
    span = sample.span or 1.0
    least = float(np.floor(sample.items.min() / span) * span) if sample.items.min() < 0 else 0.0
    rate = min(max(((sample.mean or 0.0) - least) / span, 0.0), 1.0)
    events = rate * sample.n
    if lower:
        share = float(stats.beta.ppf(alpha, events, sample.n - events + 1)) if events > 0 else 0.0
    else:
        share = float(stats.beta.ppf(1 - alpha, events + 1, sample.n - events)) if events < sample.n else 1.0
    return least + share * span


def _beyond(rails: Sequence[Rail]) -> tuple[list[int], int | None, int | None]:
    """Return the columns that are out, the cliff and the floor."""
    works = [bool(rail.inside) and rail.verdict != "broken" for rail in rails]
    out: set[int] = set()
    for column, rail in enumerate(rails):
        if rail.verdict != "broken":
            continue
        # With what works only above it, this is the cold side and everything colder is out; else everything hotter.
        cold = any(works[column + 1 :]) and not any(works[:column])
        away = range(column - 1, -1, -1) if cold else range(column + 1, len(rails))
        out.update((column, *_until_one_holds(rails, away)))
    kept = [column for column in range(len(rails)) if column not in out]
    if not out:
        return [], None, None
    if not kept:
        return sorted(out), 0, None
    cliff = kept[-1] + 1 if kept[-1] + 1 < len(rails) else None
    floor = kept[0] - 1 if kept[0] > 0 else None
    return sorted(out), cliff, floor


def _until_one_holds(rails: Sequence[Rail], columns: Sequence[int]) -> list[int]:
    """Return the columns in their order up to the first that is shown to hold."""
    passed = []
    for column in columns:
        if rails[column].verdict == "holds":
            break
        passed.append(column)
    return passed
