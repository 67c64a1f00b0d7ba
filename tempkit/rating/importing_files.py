"""Take in what raters saved: every file is checked before anything is stored, and what was stored before is not stored twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tempkit.errors import UsageError, one_line
from tempkit.measures import HUMAN_PREFERENCE
from tempkit.rating.opinions import as_ratings, opinions_of
from tempkit.rating.results import pair_means, value_of
from tempkit.rating.saved import SavedRatings, read_saved
from tempkit.store import JUDGED
from tempkit.types import SampleKey, Score, Sheet

if TYPE_CHECKING:
    from tempkit.store import Store

__all__ = ["ImportedRatings", "import_ratings"]

_VERSION = f"{JUDGED} {HUMAN_PREFERENCE.version} people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRatings:
    """What came of one file."""

    file: str
    run_id: str
    rater: str
    """The name, or where there is none the id."""
    added: int
    """Answers that are new, or that the rater has changed."""
    known: int
    """Answers that were stored before."""
    open: int
    """Pairs of the sheet that the rater has not answered."""


def import_ratings(store: "Store", paths: Sequence[Path]) -> list[ImportedRatings]:
    """Store what raters saved, and bring the scores that follow up to date.

    Raises:
        UsageError: A file is none of a rating page, of another database, of a page that was changed, or has pairs that its sheet has
            not; the message begins with its name. Nothing is stored then.
        StoreError: The database cannot be read or written.
    """
    read = [(path, *_checked(store, path)) for path in paths]
    found = []
    for path, saved, run_id, sheet in read:
        before = opinions_of(store.ratings(run_id), store.sheets(run_id))
        new, known = as_ratings(saved, sheet, before)
        store.add_ratings(run_id, new)
        found.append(
            ImportedRatings(
                file=str(path),
                run_id=run_id,
                rater=one_line(saved.rater.name, 100) or saved.rater.id,
                added=len(new),
                known=known,
                open=sum(pair.shown for pair in sheet.pairs) - len(saved.answers),
            )
        )
    for run_id in dict.fromkeys(run_id for _, _, run_id, _ in read):
        _score(store, run_id)
    return found


def _checked(store: "Store", path: Path) -> tuple[SavedRatings, str, Sheet]:
    """Return what a file holds, the run that it is of, and the sheet.

    Raises:
        UsageError: It does not belong here.
    """
    saved, where = read_saved(path), one_line(path, 200)
    run_id = store.run_of_sheet(saved.sheet)
    if run_id is None:
        raise UsageError(
            f"{where}: its page was not made from {store.where}, which has no sheet {saved.sheet}; name the database with --db"
        )
    (sheet,) = (each for each in store.sheets(run_id) if each.id == saved.sheet)
    if saved.digest != sheet.digest:
        raise UsageError(
            f"{where}: its page was changed after tempkit wrote it, so its answers may be about other texts"
        )
    unknown = saved.answers.keys() - {pair.code for pair in sheet.pairs if pair.shown}
    if unknown:
        raise UsageError(
            f"{where}: {len(unknown)} of its answers are to pairs that its sheet has not, such as {min(unknown)}"
        )
    return saved, run_id, sheet


def _score(store: "Store", run_id: str) -> None:
    """Store each answer's share of the pairs that it won in place of what earlier imports made of it."""
    sheets = store.sheets(run_id)
    opinions = opinions_of(store.ratings(run_id), sheets)
    rated = {each.sheet for each in opinions}
    silent = [(pair, 0.5) for sheet in sheets if sheet.id in rated for pair in sheet.pairs if not pair.shown]
    values: dict[SampleKey, list[float]] = {}
    for pair, mean in [*pair_means(opinions), *silent]:
        counted = value_of(pair, mean)
        values.setdefault(pair.left, []).append(counted)
        values.setdefault(pair.right, []).append(1 - counted)
    blocks: dict[tuple[str, str], list[Score]] = {}
    for key, shares in values.items():
        blocks.setdefault((key.item, key.model), []).append(
            Score(
                item=key.item,
                model=key.model,
                temperature=key.temperature,
                replicate=key.replicate,
                measure=HUMAN_PREFERENCE.name,
                version=_VERSION,
                value=sum(shares) / len(shares),
            )
        )
    scores = [score for block in blocks.values() for score in block]
    store.replace_judged(run_id, HUMAN_PREFERENCE.name, list(blocks), scores)
