"""The schemas in docs/schemas, for whatever a command prints under `--json`."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from support import ROOT

__all__ = ["FOLDER", "as_documented", "validator"]

FOLDER = ROOT / "docs/schemas"


@cache
def validator(command: str) -> Draft202012Validator:
    """Return what holds a command's object to its schema."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    registry: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in files]
    )
    (schema,) = (each for each in files if each["$id"] == f"{command}.json")
    return Draft202012Validator(schema, registry=registry)


def as_documented(printed: str) -> dict[str, Any]:
    """Return the object that a command printed; it fails where its schema says something else."""
    found: dict[str, Any] = json.loads(printed)
    command = found["tempkit"]["command"]
    if command is None:  # a command that there is not has no schema, and says so in every shape alike
        assert list(found) == ["tempkit", "error"]
        return found
    validator(command).validate(found)
    return found
