"""What a server's list of models says of one: when it is going to be switched off."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from tempkit.backends.remote import RequestError
from tempkit.backends.remote.decoding import decode

__all__ = ["shutdown_date_in"]


class _Entry(msgspec.Struct):
    id: Any = None
    aliases: Any = None
    # OpenAI's name for it, Mistral's, and OpenRouter's.
    shutdown_date: Any = None
    deprecation: Any = None
    expiration_date: Any = None


class _List(msgspec.Struct):
    data: list[_Entry | None] | None = None


_decoder = msgspec.json.Decoder(_List)


def shutdown_date_in(content: bytes, name: str) -> date | None:
    """Return when a model ends; None where the list does not say so, or is none that can be read.

    Args:
        content: The list, as the server gave it.
        name: The model's.
    """
    try:
        entries = decode(_decoder, content, "a list of models").data or []
    except RequestError:  # a server need not list its models, and lists them in other shapes
        return None
    named = [entry for entry in entries if entry is not None and entry.id == name]
    # An alias ends when the model ends that it stands for.
    named = named or [
        entry
        for entry in entries
        if entry is not None and isinstance(entry.aliases, list) and name in entry.aliases
    ]
    return min((found for entry in named for found in _dates(entry)), default=None)


def _dates(entry: _Entry) -> Iterator[date]:
    for value in (entry.shutdown_date, entry.deprecation, entry.expiration_date):
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value.strip()[:40])
                found = (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
            except (ValueError, OverflowError):  # the latter at the first and the last day that there is
                continue
            yield found
