"""From a run's outcomes and scores to what a report and a recommendation read.

The answers (`Comparison`) and what they are worth (`ScoredSection`, `Curve`) are kept apart: the one holds texts and
counts, the other numbers. Completions that were truncated or failed are counted and kept, and a measure that needs a whole
text has no value of them.
"""

from tempkit.analysis.build import compare
from tempkit.analysis.curves import MEAN_LEVEL, Curve, Point, Scale, curves
from tempkit.analysis.load import load_comparison, load_tables
from tempkit.analysis.result import (
    Cell,
    Comparison,
    Group,
    ItemRow,
    Level,
    ModelFacts,
    RunFacts,
    Section,
    Spent,
)
from tempkit.analysis.tables import ScoredSection, Table
from tempkit.analysis.turn import SectionTurn, section_turn

__all__ = [
    "MEAN_LEVEL",
    "Cell",
    "Comparison",
    "Curve",
    "Group",
    "ItemRow",
    "Level",
    "ModelFacts",
    "Point",
    "RunFacts",
    "Scale",
    "ScoredSection",
    "Section",
    "SectionTurn",
    "Spent",
    "Table",
    "compare",
    "curves",
    "load_comparison",
    "load_tables",
    "section_turn",
]
