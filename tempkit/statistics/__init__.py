"""Statistics of the choice: pure functions on `Values`, items x temperatures x replicates.

The item is the unit of every interval and test; replicates nest in it, and temperatures are compared item by item. What
the data cannot support is None with a reason, never a number.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
