"""Regular expressions on a model's texts."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tempkit.sandbox.errors import Fault
from tempkit.sandbox.helper_process import SECONDS

__all__ = ["compiling", "reaching", "searching"]


def searching(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether the pattern is found in a text."""
    compiled = _compiled(pattern)
    return lambda text: compiled.search(text, timeout=SECONDS) is not None


def reaching(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether the pattern is found in a text, or could be once the text goes on."""
    compiled = _compiled(pattern)
    return lambda text: compiled.search(text, timeout=SECONDS, partial=True) is not None


def compiling(_common: object) -> Callable[[str], None]:
    """Return what finds a pattern's faults."""

    def check(pattern: str) -> None:
        _compiled(pattern)

    return check


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> Any:
    import regex  # loaded late, like a schema's checks

    try:
        return regex.compile(pattern, regex.VERSION0)
    except (regex.error, OverflowError, RecursionError, ValueError, IndexError, KeyError) as e:
        raise Fault(str(e) or "it is nested too deeply") from e
