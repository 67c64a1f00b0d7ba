"""Where templates and styles come from: the bundled ones, or a folder's own in their place, one by one.

A folder holds only what it changes, so that a report of the next version still gets everything else of that version. What
is in it is checked before anything is drawn: a file that would override nothing is a typing error, and would otherwise go
unnoticed, and a link that leads out of the folder is not followed. Templates run in Jinja's sandbox with everything
escaped, and those of a folder under limits in a process of its own (see `isolated`), because they may come from a stranger.
What stands around the page cannot be overridden: see `page_frame`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from tempkit.errors import ReportError, nearest, one_line
from tempkit.i18n import Language, current, gettext, ngettext, pgettext
from tempkit.report.text.characters import marked, plain, said, shown
from tempkit.report.text.escaping import code, escaped
from tempkit.sandbox import OverMemoryError, OverTimeError

__all__ = [
    "RESERVED",
    "STYLES",
    "Own",
    "asset",
    "draw",
    "macro",
    "overridable",
    "own_files",
    "shipped_folders",
    "stylesheet",
]

STYLES = (
    "base",
    "compare",
    "cards",
    "figures",
    "answers",
    "index",
    "forks",
    "tokens",
    "explorer",
    "method",
    "small",
    "print",
)
"""In the order in which they apply: the last two override for small screens and for paper."""

EXTRA = "extra.css"
"""A folder's own styles, after all others."""

_ABOUT = re.compile(r"\A(?:\{#|/\*)\s*(.*?)\s*(?:#\}|\*/|$)", re.MULTILINE)
_FAULTS = (TemplateError, LookupError, ArithmeticError, TypeError, ValueError, AttributeError, RuntimeError)
"""What a template can raise by what it does with its data."""

RESERVED = re.compile(
    r"<(!doctype|html|head|body|meta|link|base|script|iframe|frame|frameset|object|embed|applet|portal|fencedframe)"
    r"(?=[\s/>]|$)|</(?:html|head|body)(?=[\s/>]|$)",
    re.IGNORECASE,
)
"""Tags that are the frame's own, or that load or go somewhere by themselves."""

_MOST_FILES, _MOST_BYTES = 200, 2**20
"""In a folder, and in one of its files: a hundred times what ours are."""


@dataclass(frozen=True, slots=True)
class Own:
    """The templates and styles of somebody's folder, read and checked."""

    folder: Path
    files: Mapping[str, str]
    """Their texts by name."""


def draw(name: str, own: Own | None, values: Mapping[str, Any]) -> str:
    """Return a template's text; `name` ends in `.html.j2` or `.md.j2`, which decides how values are escaped.

    Raises:
        ReportError: A template of the folder is broken; the message begins with its file and line.
    """
    environment = _environment(own, markdown=name.endswith(".md.j2"))
    with _blamed(own):
        return environment.get_template(name).render(values)


def macro(name: str, template: str, own: Own | None) -> Callable[..., Markup]:
    """Return a macro of a template as a function, for parts that are drawn one by one.

    Raises:
        ReportError: The folder's template is broken, or has no such macro; the function raises it too.
    """
    with _blamed(own):
        made = getattr(_environment(own, markdown=False).get_template(template).module, name, None)
    if made is None:
        raise ReportError(
            f"{own.folder if own else 'tempkit'}: {template} has no macro {name}; copy the shipped one and edit that"
        )

    def drawn(*values: Any) -> Markup:
        with _blamed(own):
            return Markup(made(*values))  # noqa: S704  (escaped by the template)

    return drawn


def stylesheet(own: Own | None) -> str:
    """Return all styles in their order, the folder's own in place of ours, its extra ones last."""
    files = {} if own is None else own.files
    sheets = [files.get(f"{name}.css") or asset(f"css/{name}.css") for name in STYLES]
    return "\n".join([*sheets, files.get(EXTRA, "")])


def overridable() -> dict[str, str]:
    """Return the names of files that a folder may hold, with what each is about."""
    found = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in sorted((files("tempkit.report") / "templates").iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".j2")
    }
    found |= {f"{name}.css": asset(f"css/{name}.css") for name in STYLES}
    about = {name: match[1] if (match := _ABOUT.match(text)) else "" for name, text in found.items()}
    return {**about, EXTRA: "Styles of your own, after all others."}


def shipped_folders() -> list[Path]:
    """Return where the files that can be overridden are, to copy them from: templates first, then styles."""
    root = files("tempkit.report")
    with as_file(root / "templates") as templates, as_file(root / "assets" / "css") as styles:
        return [templates, styles]


@cache
def asset(name: str) -> str:
    """Return the text of a file under `assets/`."""
    return (files("tempkit.report") / "assets" / name).read_text(encoding="utf-8")


