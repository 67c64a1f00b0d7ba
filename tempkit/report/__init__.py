"""The report: view data first (`view`), then a page (`render`) or a summary (`render_markdown`), then a file (`write`)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
