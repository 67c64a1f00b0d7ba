"""Answers decoded straight into the few fields that are wanted; a server may send anything, and to any depth.

The first pass is msgspec's own: strict, and as fast as can be. Only what it refuses is read a second time with lenience: a
field of another type than expected is as if it had not come, JSON may hold NaN, lone surrogates and broken UTF-8. What an answer
cannot be read without has no default in its struct, so that there lenience ends; what must be told apart further (a text may come
as a list of parts) is typed `Any`, and `content_parts` looks at it.
"""

import json
import re
from collections.abc import Hashable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar, cast

import msgspec
from msgspec import inspect

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.errors import one_line

__all__ = ["decode", "excerpt", "loose"]

T = TypeVar("T")

_MOST_BYTES = 2**24
"""What is longer is not read a second time: as Python's own objects it may take thirty times its size."""
_MOST_DIGITS = 18
_UNQUOTED = re.compile(r"[^\s\"'<>{}()\[\],;]*\Z")


class _MisfitError(Exception):
    """A value is not of the type that it should be of."""


def decode(decoder: "msgspec.json.Decoder[T]", content: bytes | str, what: str) -> T:
    """Decode a JSON answer.

    Args:
        decoder: Of what is expected.
        content: What came.
        what: What it should be, with an article.

    Raises:
        RequestError: It is something else; the message repeats how it begins.
    """
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as e:
        error = e
    try:
        found: T = _fit(loose(content), _info(cast("Hashable", decoder.type)))
    except (_MisfitError, ValueError):
        why = "nested too deep" if isinstance(error, RecursionError) else one_line(error, 120)
        raise RequestError("bad_answer", f"not {what} ({why}): {excerpt(content, 60)}") from error
    return found


def loose(content: bytes | str) -> Any:
    """Return what JSON holds, read with lenience.

    Raises:
        ValueError: It is no JSON, too long to be read so, or nested too deep.
    """
    if len(content) > _MOST_BYTES:
        raise ValueError("too long")
    text = content if isinstance(content, str) else content.decode("utf-8-sig", "replace")
    try:
        return json.loads(text, parse_int=_number)
    except RecursionError as e:
        raise ValueError("nested too deep") from e


def _number(digits: str) -> int | float:
    """Return a whole number, as a float where it is beyond what any count can be."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def excerpt(content: object, limit: int) -> str:
    """Return how something begins, in one line; never with a part of a word, which may be a key that is to be made unreadable."""
    try:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        return "(what cannot be written down)"
    head = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    if len(head) <= limit and len(text) <= 4 * limit:
        return head
    return f"{_UNQUOTED.sub('', head[:limit]).rstrip()}…"


@cache
def _info(kind: Hashable) -> inspect.Type:
    return inspect.type_info(kind)


def _fit(value: Any, kind: inspect.Type) -> Any:
    """Return a value as one of a type; fields that do not fit are left out where they have a default.

    Elements of a list that do not fit are None where the list may hold that.

    Raises:
        _MisfitError: It is none.
    """
    if isinstance(kind, inspect.AnyType):
        return value
    if isinstance(kind, inspect.UnionType):
        return _one_of(value, kind)
    if isinstance(kind, inspect.StructType):
        return _struct(value, kind)
    if isinstance(kind, inspect.ListType):
        if not isinstance(value, list):
            raise _MisfitError
        return [_element(each, kind.item_type) for each in value]
    if isinstance(kind, inspect.DictType):
        if not isinstance(value, dict):
            raise _MisfitError
        return {key: _fit(each, kind.value_type) for key, each in value.items()}
    if isinstance(kind, inspect.RawType):
        return msgspec.Raw(json.dumps(value).encode())
    return _plain(value, kind)


_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.StrType: str,
}


def _plain(value: Any, kind: inspect.Type) -> Any:
    wanted = _PLAIN.get(type(kind))
    if wanted is not None:
        if type(value) is wanted:
            return value
        if wanted is float and type(value) is int:
            return float(value)
    elif isinstance(kind, inspect.NoneType):
        if value is None:
            return None
    elif isinstance(kind, inspect.DateTimeType):
        try:
            return msgspec.convert(value, Annotated[datetime, msgspec.Meta(tz=kind.tz)])
        except msgspec.ValidationError as e:
            raise _MisfitError from e
    raise _MisfitError


def _element(value: Any, kind: inspect.Type) -> Any:
    try:
        return _fit(value, kind)
    except _MisfitError:
        if isinstance(kind, inspect.UnionType) and kind.includes_none:
            return None
        raise


def _one_of(value: Any, kind: inspect.UnionType) -> Any:
    for each in kind.types:
        try:
            return _fit(value, each)
        except _MisfitError:
            continue
    raise _MisfitError


def _struct(value: Any, kind: inspect.StructType) -> Any:
    if not isinstance(value, dict):
        raise _MisfitError
    given = {}
    for field in kind.fields:
        if field.encode_name in value:
            try:
                given[field.name] = _fit(value[field.encode_name], field.type)
            except _MisfitError:
                if field.required:
                    raise
        elif field.required:
            raise _MisfitError
    return kind.cls(**given)
