"""Read prompt files into items.

A `.prompty` file is a Prompty file and stays one: what tempkit adds stands under `metadata.tempkit`, where Prompty's
own tools pass over it. `.j2` and `.md` files may carry the same front matter; a `.txt` file is one user message, word
for word but for line breaks around it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tempkit.documents import Document, kind, parse_yaml
from tempkit.errors import PromptError, UsageError, nearest, one_line
from tempkit.expected import checks, facts
from tempkit.rendering import Template
from tempkit.rows import Row, read_rows, read_text
from tempkit.sampling import sampling_params
from tempkit.types import TYPED, Item, Message, Prompt

__all__ = ["inline_prompt", "load_prompt"]

SUFFIXES = (".prompty", ".j2", ".md", ".txt")
_TOP = (
    *(
        "name",
        "displayName",
        "description",
        "metadata",
        "inputs",
        "outputs",
        "model",
        "tools",
        "template",
        "version",
    ),
    *("authors", "tags", "instructions", "kind", "sample"),
)
_MODEL = ("id", "provider", "apiType", "connection", "options", "api", "configuration", "response")
_FORMATS = (None, "", "*", "jinja2")
_RICH_KINDS = ("thread", "image", "file", "audio")
_TEMPKIT = ("use_case", "language", "data", "checks")
_RESERVED = ("id", "facts", "checks")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

_OPTIONS: Mapping[str, str] = {
    "maxOutputTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "minP": "min_p",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "stopSequences": "stop",
    **{
        name: name
        for name in ("max_tokens", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop")
    },
}
"""Prompty's and OpenAI's names for the sampling options, with tempkit's."""


def load_prompt(path: Path | str) -> Prompt:
    """Read a prompt file, its data, and render every item.

    Raises:
        PromptError: Naming file and line: bad front matter, an unknown key, a missing data file, a row that does not
            fit the inputs, an unknown variable.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise PromptError(f"{path}: a prompt file must be one of {', '.join(SUFFIXES)}")
    text = read_text(path, "prompt file")
    if path.suffix == ".txt":
        return _literal(path.stem, text, str(path))
    front = _FRONT.match(text)
    if front is None:
        if text.partition("\n")[0].rstrip() == "---":
            raise PromptError(f"{path}:1: the front matter is not closed; end it with a line of ---")
        if path.suffix == ".md":
            return _literal(path.stem, text, str(path))
        template = Template(text, str(path))
        item = Item(key=path.stem, prompt=path.stem, messages=template.render({}))
        return Prompt(name=path.stem, path=str(path), source=text, items=(item,))
    document = parse_yaml(front[1], str(path), PromptError, first_line=2)
    first_body_line = text[: front.end()].count("\n") + 1
    return _from_front_matter(document, path, text, Template(text[front.end() :], str(path), first_body_line))


def inline_prompt(text: str, number: int) -> Prompt:
    """Make a prompt of a text typed on the command line or in an experiment file: one user message, word for word."""
    return _literal(f"{TYPED}{number}", text, None)


def _literal(name: str, text: str, path: str | None) -> Prompt:
    if not text.strip():
        raise PromptError(f"{path or name}:1: the prompt has no text")
    item = Item(key=name, prompt=name, messages=(Message("user", text.strip("\r\n")),))
    return Prompt(name=name, path=path, source=text, items=(item,))


def _from_front_matter(document: Document, path: Path, source: str, template: Template) -> Prompt:
    document.mapping(known=_TOP, what="the front matter")
    document.mapping("metadata", known=None, what="metadata")
    own = document.mapping("metadata", "tempkit", known=_TEMPKIT, what="metadata.tempkit")
    _check_format(document)
    name = document.string("name", what="name") or path.stem
    if not re.fullmatch(r"[\w.-]+", name):
        document.fail(f"name {name!r} may hold letters, digits, '.', '_' and '-' only", "name")
    description = document.string("description", what="description") or ""
    use_case = document.string("metadata", "tempkit", "use_case", what="use_case")
    language = document.string("metadata", "tempkit", "language", what="language")
    options, suggested = _options(document)
    inputs = _inputs(document, examples=own.get("data") is None)
    common = checks(own.get("checks"), f"{path}:{document.line('metadata', 'tempkit', 'checks')}")
    rows = _rows(document, path)
    items: list[Item] = []
    lines: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        values = _values(row, inputs, declared=document.at("inputs") is not None)
        row_id = _row_id(row)
        key = f"{name}/{row_id or number}" if len(rows) > 1 or row_id else name
        if key in lines:
            raise PromptError(f"{row.where}: id {row_id or number!r} is used already, at {lines[key]}")
        lines[key] = row.where
        items.append(
            Item(
                key=key,
                prompt=name,
                messages=template.render(values, f" (with the row at {row.where})" if row.values else ""),
                variables=values,
                facts=facts(row),
                checks=(*common, *checks(row.values.get("checks"), row.where)),
            )
        )
    return Prompt(
        name=name,
        description=description,
        use_case=use_case,
        language=language,
        path=str(path),
        source=source,
        options=options,
        suggested_temperature=suggested,
        items=tuple(items),
    )


def _check_format(document: Document) -> None:
    """Refuse a template that is not Jinja2's: rendered as if it were, its variables would stay unfilled."""
    given = document.at("template")
    if isinstance(given, dict):
        given = given.get("format")
    if isinstance(given, dict):
        given = given.get("kind")
    if given not in _FORMATS:
        document.fail(
            f"template format {given!r} is not supported; write the template in jinja2", "template", "format"
        )


