"""Set one value in a YAML text, and leave every other character of it alone.

Writing a parsed document out again would lose its comments, its order and its quotes. So only the place of the value is found by
parsing; the text is cut there. An edit counts only if the new text parses to what is wanted: there are a few places in which
one can stand, and they are tried in turn.
"""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from tempkit.errors import TempkitError
from tempkit.files.yaml_documents import composed, parse_yaml

__all__ = ["with_value"]

_PLAIN = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
"""What some reader of YAML does not take for text."""
_BLOCK = ("|", ">")


def with_value(text: str, path: Sequence[str], value: Any) -> str:
    r"""Return a YAML text with the value at `path` set; mappings that are missing on the way are made.

    Args:
        text: A mapping, or nothing; with line ends of either kind.
        path: Keys, from the outermost.
        value: Of plain values, lists and mappings.

    Raises:
        ValueError: It cannot be set without touching something else, as where the place is an alias.
        TempkitError: The text is no YAML.

    Example:
        >>> with_value("a: 1  # one\nb: {c: 2}\n", ("b", "d"), 0.5)
        'a: 1  # one\nb: {d: 0.5, c: 2}\n'
    """
    wanted = _set(_parsed(text), path, value)
    for edited in _edits(text, path, value):
        try:
            if _parsed(edited) == wanted:
                return edited
        except TempkitError:
            continue
    raise ValueError(f"{'.'.join(path)} cannot be set without touching the rest")


def _parsed(text: str) -> Any:
    return parse_yaml(text, "YAML", TempkitError).value


def _set(document: Any, path: Sequence[str], value: Any) -> Any:
    made = {} if document is None else copy.deepcopy(document)
    here = made
    for key in path[:-1]:
        if not isinstance(here.get(key), dict):
            here[key] = {}
        here = here[key]
    here[path[-1]] = value
    return made


def _edits(text: str, path: Sequence[str], value: Any) -> Iterator[str]:
    root, end = composed(text), "\r\n" if "\r\n" in text else "\n"
    if not isinstance(root, yaml.MappingNode):
        before = text if not text or text.endswith("\n") else text + end
        yield before + end.join(_block(path[0], _nested(path[1:], value), 0, 2)) + end
        return
    step = _step(root)
    parent, key, there = root, None, root
    for depth, name in enumerate(path):
        found = next((pair for pair in parent.value if pair[0].value == name), None)
        if found is None:
            yield from _added(text, parent, name, _nested(path[depth + 1 :], value), end, step)
            return
        key, there = found
        if not isinstance(there, yaml.MappingNode) or depth == len(path) - 1:
            yield from _replaced(text, parent, key, there, _nested(path[depth + 1 :], value), end, step)
            return
        parent = there


def _nested(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _added(text: str, parent: yaml.MappingNode, key: str, value: Any, end: str, step: int) -> Iterator[str]:
    """Yield texts with a new entry in a mapping: as the last, else as the first."""
    start = parent.start_mark.index
    if parent.flow_style:
        comma = ", " if parent.value else ""
        yield f"{text[: start + 1]}{key}: {_flow(value)}{comma}{text[start + 1 :]}"
        return
    first = parent.value[0][0].start_mark
    lines = _block(key, value, first.column, step)
    yield _after(text, _content_end(*parent.value[-1]), lines, end)
    lines[0] = lines[0].lstrip()
    place = first.index
    yield f"{text[:place]}{end.join(lines)}{end}{' ' * first.column}{text[place:]}"


def _replaced(
    text: str,
    parent: yaml.MappingNode,
    key: yaml.Node,
    old: yaml.Node,
    value: Any,
    end: str,
    step: int,
) -> Iterator[str]:
    """Yield texts with another value of a key."""
    start, stop = old.start_mark.index, old.end_mark.index
    inline = isinstance(old, yaml.ScalarNode) and old.style not in _BLOCK
    column = key.start_mark.column
    if inline and start == stop:  # nothing stands there
        if isinstance(value, dict) and not parent.flow_style:
            yield _after(text, start, _block(key.value, value, column, step)[1:], end)
        yield f"{text[:start]} {_flow(value)}{text[stop:]}"
    elif inline or parent.flow_style or (isinstance(old, yaml.CollectionNode) and old.flow_style):
        if not parent.flow_style and isinstance(value, dict) and not inline:
            yield from _block_in_place(text, key, old, value, end, step)
        yield f"{text[:start]}{_flow(value)}{text[stop:]}"
    else:
        yield from _block_in_place(text, key, old, value, end, step)


def _block_in_place(
    text: str, key: yaml.Node, old: yaml.Node, value: Any, end: str, step: int
) -> Iterator[str]:
    lines = _block(key.value, value, key.start_mark.column, step)
    lines[0] = lines[0].lstrip()
    stop = _content_end(key, old)
    closed = end if text[stop - 1 : stop] == "\n" else ""
    yield f"{text[: key.start_mark.index]}{end.join(lines)}{closed}{text[stop:]}"


def _after(text: str, place: int, lines: Sequence[str], end: str) -> str:
    """Return the text with lines below the one that `place` is in; a place at a line's beginning is below already."""
    if text[place - 1 : place] != "\n":
        newline = text.find("\n", place)
        place = len(text) if newline < 0 else newline + 1
    made = end.join(lines)
    if text[place - 1 : place] != "\n":
        return f"{text}{end}{made}"
    return f"{text[:place]}{made}{end}{text[place:]}"


def _content_end(key: yaml.Node, value: yaml.Node) -> int:
    """Return where an entry's last value ends: what the parser calls its end may lie behind comments."""
    if value.start_mark.index < key.start_mark.index:  # an alias: the place is that of what it stands for
        return key.end_mark.index
    if isinstance(value, yaml.CollectionNode) and not value.flow_style and value.value:
        last = value.value[-1]
        return _content_end(*last) if isinstance(value, yaml.MappingNode) else _content_end(value, last)
    return value.end_mark.index


def _step(root: yaml.MappingNode) -> int:
    """Return by how much the document indents what is in a mapping."""
    for key, value in root.value:
        if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
            more = value.value[0][0].start_mark.column - key.start_mark.column
            if more > 0:
                return int(more)
    return 2


def _block(key: str, value: Any, column: int, step: int) -> list[str]:
    indent = " " * column
    if not isinstance(value, dict):
        return [f"{indent}{key}: {_flow(value)}"]
    return [
        f"{indent}{key}:",
        *(line for k, v in value.items() for line in _block(k, v, column + step, step)),
    ]


def _flow(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value)


def _quoted(text: str) -> str:
    escaped = (
        c if c.isprintable() and c not in '"\\' else f"\\{c}" if c in '"\\' else f"\\U{ord(c):08X}"
        for c in text
    )
    return f'"{"".join(escaped)}"'
