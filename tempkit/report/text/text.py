"""What a report says passes through here: every phrase through `gettext`, every number through one of these functions.

Both follow the current language (see `tempkit.i18n.languages`). Numbers are written for a reader: no more digits than the data
carry, a true minus sign, a space before %, and never a rounded 0 % or 100 % where something was found or missing.
"""

import math
from collections.abc import Sequence

from tempkit.i18n import degrees as temperature
from tempkit.i18n import enumerated, gettext, integer, moment, ngettext, numeral, pgettext, translated

__all__ = [
    "count",
    "enumerated",
    "figure",
    "first_of",
    "gettext",
    "moment",
    "ngettext",
    "number",
    "pgettext",
    "share",
    "temperature",
    "translated",
]

UNKNOWN = "–"
_GAP = "\u00a0"


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with `digits` decimals; a dash when it is unknown."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")  # a rounded zero has no sign
    return numeral(text.replace("-", "−"))


def count(value: int | None) -> str:
    """Return a count, with thin spaces between thousands from 10,000 on; a dash when it is unknown."""
    return UNKNOWN if value is None else integer(value)


def share(value: float | None) -> str:
    """Return a share in [0, 1] as a percentage; "<1 %" and ">99 %" where rounding would claim none or all."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    percent = round(value * 100)
    if percent == 0 and value > 0:
        return f"<1{_GAP}%"
    if percent == 100 and value < 1:
        return f">99{_GAP}%"
    return f"{percent}{_GAP}%"


def figure(value: float | None, unit: str) -> str:
    """Return a measure's value in its unit's form; any other unit stands in the heading."""
    return share(value) if unit == "share" else number(value)


def first_of(names: Sequence[str], most: int) -> str:
    """Return the first of several names, and how many more there are."""
    shown, more = ", ".join(names[:most]), len(names) - most
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
        "names": shown,
        "n": more,
    }
