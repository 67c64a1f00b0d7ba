"""What other packages add to tempkit, found by entry points: one name under one group, loaded when it is first needed.

Names are read from the packages' metadata, which imports nothing. A plug-in that cannot be used ends the command that needs its
group with one line that names its package: it is never left out in silence, since a result without it would be another result.
"""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from tempkit.errors import PluginError, one_line

__all__ = ["Plugin", "plugins"]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point of another package."""

    kind: str
    """What it adds, in a word or two: `measure`."""
    entry: EntryPoint

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def package(self) -> str:
        """The distribution that registers it, with its version: `toy 0.1`."""
        found = self.entry.dist
        return "a package without metadata" if found is None else f"{found.name} {found.version}"

    def load(self) -> object:
        """Import what it names.

        Raises:
            PluginError: That fails, in whatever way.
        """
        try:
            found: object = self.entry.load()
        except Exception as e:
            raise self.error(f"cannot be loaded: {type(e).__name__}: {e}") from e
        return found

    def error(self, what: str) -> PluginError:
        """Return the error for something that is wrong with it: `what` goes on from its name."""
        remove = "" if self.entry.dist is None else f": pip uninstall {self.entry.dist.name}"
        said = f"the {self.kind} {self.name!r} of the package {self.package} {what}"
        return PluginError(f"{one_line(said)}; update the package, or remove it{remove}")


def plugins(group: str, kind: str, own: Collection[str]) -> dict[str, Plugin]:
    """Return what other packages register under a group, by name, sorted.

    Args:
        group: Of entry points, such as `tempkit.measures`.
        kind: What one of them adds, in a word or two, for messages.
        own: The names that tempkit itself has for these.

    Raises:
        PluginError: A name is one of tempkit's own, or two packages register it.
    """
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=group), key=lambda each: each.name):
        plugin = Plugin(kind, entry)
        if entry.name in own:
            raise plugin.error(f"has the name of one of tempkit's own (entry point group {group})")
        if entry.name in found:
            raise plugin.error(f"has the name of one of the package {found[entry.name].package}")
        found[entry.name] = plugin
    return found
