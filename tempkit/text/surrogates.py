"""Lone surrogates: half a character of UTF-16, which JSON can write and UTF-8 cannot."""

import re
from typing import Final

__all__ = ["LONE_SURROGATE", "NO_CHARACTER", "without_surrogates"]

LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
NO_CHARACTER: Final = "a lone surrogate (\\ud800 to \\udfff)"
"""How messages call one."""


def without_surrogates(text: str) -> str:
    """Return a text with a question mark for each lone surrogate, for what takes UTF-8 only."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
