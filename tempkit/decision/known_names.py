"""The names of all use cases, without a look into them: for a shell that completes one."""

from pathlib import Path

from tempkit.plugins import plugin_names

__all__ = ["known_use_cases"]


def known_use_cases() -> list[str]:
    """Return the names of shipped use cases and of other packages', sorted."""
    shipped = {path.stem for path in Path(__file__).with_name("shipped").glob("*.toml")}
    return sorted(shipped | set(plugin_names("tempkit.use_cases")))
