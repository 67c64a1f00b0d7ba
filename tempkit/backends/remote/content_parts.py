"""What a model said, whatever shape a provider gives it: one text, or a list of parts, each of a kind of its own.

Text counts, so what may be text and cannot be read as such is an error. All else (thoughts, counts) is taken where it can be read.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.errors import one_line

__all__ = ["MessageText", "count", "said", "thoughts"]

_MOST = 2**31 - 1
_DEEPEST = 6
"""How deep parts may lie in parts."""
_THOUGHT = ("think", "thought", "reason", "summary")
_CALLS = (
    "tool",
    "function",
    "image",
    "audio",
    "video",
    "file",
    "code",
    "search",
    "citation",
    "document",
    "grounding",
    "call",
)
"""Kinds of parts that are no text, by words in their names."""
_TEXT = re.compile(r"(?:\A|[^a-z])text\Z")
"""Ends the name of a kind that is text, whatever else is in the name."""
_TEXTS = ("text", "content", "parts", "value")
"""Where a part of text has it."""
_THOUGHTS = ("thinking", "reasoning", "reasoning_content", "thought", "text", "summary", "content", "value")
"""Where a part of thoughts has them."""


@dataclass(slots=True)
class MessageText:
    """An answer's words, by what they are."""

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    unread: str | None = None
    """A part that may be text, in words, where it could not be read: an answer that has no other says nothing that is known."""

    def add(self, content: object, depth: int = 0) -> None:
        """Add what a `content` field holds: nothing, a text, a part or a list of parts.

        Raises:
            RequestError: It may be text, and cannot be read.
        """
        if content is None:
            return
        if isinstance(content, str):
            self.text.append(content)
        elif isinstance(content, list) and depth < _DEEPEST:
            for each in content:
                self.add(each, depth + 1)
        elif isinstance(content, dict) and depth < _DEEPEST:
            self._part(content, depth)
        else:
            shape = (
                "nested too deep" if isinstance(content, dict | list) else f"of type {type(content).__name__}"
            )
            raise RequestError("bad_answer", f"the answer's text cannot be read: it is {shape}")

    def _part(self, part: dict[Any, Any], depth: int) -> None:
        kind = part.get("type")
        name = kind.lower() if isinstance(kind, str) else ""
        if part.get("thought") is True or any(word in name for word in _THOUGHT):
            if (found := thoughts(*(part.get(at) for at in _THOUGHTS))) is not None:
                self.thinking.append(found)
        elif "refusal" in name:
            self.refuse(part.get("refusal", part.get("text")), depth + 1)
        elif any(word in name for word in _CALLS) and not _TEXT.search(name):
            return
        else:
            held = next((part[at] for at in _TEXTS if part.get(at) is not None), None)
            if held is None and _TEXT.search(name) and "text" not in part:
                raise RequestError(
                    "bad_answer", f"the answer's text cannot be read: a part {name!r} without text"
                )
            if held is None and name and not _TEXT.search(name):
                self.unread = self.unread or f"a part {one_line(name, 40)!r} without text"
            self.add(held, depth + 1)

    def refuse(self, given: object, depth: int = 0) -> None:
        """Add what a `refusal` field holds, in whatever shape."""
        try:
            found = MessageText()
            found.add(given, depth)
        except RequestError:
            self.unread = self.unread or f"a refusal of type {type(given).__name__}"
            return
        words = [*found.text, *found.refusal]
        self.refusal += words
        if given and not any(words):
            self.unread = self.unread or "a refusal without text"


def said(content: object) -> MessageText:
    """Return what a `content` field holds.

    Raises:
        RequestError: It may be text, and cannot be read.
    """
    found = MessageText()
    if isinstance(content, str):  # as nearly always
        found.text.append(content)
    else:
        found.add(content)
    return found


def thoughts(*fields: object) -> str | None:
    """Return the thoughts in the first of some fields that holds any: a text, a part, or a list of either."""
    for each in fields:
        if each and (found := _flat(each, 0)):
            return found
    return None


def _flat(value: object, depth: int) -> str:
    if isinstance(value, str):
        return value
    if depth >= _DEEPEST:
        return ""
    if isinstance(value, list):
        return "".join(_flat(each, depth + 1) for each in value)
    if isinstance(value, dict):
        return next((found for at in _THOUGHTS if (found := _flat(value.get(at), depth + 1))), "")
    return ""


def count(value: object) -> int | None:
    """Return a count of tokens; None for what is none, such as the -1 of a server that does not know."""
    if (isinstance(value, str) and len(value) <= 10 and value.isascii() and value.isdecimal()) or (
        isinstance(value, float) and value.is_integer()
    ):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None
