"""Export runs: choose the columns, stream the rows into a file of some format."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from tempkit.errors import ExportError, UsageError
from tempkit.files import replacing
from tempkit.interchange.exports.formats import Exporter, Format, exporter, format_of
from tempkit.interchange.exports.rows import (
    Record,
    Source,
    sample_rows,
    score_columns,
    score_rows,
    token_rows,
)
from tempkit.interchange.schema import (
    FORMAT_VERSION,
    MESSAGES,
    SAMPLE,
    SCORES,
    TOKEN,
    TOKENS,
    VERSION,
    Column,
)

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Rows", "export", "export_to"]

Rows = Literal["samples", "tokens", "scores"]
"""What a row is of. `tokens`: in a format that nests (JSON Lines) the samples with their tokens in them, elsewhere one row per
token."""

OnProgress = Callable[[int, int], None]


def export(
    store: "Store",
    runs: "Sequence[RunRecord]",
    path: Path,
    *,
    format: Format | None = None,  # noqa: A002  (the option's name)
    rows: Rows = "samples",
    messages: bool = False,
    scores: bool = True,
    for_spreadsheet: bool = False,
    on_progress: OnProgress = lambda _done, _of: None,
) -> int:
    """Write runs to a file, whole or not at all; return the number of rows.

    Args:
        store: Where the runs are.
        runs: The runs, one after another in the file.
        path: The file; one that is there is replaced once the new one is complete.
        format: By default what the file's name says.
        rows: What a row is of.
        messages: Add the prompt of every sample, as it was sent.
        scores: Add the scores of every sample, as they are in the store.
        for_spreadsheet: In CSV, keep a spreadsheet from taking texts for formulas: they get an apostrophe in front, so such a
            file is for looking at and not for `import`.
        on_progress: Is called with how many samples (or items on models, for scores) are done, of how many.

    Raises:
        UsageError: The name says no format, there is none of that name, or the options do not go together.
        PluginError: Another package's format cannot be used.
        ExtraMissingError: Parquet's package is not installed.
        ExportError: The file cannot be written.
        StoreError: A run cannot be read.
    """
    chosen = format or format_of(path)
    form = exporter(chosen)
    if not form.text and path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(
            f"{str(path)!r} is a pipe or a device, and {form.title} needs a file: export csv or jsonl there"
        )
    try:
        with replacing(path) as out:
            return export_to(
                out, chosen, store, runs,
                rows=rows, messages=messages, scores=scores, for_spreadsheet=for_spreadsheet, on_progress=on_progress,
            )  # fmt: skip
    except OSError as e:
        raise ExportError(
            f"the export cannot be written to {str(path)!r}: {e.strerror or e}; choose another file with -o"
        ) from e


def export_to(
    out: BinaryIO,
    format: Format,  # noqa: A002  (the option's name)
    store: "Store",
    runs: "Sequence[RunRecord]",
    *,
    rows: Rows = "samples",
    messages: bool = False,
    scores: bool = True,
    for_spreadsheet: bool = False,
    on_progress: OnProgress = lambda _done, _of: None,
) -> int:
    """Write runs to an open file, as `export` does; return the number of rows. The file is left open."""
    form = exporter(format)
    opened = form.for_spreadsheet if for_spreadsheet else form.open
    if opened is None:
        raise UsageError(f"only CSV can be written for a spreadsheet, not {format}")
    if messages and rows != "samples" and not (rows == "tokens" and form.nested):
        raise UsageError(f"rows of {rows} have no messages: export those with the samples")
    sources = [Source(store, run, tokens=rows == "tokens") for run in runs]
    columns, stream = _stream(sources, form, rows, on_progress, messages=messages, scores=scores)
    file = opened(out, (*columns, VERSION))
    count = 0
    try:
        for row in stream:
            row[VERSION.name] = FORMAT_VERSION
            file.write(row)
            count += 1
        file.close()
    except BaseException:
        file.abandon()
        raise
    return count


def _stream(
    sources: Sequence[Source],
    form: Exporter,
    rows: Rows,
    on_progress: OnProgress,
    *,
    messages: bool,
    scores: bool,
) -> tuple[Sequence[Column], Iterator[Record]]:
    """Return the columns and the rows to come."""
    if rows == "scores":
        of = sum(len(source.items) * len(source.models) for source in sources)
        return SCORES, _each(sources, on_progress, of, score_rows)
    if rows == "tokens" and not form.nested:
        of = sum(source.run.completions for source in sources)
        return TOKEN, _each(sources, on_progress, of, token_rows)
    names, scored = score_columns(sources) if scores else ({}, [])
    more = [column for column, wanted in ((MESSAGES, messages), (TOKENS, rows == "tokens")) if wanted]
    of = sum(source.run.completions + source.run.failures for source in sources)

    def samples(source: Source, on_progress: Callable[[int], None]) -> Iterator[Record]:
        return sample_rows(source, names, with_messages=messages, on_progress=on_progress)

    return (*SAMPLE, *more, *scored), _each(sources, on_progress, of, samples)


def _each(
    sources: Sequence[Source],
    on_progress: OnProgress,
    of: int,
    rows: Callable[[Source, Callable[[int], None]], Iterator[Record]],
) -> Iterator[Record]:
    before = 0
    for source in sources:
        last = 0

        def count(done: int, before: int = before) -> None:
            nonlocal last
            last = done
            on_progress(before + done, of)

        yield from rows(source, count)
        before += last
