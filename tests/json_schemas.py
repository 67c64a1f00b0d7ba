"""The schemas in docs/schemas, for whatever a command prints under `--json`."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from support import ROOT

__all__ = ["FOLDER", "as_documented", "decisions_as_documented", "validator"]

FOLDER = ROOT / "docs/schemas"


@cache
def validator(command: str) -> Draft202012Validator:
    """Return what holds a command's object to its schema."""
    return _validator({"$ref": f"{command}.json"})


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    registry: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in files]
    )
    return Draft202012Validator(schema, registry=registry)


@cache
def _decisions() -> Draft202012Validator:
    return _validator({"type": "array", "items": {"$ref": "types.json#/$defs/Decision"}})


def decisions_as_documented(text: str) -> list[dict[str, Any]]:
    """Return decisions from their JSON; it fails where the schema of a decision says something else."""
    found: list[dict[str, Any]] = json.loads(text)
    _decisions().validate(found)
    return found


def as_documented(printed: str) -> dict[str, Any]:
    """Return the object that a command printed; it fails where its schema says something else."""
    found: dict[str, Any] = json.loads(printed)
    command = found["tempkit"]["command"]
    if command is None:  # a command that there is not has no schema, and says so in every shape alike
        assert list(found) == ["tempkit", "error"]
        return found
    validator(command).validate(found)
    return found
