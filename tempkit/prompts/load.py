"""Read prompt files into items.

A `.prompty` file is a Prompty file and stays one: what tempkit adds stands under `metadata.tempkit`, where Prompty's
own tools pass over it. A `.prompt` file is a dotprompt file. `.j2` and `.md` files may carry the same front matter; a `.txt` file of one line is one user message, word for word, and one of
several is a question a line. A table (`.csv`, `.tsv`, `.jsonl`, `.parquet`) is a question a row.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from tempkit.errors import NeedsRowsError, PromptError, nearest, one_line
from tempkit.files import Document, parse_yaml
from tempkit.prompts.data_rows import DataRow, read_rows, read_text
from tempkit.prompts.dotprompt import ChatTemplate, as_prompty
from tempkit.prompts.expectations import checks, facts
from tempkit.prompts.file_references import file_inside, resolved
from tempkit.prompts.left_out import NOT_CARRIED_OVER
from tempkit.prompts.promptfoo import expected_checks, is_theirs, unfolded
from tempkit.prompts.prompty import (
    TOP,
    check_api,
    check_format,
    left_out,
    named,
    options,
)
from tempkit.prompts.prompty_body import carried_body
from tempkit.prompts.prompty_inputs import declared_at, inputs, open_to_more
from tempkit.prompts.question_files import TABLES, lines_of, questions_of_lines, questions_of_table
from tempkit.prompts.rendering import Template
from tempkit.types import TYPED, Item, Message, Prompt

__all__ = ["SUFFIXES", "inline_prompt", "load_prompt", "taken_as", "unfilled"]

_PROGRAMS = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".py")
SUFFIXES = (".prompty", ".prompt", ".j2", ".md", ".txt", *TABLES)
_TEMPKIT = ("use_case", "language", "data", "checks", "decision")
_RESERVED = ("id", "facts", "checks")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_PROMPTY_FRONT = re.compile(
    r"\A(?P<before>\s*)(?:---|\+\+\+)[ \t]*\n(?P<yaml>.*?)^(?:---|\+\+\+)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""Prompty lets either mark open and close the front matter, and blanks come before it."""
_UNFILLED = re.compile(r"\{\{.{1,200}?\}\}|\{%.{1,200}?%\}")


def load_prompt(path: Path | str, *, env: Collection[str] = (), data: Path | None = None) -> Prompt:
    """Read a prompt file, its data, and render every item.

    Args:
        path: The file.
        env: Names of the environment variables that its front matter may refer to.
        data: A file of rows that fill it in, in place of the data or the examples that it names.

    Raises:
        PromptError: Naming file and line: there is `data` for a file without inputs, bad front matter, an unknown key, a missing data file, a row that does not
            fit the inputs, an unknown variable.
    """
    path = Path(path)
    if path.suffix in _PROGRAMS:
        raise PromptError(
            f"{path}: a program, which tempkit does not run; write out what it makes: promptfoo's configurations are read as .yaml and .json, prompts as {', '.join(SUFFIXES)}"
        )
    if path.suffix not in SUFFIXES:
        raise PromptError(f"{path}: a prompt file must be one of {', '.join(SUFFIXES)}")
    if data is not None and path.suffix in (".txt", *TABLES):
        raise PromptError(
            f"{path}: a {path.suffix} file has no inputs that --data could fill in; call a template .j2 or .prompty"
        )
    if path.suffix in TABLES:
        return questions_of_table(path)
    text = read_text(path, "prompt file")
    if path.suffix == ".txt":
        lines = lines_of(text)
        return (
            questions_of_lines(path, text, lines) if len(lines) > 1 else _literal(path.stem, text, str(path))
        )
    if path.suffix == ".prompt":
        return _dotprompt(path, text, data)
    prompty = path.suffix == ".prompty"
    front = (_PROMPTY_FRONT if prompty else _FRONT).match(text)
    if front is None:
        first = (text.lstrip() if prompty else text).partition("\n")[0].rstrip()
        if first == "---" or (prompty and first == "+++"):
            raise PromptError(f"{path}:1: the front matter is not closed; end it with a line of ---")
        if path.suffix == ".md" and data is None:
            return _literal(path.stem, text, str(path))
        template = Template(text, str(path), unmarked="system" if prompty else "user")
        nothing = Document(str(path), {}, {(): 1}, PromptError)
        return _from_front_matter(nothing, path, text, template, data)
    content = front["yaml"] if prompty else front[1]
    first_line = text[: front.start("yaml" if prompty else 1)].count("\n") + 1
    document = resolved(parse_yaml(content, str(path), PromptError, first_line=first_line), path, env)
    check_format(document)
    body, body_line = text[front.end() :], text[: front.end()].count("\n") + 1
    left: tuple[str, ...] = ()
    if prompty:
        body, left = carried_body(body, str(path), body_line)
    template = Template(body, str(path), body_line, unmarked="system" if prompty else "user")
    return _from_front_matter(document, path, text, template, data, left)


