"""Reading and writing files safely: encodings, delimited text, YAML with line numbers, numbers as written, atomic writes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
