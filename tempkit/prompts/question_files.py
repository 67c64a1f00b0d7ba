"""A table of questions as a prompt file: a row each, with what a right answer contains; or a text file with a question a line.

This is how people hold what they ask: in a spreadsheet, or one below the other. Columns are known by the names that they mostly
have, and the prompt's description says how they were taken, so that nothing is guessed in silence.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tempkit.errors import PromptError, one_line
from tempkit.prompts.chat_rows import Shape, chats_of, shape_of, unwrapped
from tempkit.prompts.data_rows import DataRow, read_rows, read_text
from tempkit.prompts.expectations import checks, facts
from tempkit.prompts.parquet_rows import read_parquet
from tempkit.prompts.promptfoo import expected_checks, is_theirs, unfolded
from tempkit.types import Item, Message, Prompt

__all__ = ["TABLES", "lines_of", "questions_of_lines", "questions_of_rows", "questions_of_table"]

TABLES: Final = (".csv", ".tsv", ".jsonl", ".parquet")

_QUESTION = ("question", "prompt", "input", "query", "instruction", "user", "text", "pregunta")
"""Names of the column with what is asked, the likeliest first."""
_ANSWER = (
    *("expected", "expected answer", "reference", "reference answer", "ideal", "answer", "correct answer"),
    *("target", "solution", "respuesta"),
)
"""Of the column with what a right answer contains."""
_SYSTEM = ("system", "system prompt")
_OWN = ("id", "facts", "checks")

_LONG = 60
"""Characters from which an expected answer is a text of its own, that no right answer repeats word for word."""


def questions_of_table(path: Path) -> Prompt:
    """Read a table of questions.

    Raises:
        PromptError: Naming file and line: it has no column of questions, or a row that cannot be used.
        ExtraMissingError: It is Parquet, and what reads that is not installed.
    """
    if path.suffix == ".parquet":
        _, rows = read_parquet(path)
        if not rows:
            raise PromptError(f"{path}: the data file has no rows")
        plain = [DataRow({name: _as_json(v) for name, v in row.values.items()}, row.where) for row in rows]
        source = "\n".join(json.dumps(row.values, ensure_ascii=False, default=str) for row in plain)
    else:
        source, plain = read_text(path, "prompt file"), read_rows(path)
    made = questions_of_rows(plain, path.stem, str(path) if path.suffix == ".parquet" else f"{path}:1")
    return replace(made, path=str(path), source=source)


def questions_of_rows(rows: Sequence[DataRow], name: str, where: str) -> Prompt:
    """Make a prompt of rows with a question each.

    Args:
        rows: At least one.
        name: Of the prompt.
        where: What an error about the columns begins with.

    Raises:
        PromptError: There is no column of questions, or a row cannot be used.
    """
    rows = [unfolded(unwrapped(row)) for row in rows]
    shape = shape_of(rows)
    if shape is not None:
        return _questions_of_chats(rows, shape, name)
    names: dict[str, Any] = {}
    for row in rows:
        for column in row.values:
            if not is_theirs(str(column)):
                names.setdefault(_plain(column), column)
    asked = _column(names, _QUESTION) or _only(names)
    if asked is None:
        raise PromptError(
            f"{where}: no column of questions; call it one of {', '.join(_QUESTION)} (columns: "
            f"{one_line(', '.join(map(str, names.values())), 200)})"
        )
    rest = {plain: name for plain, name in names.items() if name != asked}
    expected, system = _column(rest, _ANSWER), _column(rest, _SYSTEM)
    given = [str(row.values.get(expected) or "") for row in rows] if expected else []
    alike = sum(len(text) > _LONG for text in given) > sum(0 < len(text) <= _LONG for text in given)
    items = [
        _item(name, number, row, asked=asked, system=system, expected=expected, alike=alike)
        for number, row in enumerate(rows, 1)
    ]
    _check_keys(items, rows)
    said = f"questions in column {one_line(repr(asked), 60)}"
    if expected is not None:
        means = "what a right answer is like" if alike else "what a right answer contains"
        said += f"; {one_line(repr(expected), 60)} is {means}"
    _check_columns(rows, {_plain(each) for each in (asked, expected, system, *_OWN) if each is not None})
    used = {asked, expected, system, *(rest[plain] for plain in _OWN if plain in rest)}
    if others := [one_line(repr(each), 40) for each in names.values() if each not in used]:
        said += f"; not used: {', '.join(others[:5])}{' and more' if others[5:] else ''}"
    return Prompt(name=name, description=said, items=tuple(items))


def _questions_of_chats(rows: Sequence[DataRow], shape: Shape, name: str) -> Prompt:
    chats, said = chats_of(rows, shape)
    firsts = [chat.answers[0] for chat in chats if chat.answers]
    alike = sum(len(text) > _LONG for text in firsts) > len(firsts) / 2
    items = []
    for number, chat in enumerate(chats, 1):
        like = [{"type": "similar", "value": text} for text in chat.answers[:1] if alike]
        items.append(
            Item(
                key=f"{name}/{_id(chat.row, chat.id) if chat.id is not None else number}",
                prompt=name,
                messages=chat.messages,
                facts=() if alike or not chat.answers else (chat.answers,),
                checks=checks(like, chat.row.where),
            )
        )
    _check_keys(items, [chat.row for chat in chats])
    if firsts:
        said += f"; the answer is what a right one {'is like' if alike else 'contains'}"
    return Prompt(name=name, description=f"questions: {said}", items=tuple(items))


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def questions_of_lines(path: Path, text: str, lines: Sequence[str]) -> Prompt:
    """Make a prompt of a text file with a question on each line."""
    name = path.stem
    items = (
        Item(key=f"{name}/{number}", prompt=name, messages=(Message("user", line),))
        for number, line in enumerate(lines, 1)
    )
    said = f"questions, one a line; to send the text as one prompt call the file {one_line(name, 60)}.md"
    return Prompt(name=name, description=said, path=str(path), source=text, items=tuple(items))


def _item(
    name: str,
    number: int,
    row: DataRow,
    *,
    asked: str,
    system: str | None,
    expected: str | None,
    alike: bool,
) -> Item:
    values = {_plain(column): value for column, value in row.values.items()}
    question = _text(row, asked)
    if not question.strip():
        raise PromptError(
            f"{row.where}: no question in column {one_line(repr(asked), 60)}; fill it in, or delete the row"
        )
    before = _text(row, system) if system is not None else ""
    answer = _text(row, expected).strip() if expected is not None else ""
    own = DataRow({"facts": values.get("facts"), "checks": values.get("checks")}, row.where)
    wordings = () if alike or not answer else (tuple(w.strip() for w in answer.split("|") if w.strip()),)
    like = [{"type": "similar", "value": answer}] if alike and answer else []
    row_id = values.get("id")
    return Item(
        key=f"{name}/{_id(row, row_id) if row_id not in (None, '') else number}",
        prompt=name,
        messages=(*((Message("system", before),) if before.strip() else ()), Message("user", question)),
        variables={str(column): value for column, value in row.values.items() if not is_theirs(str(column))},
        facts=(*facts(own), *(each for each in wordings if each)),
        checks=(
            *checks(own.values["checks"], row.where),
            *checks(like, row.where),
            *checks(expected_checks(row), row.where),
        ),
    )


def _check_columns(rows: Sequence[DataRow], used: set[str]) -> None:
    """Refuse two columns of a row that are one name here: only one of them would be read."""
    for row in rows:
        found: dict[str, Any] = {}
        for column in row.values:
            plain = _plain(column)
            if plain in used and not is_theirs(str(column)) and plain in found:
                raise PromptError(
                    f"{row.where}: the columns {one_line(repr(found[plain]), 40)} and {one_line(repr(column), 40)} are one name here; "
                    "rename one of them"
                )
            found[plain] = column


def _check_keys(items: Sequence[Item], rows: Sequence[DataRow]) -> None:
    lines: dict[str, str] = {}
    for item, row in zip(items, rows, strict=True):
        if item.key in lines:
            raise PromptError(
                f"{row.where}: id {item.key.partition('/')[2]!r} is used already, at {lines[item.key]}"
            )
        lines[item.key] = row.where


def _id(row: DataRow, given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or not str(given).isprintable():
        raise PromptError(
            f"{row.where}: id must be a word or a number on one line, not {one_line(repr(given), 60)}"
        )
    return str(given)


def _text(row: DataRow, column: str) -> str:
    value = row.values.get(column)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PromptError(
            f"{row.where}: column {one_line(repr(column), 60)} must hold a text, not {one_line(repr(value), 60)}"
        )
    return str(value)


def _as_json(value: Any) -> Any:
    """Return a value of a column as JSON would have it; dates and the like are text."""
    return value if value is None or isinstance(value, (str, bool, int, float, list, dict)) else str(value)


def _plain(name: Any) -> str:
    """Return a column's name as it is compared: without case, marks and blanks around it."""
    return " ".join(str(name).casefold().replace("_", " ").replace("-", " ").split())


def _column(names: Mapping[str, str], known: Sequence[str]) -> str | None:
    """Return the column that has the first of the known names, in the singular or the plural."""
    return next((names[each] for name in known for each in (name, f"{name}s") if each in names), None)


def _only(names: Mapping[str, str]) -> str | None:
    """Return the one column that may be the questions, where there is no other."""
    free = [name for plain, name in names.items() if plain not in (*_OWN, *_ANSWER, *_SYSTEM)]
    return free[0] if len(free) == 1 else None
