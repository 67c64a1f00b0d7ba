"""Ways to reach models: one module per protocol or engine, found by name through entry points."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
