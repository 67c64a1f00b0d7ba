"""How probable accepted answers are at every temperature, computed from a model's own distributions instead of counted."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