def inline_prompt(text: str, number: int) -> Prompt:
    """Make a prompt of a text typed on the command line or in an experiment file: one user message, word for word."""
    return _literal(f"{TYPED}{number}", text, None)


def taken_as(prompt: Prompt) -> str | None:
    """Say how a file of questions was taken; None for any other prompt, which says it itself."""
    path = Path(prompt.path or "")
    if path.suffix in (".prompt", ".prompty") and NOT_CARRIED_OVER in prompt.description:
        return prompt.description[max(0, prompt.description.find(f"{path}:")) :]
    if path.suffix in TABLES or (path.suffix == ".txt" and len(prompt.items) > 1):
        return f"{one_line(path, 100)}: {len(prompt.items):,} question{'s' if prompt.items[1:] else ''}{prompt.description.removeprefix('questions')}"
    return None


def unfilled(prompt: Prompt) -> str | None:
    """Say that a text that is sent word for word looks like a template; None where it does not."""
    path = Path(prompt.path or "")
    typed = prompt.path is None
    literal = typed or path.suffix == ".txt" or (path.suffix == ".md" and not _FRONT.match(prompt.source))
    found = _UNFILLED.search(prompt.source) if literal else None
    if found is None:
        return None
    where = prompt.name if typed else f"{path}:{prompt.source.count(chr(10), 0, found.start()) + 1}"
    how = "put the text into a .j2 or .prompty file" if typed else f"call the file {path.stem}.j2 or .prompty"
    return f"{where}: {one_line(found[0], 60)} is sent as it stands; {how} to have it filled in"


def _dotprompt(path: Path, text: str, data: Path | None) -> Prompt:
    front = _FRONT.match(text)
    if front is None and text.lstrip().startswith("---"):
        raise PromptError(f"{path}:1: the front matter is not closed; end it with a line of ---")
    content, body = (front[1], text[front.end() :]) if front else ("", text)
    document = parse_yaml(content, str(path), PromptError, first_line=2)
    template = ChatTemplate(body, str(path), text[: len(text) - len(body)].count("\n") + 1)
    return _from_front_matter(as_prompty(document), path, text, template, data, template.left_out)


def _literal(name: str, text: str, path: str | None) -> Prompt:
    if not text.strip():
        raise PromptError(f"{path or name}:1: the prompt has no text")
    item = Item(key=name, prompt=name, messages=(Message("user", text.strip("\r\n")),))
    return Prompt(name=name, path=path, source=text, items=(item,))


