"""The formats of an export by name: tempkit's own, and those of other packages.

A format is defined in one place: what its files are called, what opens one, and what may be asked of it. Other packages register
theirs under the entry point group `tempkit.exporters`; they are loaded when a file or `--format` asks for one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from tempkit.errors import TempkitError, UsageError, nearest
from tempkit.interchange.exports.parquet import ParquetFile, check_installed
from tempkit.interchange.exports.text_formats import CsvFile, JsonLines
from tempkit.interchange.schema import Column
from tempkit.plugins import Plugin, plugins

__all__ = ["FORMATS", "GROUP", "Exporter", "Format", "RowWriter", "exporter", "format_of"]

GROUP = "tempkit.exporters"

Format = str
"""The name of a format: one of `FORMATS`, or of another package's."""


class RowWriter(Protocol):
    """A file that is being written."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row: values by the names of columns; one that is absent or None is not known."""

    def close(self) -> None:
        """Write what is still to come; the file under it is left open."""

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""


Opener = Callable[[BinaryIO, Sequence[Column]], RowWriter]
"""Begins a file: given where its bytes go, and its columns in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A format of files with rows."""

    name: Format
    title: str
    """In a sentence: `JSON Lines`."""
    suffixes: tuple[str, ...]
    """How its files' names end, in small letters and with the dot: `.jsonl`."""
    open: Opener
    for_spreadsheet: Opener | None = None
    """The same with texts that a spreadsheet does not take for formulas; None: it cannot be written so."""
    nested: bool = False
    """Whether a sample's tokens can be a value of its row; else they have rows of their own."""
    text: bool = True
    """Whether it can be printed, or written to a pipe."""
    check: Callable[[], None] = lambda: None
    """Raises a `TempkitError` where something that it needs is missing; called before any work."""


_OWN: Mapping[Format, Exporter] = {
    each.name: each
    for each in (
        Exporter(
            name="csv",
            title="CSV",
            suffixes=(".csv",),
            open=CsvFile,
            for_spreadsheet=lambda out, columns: CsvFile(out, columns, for_spreadsheet=True),
        ),
        Exporter(
            name="jsonl",
            title="JSON Lines",
            suffixes=(".jsonl", ".ndjson"),
            open=lambda out, _columns: JsonLines(out),
            nested=True,
        ),
        Exporter(
            name="parquet",
            title="Parquet",
            suffixes=(".parquet",),
            open=ParquetFile,
            text=False,
            check=check_installed,
        ),
    )
}

FOLDER_NAMES = ("inspect", "every-eval-ever", "huggingface")
"""The names of formats that are folders, see `tempkit.interchange.folders`; no plug-in can have one of them."""

FORMATS: tuple[Format, ...] = tuple(_OWN)
"""The names of tempkit's own."""


def exporter(name: Format) -> Exporter:
    """Return a format by its name.

    Raises:
        UsageError: There is none of this name.
        PluginError: Another package's cannot be used.
    """
    if name in _OWN:
        return _OWN[name]
    found = _plugins()
    if name in found:
        return _loaded(found[name])
    known = [*FORMATS, *FOLDER_NAMES, *found]
    raise UsageError(f"no format {name!r}{nearest(name, known)}; known: {', '.join(known)}")


def format_of(path: Path) -> Format:
    """Return the name of the format that a file's name asks for.

    Raises:
        UsageError: It asks for none that there is.
        PluginError: Another package's format cannot be used.
    """
    suffix = path.suffix.lower()
    for own in _OWN.values():
        if suffix in own.suffixes:
            return own.name
    added = [_loaded(plugin) for plugin in _plugins().values()]
    for each in added:
        if suffix in each.suffixes:
            return each.name
    hint = nearest(suffix.removeprefix("."), FORMATS)
    endings = [own.suffixes[0] for own in _OWN.values()] + [end for each in added for end in each.suffixes]
    raise UsageError(
        f"{str(path)!r} names no format{hint}: end it in {', '.join(endings[:-1])} or {endings[-1]}, "
        "or say which with --format"
    )


def _plugins() -> dict[str, Plugin]:
    return plugins(GROUP, "exporter", (*_OWN, *FOLDER_NAMES))


def _loaded(plugin: Plugin) -> Exporter:
    """Return a plug-in's format, whose faults name its package.

    Raises:
        PluginError: It is no exporter, has another name than its entry point, or wants files that another format has.
    """
    found = plugin.load()
    if not isinstance(found, Exporter):
        raise plugin.error(f"is no tempkit.interchange.exports.Exporter, but of type {type(found).__name__}")
    if found.name != plugin.name:
        raise plugin.error(f"calls itself {found.name!r}; an exporter and its entry point have one name")
    for own in _OWN.values():
        taken = set(found.suffixes).intersection(own.suffixes)
        if taken:
            raise plugin.error(f"wants files that end in {min(taken)}, which are {own.title}")

    def guarded(opener: Opener) -> Opener:
        return lambda out, columns: _Guarded(plugin, opener, out, columns)

    spreadsheet = found.for_spreadsheet
    return replace(
        found,
        open=guarded(found.open),
        for_spreadsheet=None if spreadsheet is None else guarded(spreadsheet),
    )


class _Guarded:
    """A plug-in's file: whatever goes wrong in it, but for the file under it, names its package."""

    def __init__(self, plugin: Plugin, opener: Opener, out: BinaryIO, columns: Sequence[Column]) -> None:
        self._plugin = plugin
        self._file: RowWriter = self._tried(lambda: opener(out, columns))

    def write(self, row: Mapping[str, Any]) -> None:
        self._tried(lambda: self._file.write(row))

    def close(self) -> None:
        self._tried(self._file.close)

    def abandon(self) -> None:
        self._tried(self._file.abandon)

    def _tried(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except (OSError, TempkitError):
            raise
        except Exception as e:
            raise self._plugin.error(f"failed: {type(e).__name__}: {e}") from e
