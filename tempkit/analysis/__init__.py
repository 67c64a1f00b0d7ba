"""From a run's outcomes and scores to what a report and a recommendation read.

The answers (`Comparison`) and what they are worth (`ScoredSection`, `Curve`) are kept apart: the one holds texts and
counts, the other numbers. Completions that were truncated or failed are counted and kept, and a measure that needs a whole
text has no value of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
