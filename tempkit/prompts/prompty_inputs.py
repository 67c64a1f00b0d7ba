"""The inputs that the front matter of a Prompty file declares: as a list, a mapping or a JSON schema, under either of their names."""

from collections.abc import Iterable, Mapping
from typing import Any

from tempkit.files import Document, kind

__all__ = ["declared_at", "inputs", "open_to_more", "threads"]

_RICH_KINDS = ("image", "file", "audio")
_THREAD = "thread"
"""An earlier conversation; a prompt that is sent by itself has none."""
_PROPERTY = (
    *("kind", "type", "description", "default", "example", "sample", "required", "enumValues", "enum"),
    *(
        "strict",
        "name",
        "items",
        "properties",
        "additionalProperties",
        "title",
        "internal",
        "is_required",
        "optional",
    ),
)
"""What may stand in the declaration of an input; a mapping of other keys is a value."""
_MAY_LACK = {"required": False, "is_required": False, "optional": True}
"""How the declaration of an input says that it may be left out; Azure's evaluators write `optional`."""
_SCHEMA = (
    *("type", "kind", "properties", "required", "additionalProperties", "description", "title", "$schema"),
    *("strict", "examples"),
)
"""What may stand beside `properties` where inputs are declared as a JSON schema."""


def inputs(document: Document, *, examples: bool) -> dict[str, Any]:
    """Return declared inputs with their defaults; `...` marks one that every row must give.

    Args:
        document: The front matter.
        examples: Whether an example stands in for a missing value, as it may where the prompt has no data file.
    """
    found = _declared(document, examples=examples)
    sample = document.at("sample")
    if sample is None:
        return found
    if not isinstance(sample, dict):
        document.fail(f"sample must be a mapping of inputs to values, not {kind(sample)}", "sample")
    for name, value in sample.items():
        if name not in found or found[name] is ... or (found[name] is None and examples):
            found[name] = value if examples and value is not None else ...
    return found


def declared_at(document: Document) -> tuple[str, ...] | None:
    """Return where a prompt names its inputs, so that a row may have no others; None where it does not."""
    place, declared = _listed(document)
    return None if declared is None else place


def _declared(document: Document, *, examples: bool) -> dict[str, Any]:
    if document.at("inputs") is not None and document.at("inputSchema") is not None:
        document.fail("inputs and inputSchema say the same; leave one of them out", "inputSchema")
    above, declared = _listed(document)
    optional: tuple[str, ...] | None = None
    if declared is None:
        return {}
    if len(above) > 1:
        wanted = document.at(above[0], "required")
        optional = tuple(wanted) if isinstance(wanted, list) else None
    if isinstance(declared, dict):  # a mapping of name to declaration, or to a default value
        entries = [(name, _entry(value)) for name, value in declared.items()]
        places: list[str | int] = list(declared)
    elif isinstance(declared, list):
        entries = [(entry.get("name") if isinstance(entry, dict) else None, entry) for entry in declared]
        places = list(range(len(declared)))
    else:
        document.fail(f"{above[0]} must be a list, not {kind(declared)}", *above)
    found: dict[str, Any] = {}
    for place, (name, entry) in zip(places, entries, strict=True):
        if not isinstance(name, str) or not name:
            document.fail("an input needs a name", *above, place)
        if name in found:
            document.fail(f"input {name!r} is declared twice", *above, place)
        sort = entry.get("kind") or entry.get("type")
        if sort in _RICH_KINDS:
            document.fail(f"input {name!r} is of kind {sort!r}; tempkit sends text only", *above, place)
        found[name] = "" if sort == _THREAD else _default(entry, examples)
        if found[name] is ... and optional is not None and name not in optional:
            found[name] = None
    return found


def _listed(document: Document) -> tuple[tuple[str, ...], Any]:
    """Return where the inputs are declared, and what stands there; an older name for it is known."""
    key = "inputs" if document.at("inputs") is not None else "inputSchema"
    declared = document.at(key)
    if isinstance(declared, dict) and _is_schema(declared):
        return (key, "properties"), declared["properties"]
    return (key,), declared


def _is_schema(declared: Mapping[str, Any]) -> bool:
    return isinstance(declared.get("properties"), (dict, list)) and set(declared) <= set(_SCHEMA)


def _entry(value: Any) -> Mapping[str, Any]:
    declares = isinstance(value, dict) and (not value or any(key in _PROPERTY for key in value))
    return value if declares else {"default": value}


def _default(entry: Mapping[str, Any], examples: bool) -> Any:
    for key in ("default", "example", "sample") if examples else ("default",):
        if entry.get(key) is not None:
            return entry[key]
    may_lack = [entry.get(key) is value for key, value in _MAY_LACK.items()]
    return None if any(may_lack) else ...


def open_to_more(document: Document) -> bool:
    """Say whether rows may have columns besides the declared inputs: where a schema says so itself."""
    declared = document.at(_listed(document)[0][0])
    return isinstance(declared, dict) and _is_schema(declared) and bool(declared.get("additionalProperties"))


def threads(document: Document) -> list[tuple[tuple[str | int, ...], str]]:
    """Return the inputs that are conversations: where each stands, and its name."""
    above, declared = _listed(document)
    places: Iterable[tuple[str | int, Any]] = (
        declared.items()
        if isinstance(declared, dict)
        else enumerate(declared)
        if isinstance(declared, list)
        else ()
    )
    return [
        ((*above, place), str(entry.get("name", place)))
        for place, entry in places
        if isinstance(entry, dict) and _THREAD in (entry.get("kind"), entry.get("type"))
    ]
