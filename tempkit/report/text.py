"""Where a language enters the report: every phrase passes through `gettext`, every number through one of these functions.

There is one language today, so the translations are the null ones; a catalogue can replace them here without touching a
template. Numbers are written for a reader: no more digits than the data carry, a true minus sign, a space before %, and
never a rounded 0 % or 100 % where something was found or missing.
"""

import math
from datetime import UTC, datetime
from gettext import NullTranslations

__all__ = ["count", "figure", "gettext", "moment", "ngettext", "number", "share", "temperature"]

_translations = NullTranslations()
gettext = _translations.gettext
ngettext = _translations.ngettext

UNKNOWN = "–"
_GAP = "\u00a0"


def temperature(value: float) -> str:
    """Return a temperature as a person writes it: 0, 0.7, 1.25."""
    return f"{value:g}"


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with `digits` decimals; a dash when it is unknown."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")  # a rounded zero has no sign
    return text.replace("-", "−")


def count(value: int | None) -> str:
    """Return a count, with thin spaces between thousands from 10,000 on; a dash when it is unknown."""
    if value is None:
        return UNKNOWN
    return f"{value:,}".replace(",", "\u202f") if abs(value) >= 10_000 else str(value)


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


def moment(value: datetime) -> str:
    """Return a time in UTC to the minute; a time without a zone is taken to be UTC."""
    value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{value:%Y-%m-%d %H:%M} UTC"
