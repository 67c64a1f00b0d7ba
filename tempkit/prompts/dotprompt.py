"""dotprompt files (`.prompt`): their front matter as that of a Prompty file, their template as Jinja2.

Names of inputs come from the schema, in its short form or as JSON Schema, and their values from the defaults or from data under
`metadata.tempkit`. What else the file asks of a model is left out and named.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tempkit.errors import PromptError
from tempkit.files import Document, kind
from tempkit.prompts.handlebars import messages_of
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.rendering import Template
from tempkit.types import Message

__all__ = ["ChatTemplate", "as_prompty"]

_SETTINGS = ("temperature", "maxOutputTokens", "topP", "topK", "stopSequences")
_USED = ("name", "description", "config", "input", "metadata")
_NAME = re.compile(r"([A-Za-z_]\w*)(\?)?(?:\(.*\))?", re.ASCII)


class ChatTemplate:
    """A template in Handlebars, as messages that are filled in one by one.

    Args:
        body: The template.
        source: The file's name, for messages.
        first_line: The line of the file on which `body` begins.

    Raises:
        PromptError: It is not read; names file and line.
    """

    def __init__(self, body: str, source: str, first_line: int) -> None:
        self._where = f"{source}:{first_line}"
        left = LeftOut()
        self._parts = [
            (message.role, Template(message.body, source, message.line, role_lines=False))
            for message in messages_of(body, source, first_line, left)
        ]
        self.left_out = left.lines()
        """What of it is not carried over, a line each."""

    def render_all(self, rows: Sequence[tuple[Mapping[str, Any], str]]) -> list[tuple[Message, ...]]:
        """Fill in many rows.

        Raises:
            PromptError: A value is missing, or a row leaves no text; names file and line.
        """
        columns = [(role, template.texts(rows)) for role, template in self._parts]
        found = []
        for n, (_, where) in enumerate(rows):
            messages = tuple(Message(role, texts[n]) for role, texts in columns if texts[n].strip())
            if not any(message.role != "system" for message in messages):
                raise PromptError(f"{self._where}: the prompt has no user text{where}")
            found.append(messages)
        return found


def as_prompty(document: Document) -> Document:
    """Return the front matter of a dotprompt file as that of a Prompty file.

    Raises:
        PromptError: A value is none that can be read; the message begins with `file:line`.
    """
    given = document.mapping(known=None, what="the front matter")
    left = LeftOut()
    for key, value in given.items():
        if key not in _USED and value is not None:
            left.add(f"{key} of the prompt", f"{document.source}:{document.line(key)}")
    options = {}
    for key, value in document.mapping("config", known=None, what="config").items():
        if key in _SETTINGS:
            options[key] = value
        else:
            left.add(f"config.{key}", f"{document.source}:{document.line('config', key)}")
    description = "; ".join(filter(None, [document.string("description", what="description"), *left.lines()]))
    value = {
        "name": document.string("name", what="name"),
        "description": description,
        "model": {"options": options},
        "inputs": _inputs(document) or None,
        "metadata": document.at("metadata"),
    }
    lines = {
        **document.lines,
        **{
            ("model", "options", *path[1:]): line
            for path, line in document.lines.items()
            if path[:1] == ("config",)
        },
        ("inputs",): document.line("input"),
    }
    return replace(document, value={k: v for k, v in value.items() if v is not None}, lines=lines)


def _inputs(document: Document) -> dict[str, Any]:
    document.mapping("input", known=("schema", "default"), what="input")
    schema = document.at("input", "schema")
    defaults = document.mapping("input", "default", known=None, what="input.default")
    found: dict[str, Any] = {}
    if isinstance(schema, dict):
        declared = schema.get("properties") if isinstance(schema.get("properties"), dict) else schema
        wanted = schema.get("required") if declared is not schema else None
        for name in declared if isinstance(declared, dict) else ():
            match = _NAME.fullmatch(str(name))
            if match is None:  # (*): any others
                continue
            optional = match[2] is not None or (isinstance(wanted, list) and name not in wanted)
            found[match[1]] = {"required": False} if optional else {"kind": "string"}
    elif schema is not None and not isinstance(schema, str):
        document.fail(f"input.schema must be a mapping or a name, not {kind(schema)}", "input", "schema")
    for name, value in defaults.items():
        found[name] = {**found.get(name, {}), "default": value}
    return found
