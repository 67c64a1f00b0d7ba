"""Untrusted text inside a prompt: between lines that it cannot write itself.

A completion may hold instructions to the judge, or what looks like the end of its own part. So each part begins and ends
with a marker that is made from the texts themselves and is found in none of them: who writes a text cannot know its marker,
because another text would have another one. That keeps the parts apart; it cannot make a judge ignore what it reads there.
"""

import hashlib
import json
from dataclasses import dataclass
from itertools import count

__all__ = ["Cut", "cut", "fenced", "marker"]

_SIZE = 8
"""Bytes of a marker."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as far as the judge sees it."""

    text: str
    left_out: int
    """Characters."""


def marker(seed: int, *texts: str) -> str:
    """Return 16 hexadecimal digits that none of the texts holds, in either case; the same for the same texts and seed."""
    lowered = [text.lower() for text in texts]
    for attempt in count():
        made = json.dumps([seed, attempt, *texts]).encode()
        found = hashlib.blake2b(made, digest_size=_SIZE).hexdigest()
        if not any(found in text for text in lowered):
            return found
    raise AssertionError("unreachable")


def cut(text: str, longest: int) -> Cut:
    """Return the beginning of a text, at most `longest` characters of it."""
    return Cut(text[:longest], max(0, len(text) - longest))


def fenced(name: str, given: Cut, mark: str) -> str:
    """Return a part of a prompt: what is given between lines with its name and the marker.

    That it was cut is said outside, where the text itself cannot say it.
    """
    note = (
        f"\n(The {name} was cut here for its length; {given.left_out:,} more characters are not shown.)"
        if given.left_out
        else ""
    )
    return f"[{mark} {name} begins]\n{given.text}\n[{mark} {name} ends]{note}"
