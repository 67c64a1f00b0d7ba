"""The part of Handlebars that dotprompt files are written in, as Jinja2: names, blocks, and where a message begins.

Lines stay where they are, so that what fails later is named by its own line. Whatever is not in this part, such as partials, media or helpers of
somebody's own, is refused by line: half of a template would be another prompt.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from tempkit.errors import PromptError, one_line
from tempkit.prompts.left_out import LeftOut
from tempkit.types import Role

__all__ = ["Message", "messages_of"]

_MARKER = re.compile(r"<<<dotprompt:(?:role:([a-z]{1,20})|(history))>>>")
"""How a message, or the place of earlier ones, is marked without a helper."""
_ROLE = re.compile(
    r"""role\s+("[^"\n]*"|'[^'\n]*'|\w+)((?:\s+\w+=(?:"[^"\n]*"|'[^'\n]*'|[\w.-]+))*)""", re.ASCII
)
_TAG = re.compile(r"\\\{\{|\{\{\{.*?\}\}\}|\{\{!--.*?--\s*~?\}\}|\{\{.*?\}\}", re.DOTALL)
_PATH = re.compile(r"(?:\.\./)*(?:this|[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*|(?:\.\./)+(?:this)?", re.ASCII)
_LITERAL = re.compile(r"\"[^\"\\\n]*\"|'[^'\\\n]*'|-?\d+(?:\.\d+)?|true|false|null")
_WORDS = {"true": "true", "false": "false", "null": "none"}
_LOOP = {"@index": "loop.index0", "@first": "loop.first", "@last": "loop.last"}
_ROLES: dict[str, Role] = {"user": "user", "system": "system", "model": "assistant", "assistant": "assistant"}
_MOST_BLOCKS = 20
_JINJA = re.compile(r"\{[%#]|\{\{")


@dataclass(slots=True)
class Message:
    """The template of one message, in Jinja2."""

    role: Role
    line: int
    """On which it begins, from 1."""
    body: str = ""


@dataclass(slots=True)
class _Block:
    kind: str
    line: int
    context: str
    """What names mean inside of it, as an expression; empty for the values themselves."""


@dataclass(slots=True)
class _Reader:
    fail: Callable[[int, str], NoReturn]
    note: Callable[[int, str], None]
    blocks: list[_Block] = field(default_factory=list)
    loops: int = 0

    def context(self, up: int = 0) -> str:
        found = [block.context for block in self.blocks if block.kind in ("each", "with")]
        return (["", *found])[max(0, len(found) - up)]

    def value(self, text: str, line: int) -> str:
        """Return a name or a literal as an expression."""
        text = text.strip()
        if _LITERAL.fullmatch(text):
            return _WORDS.get(text, text)
        if text in _LOOP or text == "@key":
            within = [block.context for block in self.blocks if block.kind == "each"]
            if not within:
                self.fail(line, f"{text} stands outside of #each")
            return f"{within[-1]}key" if text == "@key" else _LOOP[text]
        if text == ".":
            text = "this"
        if not _PATH.fullmatch(text):
            self.fail(
                line,
                f"{{{{{one_line(text, 60)}}}}} is no name; tempkit reads names, #if, #unless, #each, #with, role and json",
            )
        up = text.count("../")
        name = text.removeprefix("../" * up)
        parts = [part for part in name.split(".") if part and part != "this"]
        base = self.context(up)
        if not parts and not base:
            self.fail(line, "this stands outside of #each and #with")
        # A member that is not there is nothing in Handlebars; what the file itself is given is declared, and must be there.
        first, names, strictly = (base, parts, "") if base else (parts[0], parts[1:], ", true")
        return first + "".join(f"|_member('{each}'{strictly})" for each in names)

    def arguments(self, text: str, count: int, line: int) -> list[str]:
        found = re.findall(rf"{_LITERAL.pattern}|\S+", text)
        if len(found) != count:
            self.fail(line, f"{one_line(text, 40)!r} must be {count} name{'s' * (count > 1)}")
        return [self.value(each, line) for each in found]

    def opened(self, kind: str, rest: str, line: int) -> str:
        """Return the statement that opens a block."""
        if len(self.blocks) == _MOST_BLOCKS:
            self.fail(line, f"more than {_MOST_BLOCKS} blocks are nested")
        if kind in ("if", "unless"):
            (asked,) = self.arguments(rest, 1, line)
            self.blocks.append(_Block(kind, line, ""))
            return f"if {'not ' * (kind == 'unless')}{asked}|_holds"
        if kind in ("ifEquals", "unlessEquals"):
            left, right = self.arguments(rest, 2, line)
            self.blocks.append(_Block(kind, line, ""))
            return f"if {left} {'==' if kind == 'ifEquals' else '!='} {right}"
        if kind in ("each", "with"):
            (given,) = self.arguments(rest, 1, line)
            self.loops += 1
            name = f"item{self.loops}_"
            self.blocks.append(_Block(kind, line, name))
            if kind == "each":
                return f"for {name}, {name}key in {given}|_pairs"
            return f"for {name} in [{given}] if {name}|_holds"
        return self.fail(line, f"the block #{one_line(kind, 40)} is a helper that tempkit has not")

    def closed(self, kind: str, line: int) -> str:
        if not self.blocks or self.blocks[-1].kind != kind:
            self.fail(line, f"{{{{/{one_line(kind, 40)}}}}} closes no block")
        self.blocks.pop()
        return "endfor" if kind in ("each", "with") else "endif"


