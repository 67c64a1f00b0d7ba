"""Measures, backends, export formats and use cases of a program's own: a decorated function or class, for as long as it runs.

What is to be there for the command line too is a package with an entry point (docs/plugins.md).
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from types import CodeType
from typing import Any, TypeVar

from tempkit.backends import backend_names
from tempkit.decision import UseCase, parse_profile, shipped
from tempkit.errors import UsageError
from tempkit.interchange import FORMATS, Exporter
from tempkit.measures import Direction, Found, Measure, Missing, Need, Unit, View, known
from tempkit.plugins import add, additions
from tempkit.types import Completion, Reason

__all__ = ["add_backend", "add_exporter", "add_measure", "add_use_case"]

OfAnswer = Callable[[Completion], "float | Missing | None"]
F = TypeVar("F", bound=OfAnswer)
B = TypeVar("B", bound=type[Any])

_CODES = 10**9
"""Version numbers of a measure hold its function's code in the digits below."""

_TEXT: frozenset[Need] = frozenset({"text"})


def add_measure(
    *,
    title: str,
    name: str | None = None,
    unit: Unit | str = "",
    low: float | None = None,
    high: float | None = None,
    direction: Direction = "neither",
    definition: str | None = None,
    family: str = "Measures of one's own",
    needs: Collection[Need] = _TEXT,
    needs_complete: bool = False,
    version: int = 1,
) -> Callable[[F], F]:
    """Make a measure of a function that is given one answer and returns its value; None, or `Missing(why)`, where it has none.

    Scores are taken anew when the function's code changes.

    Args:
        title: As the heading of a chart or a column.
        name: For tables, exports and code; None: the function's own.
        unit: One of `tempkit.measures.Unit`, or any other in words.
        low: The least possible value; None: there is none.
        high: The greatest.
        direction: Which way is better.
        definition: How it is computed, in a sentence or two; None: the beginning of the function's docstring.
        family: The heading that a report shows it under.
        needs: What a value cannot be had without.
        needs_complete: Leave truncated answers out.
        version: Raised whenever the same answers give another value for a reason that is not in the function.
    """

    def added(function: F) -> F:
        called = name or function.__name__
        doc = (function.__doc__ or "").strip().partition("\n\n")[0]
        _refuse_taken("tempkit.measures", "measure", called, known(called) is not None)

        def of_completions(_view: View, completions: Sequence[Completion]) -> list[Found]:
            found = (function(completion) for completion in completions)
            return [Missing(Reason("gave_nothing")) if value is None else value for value in found]

        about = Measure(
            name=called,
            title=title,
            family=family,
            version=version * _CODES + _code_number(function),
            unit=unit,
            low=low,
            high=high,
            direction=direction,
            min_n=1,
            needs=frozenset(needs),
            needs_complete=needs_complete,
            definition=definition or " ".join(doc.split()) or f"What the function {called} returns.",
            of_completions=of_completions,
        )
        add("tempkit.measures", "measure", called, about)
        return function

    return added


def add_backend(name: str) -> Callable[[B], B]:
    """Register a backend's class (docs/writing-a-backend.md) under the part of a model's name before the colon."""

    def added(kind: B) -> B:
        missing = [
            each
            for each in ("capabilities", "prepare", "run", "close")
            if not callable(getattr(kind, each, None))
        ]
        if missing:
            raise UsageError(
                f"the backend {name!r} has no {', no '.join(missing)}; see tempkit.backends.Backend"
            )
        _refuse_taken("tempkit.backends", "backend", name, name in backend_names())
        add("tempkit.backends", "backend", name, kind)
        return kind

    return added


def add_exporter(
    name: str, *, suffixes: Sequence[str], title: str | None = None, **more: Any
) -> Callable[[B], B]:
    """Register a class that writes rows as a format of `export`.

    Its instances are made of a binary file and columns, and have the methods `write(row)`, `close()` and `abandon()`.

    Args:
        name: Of the format.
        suffixes: How its files' names end, with the dot.
        title: In a sentence; None: the name.
        **more: Whatever else `tempkit.interchange.exports.Exporter` takes.
    """

    def added(kind: B) -> B:
        _refuse_taken("tempkit.exporters", "format", name, name in FORMATS)
        add(
            "tempkit.exporters",
            "exporter",
            name,
            Exporter(name=name, title=title or name, suffixes=tuple(suffixes), open=kind, **more),
        )
        return kind

    return added


def add_use_case(text: str) -> UseCase:
    """Register a use case, and return it.

    Args:
        text: In TOML, as a file for `--use-case` is written.

    Raises:
        UsageError: It cannot be used.
    """
    found = parse_profile(text, "the use case")
    _refuse_taken("tempkit.use_cases", "use case", found.name, found.name in shipped())
    add("tempkit.use_cases", "use case", found.name, text)
    return found


def _refuse_taken(group: str, kind: str, name: str, there: bool) -> None:
    """Refuse a name that something else than the program itself has.

    Raises:
        UsageError: It is taken.
    """
    if there and not any(plugin.name == name for plugin in additions(group)):
        raise UsageError(f"there is a {kind} {name!r} already; call yours otherwise")


def _code_number(function: Callable[..., object]) -> int:
    """Return a number below `_CODES` that stands for a function's code: another one when it is written otherwise."""
    sha = hashlib.sha256()

    def take(code: CodeType) -> None:
        sha.update(code.co_code)
        sha.update(repr(code.co_names).encode())
        for const in code.co_consts:
            if isinstance(const, CodeType):
                take(const)
            else:  # sets are in another order in another process
                said = sorted(map(repr, const)) if isinstance(const, frozenset) else const
                sha.update(repr(said).encode())

    code = getattr(function, "__code__", None)
    if code is None:
        sha.update(repr(type(function)).encode())
    else:
        take(code)
        sha.update(repr((function.__defaults__, function.__kwdefaults__)).encode())
    return int.from_bytes(sha.digest()[:8], "big") % _CODES
