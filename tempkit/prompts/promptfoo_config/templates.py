"""Nunjucks templates as Jinja2: the few words that differ are put in Jinja2's, and what a test does not give is empty as it is there.

All else that Nunjucks has and Jinja2 has not fails by file and line when it is filled in, before anything is sent.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.rendering import Template
from tempkit.sandbox import STRICT

__all__ = ["env_defaults", "filled", "has", "in_jinja", "is_unfinished", "names_in", "paths_in"]

_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_WORDS = (
    (re.compile(r"===|!=="), lambda m: f"{m[0][:2]} {STRICT} {m[0][:2]} "),
    (re.compile(r"\belseif\b"), lambda _: "elif"),
    (re.compile(r"&&"), lambda _: " and "),
    (re.compile(r"\|\|"), lambda _: " or "),
    (re.compile(r"\bnull\b|\bundefined\b"), lambda _: "none"),
    (
        re.compile(r"\b(for\s+\w+\s*,\s*\w+\s+in\s+)([A-Za-z_][\w.]*)"),
        lambda m: f"{m[1]}({m[2]}|items if {m[2]} is mapping else {m[2]})",
    ),
)
_PATH = re.compile(r"\{\{-?\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\s*-?\}\}", re.ASCII)
_ENV_DEFAULT = re.compile(
    r"""\{\{\s*env\.(\w+)\s*\|\s*default\(\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*(?:,\s*\w+\s*)?\)\s*\}\}"""
)
_OPENING = re.compile(r"\{(?=[{%#])|[}%#\n]")
_WRAPPED = (re.compile(r"\{%\s*raw\s*%\}"), re.compile(r"\{%\s*endraw\s*%\}"))
_USED = re.compile(r"(?<![\w.'\"|])(?<!\|\s)([A-Za-z_]\w*)", re.ASCII)
_SET = re.compile(r"\{%-?\s*(?:set|macro)\s+(\w+)|\bfor\s+(\w+)(?:\s*,\s*(\w+))?\s+in\b", re.ASCII)
_NOT_NAMES = frozenset(
    (
        STRICT,
        *(
            "if",
            "else",
            "elif",
            "endif",
            "for",
            "endfor",
            "in",
            "not",
            "and",
            "or",
            "is",
            "set",
            "endset",
            "none",
            "true",
            "false",
        ),
        *(
            "None",
            "True",
            "False",
            "loop",
            "raw",
            "endraw",
            "block",
            "endblock",
            "macro",
            "endmacro",
            "filter",
            "endfilter",
            "defined",
        ),
        *(
            "range",
            "dict",
            "namespace",
            "cycler",
            "joiner",
            "call",
            "endcall",
            "with",
            "endwith",
            "recursive",
            "import",
            "include",
        ),
    )
)


def in_jinja(body: str) -> str:
    """Return a template with Nunjucks' words in Jinja2's, the lines as they were."""

    def changed(tag: re.Match[str]) -> str:
        strings = _STRING.findall(tag[0])
        parts = _STRING.split(tag[0])
        for pattern, word in _WORDS:
            parts = [pattern.sub(word, part) for part in parts]
        return "".join(part + string for part, string in zip(parts, [*strings, ""], strict=True))

    return _TAG.sub(changed, body)


def env_defaults(text: str, left: LeftOut, where: str) -> str:
    """Return a text with the environment's variables that have a default as that, which is named: tempkit does not read the environment for it."""

    def default(tag: re.Match[str]) -> str:
        left.add(f"the environment variable {tag[1]}: its default is sent", where)
        return str(tag[2] if tag[2] is not None else tag[3])

    return _ENV_DEFAULT.sub(default, text)


def names_in(body: str) -> set[str]:
    """Return the names of variables that a template uses and does not set itself, as far as that shows."""
    used: set[str] = set()
    body = in_jinja(body)
    for tag in _TAG.findall(body):
        for part in _STRING.split(tag):
            bare = re.sub(r"\|\s*\w+|\bis\s+(?:not\s+)?\w+", "", part)
            used |= set(_USED.findall(bare))
    own = {name for found in _SET.findall(body) for name in found if name}
    return used - own - _NOT_NAMES


def paths_in(body: str) -> list[tuple[str, ...]]:
    """Return what a template asks of variables, such as `user.name`, as far as that shows, each as its names."""
    own = {name for found in _SET.findall(in_jinja(body)) for name in found if name}
    paths = (tuple(path.split(".")) for path in dict.fromkeys(_PATH.findall(body)))
    return [path for path in paths if path[0] not in own and path[-1] != "length"]


def has(values: Any, path: Sequence[str]) -> bool:
    """Say whether there is a value at a path; else nothing stands there."""
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def is_unfinished(text: str) -> bool:
    """Say whether a tag begins in a text and does not end on its line: promptfoo then sends all of the text as it is written."""
    if all(mark.search(text) for mark in _WRAPPED):
        return False
    waiting: dict[str, bool] = {}
    mark = -1
    for found in _OPENING.finditer(text):
        letter, at = found[0], found.start()
        if letter == "{":
            letter, mark = text[at + 1], at + 1
            waiting["}" if letter == "{" else letter] = True
        elif letter == "\n":
            if any(waiting.values()):
                return True
        elif at != mark:  # else it is the second letter of the mark itself
            waiting[letter] = False
    return any(waiting.values())


def filled(body: str, source: str, line: int, rows: Sequence[tuple[Mapping[str, Any], str]]) -> list[str]:
    """Fill a template in with each test's variables, to the last line break as promptfoo does.

    Args:
        body: In Nunjucks.
        source: The file's name, for messages.
        line: Of the file on which `body` begins.
        rows: Each with what a message says of it.

    Raises:
        PromptError: The template does not parse, or fails for a test; names file and line.
    """
    template = Template(in_jinja(body), source, line, role_lines=False, nunjucks=True)
    return template.texts(rows)
