"""Prompts: read from Prompty, promptfoo and data files, rendered, with what is expected of their answers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
