"""People's ratings: which pairs of answers they are shown, how much these can tell, and what follows from what they say.

Nobody who rates sees a temperature: a sheet holds pairs under random codes, and what each of them is stays in the store.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
