"""From a run's outcomes to what a report and a recommendation read.

Nothing here is an estimate of anything beyond the samples: there are counts and means, and no intervals. Completions
that were cut off or failed are counted and kept, and a measure that needs a whole text leaves cut-off ones out.
"""

from tempkit.compare.build import compare
from tempkit.compare.load import load_comparison
from tempkit.compare.result import (
    Cell,
    Comparison,
    Curve,
    Group,
    ItemRow,
    Level,
    ModelFacts,
    Point,
    RunFacts,
    Section,
    Value,
)
from tempkit.compare.tables import ScoredSection, Table, load_tables

__all__ = [
    "Cell",
    "Comparison",
    "Curve",
    "Group",
    "ItemRow",
    "Level",
    "ModelFacts",
    "Point",
    "RunFacts",
    "ScoredSection",
    "Section",
    "Table",
    "Value",
    "compare",
    "load_comparison",
    "load_tables",
]
