"""Statistics of the choice: pure functions on `Values`, items x temperatures x replicates.

The item is the unit of every interval and test; replicates nest in it, and temperatures are compared item by item. What
the data cannot support is None with a reason, never a number.
"""

from tempkit.statistics.contrasts import Contrast, Equivalence, contrast, equivalence
from tempkit.statistics.differences import Differences, between_items, within_items
from tempkit.statistics.guard_rails import GuardRails, Rail, Verdict, guard_rails
from tempkit.statistics.intervals import MIN_ITEMS, Interval, MeanEstimate, mean_interval, unseen_share
from tempkit.statistics.mcb import Regrets, first_shares, probability_within, regrets
from tempkit.statistics.multiple_testing import benjamini_hochberg, holm
from tempkit.statistics.policies import Policy, apply_policy
from tempkit.statistics.trends import Trend, trend
from tempkit.statistics.turn import Turn, TurnInterval, turn, turn_interval
from tempkit.statistics.values import Values

__all__ = [
    "MIN_ITEMS",
    "Contrast",
    "Differences",
    "Equivalence",
    "GuardRails",
    "Interval",
    "MeanEstimate",
    "Policy",
    "Rail",
    "Regrets",
    "Trend",
    "Turn",
    "TurnInterval",
    "Values",
    "Verdict",
    "apply_policy",
    "benjamini_hochberg",
    "between_items",
    "contrast",
    "equivalence",
    "first_shares",
    "guard_rails",
    "holm",
    "mean_interval",
    "probability_within",
    "regrets",
    "trend",
    "turn",
    "turn_interval",
    "unseen_share",
    "within_items",
]
