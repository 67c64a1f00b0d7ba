"""Tables that other packages read for an import, by how a file's name ends.

They register an `Importer` under the entry point group `tempkit.importers`; it is loaded when a file's name ends in nothing that
tempkit reads itself.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, TempkitError, one_line
from tempkit.files import MAX_ROWS
from tempkit.plugins import Plugin, plugins

__all__ = ["GROUP", "Importer", "importers"]

GROUP = "tempkit.importers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A format of tables."""

    name: str
    suffixes: tuple[str, ...]
    """How its files' names end, in small letters and with the dot: `.dbf`."""
    read: Callable[[Path], Iterable[Mapping[str, Any]]]
    """Yields the rows of a file: values by their column's name. A ValueError says that the file cannot be read."""


def importers(own: Collection[str]) -> dict[str, Importer]:
    """Return other packages' importers, by how a file's name ends.

    Args:
        own: The endings that tempkit reads itself.

    Raises:
        PluginError: One cannot be used, or wants an ending that is taken.
    """
    found: dict[str, Importer] = {}
    for plugin in plugins(GROUP, "importer", {ending.removeprefix(".") for ending in own}).values():
        importer = _loaded(plugin)
        for ending in importer.suffixes:
            if ending in own or ending in found:
                raise plugin.error(f"wants files that end in {ending}, which something else reads")
            found[ending] = importer
    return found


def _loaded(plugin: Plugin) -> Importer:
    """Return a plug-in's importer, whose faults name its package."""
    found = plugin.load()
    if not isinstance(found, Importer):
        raise plugin.error(f"is no tempkit.interchange.imports.Importer, but of type {type(found).__name__}")
    if found.name != plugin.name:
        raise plugin.error(f"calls itself {found.name!r}; an importer and its entry point have one name")

    def read(path: Path) -> Iterator[Mapping[str, Any]]:
        try:
            for number, row in enumerate(found.read(path), 1):
                if number > MAX_ROWS:
                    raise PromptError(f"{path}: more than {MAX_ROWS:,} rows; a table may have no more")  # noqa: TRY301
                yield row
        except TempkitError:
            raise
        except (OSError, ValueError) as e:
            said = e.strerror if isinstance(e, OSError) and e.strerror else e
            raise PromptError(
                f"{path}: the importer {found.name!r} cannot read it: {one_line(said, 120)}"
            ) from e
        except Exception as e:
            raise plugin.error(f"failed: {type(e).__name__}: {e}") from e

    return replace(found, read=read)
