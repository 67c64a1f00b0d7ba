"""How far each temperature may lie behind the best of them: multiple comparisons with the best.

The regret of a temperature is how far its true mean lies behind the best one. For each temperature k that may be the best,
one-sided bounds on its lead over every other hold together with probability 1 - alpha. Only the family of the true best has
to hold, and which one that is need not be known: whoever cannot be excluded is allowed for. So K - 1 one-sided comparisons
are paid for and not K (K - 1) / 2 two-sided ones (J. C. Hsu, Multiple Comparisons, 1996, chapter 4; here paired over items,
with a critical value for each family, since spreads differ).

The error budget is written where it is spent: `alpha_upper` for all upper bounds together, `alpha_lower` for all lower
bounds together. Both kinds hold together with at least 1 - alpha_upper - alpha_lower.
"""

import math
from dataclasses import dataclass

import numpy as np

from tempkit.statistics.differences import Differences
from tempkit.statistics.intervals import MIN_ITEMS
from tempkit.statistics.joint_t import joint_probability
from tempkit.statistics.values import Floats

__all__ = ["LeadBounds", "Regrets", "first_shares", "probability_within", "regrets"]


_CAUTION = 2.5
"""By how much a flat prior's chance of being wrong is raised."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regrets:
    """How far each temperature lies behind the best, in the measure's unit, (temperatures,)."""

    mean: Floats
    """By the means observed, 0 or more; NaN for a temperature that shares no item with another."""
    lower: Floats
    """At least so far, 0 or more."""
    upper: Floats
    """At most so far; infinite where nothing bounds it."""
    may_be_best: tuple[bool, ...]
    """Whether a temperature is not shown to be behind another."""
    leads: "LeadBounds"
    """What the bounds are made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadBounds:
    """Bounds on how far one temperature is ahead of another, (temperatures, temperatures): row minus column."""

    most: Floats
    """At most so far, for all columns of a row together; infinite where nothing bounds it."""
    least: Floats
    """At least so far, for all rows of a column together; minus infinity where nothing bounds it."""

    def within(self, other: "LeadBounds") -> "LeadBounds":
        """Return the tighter of both bounds: where each holds with its own share of alpha, both hold with the sum."""
        return LeadBounds(most=np.minimum(self.most, other.most), least=np.maximum(self.least, other.least))


def regrets(
    found: Differences, *, alpha_upper: float, alpha_lower: float, before: "LeadBounds | None" = None
) -> Regrets:
    """Return bounds on every temperature's regret.

    With G the temperatures that may be best, the upper bound of i is the largest of mean_k - mean_i + width_ki over k in G
    (0 if i is alone in it); the lower bound is 0 for i in G, else the smallest of mean_k - mean_i - width_ik over k in G.

    Args:
        found: Of at least one temperature, higher being better.
        alpha_upper: The probability allowed for any upper bound to be wrong.
        alpha_lower: The same for lower bounds.
        before: Bounds from earlier looks at the same temperatures, each with its own share of alpha.

    Example:
        The second temperature leads by 0.3 in the mean, and may be ahead by 0.3 ± 2.132 · 0.0707.

        >>> from tempkit.statistics import Values, between_items
        >>> values = Values([[[0.2], [0.2 + rise / 10]] for rise in range(1, 6)])
        >>> found = regrets(between_items(values, higher_is_better=True), alpha_upper=0.05, alpha_lower=0.05)
        >>> found.mean.round(3).tolist(), found.lower.round(3).tolist(), found.upper.round(3).tolist()
        ([0.3, 0.0], [0.149, 0.0], [0.451, 0.0])
    """
    size = found.size
    if size < 2:
        zero = np.zeros(size)
        nothing = LeadBounds(most=np.zeros((size, size)), least=np.zeros((size, size)))
        return Regrets(mean=zero, lower=zero, upper=zero.copy(), may_be_best=(True,) * size, leads=nothing)
    leads = _leads(found, alpha_upper, alpha_lower)
    if before is not None:
        leads = leads.within(before)
    ahead = leads.most.copy()
    np.fill_diagonal(ahead, math.inf)
    best = np.asarray((ahead > 0).all(axis=1))
    # Rounding must not leave nobody: with equal means and no width every "> 0" fails.
    best = best if best.any() else np.full(size, True)
    np.fill_diagonal(ahead, 0.0)
    upper = np.maximum(ahead[best].max(axis=0), 0.0)
    lower = np.where(best, 0.0, np.maximum(leads.least[best].min(axis=0), 0.0))
    mean = np.where(np.isnan(found.mean).sum(axis=0) < size - 1, np.nanmax(found.mean, axis=0), math.nan)
    return Regrets(
        mean=np.maximum(mean, 0.0), lower=lower, upper=upper, may_be_best=tuple(best.tolist()), leads=leads
    )


def _leads(found: Differences, alpha_upper: float, alpha_lower: float) -> LeadBounds:
    size = found.size
    upper_widths = np.array([found.half_widths(row, size - 1, alpha_upper) for row in range(size)])
    lower_widths = np.array([found.half_widths(row, size - 1, alpha_lower) for row in range(size)])
    unknown = np.isnan(found.mean)
    return LeadBounds(
        most=np.where(unknown, math.inf, found.mean + upper_widths),
        least=np.where(unknown, -math.inf, found.mean - lower_widths.T),
    )


def probability_within(found: Differences, pick: int, margin: float) -> float | None:
    """Return how probable it is, at least, that a temperature lies within `margin` of the best; None where the noise is not known.

    The true differences are taken to lie around those observed as the t statistics lie around 0 (a flat prior). For a
    temperature that was picked for leading this claims too much where one temperature alone is better by a little more than the
    margin: there, picks with 0.9 and more were right in 60 to 90 % of data sets with 5 to 12 items, elsewhere nearly always. So
    the chance of being wrong is raised by `_CAUTION`, which `benchmarks/decisions.py` finds to be about right in that worst case.

    Example:
        With no other temperature there is nothing better.

        >>> from tempkit.statistics import Values, between_items
        >>> probability_within(between_items(Values([[[0.2]]]), higher_is_better=True), pick=0, margin=0.1)
        1.0
    """
    others = [column for column in range(found.size) if column != pick]
    if not others:
        return 1.0
    thresholds, freedom, alike = [], math.inf, 1.0
    for column in others:
        room = margin - float(found.mean[column, pick])
        error, unseen = float(found.error[column, pick]), float(found.unseen[column, pick])
        if not math.isfinite(error) and not math.isfinite(unseen):
            return None
        if math.isfinite(error):
            thresholds.append(room / error if error > 0 else math.copysign(math.inf, room))
            # Borrowed degrees of freedom serve bounds for all temperatures together; of one that was picked they claim too much.
            freedom = min(
                freedom, float(found.freedom[column, pick]), max(1.0, found.counts[column, pick] - 1.0)
            )
        if math.isfinite(unseen):
            # Items not seen would have to differ in so large a share that these would hardly miss them all.
            share = min(max(room / unseen, 0.0), 1.0) if unseen > 0 else 1.0
            alike = min(alike, 1 - (1 - share) ** int(found.counts[column, pick]))
    joint = (
        joint_probability(np.array(thresholds), freedom, float(found.correlation[pick]))
        if thresholds
        else 1.0
    )
    return max(0.0, 1 - _CAUTION * (1 - min(joint, alike)))


def first_shares(means: Floats, *, higher_is_better: bool, draws: int, seed: int) -> tuple[float, ...] | None:
    """Return each temperature's share of resamplings of the items in which its mean is first, ties split.

    A description of the data and no probability: with few items it is too sure.

    Args:
        means: Item means, (items, temperatures), NaN for none; only items that have all temperatures are drawn.
        higher_is_better: The measure's direction.
        draws: Resamplings.
        seed: Of the drawing.

    Returns:
        One share per temperature; None with fewer than `MIN_ITEMS` whole items.

    Example:
        The second temperature is better in every item, and so in every resampling.

        >>> first_shares(np.array([[0.2, 0.3]] * 5), higher_is_better=True, draws=100, seed=1)
        (0.0, 1.0)
    """
    complete = means[~np.isnan(means).any(axis=1)]
    n = len(complete)
    if n < MIN_ITEMS or not means.shape[1]:
        return None
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    drawn = weights @ (complete if higher_is_better else -complete) / n
    first = drawn >= drawn.max(axis=1, keepdims=True) - 1e-12 * np.abs(complete).max(initial=0.0)
    shares = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    return tuple(float(share) for share in shares)
