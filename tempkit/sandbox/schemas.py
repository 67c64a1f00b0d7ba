"""JSON Schemas on a model's texts. A schema never makes the tool fetch anything."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tempkit.sandbox.errors import Fault

__all__ = ["agreeing", "read_json"]

_LONGEST_INTEGER = 4000
"""Digits: Python refuses to read more as an integer."""


def read_json(text: str) -> Any:
    """Return the value that a whole text is, if it is JSON.

    Raises:
        ValueError: It is not.
        RecursionError: It is nested too deeply.
    """
    return json.loads(text, parse_constant=_refuse, parse_int=_integer)


def agreeing(schema: Any) -> Callable[[str], bool]:
    """Return what tells whether a text is JSON that agrees with a schema.

    Args:
        schema: As JSON has it, or its text.
    """
    return _agreeing(schema if isinstance(schema, str) else json.dumps(schema))


@lru_cache(maxsize=16)
def _agreeing(text: str) -> Callable[[str], bool]:
    # Few checks have a schema, and these take a tenth of a second to load.
    import jsonschema  # type: ignore[import-untyped]
    import referencing
    import referencing.exceptions
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    unusable = (
        *(ValueError, TypeError, LookupError, AttributeError, RecursionError, re.error),
        *(jsonschema.SchemaError, referencing.exceptions.Unresolvable),
    )
    try:
        schema = json.loads(text)
        kind = validator_for(schema)
        kind.check_schema(schema)
        # An empty registry: what the schema refers to beyond itself is not fetched.
        validator = kind(schema, registry=referencing.Registry())
    except (*unusable, ArithmeticError) as e:
        raise Fault(str(e) or "it is nested too deeply", "schema") from e

    def agrees(text: str) -> bool:
        try:
            value = read_json(text)
        except ValueError:
            return False
        except RecursionError as e:
            raise Fault("nested too deeply", "unread") from e
        try:
            return bool(validator.is_valid(value))
        except RecursionError as e:
            raise Fault("nested too deeply", "unchecked") from e
        except ArithmeticError as e:
            raise Fault(str(e), "number") from e
        except unusable as e:
            raise Fault(str(e), "schema") from e

    return agrees


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)