def _rows(document: Document, path: Path) -> list[Row]:
    place = ("metadata", "tempkit", "data")
    name = document.string(*place, what="data")
    if name is None:
        return [Row({}, f"{path}:{document.line('inputs')}")]
    folder = path.parent.resolve()
    try:
        data = (folder / name).resolve()
        inside, found = data.is_relative_to(folder), data.is_file()
    except (OSError, RuntimeError, ValueError) as e:  # a name too long, a symbolic link to itself, a NUL
        document.fail(f"data file {name!r} cannot be found: {one_line(e)}", *place)
    if not inside:
        document.fail(
            f"data file {name!r} lies outside the prompt's folder; move it beside or below the prompt", *place
        )
    if not found:
        document.fail(f"data file {name!r} not found in {path.parent}", *place)
    return read_rows(path.parent / name)


def _row_id(row: Row) -> str:
    given = row.values.get("id")
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or not str(given).isprintable():
        raise PromptError(f"{row.where}: id must be a word or a number on one line, not {given!r}")
    return str(given)


def _inputs(document: Document, examples: bool) -> dict[str, Any]:
    """Return declared inputs with their defaults; `...` marks one that every row must give.

    Args:
        document: The front matter.
        examples: Whether an example stands in for a missing value, as it may where the prompt has no data file.
    """
    declared = document.at("inputs")
    if declared is None:
        return {}
    if isinstance(
        declared, dict
    ):  # Prompty's short form: a mapping of name to property, or to an example value
        named = [
            (name, value if isinstance(value, dict) else {"example": value})
            for name, value in declared.items()
        ]
        places: list[str | int] = list(declared)
    elif isinstance(declared, list):
        named = [(entry.get("name") if isinstance(entry, dict) else None, entry) for entry in declared]
        places = list(range(len(declared)))
    else:
        document.fail(f"inputs must be a list, not {kind(declared)}", "inputs")
    inputs: dict[str, Any] = {}
    for place, (name, entry) in zip(places, named, strict=True):
        if not isinstance(name, str) or not name:
            document.fail("an input needs a name", "inputs", place)
        if name in inputs:
            document.fail(f"input {name!r} is declared twice", "inputs", place)
        if entry.get("kind") in _RICH_KINDS:
            document.fail(
                f"input {name!r} is of kind {entry['kind']!r}; tempkit sends text only", "inputs", place
            )
        inputs[name] = _default(entry, examples)
    return inputs


def _default(entry: Mapping[str, Any], examples: bool) -> Any:
    for key in ("default", "example", "sample") if examples else ("default",):
        if entry.get(key) is not None:
            return entry[key]
    return None if entry.get("required") is False else ...


def _values(row: Row, inputs: Mapping[str, Any], declared: bool) -> dict[str, Any]:
    values = {k: v for k, v in row.values.items() if k not in _RESERVED}
    if not declared:
        return values
    for key in values:
        if key not in inputs:
            known = (*inputs, *_RESERVED)
            raise PromptError(
                f"{row.where}: column {key!r} is not among the prompt's inputs{nearest(key, known)}; known: {', '.join(known)}"
            )
    for key, default in inputs.items():
        if values.get(key) is None:
            if default is ...:
                raise PromptError(
                    f"{row.where}: no value for input {key!r}; add it, or give the input a default"
                )
            values[key] = default
    return values


def _options(document: Document) -> tuple[dict[str, Any], float | None]:
    """Split `model.options` into sampling fields and the file's own temperature, which a sweep replaces."""
    place = ("model", "options")
    if isinstance(
        document.at("model"), str
    ):  # Prompty allows a bare model name; the plan says which models run
        return {}, None
    document.mapping("model", known=_MODEL, what="model")
    given = document.mapping(*place, known=("temperature", "seed", *_OPTIONS), what="model.options")
    options: dict[str, Any] = {}
    for key, value in given.items():
        if key in ("temperature", "seed"):
            continue
        field = _OPTIONS[key]
        if field in options:
            document.fail(f"model.options.{key} says {field} a second time", *place, key)
        try:
            checked = getattr(sampling_params({field: value}), field)
        except UsageError as e:
            document.fail(f"model.options.{key}: {e}", *place, key)
        if value is not None:
            options[field] = checked
    suggested = given.get("temperature")
    number = isinstance(suggested, (int, float)) and not isinstance(suggested, bool)
    if suggested is not None and (not number or suggested < 0):
        document.fail("model.options.temperature must be a number from 0", *place, "temperature")
    return options, None if suggested is None else float(suggested)
