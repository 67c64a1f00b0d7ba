"""Where runs are kept: SQLite by default, PostgreSQL by URL.

`Store` is the only reader and writer; the rest of tempkit sees the dataclasses of `tempkit.types` and the records
exported here, never a table. This package is the only one that imports SQLAlchemy, SQLModel or Alembic.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
