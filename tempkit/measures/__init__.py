"""Measures: named numbers on completions and cells, one module per family.

Each is a pure function of plain values, and returns None or a reason rather than a number it cannot stand behind. `scores`
takes any of them from all completions of one item on one model.
"""

from tempkit.measures.base import Measure
from tempkit.measures.block import Block, Cell, Reference, Resources, View
from tempkit.measures.embedding import Embedder, WordLlamaEmbedder
from tempkit.measures.evaluate import scores
from tempkit.measures.missing import Found, Missing
from tempkit.measures.registry import DEFAULT, JUDGED, MEASURES, known, needs_reference, titled

__all__ = [
    "DEFAULT",
    "JUDGED",
    "MEASURES",
    "Block",
    "Cell",
    "Embedder",
    "Found",
    "Measure",
    "Missing",
    "Reference",
    "Resources",
    "View",
    "WordLlamaEmbedder",
    "known",
    "needs_reference",
    "scores",
    "titled",
]
