"""Softmax at a temperature: on a whole vocabulary, and what its most probable tokens tell at another temperature."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
