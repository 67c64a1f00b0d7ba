"""The variables of one test as promptfoo hands them to its prompts: without a last line break, those that stand in others filled in.

A text among them is a template itself, as far as all that it names is there; in a chat that is JSON it is a text.
"""

import re
from collections.abc import Mapping
from typing import Any

from tempkit.errors import PromptError
from tempkit.prompts.promptfoo_config.templates import filled, is_unfinished
from tempkit.text import javascript_text

__all__ = ["in_texts", "left_in", "resolved"]

_REFERENCE = re.compile(r"\{\{\s*(\w+)\s*\}\}", re.ASCII)
_DOLLAR = re.compile(r"\$([$&`'])")
_ROUNDS = 5
_MOST = 4 * 2**20
"""Letters of a variable once others stand in it."""
_TAG = re.compile(r"\{[{%#]")
_USES = re.compile(r"\{\{\s*([^{}\s|]+)\s*(?:\|[^{}]+)?\}\}|\{%\s*(?:if|for)\s+([^{}\s]+)[^\n%{]*%\}")
_LOOP = re.compile(r"\{%\s*for\s+(\w+)\s+in\s+(\w+)\s*%\}")
_ROOT = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LONGEST = 100_000
"""Letters of a variable that is tried as a template."""


def resolved(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return variables without their last line break, and with those that stand inside of others as `{{ name }}` filled in.

    Raises:
        PromptError: One becomes too long; the message begins with `where`.
    """
    found = {
        key: value.removesuffix("\n") if isinstance(value, str) else value for key, value in values.items()
    }
    for _ in range(_ROUNDS):
        changed = False
        for key, value in found.items():
            match = _REFERENCE.search(value) if isinstance(value, str) else None
            if match is None or match[1] not in found:
                continue
            found[key] = value[: match.start()] + _put(found[match[1]], match) + value[match.end() :]
            changed = True
            if len(found[key]) > _MOST:
                raise PromptError(f"{where}: the variable {key} is too long once others are filled in")
        if not changed:
            break
    return found


def _put(value: Any, match: re.Match[str]) -> str:
    """Return a value as JavaScript's `replace` puts it in place of a match: `$` and some signs stand for what is around it."""
    around = {"$": "$", "&": match[0], "`": match.string[: match.start()], "'": match.string[match.end() :]}
    return _DOLLAR.sub(lambda m: around[m[1]], javascript_text(value))


def in_texts(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return variables as they stand in a prompt that is a text: those that are templates filled in."""
    return {
        key: _filled(value, values, where) if isinstance(value, str) and _TAG.search(value) else value
        for key, value in values.items()
    }


def left_in(values: Mapping[str, Any]) -> list[str]:
    """Return the names of variables whose texts still have a template in them."""
    return [name for name, value in values.items() if isinstance(value, str) and _TAG.search(value)]


def _filled(value: str, values: Mapping[str, Any], where: str) -> str:
    if len(value) > _LONGEST or is_unfinished(value):
        return value
    names = _names(value)
    if any(name == "env" or name not in values for name in names):
        return value
    source, _, line = where.rpartition(":")
    try:
        return filled(value, source, int(line), [(values, "")])[0]
    except PromptError:
        return value  # sent as it is written, and named as that


def _without_comments(text: str) -> str:
    kept: list[str] = []
    start = 0
    while (begins := text.find("{#", start)) >= 0 and (ends := text.find("#}", begins + 2)) >= 0:
        kept.append(text[start:begins])
        start = ends + 2
    return "".join([*kept, text[start:]])


def _names(text: str) -> set[str]:
    """Return the names that promptfoo looks for before it fills a variable in."""
    used = {a or b for a, b in _USES.findall(_without_comments(text))}
    for turn, turned in _LOOP.findall(text):
        used = (used - {turn}) | {turned}
    return {root[0] for name in used if (root := _ROOT.match(name))}
