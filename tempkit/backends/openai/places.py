"""Addresses with blanks: a region, a project or a location, from the model's options or the environment."""

import os
import re
from collections.abc import Mapping, Sequence

from tempkit.errors import UsageError, one_line
from tempkit.types import ModelSpec

__all__ = ["PLACES", "check_places", "filled"]

PLACES = ("region", "project", "location")
"""The model options that an address may have blanks for."""

_VALUE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""What may become part of an address. A key goes there: nothing that could lead it to another host."""


def filled(model: ModelSpec, address: str, places: Mapping[str, Sequence[str]], at: Mapping[str, str]) -> str:
    """Return an address with its blanks filled in.

    Args:
        model: The model, whose options come first.
        address: With a {name} in the place of each blank.
        places: By the name of a blank, the environment variables that may hold it.
        at: Addresses to take instead, by the value of a blank.

    Raises:
        UsageError: A blank has no value, or one that cannot be part of an address.
    """
    values = {name: _value(model, name, variables) for name, variables in places.items()}
    chosen = next((at[value] for value in values.values() if value in at), address)
    return chosen.format_map(values)


def _value(model: ModelSpec, name: str, variables: Sequence[str]) -> str:
    given = str(model.options.get(name) or "")
    found, where = given, f"option {name}"
    for variable in () if given else variables:
        if found := os.environ.get(variable, "").strip():
            where = variable
            break
    if not found:
        raise UsageError(
            f"{model.id}: no {name}; add ,{name}=... to the model, or set {' or '.join(variables)}"
        )
    if not _VALUE.fullmatch(found):
        raise UsageError(
            f"{model.id}: {where} is {one_line(found, 60)!r}, and a {name} has lower-case letters, digits and hyphens alone"
        )
    return found


def check_places(model: ModelSpec, places: Mapping[str, Sequence[str]]) -> None:
    """Refuse places that the model's address has no use for, so that none is left out without a word.

    Raises:
        UsageError: Naming it.
    """
    named = bool(model.options.get("base_url"))
    for name in PLACES:
        if name in model.options and (named or name not in places):
            why = "its base_url says where it is" if named else "its address has no place for it"
            raise UsageError(f"{model.id}: {name} has no use here: {why}; leave it out")
