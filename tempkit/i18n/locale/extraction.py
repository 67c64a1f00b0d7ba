"""Find every message that the sources hold, and bring the catalogues up to date with them.

There are three kinds of sources: Python modules and templates, where a message is the argument of a function (`_`, `N_`,
`ngettext`, `pgettext`), and the shipped use cases, whose texts are messages because a report shows them.
"""

import tomllib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from tempkit.i18n.languages import catalogue

__all__ = ["KEYWORDS", "read", "template", "untranslated", "update"]

_PACKAGE = Path(__file__).parents[2]

KEYWORDS: dict[str, Any] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
"""What takes messages, and where: the first argument, both of the first two, or the second with the first as its context."""

_COMMENTS = ("Translators:",)
_OF_USE_CASE = ("title", "wants", "why", "tie_why")
_OF_PARTS = {
    "primary": ("why", "note"),
    "variety": ("why", "note"),
    "guard": ("why",),
    "prior": ("says", "source"),
}


def template() -> Catalog:
    """Return all messages of the package, with the files that they come from."""
    found = Catalog(domain="tempkit", project="tempkit", fuzzy=False)
    for path, messages in _sources():
        for message, comments, context in messages:
            found.add(
                message,
                locations=[(path.relative_to(_PACKAGE.parent).as_posix(), 0)],
                auto_comments=comments,
                context=context,
            )
    return found


def update(code: str) -> Catalog:
    """Bring a language's catalogue up to date with the sources and return it.

    A new message stands there without a translation. One that is no longer used is dropped, and none is guessed from a
    like one: a wrong translation is harder to see than a missing one.
    """
    path, known = catalogue(code), read(code)
    known.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    written = BytesIO()
    write_po(written, known, width=100, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(written.getvalue())
    return read(code)


def read(code: str) -> Catalog:
    """Return a language's catalogue."""
    with catalogue(code).open("rb") as file:
        return read_po(file, locale=code, domain="tempkit")


def untranslated(found: Catalog) -> list[str]:
    """Return the messages that a catalogue lacks, has in doubt, or has not in all plural forms."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in found
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]


def _forms(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (string,)


_Message = tuple[Any, list[str], str | None]


def _sources() -> Iterator[tuple[Path, Iterator[_Message]]]:
    methods: tuple[tuple[str, str | Callable[..., Any], dict[str, str]], ...] = (
        ("**/*.py", "python", {}),
        ("report/templates/*.j2", babel_extract, {"silent": "false", "trim_blocks": "true"}),
        ("report/assets/rating/*.j2", babel_extract, {"silent": "false", "trim_blocks": "true"}),
    )
    for pattern, method, options in methods:
        for path in sorted(_PACKAGE.glob(pattern)):
            if path.parent != Path(__file__).parent:
                yield path, _of_calls(path, method, options)
    for path in sorted((_PACKAGE / "decision" / "shipped").glob("*.toml")):
        yield path, _of_use_case(path)


def _of_calls(path: Path, method: str | Callable[..., Any], options: dict[str, str]) -> Iterator[_Message]:
    with path.open("rb") as file:
        for _line, message, comments, context in extract(
            method,
            file,
            keywords=KEYWORDS,
            comment_tags=_COMMENTS,
            options=options,
        ):
            yield message, list(comments), context


def _of_use_case(path: Path) -> Iterator[_Message]:
    profile = tomllib.loads(path.read_text("utf-8"))
    for name in _OF_USE_CASE:
        yield profile[name], [], None
    for kind, names in _OF_PARTS.items():
        found = profile.get(kind, [])
        for part in [found] if isinstance(found, dict) else found:
            for name in names:
                if part.get(
                    name
                ):  # a note may be left out, and the empty message stands for a catalogue's header
                    yield part[name], [], None
