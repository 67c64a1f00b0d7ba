"""Phrases that are written in one place and shown in another: constants, and reasons that a database keeps.

A measure's title is a constant, and why a value is missing is stored beside it, in English, by a run that may be older than
any catalogue. Both are marked where they are written and translated where they are shown: `N_` marks a phrase, a `Phrase`
is one with parameters, and `spoken` translates what it finds to be one of these. It knows them by the text alone, so that
old databases are read in every language. What is none of them is somebody else's text, and stays as it is.
"""

import re
from functools import cached_property

from tempkit.i18n.language import gettext
from tempkit.i18n.number_format import integer, numeral

__all__ = ["N_", "Phrase", "spoken"]

_MARKED: set[str] = set()
_PHRASES: "list[Phrase]" = []

_LONGEST = 1_000
"""Characters: no phrase is as long with its parameters, and what repeats one within itself would be followed as deep as it goes."""

_MOST_PIECES = 4
"""More semicolons than this no phrase has."""

_PARAMETER = re.compile(r"%\((\w+)\)([sdg])")
_WRITTEN = {"s": "", "d": ",", "g": "g"}
_FORMS = {"s": r".+?", "d": r"-?\d[\d,]*", "g": r"-?\d[\d.e+-]*"}


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for it)
    """Mark a constant phrase for the catalogues and return it as it is; `spoken` translates it where it is shown."""
    _MARKED.add(message)
    return message


class Phrase:
    """A phrase with parameters, `%(name)s`, `%(name)d` or `%(name)g`: `Phrase(N_("has %(n)d words"))`.

    Called with its parameters it gives the English text to be stored. A parameter may be a phrase itself.
    """

    def __init__(self, message: str) -> None:
        self.message = message
        self._kinds = dict(_PARAMETER.findall(message))
        self._form = _PARAMETER.sub(_as_text, message)
        _PHRASES.append(self)

    def __call__(self, **values: object) -> str:
        return self._form % {
            name: format(value, _WRITTEN[self._kinds[name]]) for name, value in values.items()
        }

    def translated(self, text: str) -> str | None:
        """Return `text` in the current language; None where it is not this phrase."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        form = _PARAMETER.sub(_as_text, gettext(self.message))
        return form % {
            name: _parameter(found, self._kinds[name]) for name, found in match.groupdict().items()
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = _PARAMETER.split(self.message)  # text, name, kind, text, name, kind, ..., text
        parts = [re.escape(pieces[0].replace("%%", "%"))]
        for name, kind, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            parts += [f"(?P<{name}>{_FORMS[kind]})", re.escape(text.replace("%%", "%"))]
        return re.compile("".join(parts), re.DOTALL)


def spoken(text: str) -> str:
    """Return a stored phrase, or several joined by `; `, in the current language; any other text as it is."""
    if len(text) > _LONGEST:
        return text
    pieces = text.split("; ")
    said, start = [], 0
    while start < len(pieces):
        # A phrase may have a semicolon of its own, so the longest one that is known counts.
        for end in range(min(len(pieces), start + _MOST_PIECES), start, -1):
            piece = "; ".join(pieces[start:end])
            found = _known(piece)
            if found is not None or end == start + 1:
                said.append(piece if found is None else found)
                start = end
                break
    return "; ".join(said)


def _known(text: str) -> str | None:
    if text in _MARKED:
        return gettext(text)
    return next((found for each in _PHRASES if (found := each.translated(text)) is not None), None)


def _as_text(parameter: re.Match[str]) -> str:
    """Return a parameter as one that takes text; one for `%g` is left to Python as long as it is English."""
    return f"%({parameter[1]})s"


def _parameter(text: str, kind: str) -> str:
    if kind == "d":
        return integer(int(text.replace(",", "")))
    return numeral(text) if kind == "g" else spoken(text)
