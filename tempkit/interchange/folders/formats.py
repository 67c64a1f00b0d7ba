"""The formats of folders by name, and the writing of one: whole or not at all, and never over what is there."""

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tempkit.errors import ExportError, UsageError, one_line
from tempkit.interchange.exports.parquet import check_installed
from tempkit.interchange.exports.rows import Source
from tempkit.interchange.folders import every_eval_ever, hugging_face, inspect_logs
from tempkit.interchange.folders.outcomes import About, Lost

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["FOLDERS", "FolderDone", "FolderFormat", "export_folder", "folder_format"]

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFormat:
    """A format of folders."""

    name: str
    title: str
    """In a sentence: `inspect's logs`."""
    write: Callable[[Path, Sequence[Source], About, Lost, Callable[[int], None]], int]
    """Writes the files into a new folder; returns their number. The last one is called with how many samples are done."""
    tokens: bool
    """Whether it has a place for tokens."""
    check: Callable[[], None] = lambda: None
    """Raises a `TempkitError` where something that it needs is missing."""


@dataclass(frozen=True, slots=True)
class FolderDone:
    """What was written."""

    files: int
    lost: tuple[str, ...]
    """What has no place in the format, a line each."""


_FOLDERS: Mapping[str, FolderFormat] = {
    each.name: each
    for each in (
        FolderFormat(name="inspect", title="inspect's logs", write=inspect_logs.write, tokens=True),
        FolderFormat(
            name="every-eval-ever", title="Every Eval Ever", write=every_eval_ever.write, tokens=False
        ),
        FolderFormat(
            name="huggingface",
            title="a Hugging Face data set",
            write=hugging_face.write,
            tokens=True,
            check=check_installed,
        ),
    )
}

FOLDERS: tuple[str, ...] = tuple(_FOLDERS)
"""Their names, as they are reserved in `tempkit.interchange.exports.formats`; a test holds the two together."""


def folder_format(name: str) -> FolderFormat | None:
    """Return a format of folders by its name; None where there is none of it."""
    return _FOLDERS.get(name)


def export_folder(
    store: "Store",
    runs: "Sequence[RunRecord]",
    path: Path,
    *,
    format: str,  # noqa: A002  (the option's name)
    about: About,
    on_progress: OnProgress = lambda _done, _of: None,
) -> FolderDone:
    """Write runs into a new folder, whole or not at all.

    Args:
        store: Where the runs are.
        runs: The runs.
        path: The folder; it may be there if it is empty.
        format: One of `FOLDERS`.
        about: Gives what is known of a measure.
        on_progress: Is called with how many samples are done, of how many.

    Raises:
        UsageError: There is something in the folder already.
        ExtraMissingError: Parquet's package is not installed.
        ExportError: It cannot be written.
        StoreError: A run cannot be read.
    """
    chosen = _FOLDERS[format]
    chosen.check()
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(
                f"{one_line(str(path))!r} is there already: {chosen.title} go into a new folder; name another one with -o"
            )
        lost = Lost()
        sources = [Source(store, run, tokens=chosen.tokens) for run in runs]
        of = sum(run.completions + run.failures for run in runs)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".tempkit-{secrets.token_hex(8)}.tmp")
        beside.mkdir()
        try:
            files = chosen.write(beside, sources, about, lost, lambda done: on_progress(done, of))
            if path.exists():
                path.rmdir()
            beside.rename(path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except (OSError, ValueError) as e:
        said = (e.strerror if isinstance(e, OSError) else None) or e
        raise ExportError(
            f"the export cannot be written to {str(path)!r}: {said}; choose another folder with -o"
        ) from e
    return FolderDone(files, lost.lines())
