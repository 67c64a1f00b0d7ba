"""How Handlebars shows a value, asks of it and goes through it: filters for templates that were written in it."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import UndefinedError

from tempkit.text import javascript_text

__all__ = ["FILTERS"]


def _member(value: Any, name: str, strictly: bool = False) -> Any:
    """Return a member of a mapping, or how long a text or a list is; what is not there is nothing.

    Raises:
        UndefinedError: It is not there, where it has to be.
    """
    if isinstance(value, Undefined):
        bool(value)  # which says that it is not there
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, (str, list, tuple)) and name == "length":
        return len(value)
    if strictly:
        raise UndefinedError(f"it has no member {name!r}")
    return None


def _shown(value: Any) -> Any:
    """Return a value's text: `a,b` for a list, `[object Object]` for a mapping, nothing for what is null."""
    if isinstance(value, Undefined):
        return value
    return "" if value is None else javascript_text(value)


def _holds(value: Any) -> bool:
    """Whether `#if` holds: an empty mapping is something, and an empty list is nothing."""
    return bool(value) or isinstance(value, dict)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    """Return what `#each` goes through: a list's members with their places, a mapping's values with their keys, and of anything else nothing."""
    if isinstance(value, Undefined):
        bool(value)  # which says that it is not there
    if isinstance(value, dict):
        return [(each, key) for key, each in value.items()]
    return [(each, place) for place, each in enumerate(value)] if isinstance(value, (list, tuple)) else []


FILTERS: Mapping[str, Callable[..., Any]] = {
    "_member": _member,
    "_shown": _shown,
    "_holds": _holds,
    "_pairs": _pairs,
}
"""By names that no template of people's has."""
