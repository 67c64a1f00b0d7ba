"""Report runs: measure them, decide, draw, and write that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Unpack

from tempkit.api import measuring
from tempkit.api.database import (
    Database,
    OnNote,
    OnProgress,
    Run,
    find_runs,
    named_here,
    no_note,
    no_progress,
    opened,
)
from tempkit.api.deciding import JudgedBy, asked_by, looked_at, undecided_hint
from tempkit.decision import Asked
from tempkit.errors import UsageError
from tempkit.event_loop import outside_event_loop
from tempkit.files import file_to_name
from tempkit.i18n import language
from tempkit.report import file_name, load_study, render, render_markdown, write
from tempkit.store import RunRecord, Store

__all__ = ["How", "drawn", "how_to_report", "report", "report_to"]

_PAGE, _SUMMARY = (".html", ".htm"), (".md", ".markdown")


@outside_event_loop
def report(
    runs: Run | Sequence[Run] = "latest",
    *,
    db: Database = None,
    output: Path | str | None = None,
    templates: Path | str | None = None,
    lang: str | None = None,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> Path:
    """Write a report of runs, whole or not at all; return its path.

    Args:
        runs: The run, or several that stand side by side.
        db: The database; one that can only be read will do.
        output: An HTML page, or a short summary in Markdown; None: `reports/RUN.html`.
        templates: A folder of templates and styles in place of the bundled ones.
        lang: The language's code; None: English.
        on_note: Is called with notes.
        on_progress: Is called with how many items on models are measured, of how many.
        **judged_by: What to judge by, as `recommend` takes it.

    Raises:
        StoreError: A run cannot be found or read.
        UsageError: The output is neither a page nor a summary, there is no such language, or what is asked cannot be asked of a
            run.
        ModelError: A model that a run was measured with cannot be reached or loaded.
        ReportError: The templates cannot be used, or the output cannot be written.
    """
    asked = asked_by(**judged_by)
    with opened(db, reading=True, on_note=on_note) as store:
        records = find_runs(store, runs)
        path, how = how_to_report(records, output, asked, templates, lang)
        with drawn(store, records, how, on_note, on_progress) as text:
            write(path, text)
    return path


@outside_event_loop
def report_to(
    out: BinaryIO,
    runs: Run | Sequence[Run] = "latest",
    *,
    db: Database = None,
    templates: Path | str | None = None,
    lang: str | None = None,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> None:
    """Write the summary of runs, in Markdown and UTF-8, to an open file, which is left open.

    Args:
        out: The file.
        runs: As `report` takes them, like all that follow.
        db: See there.
        templates: See there.
        lang: See there.
        on_note: See there.
        on_progress: See there.
        **judged_by: See there.

    Raises:
        TempkitError: As `report`.
        OSError: The file cannot be written.
    """
    asked = asked_by(**judged_by)
    with opened(db, reading=True, on_note=on_note) as store:
        how = How(asked, summary=True, templates=None if templates is None else Path(templates), lang=lang)
        with drawn(store, find_runs(store, runs), how, on_note, on_progress) as text:
            out.write(text.encode())
            out.flush()  # what nobody could read is no look at the data


@dataclass(frozen=True, slots=True)
class How:
    """How runs are reported."""

    asked: Asked
    summary: bool
    templates: Path | None
    lang: str | None
    renewed_s: int | None = None
    """After how many seconds a page is to be loaded again, as more is coming; None: it stays as it is."""


def report_path(output: Path | str) -> Path:
    """Return where a report is to go.

    Raises:
        UsageError: It is neither a page nor a summary.
    """
    path = Path(output)
    if path.suffix.lower() in (*_SUMMARY, *_PAGE):
        return path
    named = file_to_name(path, "report")
    raise UsageError(
        f"a report is an HTML page or a Markdown summary; name it {named.with_suffix('.html')} or {named.with_suffix('.md')}"
    )


def how_to_report(
    records: Sequence[RunRecord],
    output: Path | str | None,
    asked: Asked,
    templates: Path | str | None,
    lang: str | None,
) -> tuple[Path, How]:
    """Return where a report goes, and how it is made, from arguments as `report` takes them.

    Raises:
        UsageError: The output is neither a page nor a summary.
    """
    path = Path("reports") / f"{file_name(records)}.html" if output is None else report_path(output)
    summary = path.suffix.lower() in _SUMMARY
    return path, How(asked, summary, None if templates is None else Path(templates), lang)


@contextmanager
def drawn(
    store: Store, records: Sequence[RunRecord], how: How, on_note: OnNote, on_progress: OnProgress
) -> Iterator[str]:
    """Give the text of a report; once it was written, count the looks and note what it could not decide.

    A page that is going to be renewed is no look: what is decided by is the one that stays.
    """
    with language(how.lang or "en"):  # before the work begins: a typing error should not cost a minute
        for record in records:
            measuring.bring_up_to_date(
                store, record, profile=how.asked.profile(), on_note=on_note, on_progress=on_progress
            )
        studies = [
            load_study(store, record, tokens=not how.summary, runs=len(records), asked=how.asked)
            for record in records
        ]
        text = (
            render_markdown(studies, how.templates)
            if how.summary
            else render(studies, how.templates, renewed_s=how.renewed_s)
        )
    yield text
    if how.renewed_s is not None:
        return
    for record, study in zip(records, studies, strict=True):
        looked_at(store, record, study.scored, study.decisions, on_note)
        if hint := undecided_hint(study.decisions, named_here(store, record), "report"):
            on_note(f"note: {record.name}: {hint}")
