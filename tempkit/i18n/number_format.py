"""Numbers and dates as the current language writes them.

Which sign stands before decimals is looked up in the CLDR tables that Babel brings. Thousands are set apart by a thin space in
every language (ISO 80000-1 and the Spanish academies ask for it), since a point or a comma there would mean something else in
the next language.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from tempkit.i18n.languages import current, gettext, pgettext

__all__ = ["degrees", "enumerated", "integer", "moment", "numeral"]

_LONG = 10_000


def numeral(text: str) -> str:
    """Return a number that Python wrote (`-0.25`, `+3`, `1e-05`) as the current language writes it."""
    return text.replace(".", _decimal_sign(current().code))


def degrees(value: float) -> str:
    """Return a temperature as a person writes it: 0, 0.7, 1.25."""
    return numeral(f"{value:g}")


def integer(value: int) -> str:
    """Return a whole number, with thin spaces between thousands from 10,000 on."""
    return f"{value:,}".replace(",", "\u202f") if abs(value) >= _LONG else str(value)


def enumerated(numbers: Sequence[str]) -> str:
    """Return numbers one after the other: `0, 0.5, 1`."""
    return pgettext("between two numbers of a list", ", ").join(numbers)


def moment(value: datetime) -> str:
    """Return a time in UTC to the minute; a time without a zone is taken to be UTC."""
    value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    code = current().code
    if code == "en":
        return f"{value:%Y-%m-%d %H:%M} UTC"
    from babel.dates import format_date, format_time

    return gettext("%(date)s, %(time)s UTC") % {
        "date": format_date(value, "medium", locale=code),
        "time": format_time(value, "short", locale=code),
    }


@cache
def _decimal_sign(code: str) -> str:
    if code == "en":
        return "."
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(code)