def _environment(own: Own | None, *, markdown: bool) -> ImmutableSandboxedEnvironment:
    if own is None:
        return _shipped(current(), markdown=markdown)

    def load(name: str) -> tuple[str, str, None] | None:
        text = own.files.get(name)
        return None if text is None else (text, str(own.folder / name), None)

    return _made(FunctionLoader(load), markdown=markdown)


@cache
def _shipped(_language: Language, *, markdown: bool) -> ImmutableSandboxedEnvironment:
    """Return the environment of a language: Jinja keeps what an imported template has set, phrases included."""
    return _made(None, markdown=markdown)


def _made(first: BaseLoader | None, *, markdown: bool) -> ImmutableSandboxedEnvironment:
    ours = PackageLoader("tempkit.report")
    rating = PackageLoader("tempkit.report", "assets/rating")  # of another page, and nothing to override
    loaders = [*([] if first is None else [first]), ours, PrefixLoader({"tempkit": ours, "rating": rating})]
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=not markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=markdown,
        extensions=["jinja2.ext.i18n"],
        finalize=_in_markdown if markdown else _visible,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext
    )
    environment.filters |= {"shown": shown, "marked": marked, "said": said, "plain": plain, "code": code}
    return environment


def _visible(value: Any) -> Any:
    """Spell out hidden characters in every string a template prints: lone surrogates are no UTF-8, NUL is no HTML.

    A translated phrase is markup by the time it gets here, so a string put into one needs the `plain` filter.
    """
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _in_markdown(value: Any) -> Any:
    """Escape every string that a Markdown template prints, whether its author thought of it or not."""
    return escaped(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def own_files(folder: Path) -> Own:
    """Read the folder's templates and styles; an entry that begins with `_` is a part of its own.

    Raises:
        ReportError: There is no such folder, or it holds what cannot be used.
    """
    if not folder.is_dir():
        raise ReportError(f"no folder of templates at {str(folder)!r}: --templates takes a folder")
    known, found = overridable(), dict[str, str]()
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".j2", ".css") or not (path.is_file() or path.is_symlink()):
            continue
        if path.name not in known and not (path.name.startswith("_") and path.suffix == ".j2"):
            raise ReportError(
                f"{path} overrides nothing{nearest(path.name, list(known))}: `tempkit report --list-templates` lists what "
                "can be; a part that your own templates include begins with _"
            )
        if len(found) == _MOST_FILES:
            raise ReportError(f"{folder} holds more than {_MOST_FILES} templates and styles; take some out")
        found[path.name] = _own_text(path, folder)
    return Own(folder, found)


def _own_text(path: Path, folder: Path) -> str:
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()) or not real.is_file():
            raise ReportError(f"{path} is a link that leads out of the folder; put the file itself there")
        if real.stat().st_size > _MOST_BYTES:
            raise ReportError(f"{path} is larger than {_MOST_BYTES // 2**20} MiB; make it smaller")
        text = real.read_text(encoding="utf-8")
    except (OSError, RuntimeError) as e:  # a link to itself is one or the other
        reason = e.strerror if isinstance(e, OSError) else "it is a link to itself"
        raise ReportError(f"{path} cannot be read: {reason}") from e
    except UnicodeDecodeError as e:
        raise ReportError(f"{path} is not UTF-8 text (byte {e.start}); save it as UTF-8") from e
    if path.suffix == ".css" and (end := re.search("</style", text, re.IGNORECASE)):
        line = text.count("\n", 0, end.start()) + 1
        raise ReportError(f"{path}:{line}: {end[0]} would end the page's styles there; take it out")
    if path.name.endswith(".html.j2") and (tag := RESERVED.search(text)):
        line = text.count("\n", 0, tag.start()) + 1
        raise ReportError(
            f"{path}:{line}: {tag[0]} is not for templates: the page's policy, styles and scripts stand around what they "
            "draw; take it out, or copy the shipped file anew"
        )
    return text


@contextmanager
def _blamed(own: Own | None) -> Iterator[None]:
    """Say of a fault in the folder's templates where it is."""
    try:
        yield
    except OverTimeError as e:
        e.place = None if own is None else _where(e, own.folder)
        raise
    except MemoryError as e:
        raise OverMemoryError(place=None if own is None else _where(e, own.folder)) from e
    except _FAULTS as e:
        where = None if own is None else _where(e, own.folder)
        if where is None:
            raise
        raise ReportError(f"{where}: {one_line(e)}; mend it, or take it out of the folder") from e


def _where(fault: Exception, folder: Path) -> str | None:
    """Return `file:line` of the folder's template that a fault came from, the innermost; None: from none of them."""
    if isinstance(fault, TemplateSyntaxError) and fault.filename and _inside(fault.filename, folder):
        return f"{fault.filename}:{fault.lineno}"
    places = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in walk_tb(fault.__traceback__)
        if _inside(frame.f_code.co_filename, folder)
    ]
    return places[-1] if places else None


def _inside(file: str, folder: Path) -> bool:
    return Path(file).absolute().is_relative_to(folder.absolute())
