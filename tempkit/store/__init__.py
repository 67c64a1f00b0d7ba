"""Where runs are kept: SQLite by default, PostgreSQL by URL.

`Store` is the only reader and writer; the rest of tempkit sees the dataclasses of `tempkit.types` and the records
exported here, never a table. This package is the only one that imports SQLAlchemy, SQLModel or Alembic.
"""

from tempkit.store.errors import LockedError, UnavailableError
from tempkit.store.records import CellSummary, RunRecord, RunStatus, ScoredBlock, Uncounted
from tempkit.store.scores import IMPORTED, JUDGED
from tempkit.store.store import Store

__all__ = [
    "IMPORTED",
    "JUDGED",
    "CellSummary",
    "LockedError",
    "RunRecord",
    "RunStatus",
    "ScoredBlock",
    "Store",
    "UnavailableError",
    "Uncounted",
]
