"""What other packages and programs add to tempkit, one name under one group: packages by entry points, loaded when first needed; programs by `add`.

Names are read from the packages' metadata, which imports nothing. A plug-in that cannot be used ends the command that needs its
group with one line that names its package: it is never left out in silence, since a result without it would be another result.
"""

import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points

from tempkit.errors import PluginError, one_line

__all__ = ["Plugin", "add", "additions", "foreign_plugins", "plugin_names", "plugins", "registered"]

_ADDED: dict[tuple[str, str], "Plugin"] = {}
"""By group and name, what the program itself added."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point of another package, or one thing that the program added."""

    kind: str
    """What it adds, in a word or two: `measure`."""
    entry: EntryPoint
    added: object = None
    """What the program gave; None: it is loaded from a package."""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def package(self) -> str:
        """The distribution that registers it, with its version: `toy 0.1`."""
        if self.added is not None:
            return "this program"
        found = self.entry.dist
        return "a package without metadata" if found is None else f"{found.name} {found.version}"

    def load(self) -> object:
        """Import what it names.

        Raises:
            PluginError: That fails, in whatever way.
        """
        if self.added is not None:
            return self.added
        try:
            found: object = self.entry.load()
        except Exception as e:
            raise self.error(f"cannot be loaded: {type(e).__name__}: {e}") from e
        return found

    def error(self, what: str) -> PluginError:
        """Return the error for something that is wrong with it: `what` goes on from its name."""
        if self.added is not None:
            return PluginError(one_line(f"the {self.kind} {self.name!r}, which this program added, {what}"))
        remove = "" if self.entry.dist is None else f": pip uninstall {self.entry.dist.name}"
        said = f"the {self.kind} {self.name!r} of the package {self.package} {what}"
        return PluginError(f"{one_line(said)}; update the package, or remove it{remove}")


def add(group: str, kind: str, name: str, thing: object) -> None:
    """Add something for as long as the program runs; what it added before under this name is replaced, as when a notebook's cell runs again.

    Args:
        group: As of an entry point.
        kind: What it is, in a word or two.
        name: Under which it is found.
        thing: What an entry point would name.
    """
    _ADDED[group, name] = Plugin(kind, EntryPoint(name, f"__main__:{name}", group), thing)


def plugin_names(group: str) -> list[str]:
    """Return the names under a group, tempkit's own among them where it has some there, sorted; nothing is imported."""
    return sorted({entry.name for entry in registered(group)} | {each.name for each in additions(group)})


def foreign_plugins() -> list[str]:
    """Return what other packages add, each with its group and package: `measure brevity (toy 0.1)`; nothing is imported."""
    found = [
        (entry.group.removeprefix("tempkit.").removesuffix("s").replace("_", " "), entry.name, entry.dist)
        for group in sorted(each for each in entry_points().groups if each.startswith("tempkit."))
        for entry in registered(group)
        if entry.dist is not None and entry.dist.name != "tempkit"
    ]
    return sorted(f"{kind} {name} ({dist.name} {dist.version})" for kind, name, dist in found)


def additions(group: str) -> Sequence[Plugin]:
    """Return what the program itself added to a group, by name, sorted."""
    return [plugin for (of, _name), plugin in sorted(_ADDED.items()) if of == group]


def registered(group: str) -> EntryPoints:
    """Return what installed packages register under a group; their metadata are read again only where a folder has changed since."""
    folders = dict.fromkeys(sys.path)
    return _registered(group, tuple((folder, _changed(folder)) for folder in folders))


@lru_cache(maxsize=16)
def _registered(group: str, _folders: tuple[tuple[str, int], ...]) -> EntryPoints:
    return entry_points(group=group)


def _changed(folder: str) -> int:
    """Return when packages came to a folder of modules or left it, in nanoseconds; 0 where there is no such folder."""
    try:
        return os.stat(folder or ".").st_mtime_ns  # noqa: PTH116  (a path of its own for each costs more than the rest)
    except OSError:
        return 0


def plugins(group: str, kind: str, own: Collection[str]) -> dict[str, Plugin]:
    """Return what other packages register under a group, by name, sorted.

    Args:
        group: Of entry points, such as `tempkit.measures`.
        kind: What one of them is, in a word or two, for messages.
        own: The names that tempkit itself has for these.

    Raises:
        PluginError: A name is one of tempkit's own, or two packages register it.
    """
    found: dict[str, Plugin] = {}
    packaged = [Plugin(kind, entry) for entry in sorted(registered(group), key=lambda each: each.name)]
    for plugin in (*packaged, *additions(group)):
        if plugin.name in own:
            raise plugin.error(f"has the name of one of tempkit's own (entry point group {group})")
        if plugin.name in found:
            raise plugin.error(f"has the name of one of the package {found[plugin.name].package}")
        found[plugin.name] = plugin
    return found
