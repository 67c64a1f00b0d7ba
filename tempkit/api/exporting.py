"""Write runs into files for other programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tempkit.api.database import Database, OnNote, OnProgress, Run, find_runs, no_note, no_progress, opened
from tempkit.api.measuring import measure
from tempkit.errors import UsageError, one_line
from tempkit.event_loop import outside_event_loop
from tempkit.interchange import Format, MeasureFacts, Rows, export_folder, exporter, folder_format, format_of
from tempkit.interchange import export as export_file
from tempkit.interchange import export_to as export_stream
from tempkit.measures import known
from tempkit.store import RunRecord, Store

__all__ = ["Exported", "export", "export_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    runs: tuple[RunRecord, ...]
    format: Format
    rows: int
    files: int = 1
    """More than one only in a folder."""
    lost: tuple[str, ...] = ()
    """What has no place in the format, a line each."""


@outside_event_loop
def export(
    runs: Run | Sequence[Run] = "latest",
    *,
    output: Path | str,
    db: Database = None,
    format: Format | None = None,  # noqa: A002  (the option's name)
    rows: Rows = "samples",
    messages: bool = False,
    scores: bool = True,
    for_spreadsheet: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Exported:
    """Bring runs' scores up to date and write the runs to a file, whole or not at all.

    Args:
        runs: The run, or several, one after another in the file.
        output: The file; of a format of folders (`inspect`, `every-eval-ever`, `huggingface`) a new folder.
        db: The database; one that can only be read will do.
        format: None: what the file's name says.
        rows: What a row is of: `samples`; `tokens`, which in JSON Lines are in their samples; or `scores`.
        messages: Add the prompt to every sample, as it was sent.
        scores: Add the scores to every sample; else nothing is measured.
        for_spreadsheet: In CSV, keep a spreadsheet from taking texts for formulas.
        on_note: Is called with notes.
        on_progress: Is called with how many items on models are measured, and then with how many samples (for scores: items on
            models) are exported, of how many.

    Raises:
        StoreError: A run cannot be found or read.
        UsageError: The file's name says no format, or the options do not go together.
        ExtraMissingError: Parquet's package is not installed.
        PluginError: Another package's format cannot be used.
        ModelError: A model that a run was measured with cannot be reached or loaded.
        ExportError: The file cannot be written.
    """
    path = Path(output)
    chosen = format or format_of(path)
    if folder_format(chosen) is not None:
        if rows != "samples" or messages or not scores or for_spreadsheet:
            raise UsageError(
                f"{chosen} has a place for everything that it holds: leave out --tokens, --scores, --messages, --no-measures and "
                "--for-spreadsheet"
            )
        return _folder(path, runs, db, chosen, on_note, on_progress)

    def write(
        store: Store, records: Sequence[RunRecord], counted: Callable[[int, int], None], scored: bool
    ) -> int:
        return export_file(
            store, records, path,
            format=chosen, rows=rows, messages=messages, scores=scored, for_spreadsheet=for_spreadsheet, on_progress=counted,
        )  # fmt: skip

    return _exported(write, runs, db, chosen, rows, on_note, on_progress, scores=scores)


@outside_event_loop
def export_to(
    out: BinaryIO,
    runs: Run | Sequence[Run] = "latest",
    *,
    db: Database = None,
    format: Format = "jsonl",  # noqa: A002  (the option's name)
    rows: Rows = "samples",
    messages: bool = False,
    scores: bool = True,
    for_spreadsheet: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
) -> Exported:
    """Write runs to an open file, which is left open.

    Args:
        out: The file.
        runs: As `export` takes them, like all that follow.
        db: See there.
        format: See there.
        rows: See there.
        messages: See there.
        scores: See there.
        for_spreadsheet: See there.
        on_note: See there.
        on_progress: See there.

    Raises:
        TempkitError: As `export`.
        OSError: The file cannot be written.
    """

    def write(
        store: Store, records: Sequence[RunRecord], counted: Callable[[int, int], None], scored: bool
    ) -> int:
        return export_stream(
            out, format, store, records,
            rows=rows, messages=messages, scores=scored, for_spreadsheet=for_spreadsheet, on_progress=counted,
        )  # fmt: skip

    return _exported(write, runs, db, format, rows, on_note, on_progress, scores=scores)


def _folder(
    path: Path,
    runs: Run | Sequence[Run],
    db: Database,
    format: Format,  # noqa: A002
    on_note: OnNote,
    on_progress: OnProgress,
) -> Exported:
    """Measure what is exported, write the folder, and note what has no place in it."""
    with opened(db, reading=True, on_note=on_note) as store:
        records = find_runs(store, runs)
        for record in records:
            measure(record, db=store, on_note=on_note, on_progress=on_progress)
        done = export_folder(
            store, records, path,
            format=format, about=_about, on_progress=lambda some, of: on_progress("exporting", some, of),
        )  # fmt: skip
    for line in done.lost:
        on_note(one_line(f"warning: not in {format}: {line}", 2000))
    count = sum(record.completions + record.failures for record in records)
    return Exported(runs=tuple(records), format=format, rows=count, files=done.files, lost=done.lost)


def _about(measure: str) -> MeasureFacts | None:
    found = known(measure)
    if found is None:
        return None
    better = {"higher": True, "lower": False}.get(found.direction)
    return MeasureFacts(
        title=found.title, unit=str(found.unit), low=found.low, high=found.high, higher_is_better=better
    )


def _exported(
    write: Callable[[Store, Sequence[RunRecord], Callable[[int, int], None], bool], int],
    runs: Run | Sequence[Run],
    db: Database,
    format: Format,  # noqa: A002
    rows: Rows,
    on_note: OnNote,
    on_progress: OnProgress,
    *,
    scores: bool,
) -> Exported:
    """Measure what is exported, and write it."""
    about = exporter(format)
    about.check()  # said before any work, which would be in vain

    def counted(done: int, of: int) -> None:
        on_progress("exporting", done, of)

    with opened(db, reading=True, on_note=on_note) as store:
        records = find_runs(store, runs)
        scored = scores and (rows != "tokens" or about.nested)
        for record in records if scored else ():
            measure(record, db=store, on_note=on_note, on_progress=on_progress)
        count = write(store, records, counted, scored)
    if rows != "scores":
        _note_what_has_none(records, on_note)
    return Exported(runs=tuple(records), format=format, rows=count)


def _note_what_has_none(records: Sequence[RunRecord], on_note: OnNote) -> None:
    """Name the runs that hold scores alone, and how these are exported: a file without rows would leave that to be guessed."""
    for record in records:
        if record.imported and not record.completions and not record.failures:
            said = f"warning: {record.name} holds imported scores and no answers, so there is no row of it; --scores exports them"
            on_note(one_line(said, 2000))
