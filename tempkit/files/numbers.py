"""Numbers as tables, files and command lines hold them: ASCII digits, a point, an exponent.

Python reads more than that: `0_7` is 7 to it, `٠.٧` is 0.7, and `nan` a number. A temperature or a score that was written
so is a slip of the pen or another program's word for nothing, and is named instead of guessed.
"""

import re
from decimal import Decimal

__all__ = ["figure", "hint", "whole_figure"]

_FIGURE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(
    r"[+-]?[0-9]{1,3}(?:[.,' \u00a0\u202f_][0-9]{3})+(?:[.,][0-9]*)?|[+-]?[0-9]+(?:_[0-9]+)+"
)
_WHOLE = re.compile(r"[+-]?[0-9]{1,25}(?:\.0*)?")


def figure(given: object) -> str | None:
    """Return a number's text, blanks around it taken away; None where it is no number, true and false included."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
        return None
    text = str(given).strip()
    return text if _FIGURE.fullmatch(text) else None


def whole_figure(given: object) -> int | None:
    """Return a whole number, `7.0` included, as programs without empty integers write it; None where it is none."""
    text = str(given).strip()
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or not _WHOLE.fullmatch(text):
        return None
    return int(text.partition(".")[0])


def hint(given: object) -> str:
    """Return `; ` and how to write what seems to be meant as a number, or nothing."""
    text = given.strip() if isinstance(given, str) else ""
    if _COMMA.fullmatch(text):
        return f"; it has a decimal comma: write {text.replace(',', '.')}"
    if _GROUPED.fullmatch(text):
        return "; write it without marks between its digits, and with a point before decimals"
    if text.endswith("%") and figure(text[:-1]) is not None:
        return "; leave out the %"
    if not text.isascii() and any(c.isnumeric() for c in text):
        return "; write it in the digits 0 to 9"
    return ""
