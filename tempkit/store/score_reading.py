"""A run's scores, at once or, as there may be fifty times as many as answers, some at a time."""

from collections.abc import Iterator

from sqlalchemy import select

from tempkit.store import scores
from tempkit.store.database import Database
from tempkit.store.models import METADATA
from tempkit.types import Score

__all__ = ["ScoreReading"]

_ITEM = METADATA.tables["item"]
_CHUNK = 20  # items; with 100 answers and 60 measures each they have 120,000 scores


class ScoreReading(Database):
    """A database whose scores are read."""

    def scores(
        self, run_id: str, measure: str | None = None, *, of: tuple[str, str] | None = None
    ) -> list[Score]:
        """Return a run's scores by item, model, temperature and replicate: all, of one measure, or `of` an item on a model."""
        with self._read() as connection:
            return list(scores.read_scores(connection, run_id, measure, of))

    def each_score(self, run_id: str) -> Iterator[Score]:
        """Yield a run's scores in the order of `scores`, in flat memory."""
        with self._read() as connection:
            query = select(_ITEM.c.id).where(_ITEM.c.run_id == run_id).order_by(_ITEM.c.position)
            items = [int(id_) for id_ in connection.execute(query).scalars()]
        for start in range(0, len(items), _CHUNK):
            with self._read() as connection:
                part = list(scores.read_scores(connection, run_id, items=items[start : start + _CHUNK]))
            yield from part
