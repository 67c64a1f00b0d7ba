"""YAML that remembers its lines, read by rules that do not surprise.

PyYAML's defaults read `no` as False, `12:30` as 750 and `2024-01-01` as a date, and let the last of two equal keys win. In
a data row those are words a person wrote, so this loader follows YAML 1.2's core schema (decimal numbers, true, false and
null; all else is text), refuses repeated keys, and keeps the line of every value, so that an error further on can name
it. `<<` takes over what an alias holds (YAML 1.1's merge key), as nearly everything that reads YAML has it. Files come from anywhere: what would fill the memory or the stack later, when the value is used, is refused here.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.reader import ReaderError

from tempkit.errors import TempkitError, nearest, one_line
from tempkit.text import LONE_SURROGATE, NO_CHARACTER

__all__ = ["Document", "composed", "parse_yaml"]

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML text with where each value stands."""

    source: str
    """What messages call the file."""
    value: Any
    lines: Mapping[KeyPath, int]
    error: type[TempkitError]

    def line(self, *path: str | int) -> int:
        """Return the 1-based line of the value at `path`, or of its nearest known parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fail(self, message: str, *path: str | int) -> NoReturn:
        """Raise the document's error, with `file:line:` in front of `message`."""
        raise self.error(f"{self.source}:{self.line(*path)}: {message}")

    def mapping(self, *path: str | int, known: tuple[str, ...] | None, what: str) -> dict[str, Any]:
        """Return the mapping at `path` (empty when absent), refusing keys that are not `known`."""
        value = self.at(*path)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(f"{what} must be a mapping, not {kind(value)}", *path)
        if known is not None:
            for key in value:
                if key not in known:
                    self.fail(
                        f"unknown key {key!r} in {what}{nearest(str(key), known)}; known: {', '.join(known)}",
                        *path,
                        key,
                    )
        return value

    def string(self, *path: str | int, what: str) -> str | None:
        """Return the string at `path`, None when absent."""
        value = self.at(*path)
        if value is not None and not isinstance(value, str):
            self.fail(f"{what} must be text, not {kind(value)}", *path)
        return value

    def at(self, *path: str | int) -> Any:
        """Return the value at `path`, None when any part of it is absent."""
        value = self.value
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value


def kind(value: Any) -> str:
    """Name a value's kind in a user's words."""
    names = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        bool: "true/false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


_MAX_DEPTH = 50
_MAX_DIGITS = 300
"""Within what a float can hold, so that no later conversion fails."""
_MAX_ALIASED = 10_000_000
"""How many characters aliases may add to a document: nine lines of them can stand for a billion values."""
_MAX_MERGED = 100_000
"""How many values `<<` may take over in a document."""

_NUMBERS = {
    "int": re.compile(r"[-+]?[0-9]+"),
    "float": re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
}
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MERGE = "<<"
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalar rules of YAML 1.2's core schema, its tags and no others, and a limit to nesting."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise _problem(f"values are nested more than {_MAX_DEPTH} deep", event)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {}
_Loader.yaml_constructors = {
    f"{_TAG}{name}": yaml.SafeLoader.yaml_constructors[f"{_TAG}{name}"] for name in ("str", "seq", "map")
}


def _problem(message: str, at: Any) -> yaml.MarkedYAMLError:
    """Build an error about a node or an event, with its place."""
    return yaml.MarkedYAMLError(problem=message, problem_mark=at.start_mark)


def _word(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool | None:
    text = str(loader.construct_scalar(node))
    if text.lower() not in _WORDS:
        raise _problem(f"{text!r} is not {node.tag.removeprefix(_TAG)}", node)
    return _WORDS[text.lower()]


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text, name = str(loader.construct_scalar(node)), node.tag.removeprefix(_TAG)
    if not _NUMBERS[name].fullmatch(text):
        raise _problem(f"{one_line(text, 40)!r} is not {name}", node)
    if len(text) > _MAX_DIGITS or math.isinf(float(text)):
        raise _problem(
            f"the number {one_line(text, 40)} is too large; put quotes around it to make it text", node
        )
    return int(text) if name == "int" else float(text)  # decimal even with leading zeros, as YAML 1.2 has it


for _name, _pattern, _first, _construct in (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", ""), _word),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF"), _word),
    ("int", _NUMBERS["int"].pattern, tuple("-+0123456789"), _number),
    ("float", _NUMBERS["float"].pattern, tuple("-+.0123456789"), _number),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)
    _Loader.add_constructor(f"{_TAG}{_name}", _construct)


