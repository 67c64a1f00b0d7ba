"""Let people rate a run's answers in blind pairs, and read back what they said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tempkit.api.database import Database, Run, find_run, opened
from tempkit.errors import UsageError
from tempkit.files import file_to_name
from tempkit.i18n import language
from tempkit.planning import parse_temperatures
from tempkit.rating import (
    DrawnSheet,
    ImportedRatings,
    RatingResults,
    SheetWanted,
    draw_sheet,
    import_ratings,
    results_of,
)
from tempkit.report import rating_page, write
from tempkit.store import RunRecord

__all__ = ["RatingPage", "rate", "rated", "take_ratings"]

PAIRS = 30
"""On a page, where nothing else was asked for: half an hour to an hour of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPage:
    """A page that was written."""

    run: RunRecord
    path: Path
    drawn: DrawnSheet


def rate(
    run: Run = "latest",
    *,
    output: Path | str | None = None,
    db: Database = None,
    pairs: int = PAIRS,
    use_case: str | None = None,
    temperatures: str | Sequence[float] | None = None,
    seed: int | None = None,
    lang: str | None = None,
) -> RatingPage:
    """Write a page on which people rate pairs of a run's answers without knowing their temperatures.

    Which answers they are is kept in the database, so the files that the page saves can be read back from there alone.

    Args:
        run: The run.
        output: The page; None: `reports/RUN-pairs.html`.
        db: The database.
        pairs: How many pairs, shared out over the run's use cases and models.
        use_case: Only the prompts of this use case; None: all.
        temperatures: Only answers at these; None: at all that the run has.
        seed: Of the choice and the order; None: drawn anew.
        lang: The language's code; None: English.

    Raises:
        StoreError: The run cannot be found, or the database cannot be read or written.
        UsageError: There is nothing to rate, or not as much; or there is no such language.
        ReportError: The page cannot be written.
    """
    wanted = SheetWanted(
        pairs=pairs,
        use_case=use_case,
        temperatures=None if temperatures is None else parse_temperatures(temperatures),
        seed=seed,
    )
    if output is not None and Path(output).suffix.lower() not in (".html", ".htm"):
        named = file_to_name(Path(output), "pairs").with_suffix(".html")
        raise UsageError(f"the pairs are an HTML page; name it {named}")
    with language(lang or "en"), opened(db) as store:
        record = find_run(store, run)
        path = Path("reports") / f"{record.id}-pairs.html" if output is None else Path(output)
        drawn = draw_sheet(store, record, wanted)
        page, digest = rating_page(drawn)
        store.add_sheet(record.id, replace(drawn.sheet, digest=digest))
        write(path, page)
    return RatingPage(run=record, path=path, drawn=drawn)


def take_ratings(files: Sequence[Path | str], *, db: Database = None) -> list[ImportedRatings]:
    """Read back what rating pages saved; a file that was read before changes nothing.

    Args:
        files: One a rater.
        db: The database that the pages were made from.

    Raises:
        UsageError: A file is none of a rating page, or does not belong to this database; nothing is stored then.
        StoreError: The database cannot be read or written.
    """
    if not files:
        raise UsageError("no file is named; name those that the page's Save button wrote")
    with opened(db) as store:
        return import_ratings(store, [Path(file) for file in files])


def rated(run: Run = "latest", *, db: Database = None) -> RatingResults | None:
    """Return what people's ratings of a run come to; None where nobody has rated anything.

    Args:
        run: The run.
        db: The database; one that can only be read will do.

    Raises:
        StoreError: The run cannot be found or read.
    """
    with opened(db, reading=True) as store:
        return results_of(store, find_run(store, run))
