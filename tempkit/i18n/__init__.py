"""Languages: catalogues, numbers as a language writes them, messages that are translated where they are shown."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
