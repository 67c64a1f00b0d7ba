"""What the commands do, for programs: each command unpacks its arguments into one of these functions, and prints what it returns.

They take a database by its path or URL, or a `Store` that is open, raise nothing of tempkit's own but `TempkitError`, and print
nothing. Each is imported when it is first used, as the names of `tempkit` are.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
