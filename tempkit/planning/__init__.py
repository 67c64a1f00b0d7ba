"""From what a user asks for to a `Plan`: an experiment file or options, temperatures, seeds, use cases, consent."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
