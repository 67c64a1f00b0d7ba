"""Nunjucks templates as Jinja2: the few words that differ are put in Jinja2's, and what a test does not give is empty as it is there.

All else that Nunjucks has and Jinja2 has not fails by file and line when it is filled in, before anything is sent.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tempkit.prompts.rendering import Template

__all__ = ["filled", "in_jinja", "left_in", "names_in", "nested"]

_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_WORDS = (
    (re.compile(r"===|!=="), lambda m: m[0][:2]),
    (re.compile(r"\belseif\b"), lambda _: "elif"),
    (re.compile(r"&&"), lambda _: " and "),
    (re.compile(r"\|\|"), lambda _: " or "),
    (re.compile(r"\bnull\b|\bundefined\b"), lambda _: "none"),
    (re.compile(r"\.length\b"), lambda _: "|length"),
    (
        re.compile(r"\b(for\s+\w+\s*,\s*\w+\s+in\s+)([A-Za-z_][\w.]*)"),
        lambda m: f"{m[1]}({m[2]}|items if {m[2]} is mapping else {m[2]})",
    ),
)
_SIMPLE = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}", re.ASCII)
_USED = re.compile(r"(?<![\w.'\"|])(?<!\|\s)([A-Za-z_]\w*)", re.ASCII)
_SET = re.compile(r"\{%-?\s*(?:set|macro)\s+(\w+)|\bfor\s+(\w+)(?:\s*,\s*(\w+))?\s+in\b", re.ASCII)
_NOT_NAMES = frozenset(
    (
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


def filled(body: str, source: str, line: int, rows: Sequence[tuple[Mapping[str, Any], str]]) -> list[str]:
    """Fill a template in with each test's variables.

    Args:
        body: In Nunjucks.
        source: The file's name, for messages.
        line: Of the file on which `body` begins.
        rows: Each with what a message says of it.

    Raises:
        PromptError: The template does not parse, or fails for a test; names file and line.
    """
    template = Template(in_jinja(body), source, line, role_lines=False)
    names = names_in(body)
    shown = {m[1] for m in _SIMPLE.finditer(body)} - names_in(_SIMPLE.sub("", body))
    prepared = []
    for values, where in rows:
        given = {**dict.fromkeys(names, ""), **values}
        prepared.append(({k: _as_text(v) if k in shown else v for k, v in given.items()}, where))
    return template.texts(prepared)


def _as_text(value: Any) -> Any:
    """Return a value as JavaScript writes it into a text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def left_in(values: Mapping[str, Any]) -> list[str]:
    """Return the names of variables whose texts still have a template in them, which promptfoo would fill in."""
    return [name for name, value in values.items() if isinstance(value, str) and _TAG.search(value)]


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables with those that stand inside of others as `{{ name }}` filled in, once."""
    return {
        key: _SIMPLE.sub(lambda m: str(_as_text(values[m[1]])) if m[1] in values else m[0], value)
        if isinstance(value, str)
        else value
        for key, value in values.items()
    }