def parse_yaml(text: str, source: str, error: type[TempkitError], first_line: int = 1) -> Document:
    """Parse one YAML document.

    Args:
        text: The YAML.
        source: The file's name, for messages.
        error: The class to raise; its message begins with `source:line:`.
        first_line: The line of `source` on which `text` begins.
    """
    lines: dict[KeyPath, int] = {}
    value = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            size = _Walk(lines, first_line).over(node, ())
            if size > len(text) + _MAX_ALIASED:
                about = f"{size:,}" if size < 10**12 else "more than a million million"
                raise _problem(f"aliases stand for {about} characters; write the values out", node)
            value = loader.construct_document(node)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line = first_line + (mark.line if mark else 0)
        raise error(f"{source}:{line}: {one_line(e.problem or e)}") from e
    except ReaderError as e:
        line = first_line + text.count("\n", 0, e.position)
        raise error(
            f"{source}:{line}: the character U+{ord(text[e.position]):04X} may not stand in YAML"
        ) from e
    return Document(source, value, lines, error)


def composed(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML text that `parse_yaml` takes, each with its place in it; None where it holds nothing."""
    return _Loader(text).get_single_node()


@dataclass(slots=True)
class _Walk:
    """Records the line of every value, merges what `<<` takes over, and checks what no constructor sees."""

    lines: dict[KeyPath, int]
    first: int
    sizes: dict[int, int | None] = field(default_factory=dict)
    """What each node stands for, so that aliases of aliases do not multiply the work; None while it is being counted."""
    heights: dict[int, int] = field(default_factory=dict)
    """How deep each node's value is nested: aliases in aliases reach deeper than any line is indented."""
    merged: int = 0

    def over(self, node: yaml.Node, path: KeyPath) -> int:
        """Return how many characters the value stands for with every alias written out."""
        self.lines[path] = node.start_mark.line + self.first
        if id(node) in self.sizes:
            known = self.sizes[id(node)]
            if known is None:
                raise _problem("an alias stands inside the value it names", node)
            return known
        if node.tag not in _Loader.yaml_constructors:
            raise _problem(f"the tag {one_line(node.tag, 80)!r} is not known; leave it out", node)
        self.sizes[id(node)] = None
        size = 1
        if isinstance(node, yaml.ScalarNode):
            size += _length(node)
        elif isinstance(node, yaml.SequenceNode):
            for i, child in enumerate(node.value):
                size += self.over(child, (*path, i))
        elif isinstance(node, yaml.MappingNode):
            size += self._mapping(node, path)
        self.sizes[id(node)] = size
        self._check_height(node)
        return size

    def _check_height(self, node: yaml.Node) -> None:
        children: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            children = node.value
        elif isinstance(node, yaml.MappingNode):
            children = [child for _key, child in node.value]
        height = 1 + max((self.heights.get(id(child), 0) for child in children), default=0)
        if height > _MAX_DEPTH + 1:
            raise _problem(f"values are nested more than {_MAX_DEPTH} deep by aliases", node)
        self.heights[id(node)] = height

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> int:
        size = 0
        pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        own: set[str] = set()
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _problem("a key must be a plain word", key)
            size += _length(key)
            if key.value in own:
                raise _problem(f"key {key.value!r} is given twice", key)
            own.add(key.value)
            if key.value == _MERGE and not key.style:
                size += self.over(child, (*path, _MERGE))
                for taken, value in self._taken(child):
                    if (
                        taken.value not in pairs
                    ):  # what stands here itself comes first, and then what was taken first
                        pairs[taken.value] = taken, value
                        self.lines[(*path, taken.value)] = taken.start_mark.line + self.first
                continue
            # Keys are names here, even `1` and `null`.
            name = yaml.ScalarNode(f"{_TAG}str", key.value, key.start_mark, key.end_mark)
            pairs[key.value] = name, child
            size += self.over(child, (*path, key.value))
            self.lines[(*path, key.value)] = key.start_mark.line + self.first
        node.value = list(pairs.values())
        return size

    def _taken(self, given: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Return the keys and values of a mapping, or of a list of them, that `<<` takes over."""
        for each in given.value if isinstance(given, yaml.SequenceNode) else [given]:
            if not isinstance(each, yaml.MappingNode):
                raise _problem(
                    "<< takes over a mapping, or a list of mappings; put quotes around it to make it a key",
                    each,
                )
            for key, value in each.value:
                self.merged += 1
                if self.merged > _MAX_MERGED:
                    raise _problem(f"<< takes over more than {_MAX_MERGED:,} values; write them out", each)
                yield key, value


def _length(node: yaml.ScalarNode) -> int:
    # JSON writes a character beyond U+FFFF as two escapes, which YAML's reader leaves apart.
    node.value = _PAIR.sub(
        lambda m: chr(0x10000 + ((ord(m[1]) & 0x3FF) << 10) + (ord(m[2]) & 0x3FF)), node.value
    )
    if LONE_SURROGATE.search(node.value):
        raise _problem(f"{NO_CHARACTER} is no character", node)
    return len(node.value)