def messages_of(body: str, source: str, first_line: int, left: LeftOut) -> list[Message]:
    """Take a template apart into its messages, each in Jinja2.

    Args:
        body: In Handlebars.
        source: The file's name, for messages.
        first_line: The line of the file on which `body` begins.
        left: Is told of what is left out.

    Raises:
        PromptError: Something in it is not read here; names file and line.
    """

    def fail(line: int, message: str) -> NoReturn:
        raise PromptError(f"{source}:{line}: {message}")

    def note(line: int, what: str) -> None:
        left.add(what, f"{source}:{line}")

    body = _MARKER.sub(lambda m: "{{history}}" if m[2] else f'{{{{role "{m[1]}"}}}}', body)
    reader = _Reader(fail, note)
    found = [Message("user", first_line)]
    end = 0
    line = first_line
    for tag in _TAG.finditer(body):
        text = body[end : tag.start()]
        line += text.count("\n")
        start, end = tag.span()
        written = tag[0]
        inside = written.strip("{}")
        before, after = ("-" if inside.startswith("~") else ""), ("-" if inside.endswith("~") else "")
        inside = inside.strip("~").strip()
        breaks = written.count("\n")
        if written == "\\{{":
            found[-1].body += _plain(text) + "{{ '{{' }}"
            continue
        if written.startswith("{{{"):
            found[-1].body += _plain(text) + _shown(reader.value(inside, line), before, after, breaks)
            line += breaks
            continue
        statement = _statement(inside, reader, line)
        role = _role(inside, reader, line)
        if role is not None:
            found[-1].body += _plain(text)
            found.append(Message(role, line))
        elif statement is not None:
            text, end, more = _alone(body, text, start, end)
            tag_text = (
                f"{{%{before} {statement} {chr(10) * (breaks + more)}{after}%}}"
                if statement
                else "{# " + "\n" * (breaks + more) + "#}"
            )
            found[-1].body += _plain(text) + tag_text
            breaks += more
        else:
            found[-1].body += _plain(text) + _shown(_expression(inside, reader, line), before, after, breaks)
        line += breaks
    found[-1].body += _plain(body[end:])
    if reader.blocks:
        last = reader.blocks[-1]
        fail(last.line, f"the block #{last.kind} is not closed")
    return [message for message in found if message.body.strip()]


def _statement(inside: str, reader: _Reader, line: int) -> str | None:
    """Return the statement of a block's tag; an empty one for a comment, None for what is shown."""
    if inside.startswith("!"):
        return ""
    if inside == "history":
        reader.note(line, "the earlier conversation in {{history}}; it is empty")
        return ""
    if inside.startswith(">"):
        reader.fail(line, f"the partial {one_line(inside, 40)} is another file; put its text here")
    if inside.startswith(("#", "^")):
        kind, _, rest = inside[1:].strip().partition(" ")
        return reader.opened(kind, rest, line)
    if inside.startswith("/"):
        return reader.closed(inside[1:].strip(), line)
    if inside == "else" or inside.startswith("else "):
        if not reader.blocks or reader.blocks[-1].kind == "with":
            reader.fail(line, "else stands outside of #if and #each")
        if inside == "else":
            return "else"
        kind, _, rest = inside.removeprefix("else ").strip().partition(" ")
        if kind != "if" or reader.blocks[-1].kind == "each":
            reader.fail(line, f"{{{{{one_line(inside, 40)}}}}} is not read here")
        return f"elif {reader.arguments(rest, 1, line)[0]}|_holds"
    return None


def _role(inside: str, reader: _Reader, line: int) -> Role | None:
    if inside.split(" ")[0] != "role" or " " not in inside:
        return None
    match = _ROLE.fullmatch(inside)
    if match is None:
        reader.fail(line, f'{{{{{one_line(inside, 60)}}}}} names no role, as {{{{role "user"}}}} does')
    name = match[1].strip("\"'")
    if match[2]:
        reader.note(line, f"{one_line(match[2].strip(), 60)} beside a role; its messages are sent without")
    if name not in _ROLES:
        reader.fail(line, f"role {one_line(name, 20)!r} is not known; tempkit sends user, system and model")
    if reader.blocks:
        reader.fail(line, "a message begins inside of a block; write its role outside")
    return _ROLES[name]


def _expression(inside: str, reader: _Reader, line: int) -> str:
    name, _, rest = inside.partition(" ")
    if name == "json" and rest:
        indent = re.search(r"\bindent=(\d)\s*$", rest)
        value = reader.value(rest[: indent.start()] if indent else rest, line)
        return f"{value}|dump({indent[1]})" if indent else f"{value}|dump"
    if name in ("media", "section"):
        reader.fail(line, f"{{{{{one_line(inside, 40)}}}}} puts in what tempkit does not send; leave it out")
    return reader.value(inside, line)


def _shown(value: str, before: str, after: str, breaks: int) -> str:
    shown = value if "|dump" in value else f"{value}|_shown"
    return f"{{{{{before} {shown}{chr(10) * breaks} {after}}}}}"


def _alone(body: str, text: str, start: int, end: int) -> tuple[str, int, int]:
    """Drop the rest of a line that holds a block's tag alone: the text before it, where to go on, and the line breaks that are dropped."""
    line_start = body.rfind("\n", 0, start) + 1
    line_end = body.find("\n", end)
    rest = body[end:] if line_end < 0 else body[end:line_end]
    if body[line_start:start].strip() or rest.strip():
        return text, end, 0
    kept = text[: len(text) - min(len(text), start - line_start)]
    return (kept, len(body), 0) if line_end < 0 else (kept, line_end + 1, 1)


def _plain(text: str) -> str:
    """Return text as Jinja2 leaves it alone."""
    return _JINJA.sub(lambda m: "{{ '" + m[0] + "' }}", text)
