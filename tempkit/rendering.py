"""Turn a template and one row of values into chat messages.

Templates come from files that somebody may have downloaded, and values from data that nobody has read, so rendering is
sandboxed (see `sandbox`) and strict (an unknown variable is an error, not an empty string). Role lines are marked in the
template *before* rendering, with a mark no value can guess: a value that contains the line `system:` stays a part of its
message and cannot start a new one.
"""

import re
import secrets
import traceback
from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError

from tempkit.errors import PromptError, one_line
from tempkit.sandbox import Sandbox
from tempkit.types import Message, Role

__all__ = ["Template"]

_ROLES: tuple[Role, ...] = ("system", "user", "assistant")
_ROLE_LINE = re.compile(r"^[ \t]*#?[ \t]*([A-Za-z]+)[ \t]*(\[.*\])?[ \t]*:[ \t]*$")
_FOREIGN_ROLES = ("developer", "tool", "function")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Template:
    """A compiled prompt body.

    Args:
        body: Jinja2 text; lines holding only `system:`, `user:` or `assistant:` begin a message. Without any, the
            whole is one user message.
        source: The file's name, for messages.
        first_line: The line of the file on which `body` begins.

    Raises:
        PromptError: The template does not parse, or has a role line that cannot be sent.
    """

    def __init__(self, body: str, source: str, first_line: int = 1) -> None:
        self._source, self._first = source, first_line
        self._start = 1
        self._mark = f"\x02{secrets.randbelow(10**40):040}:"  # digits: no filter changes their case
        marked = self._mark_roles(body)
        self._sandbox = Sandbox()
        try:
            self._template = self._sandbox.from_string(marked)
        except TemplateSyntaxError as e:
            raise self._error(e.lineno, e.message or "the template does not parse") from e
        except (SyntaxError, RecursionError, MemoryError) as e:  # from Python's compiler, by its own limits
            raise self._error(1, "the template is nested too deeply") from e
        except ValueError as e:
            raise self._error(1, f"the template does not parse: {e}") from e

    def _error(self, line: int, message: str) -> PromptError:
        return PromptError(f"{self._source}:{self._first + line - 1}: {one_line(message)}")

    def _mark_roles(self, body: str) -> str:
        lines = body.split("\n")
        first_role: int | None = None
        for i, line in enumerate(lines):
            match = _ROLE_LINE.match(line.rstrip("\r"))
            role = match[1].lower() if match else ""
            if role in _FOREIGN_ROLES:
                raise self._error(
                    i + 1, f"role {role!r} is not known; tempkit sends system, user and assistant"
                )
            if role in _ROLES:
                if match and match[2]:
                    raise self._error(
                        i + 1, f"{match[2]} cannot be sent with a role; write {role}: alone on the line"
                    )
                lines[i] = f"{self._mark}{role}\x03"
                first_role = i if first_role is None else first_role
        if first_role is None:
            return f"{self._mark}user\x03{body}"
        # Where text before the first role would stand; statements such as {% set %} may stand there.
        before = [line.strip() for line in lines[:first_role]]
        self._start = next(
            (i for i, line in enumerate(before, 1) if line and line[:2] not in ("{%", "{#")), 1
        )
        return "\n".join(lines)

    def render(self, values: Mapping[str, Any], where: str = "") -> tuple[Message, ...]:
        """Fill in one row.

        Args:
            values: The row.
            where: What the message says about the row, such as ` (row 3)`.

        Raises:
            PromptError: An unknown variable, a failing expression, text before the first role line, or no text at all;
                names file and line.

        Returns:
            The messages. Line breaks around a message's text are dropped, all else stays as it is; a message without
            text is left out.
        """
        self._sandbox.refill()
        try:
            text = self._template.render(values)
        except (*_FAULTS, TemplateError) as e:
            message = getattr(e, "message", None) or str(e) or type(e).__name__
            if isinstance(e, RecursionError):
                message = "the template calls itself too deeply"
            raise self._error(_template_line(e), f"{message}{where}") from e
        if _SURROGATE.search(text):
            raise self._error(
                1, f"the text holds a lone surrogate (\\ud800 to \\udfff), which is no character{where}"
            )
        before, *blocks = text.split(self._mark)
        if before.strip():
            raise self._error(
                self._start,
                f"text before the first role line; begin with system:, user: or assistant:{where}",
            )
        messages = []
        for block in blocks:
            name, _, content = block.partition("\x03")
            role = next((r for r in _ROLES if r == name.lower()), None)
            if role is None or self._mark[:12] in content:
                raise self._error(
                    1, f"a role line stands inside a filter or expression, which changes it{where}"
                )
            if content.strip():
                messages.append(Message(role, content.strip("\r\n")))
        if not any(m.role != "system" for m in messages):
            raise self._error(1, f"the prompt has no user text{where}")
        return tuple(messages)


_FAULTS = (
    *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
    *(RecursionError, MemoryError, RuntimeError),
)
"""What an expression of a template can raise besides Jinja2's own errors."""


def _template_line(error: BaseException) -> int:
    """The template's own line in a traceback that Jinja2 has rewritten."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return frames[-1].lineno or 1 if frames else 1
