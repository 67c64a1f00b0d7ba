"""Use cases: what is wanted of an answer, and which temperature serves it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
