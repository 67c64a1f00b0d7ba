"""Statistics of the choice: pure functions on arrays of items x temperatures x replicates.

The item is the unit of every interval and test; replicates nest in it, and temperatures are compared item by item. What
the data cannot support is None with a reason, never a number.
"""

from tempkit.statistics.adjust import benjamini_hochberg, holm
from tempkit.statistics.arrays import item_means, items_with_all, temperature_means
from tempkit.statistics.best import BestSet, Standing, best_set, race
from tempkit.statistics.bootstrap import bootstrap_means
from tempkit.statistics.cliffs import Cliff, GuardRail, Verdict, cliff
from tempkit.statistics.contrasts import Contrast, Equivalence, contrast, equivalence
from tempkit.statistics.intervals import MIN_ITEMS, Interval, MeanEstimate, mean_interval, unseen_share
from tempkit.statistics.sample_size import (
    Components,
    Needed,
    minimum_detectable_effect,
    paired_components,
    samples_needed,
)
from tempkit.statistics.trends import Trend, trend
from tempkit.statistics.turning import Turn, TurnInterval, turn, turn_interval
from tempkit.statistics.values import Values

__all__ = [
    "MIN_ITEMS",
    "BestSet",
    "Cliff",
    "Components",
    "Contrast",
    "Equivalence",
    "GuardRail",
    "Interval",
    "MeanEstimate",
    "Needed",
    "Standing",
    "Trend",
    "Turn",
    "TurnInterval",
    "Values",
    "Verdict",
    "benjamini_hochberg",
    "best_set",
    "bootstrap_means",
    "cliff",
    "contrast",
    "equivalence",
    "holm",
    "item_means",
    "items_with_all",
    "mean_interval",
    "minimum_detectable_effect",
    "paired_components",
    "race",
    "samples_needed",
    "temperature_means",
    "trend",
    "turn",
    "turn_interval",
    "unseen_share",
]
