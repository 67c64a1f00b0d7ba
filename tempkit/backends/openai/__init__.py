"""OpenAI's Chat Completions and Responses, and the many servers that speak the first of the two."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
