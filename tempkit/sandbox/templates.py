"""Prompt templates: compiled and filled in, with the line of the template wherever that fails.

Those that hold nothing but the names of values cannot take long, and are filled in where they are (`is_plain`). All
others are for the helper's process.
"""

import re
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError

from tempkit.sandbox.errors import Fault, OverMemoryError, OverTimeError
from tempkit.sandbox.nunjucks_rules import NunjucksSandbox
from tempkit.sandbox.template_rules import Sandbox

__all__ = [
    "FAULTS",
    "compiling",
    "is_plain",
    "nunjucks_compiling",
    "nunjucks_rendering",
    "rendering",
    "template_line",
]

FAULTS = (
    *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
    *(RecursionError, RuntimeError, TemplateError),
)
"""What an expression of a template can raise; MemoryError is a matter of the limits."""

_OPENING = re.compile(r"\{[{%#]")
_NAME = re.compile(r"\{\{[ \t]{0,8}[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,5}[ \t]{0,8}\}\}", re.ASCII)
_PLAIN_LETTERS = 1_000_000
_PLAIN_NAMES = 1000


def is_plain(body: str) -> bool:
    """Whether a template is text with the names of values in it, `{{ name }}` or `{{ row.name }}`, and nothing else."""
    if len(body) > _PLAIN_LETTERS:
        return False
    openings = [match.start() for match in _OPENING.finditer(body)]
    return len(openings) <= _PLAIN_NAMES and all(_NAME.match(body, start) for start in openings)


def compiling(_common: object, nunjucks: bool = False) -> Callable[[str], None]:
    """Return what finds a template's faults."""

    def check(body: str) -> None:
        _compiled(body, nunjucks)

    return check


def rendering(body: str, nunjucks: bool = False) -> Callable[[Mapping[str, Any]], str]:
    """Return what fills in a template.

    Raises:
        Fault: It does not parse; so does what is returned, for a row that the template fails on.
    """
    sandbox, template = _compiled(body, nunjucks)

    def render(values: Mapping[str, Any]) -> str:
        sandbox.refill()
        try:
            return str(template.render(values))
        except OverTimeError as e:
            e.line = template_line(e)
            raise
        except MemoryError as e:
            raise OverMemoryError(template_line(e)) from e
        except FAULTS as e:
            message = getattr(e, "message", None) or str(e) or type(e).__name__
            if isinstance(e, RecursionError):
                message = "the template calls itself too deeply"
            raise Fault(message, line=template_line(e)) from e

    return render


nunjucks_compiling = partial(compiling, nunjucks=True)
nunjucks_rendering = partial(rendering, nunjucks=True)


@lru_cache(maxsize=4)
def _compiled(body: str, nunjucks: bool) -> tuple[Sandbox, Any]:
    sandbox = NunjucksSandbox() if nunjucks else Sandbox()
    try:
        return sandbox, sandbox.from_string(body)
    except TemplateSyntaxError as e:
        raise Fault(e.message or "the template does not parse", line=e.lineno) from e
    except (SyntaxError, RecursionError, MemoryError) as e:  # from Python's compiler, by its own limits
        if isinstance(e, MemoryError) and len(body) > _PLAIN_LETTERS:
            raise  # it is large, not deep
        raise Fault("the template is nested too deeply", line=1) from e
    except ValueError as e:
        raise Fault(f"the template does not parse: {e}", line=1) from e


def template_line(error: BaseException) -> int:
    """The template's own line in a traceback that Jinja2 has rewritten."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return frames[-1].lineno or 1 if frames else 1
