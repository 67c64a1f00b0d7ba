"""Compare an LLM's answers across temperatures and choose one on evidence.

The names in `__all__`, listed in the stub beside this file, are the public API; each is imported when it is first used, so that
`import tempkit` costs next to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
