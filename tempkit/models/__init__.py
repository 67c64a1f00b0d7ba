"""A model outside a run: loaded once and asked to score texts or to embed them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
