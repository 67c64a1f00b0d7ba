"""The language that a report speaks: chosen once for a stretch of code, and asked for wherever a sentence is made.

Sentences are made far below the page (a recommendation says its evidence, a measure its name), so the language is a context
variable and no argument of forty functions. English is what the sources hold and needs nothing: no catalogue is read and
Babel is not imported before another language is chosen, so that `tempkit --help` stays instant.

Catalogues are gettext's `.po` files, in the package as people edit them, and read when they are used. The compiled form
would save a twentieth of a second and cost a build step, which a clone, an editable installation and a wheel would all
have to have gone through, or speak English without a word of warning.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from tempkit.errors import UsageError, nearest, one_line

__all__ = [
    "Language",
    "catalogue",
    "current",
    "gettext",
    "language",
    "language_codes",
    "ngettext",
    "pgettext",
]

_FOLDER = Path(__file__).with_name("locale")


@dataclass(frozen=True, eq=False)
class Language:
    """A language with its words; compared by identity, so that what is made for one is kept for that one."""

    code: str
    """As in HTML's `lang`."""
    words: NullTranslations


_ENGLISH = Language("en", NullTranslations())
_current: ContextVar[Language] = ContextVar("language", default=_ENGLISH)


def current() -> Language:
    """Return the language that is spoken now."""
    return _current.get()


def language_codes() -> list[str]:
    """Return the codes of the languages there are, English first."""
    return ["en", *sorted(path.parent.parent.name for path in _FOLDER.glob("*/LC_MESSAGES/tempkit.po"))]


def catalogue(code: str) -> Path:
    """Return where a language's catalogue is."""
    return _FOLDER / code / "LC_MESSAGES" / "tempkit.po"


@contextmanager
def language(chosen: str | Language) -> Iterator[Language]:
    """Speak a language inside a `with` block; a region in its code (`es-MX`, `es_ES.UTF-8`) is ignored.

    Raises:
        UsageError: There is none of this code.
    """
    token = _current.set(chosen if isinstance(chosen, Language) else _named(chosen))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    """Return a message in the current language."""
    return _current.get().words.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return a message in the form that goes with the number `n`."""
    return _current.get().words.ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """Return a message that means different things in different places; `context` says which is meant."""
    return _current.get().words.pgettext(context, message)


def _named(code: str) -> Language:
    wanted = code.replace("_", "-").split("-")[0].split(".")[0].lower()
    known = language_codes()
    if wanted not in known:
        from babel import Locale

        named = ", ".join(f"{each} ({Locale.parse(each).display_name})" for each in known)
        raise UsageError(
            f"there is no language {one_line(code, 40)!r}{nearest(wanted, known)}; there are: {named}"
        )
    return _ENGLISH if wanted == "en" else _read(wanted)


@cache
def _read(code: str) -> Language:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with catalogue(code).open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Language(code, GNUTranslations(compiled))
