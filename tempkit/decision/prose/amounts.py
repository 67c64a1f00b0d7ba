"""Values, differences and temperatures as words: the parts that a recommendation's sentences are filled with.

Each part is a phrase that can stand by itself (`5 points`, `0.1 to 0.3 nats`, `0, 0.7 and 1`), so that a sentence of any language
can take it whole.
"""

import math
from collections.abc import Sequence
from typing import Protocol, get_args

from tempkit.i18n import degrees, enumerated, integer, ngettext, numeral
from tempkit.i18n import gettext as _
from tempkit.measures import Unit

__all__ = [
    "Interval",
    "amount",
    "at",
    "bound",
    "bounds",
    "difference",
    "joined",
    "listed",
    "percent",
    "questions",
    "range_of",
    "span_of",
    "spread",
    "threshold",
]

_SEVERAL = 2
"""What a number with decimals, or a range, counts as where the plural depends on the number."""

_UNITS = get_args(Unit)

_PLAIN = (0.05, 1e6)
"""From where to where a value of a unit that is not known is written with two decimals."""


class Interval(Protocol):
    """A mean with its interval, whatever else it is part of."""

    @property
    def mean(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def at(temperature: float) -> str:
    """Return a temperature as text, e.g. `0.7`."""
    return degrees(temperature)


def amount(value: float, unit: str, *, sign: bool = False) -> str:
    """Return a value of a measure in words: shares as percentages, and with a sign in points."""
    return _with_unit(*_number(value, unit, sign=sign), _signed(unit, sign=sign))


def difference(value: float, unit: str) -> str:
    """Return how far two values of a measure are apart: shares in points, since a difference of shares is no share."""
    return _with_unit(*_number(value, unit, sign=False), _signed(unit, sign=True))


def bound(value: float, unit: str, *, least: bool = False) -> str:
    """Return how far two values are apart at most, or at least, in the form of `difference`.

    It is rounded to the safe side, so that what is written still holds; below one step of the last decimal, a decimal more is given.
    """
    return _with_unit(*_safely(value, unit, least=least), _signed(unit, sign=True))


def bounds(low: float, high: float, unit: str) -> str:
    """Return how far two values are apart as a range, the unit once: `0.5 to 7.6 ideas`; each end rounded outwards."""
    ends = {"low": _safely(low, unit, least=True)[0], "high": _safely(high, unit, least=False)[0]}
    return _with_unit(_("%(low)s to %(high)s") % ends, _SEVERAL, _signed(unit, sign=True))


def percent(share: float) -> str:
    """Return a share in words, never as none or all where something was found or missing."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return _("less than 1 %")
    if rounded == 100 and share < 1:
        return _("more than 99 %")
    return _("%(number)s %%") % {"number": rounded}


def questions(n: int) -> str:
    """Return how many questions: `12 questions`."""
    return ngettext("%(n)s question", "%(n)s questions", n) % {"n": integer(n)}


def threshold(value: float, unit: str) -> str:
    """Return a margin as a person sets it, with no more digits than were given: `1 idea`, `5 points`, `0.05`."""
    shown = round(value * 100, 9) if unit == "share" else value
    n = int(shown) if shown == int(shown) else _SEVERAL
    return _with_unit(_written(f"{shown:g}"), n, _signed(unit, sign=True))


def joined(parts: Sequence[str]) -> str:
    """Return phrases as a list in words: `loops, refusals and empty answers`."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(several)s and %(last)s") % {"several": ", ".join(parts[:-1]), "last": parts[-1]}


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


def spread(level: Interval, unit: str) -> str:
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
    digits = _digits(value, unit)
    return _written(f"{value:{form}.3g}" if digits is None else f"{value:{form}.{digits}f}"), _SEVERAL


def _safely(value: float, unit: str, *, least: bool) -> tuple[str, int]:
    """Return the number of a bound, and what it counts as where the plural depends on it."""
    scale, digits = (100, 0) if unit == "share" else (1, _digits(value, unit))
    if digits is None or value <= 0:
        return _number(value, unit, sign=False)
    if value * scale < 10**-digits:
        digits += 1
    steps = round(value * scale * 10**digits, 6)  # 5 points are 5 points, and not a little more in binary
    whole_steps = math.floor(steps) if least else math.ceil(steps)
    written = numeral(f"{whole_steps / 10**digits:.{digits}f}")
    return written, whole_steps if digits == 0 else _SEVERAL


def _digits(value: float, unit: str) -> int | None:
    """Return how many decimals a value has; None where it is so small, or so large, that it is written with an exponent.

    Only a measure of the user's own, or of another package, can be: the others have units whose sizes are known.
    """
    if unit in ("ideas", "words", "count"):
        return 1
    return None if unit not in _UNITS and value and not _PLAIN[0] <= abs(value) < _PLAIN[1] else 2


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
        case _ if unit in _UNITS:
            return number
        case _:  # another package's unit, in its own words; empty where nothing is known of a measure
            return f"{number} {unit}".rstrip()
