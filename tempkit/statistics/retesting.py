"""Whether a temperature that was chosen is still within the margin of its neighbours: a test that looks at the data several times.

Let d_k = mu_k - mu_c be how far neighbour k is ahead of the chosen temperature c, higher being better. Two things can be said, and
each has an error of its own:

- **Alarm**: some d_k is above the margin. It is raised where a lower bound is. At one look the lower bounds of all K - 1
  neighbours hold together with probability 1 - a (`Differences.half_widths` for K - 1 comparisons). So if every d_k is at most
  the margin, the alarm is false with probability at most a.
- **Holds**: every d_k is at most the margin. It is said where every upper bound is. To be wrong, one d_k must be above the
  margin and its own bound below it, which happens with at most the level of one bound, however many neighbours there are
  (an intersection-union test: R. L. Berger, Technometrics 24, 1982). So no bound is widened for the others.

A run looks L times, each time with more items, and stops as soon as either can be said. By Bonferroni's inequality the chance of
a false alarm at any look is at most the sum of their alphas, whatever the looks have in common and whenever the run stops. With R
false alarms allowed in a year of weekly runs, one run may spend R / 52, one look R / (52 L). Expectations add up, so the R
holds even though the weeks ask the same items and their alarms are not independent: they come in clusters, and no more often.

If guard-rails are watched too, half of a look's alpha is for the margin and half is divided between them; "at most" stays true
by the same inequality. A run looks `AT_MOST` times at most: each look more costs all of them width, and saves items only where
things are clear early.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tempkit.statistics.differences import Differences
from tempkit.statistics.intervals import MIN_ITEMS
from tempkit.statistics.values import Floats

__all__ = ["WEEKS", "Leads", "alpha_of_a_look", "leads", "look_sizes"]

WEEKS = 52
"""Runs in a year."""
AT_MOST = 4
"""Looks of a run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leads:
    """How far the other temperatures are ahead of the chosen one, (temperatures,); 0 for itself."""

    mean: Floats
    """NaN where no item has both."""
    low: Floats
    """At least so far, all of them together; minus infinite where nothing bounds it."""
    high: Floats
    """At most so far, each by itself; infinite where nothing bounds it."""
    verdict: Literal["ahead", "holds", "open"]
    """`ahead`: another is shown to be ahead by more than the margin. `holds`: none is. `open`: neither is shown."""


def alpha_of_a_look(per_year: float, looks: int, runs: int = 1) -> float:
    """Return the probability of a false alarm that one look may spend.

    Args:
        per_year: False alarms in a year of weekly runs.
        looks: Of each run.
        runs: How many runs are done each week, which share them.

    Example:
        One false alarm in two years, in four looks.

        >>> round(alpha_of_a_look(0.5, 4), 5)
        0.0024
    """
    return per_year / WEEKS / runs / looks


def look_sizes(items: int) -> tuple[int, ...]:
    """Return how many items there are at each look; the last time all.

    Example:
        >>> look_sizes(40), look_sizes(12), look_sizes(7)
        ((10, 20, 30, 40), (5, 10, 12), (5, 7))
    """
    step = max(MIN_ITEMS, math.ceil(items / AT_MOST))
    return (*range(step, items - 1, step), items)


def leads(found: Differences, chosen: int, *, margin: float, alpha_ahead: float, alpha_holds: float) -> Leads:
    """Return how far the others are ahead of one temperature, and what that shows.

    Args:
        found: Of at least one temperature, higher being better.
        chosen: The column of the temperature that was chosen.
        margin: The smallest difference that matters.
        alpha_ahead: The probability allowed for calling any of them ahead by more than the margin when none is.
        alpha_holds: The probability allowed for saying that none is when one is.

    Example:
        The second temperature leads by 0.3 in the mean, over five items.

        >>> from tempkit.statistics import Values, between_items
        >>> values = Values([[[0.2], [0.2 + rise / 10]] for rise in range(1, 6)])
        >>> found = leads(
        ...     between_items(values, higher_is_better=True), 0, margin=0.1, alpha_ahead=0.05, alpha_holds=0.05
        ... )
        >>> found.verdict, found.low.round(3).tolist()
        ('ahead', [0.0, 0.149])
    """
    others = max(1, found.size - 1)
    mean = found.mean[:, chosen]
    apart = np.where(np.isnan(mean), 0.0, mean)
    unknown = np.where(np.isnan(mean), math.inf, 0.0)
    low = apart - found.half_widths(chosen, others, alpha_ahead) - unknown
    high = apart + found.half_widths(chosen, 1, alpha_holds) + unknown
    rest = np.arange(found.size) != chosen
    ahead, within = bool((low[rest] > margin).any()), bool((high[rest] <= margin).all())
    return Leads(
        mean=mean,
        low=low,
        high=high,
        verdict="ahead" if ahead else "holds" if within and rest.any() else "open",
    )
