"""Measures: named numbers on completions and cells, one module per family.

Each is a pure function of plain values, and returns None rather than a number it cannot stand behind.
"""

from tempkit.measures.base import Measure
from tempkit.measures.checks import FACT_RECALL, FACTS_RETURNED
from tempkit.measures.diversity import DISTINCT_SHARE
from tempkit.measures.logprobs import MEAN_ENTROPY, MEAN_LOGPROB

__all__ = ["MEASURES", "Measure"]

MEASURES = {
    measure.name: measure
    for measure in (FACT_RECALL, FACTS_RETURNED, DISTINCT_SHARE, MEAN_ENTROPY, MEAN_LOGPROB)
}
"""Every measure by name, in the order in which a reader meets them."""
