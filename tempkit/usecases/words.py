"""Values, differences and temperatures as words: the parts that a recommendation's sentences are filled with.

Each part is a phrase that can stand by itself (`5 points`, `0.1 to 0.3 nats`, `0, 0.7 and 1`), so that a sentence of any language
can take it whole.
"""

from collections.abc import Sequence

from tempkit.language import gettext as _
from tempkit.language import ngettext
from tempkit.numerals import degrees, enumerated, numeral
from tempkit.usecases.result import LevelResult

__all__ = ["amount", "at", "counted", "difference", "listed", "range_of", "span_of", "spread"]

_SEVERAL = 2
"""What a number with decimals, or a range, counts as where the plural depends on the number."""


def at(temperature: float) -> str:
    """Return a temperature as text, e.g. `0.7`."""
    return degrees(temperature)


def amount(value: float, unit: str, *, sign: bool = False) -> str:
    """Return a value of a measure in words: shares as percentages, and with a sign in points."""
    return _with_unit(*_number(value, unit, sign=sign), _signed(unit, sign=sign))


def difference(value: float, unit: str) -> str:
    """Return how far two values of a measure are apart: shares in points, since a difference of shares is no share."""
    return _with_unit(*_number(value, unit, sign=False), _signed(unit, sign=True))


def range_of(low: float, high: float, unit: str, *, sign: bool = False) -> str:
    """Return two values as a range, the unit once: `3.8 to 8.2 ideas`."""
    return _range(low, high, unit, _signed(unit, sign=sign), sign=sign)


def span_of(low: float, high: float, unit: str) -> str:
    """Return two differences as a range, the unit once: `0 to 8 points`."""
    return _range(low, high, unit, _signed(unit, sign=True), sign=False)


def listed(temperatures: Sequence[float], grid: Sequence[float]) -> str:
    """Return temperatures in words; neighbours on the grid as a range: `0 to 0.7` or `0, 0.7 and 1`."""
    places = [grid.index(t) for t in temperatures]
    names = [at(t) for t in temperatures]
    if len(places) > 2 and places == list(range(places[0], places[0] + len(places))):
        return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    if len(names) == 1:
        return names[0]
    return _("%(several)s and %(last)s") % {"several": enumerated(names[:-1]), "last": names[-1]}


def counted(numbers: Sequence[int]) -> str:
    """Return how many items: `12 items`, or `8 and 12 items` where there are two numbers."""
    n = numbers[0] if len(numbers) == 1 else _SEVERAL
    told = str(numbers[0])
    if len(numbers) > 1:
        told = _("%(several)s and %(last)s") % {"several": told, "last": numbers[1]}
    return ngettext("%(n)s item", "%(n)s items", n) % {"n": told}


def spread(level: LevelResult, unit: str) -> str:
    """Return a mean with its interval, or with the reason why it has none in short."""
    if level.mean is None:
        return _("no value")
    if level.low is None or level.high is None:
        return _("%(mean)s (no interval)") % {"mean": amount(level.mean, unit)}
    return _("%(mean)s (%(interval)s)") % {
        "mean": amount(level.mean, unit),
        "interval": range_of(level.low, level.high, unit),
    }


def _signed(unit: str, *, sign: bool) -> str:
    """Return the unit of a difference, which has a sign: that of two shares is in points."""
    return "points" if unit == "share" and sign else unit


def _number(value: float, unit: str, *, sign: bool) -> tuple[str, int]:
    """Return a number, and what it counts as where the plural depends on it."""
    form = "+" if sign else ""
    if unit == "share":
        return _written(f"{value * 100:{form}.0f}"), abs(round(value * 100))
    digits = 1 if unit in ("ideas", "words", "count") else 2
    return _written(f"{value:{form}.{digits}f}"), _SEVERAL


def _written(text: str) -> str:
    """Return a number with a true minus sign; a rounded zero has no sign."""
    return numeral(text.replace("-", "−") if text.strip("+-0.") else text.lstrip("+-"))


def _range(low: float, high: float, unit: str, shown_unit: str, *, sign: bool) -> str:
    ends = {"low": _number(low, unit, sign=sign)[0], "high": _number(high, unit, sign=sign)[0]}
    return _with_unit(_("%(low)s to %(high)s") % ends, _SEVERAL, shown_unit)


def _with_unit(number: str, n: int, unit: str) -> str:
    match unit:
        case "share":
            return _("%(number)s %%") % {"number": number}
        case "points":
            return ngettext("%(number)s point", "%(number)s points", n) % {"number": number}
        case "nats":
            return ngettext("%(number)s nat", "%(number)s nats", n) % {"number": number}
        case "ideas":
            return ngettext("%(number)s idea", "%(number)s ideas", n) % {"number": number}
        case "words":
            return ngettext("%(number)s word", "%(number)s words", n) % {"number": number}
        case _:
            return number
