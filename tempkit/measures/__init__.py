"""Measures: named numbers on completions and cells, one module per family.

Each is a pure function of plain values, and returns None or a reason rather than a number it cannot stand behind. `scores`
takes any of them from all completions of one item on one model.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
