"""Texts as cells that a spreadsheet shows and does not run, and that can be had back as they were.

Texts come from models and users, and a spreadsheet takes one that begins with `=`, `+`, `-` or `@` (or, in some, with a tab, a
line end or one of these signs at full width) for a formula. Such a text gets an apostrophe before it, and so does one that
begins with an apostrophe: whoever reads the file takes one leading apostrophe away and has the text as it was.
"""

__all__ = ["RISKY", "guarded"]

RISKY = "=+-@\t\r\n'＝＋－＠"
"""First characters that get an apostrophe before them; the page's script has the same."""


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; without its leading apostrophe, if it has one, it is the text."""
    return f"'{text}" if text[:1] and text[0] in RISKY else text
