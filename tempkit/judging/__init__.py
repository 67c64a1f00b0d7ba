"""A model as judge of answers that nothing else can be held against: graded by a rubric, or compared in pairs.

It is asked blind, at temperature 0, everything in two forms; what it says counts only where it is shown to go by the texts.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