def _from_front_matter(
    document: Document,
    path: Path,
    source: str,
    template: Template | ChatTemplate,
    data: Path | None,
    left: Sequence[str] = (),
) -> Prompt:
    schema = ("$schema",) if document.at("$schema") is not None else ()
    document.mapping(known=(*TOP, *schema), what="the front matter")
    document.mapping("metadata", known=None, what="metadata")
    own = document.mapping("metadata", "tempkit", known=_TEMPKIT, what="metadata.tempkit")
    check_api(document)
    name = named(document, path.stem)
    description = document.string("description", what="description") or ""
    description = "; ".join(filter(None, [description, *left_out(document), *left]))
    use_case = document.string("metadata", "tempkit", "use_case", what="use_case")
    language = document.string("metadata", "tempkit", "language", what="language")
    sampling, suggested = options(document)
    without = own.get("data") is None and data is None
    declared = inputs(document, examples=without)
    common = checks(own.get("checks"), f"{path}:{document.line('metadata', 'tempkit', 'checks')}")
    rows = _rows(document, path, data)
    strict = declared_at(document) is not None or (without and bool(declared))
    filled = [
        _values(row, declared, strict=strict, more=open_to_more(document), alone=without) for row in rows
    ]
    try:
        rendered = template.render_all(
            [
                (values, f" (with the row at {row.where})" if row.values else "")
                for row, values in zip(rows, filled, strict=True)
            ]
        )
    except PromptError as e:
        if not without or not str(e).endswith(" is undefined"):
            raise
        raise NeedsRowsError(str(e), "fill it in with --data FILE.csv") from e
    items: list[Item] = []
    lines: dict[str, str] = {}
    for number, (row, values, messages) in enumerate(zip(rows, filled, rendered, strict=True), 1):
        row_id = _row_id(row)
        key = f"{name}/{row_id or number}" if len(rows) > 1 or row_id else name
        if key in lines:
            raise PromptError(f"{row.where}: id {row_id or number!r} is used already, at {lines[key]}")
        lines[key] = row.where
        items.append(
            Item(
                key=key,
                prompt=name,
                messages=messages,
                variables=values,
                facts=facts(row),
                checks=(
                    *common,
                    *checks(row.values.get("checks"), row.where),
                    *checks(expected_checks(row), row.where),
                ),
            )
        )
    return Prompt(
        name=name,
        description=description,
        use_case=use_case,
        language=language,
        path=str(path),
        source=source,
        options=sampling,
        suggested_temperature=suggested,
        items=tuple(items),
    )


def _rows(document: Document, path: Path, data: Path | None) -> list[DataRow]:
    if data is not None:
        return [unfolded(row) for row in read_rows(data)]
    place = ("metadata", "tempkit", "data")
    name = document.string(*place, what="data")
    if name is None:
        return [DataRow({}, f"{path}:{document.line(*(declared_at(document) or ('inputs',)))}")]
    return [unfolded(row) for row in read_rows(file_inside(document, path, name, "data file", *place))]


def _row_id(row: DataRow) -> str:
    given = row.values.get("id")
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or not str(given).isprintable():
        raise PromptError(
            f"{row.where}: id must be a word or a number on one line, not {one_line(repr(given), 60)}"
        )
    return str(given)


def _values(
    row: DataRow, declared: Mapping[str, Any], *, strict: bool, more: bool, alone: bool
) -> dict[str, Any]:
    """Return a row's values by input.

    Args:
        row: The row.
        declared: Inputs with their defaults; `...` marks one that every row must give.
        strict: Whether only what is declared may be used.
        more: Whether a row may have other columns all the same.
        alone: Whether there is no data but what the prompt says itself.
    """
    values = {k: v for k, v in row.values.items() if k not in _RESERVED and not is_theirs(k)}
    if not strict:
        return values
    for key in values:
        if key not in declared and not more:
            known = (*declared, *_RESERVED)
            raise PromptError(
                f"{row.where}: column {key!r} is not among the prompt's inputs{nearest(key, known)}; known: {', '.join(known)}"
            )
    for key, default in declared.items():
        if values.get(key) is None:
            if default is ...:
                missing = f"{row.where}: no value for input {key!r}"
                if alone:
                    raise NeedsRowsError(
                        missing, "add it, or give the input a default, or fill it in with --data FILE.csv"
                    )
                raise PromptError(f"{missing}; add it, or give the input a default")
            values[key] = default
    return values
