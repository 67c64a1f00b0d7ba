"""Bring in completions or scores that were made elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tempkit.api.database import Database, opened
from tempkit.decision import resolved
from tempkit.interchange import Imported, Naming, import_table, naming

__all__ = ["import_"]


def import_(
    path: Path | str,
    *,
    db: Database = None,
    name: str | None = None,
    use_case: str | Path | None = None,
    columns: Mapping[str, str] | Naming | None = None,
    skip: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Imported:
    """Store a table (CSV, TSV, JSON Lines, YAML, Parquet) of completions, scores or both as a finished run.

    Args:
        path: The table: a row per sample, with `item`, `model`, `temperature`, where there are any `replicate` and `text`, and
            a column for each measure.
        db: The database; made where there is none.
        name: Of the run; None: the file's.
        use_case: What the items are for: a use case that is shipped, or the path of a `.toml` file; None: not known.
        columns: What columns are called in the table, by what they are here, e.g. `{"item": "Problem ID"}`; or a `Naming`, which
            also says what the two that follow say.
        skip: Columns to leave out.
        only: The columns of scores to read, and no others; none: all of them.

    Raises:
        StoreError: The database cannot be used.
        PromptError: The table cannot be read; the message begins with `file:line`.
        UsageError: It has neither texts nor scores, there is no such use case, or the columns do not go together.
    """
    called, own = (None, None) if use_case is None else resolved(str(use_case))
    if not isinstance(columns, Naming):
        columns = naming([f"{here}={theirs}" for here, theirs in (columns or {}).items()], skip, only)
    with opened(db, must_exist=False) as store:
        return import_table(store, Path(path), name=name, use_case=called, own=own, naming=columns)
