"""What a model does with temperature, logprobs, seeds and sampling parameters, found out by asking it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
