"""Turn a template and one row of values into chat messages.

Templates come from files that somebody may have downloaded, and values from data that nobody has read, so rendering is
sandboxed (see `tempkit.sandbox.template_rules`), strict (an unknown variable is an error, not an empty string), and, but for templates that
cannot take long, under limits of time and memory in a process of its own (see `tempkit.sandbox`). Role lines are marked in the
template *before* rendering, with a mark no value can guess: a value that contains the line `system:` stays a part of its
message and cannot start a new one.
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from tempkit.errors import PromptError, one_line
from tempkit.sandbox import Answer, Fault, helper, is_plain, nunjucks_rendering, rendering, why
from tempkit.text import LONE_SURROGATE, NO_CHARACTER
from tempkit.types import Message, Role

__all__ = ["Template"]

_ROLES: tuple[Role, ...] = ("system", "user", "assistant")
# Possessive: in a line of blanks nobody tries anew from each of them.
_ROLE_LINE = re.compile(r"[ \t]*+(?:#[ \t]*+)?([A-Za-z]++)[ \t]*+(?:(\[.*\])[ \t]*+)?:[ \t]*+$")
_FILLED_ROLE = re.compile(r"[ \t]*+(\{\{[^{}\n]{1,200}+\}\})[ \t]*+:[ \t]*+$")
"""A line on which the template writes a role itself, as of an earlier conversation."""
_FOREIGN_ROLES = ("developer", "tool", "function")
_TASKS = "tempkit.sandbox.templates:"


class Template:
    """A compiled prompt body.

    Args:
        body: Jinja2 text; lines holding only `system:`, `user:` or `assistant:` begin a message.
        source: The file's name, for messages.
        first_line: The line of the file on which `body` begins.
        unmarked: Whose a body without such lines is. The system's: text before the first of them is, too, and there need
            be no other message, unless a line begins one.
        role_lines: Whether lines that hold only a role begin a message; else all of it is one message's text, for `texts`.
        nunjucks: Whether it is filled in as Nunjucks does, and its text kept to the last line break.

    Raises:
        PromptError: The template does not parse, or has a role line that cannot be sent.
    """

    def __init__(
        self,
        body: str,
        source: str,
        first_line: int = 1,
        *,
        unmarked: Literal["user", "system"] = "user",
        role_lines: bool = True,
        nunjucks: bool = False,
    ) -> None:
        self._source, self._first, self._unmarked = source, first_line, unmarked
        self._system_alone = unmarked == "system"
        self._start = 1
        self._nunjucks = nunjucks
        self._mark = f"\x02{secrets.randbelow(10**40):040}:"  # digits: no filter changes their case
        self._marked = self._mark_roles(body) if role_lines else body
        self._plain = None
        if is_plain(body):
            try:
                self._plain = (nunjucks_rendering if nunjucks else rendering)(self._marked)
            except Fault as e:
                raise self._error(e.line or 1, str(e)) from e
        else:
            self._checked(helper().run(self._task("compiling"), None, [self._marked])[0])

    def _task(self, name: str) -> str:
        return f"{_TASKS}nunjucks_{name}" if self._nunjucks else f"{_TASKS}{name}"

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
                self._system_alone &= role == "system"
                first_role = i if first_role is None else first_role
            elif self._unmarked == "system" and (filled := _FILLED_ROLE.match(line.rstrip("\r"))):
                lines[i] = f"{self._mark}?{filled[1]}\x03"
        if first_role is None:
            return f"{self._mark}{self._unmarked}\x03{chr(10).join(lines)}"
        # Where text before the first role would stand; statements such as {% set %} may stand there.
        before = [line.strip() for line in lines[:first_role]]
        self._start = next(
            (i for i, line in enumerate(before, 1) if line and line[:2] not in ("{%", "{#")), 1
        )
        return "\n".join(lines)

    def render(self, values: Mapping[str, Any], where: str = "") -> tuple[Message, ...]:
        """Fill in one row; see `render_all`."""
        return self.render_all([(values, where)])[0]

    def render_all(self, rows: Sequence[tuple[Mapping[str, Any], str]]) -> list[tuple[Message, ...]]:
        """Fill in many rows, at one go where another process does it.

        Args:
            rows: Each with what the message says about it, such as ` (row 3)`.

        Raises:
            PromptError: An unknown variable, a failing expression, text before the first role line, no text at all, or
                more time or memory than a prompt can need; names file and line.

        Returns:
            The messages of each. Line breaks around a message's text are dropped, all else stays as it is; a message
            without text is left out.
        """
        return [self._messages(text, where) for text, (_, where) in zip(self._all(rows), rows, strict=True)]

    def texts(self, rows: Sequence[tuple[Mapping[str, Any], str]]) -> list[str]:
        """Fill in many rows of a template without role lines; see `render_all`.

        Returns:
            The text of each, which may be empty, without line breaks around it, unless it is filled in as Nunjucks does.
        """
        found = []
        for text, (_, where) in zip(self._all(rows), rows, strict=True):
            if LONE_SURROGATE.search(text):
                raise self._error(1, f"the text holds {NO_CHARACTER}, which is no character{where}")
            found.append(text if self._nunjucks else text.strip("\r\n"))
        return found

    def _all(self, rows: Sequence[tuple[Mapping[str, Any], str]]) -> Iterator[str]:
        if self._plain is not None:
            return (self._filled(values, where) for values, where in rows)
        answers = helper().run(
            self._task("rendering"), self._marked, [dict(values) for values, _ in rows], give_up_after=1
        )
        return (self._checked(answer, where) for answer, (_, where) in zip(answers, rows, strict=True))

    def _filled(self, values: Mapping[str, Any], where: str) -> str:
        assert self._plain is not None  # noqa: S101 - asked before
        try:
            return self._plain(values)
        except Fault as e:
            raise self._error(e.line or 1, f"{e}{where}") from e

    def _checked(self, answer: Answer, where: str = "") -> str:
        if answer.fault is not None:
            raise self._error(answer.line or 1, f"{answer.fault}{where}")
        if answer.over is not None:
            raise self._error(
                answer.line or 1,
                f"the template {why(answer.over)}; make it simpler{where}",
            )
        return str(answer.value)

    def _messages(self, text: str, where: str) -> tuple[Message, ...]:
        if LONE_SURROGATE.search(text):
            raise self._error(1, f"the text holds {NO_CHARACTER}, which is no character{where}")
        before, *blocks = text.split(self._mark)
        if self._unmarked == "system":
            blocks = [f"system\x03{before}", *blocks]
        elif before.strip():
            raise self._error(
                self._start,
                f"text before the first role line; begin with system:, user: or assistant:{where}",
            )
        messages = []
        for block in _with_filled_roles(blocks):
            name, _, content = block.partition("\x03")
            role = next((r for r in _ROLES if r == name.lower()), None)
            if role is None or self._mark[:12] in content:
                raise self._error(
                    1, f"a role line stands inside a filter or expression, which changes it{where}"
                )
            if content.strip():
                messages.append(Message(role, content.strip("\r\n")))
        if not any(m.role != "system" or self._system_alone for m in messages):
            raise self._error(1, f"the prompt has no user text{where}")
        return tuple(messages)


def _with_filled_roles(blocks: Sequence[str]) -> list[str]:
    """Return the messages where a template wrote roles itself: what turned out to be no role is text of the message before it."""
    found: list[str] = []
    for block in blocks:
        if not block.startswith("?"):
            found.append(block)
            continue
        name, _, content = block[1:].partition("\x03")
        if name.strip().lower() in _ROLES:
            found.append(f"{name.strip().lower()}\x03{content}")
        else:
            found[-1] += f"{name}:{content}"
    return found
