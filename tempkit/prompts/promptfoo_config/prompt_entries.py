"""What stands under `prompts`: texts, files of several kinds, chats as JSON or YAML, each as a template of messages."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Delimited, Document, kind
from tempkit.prompts.data_rows import parse_json
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.chats import (
    Entry,
    NotSentError,
    Part,
    chat,
    is_body,
    is_chat,
    json_of,
    message_of,
    name_beside,
)
from tempkit.prompts.promptfoo_config.folder import MOST_FILES, SCRIPT, Folder, at, is_pattern
from tempkit.prompts.promptfoo_config.values import early, unsendable

__all__ = ["entries"]

_SEPARATOR = "---"
_FILES = (".txt", ".md", ".j2", ".json", ".jsonl", ".yaml", ".yml", ".csv")
_HEADER = re.compile(r'\ufeff?\s*"?(?:prompt|label)"?\s*(?:[,;\t|]|$)', re.IGNORECASE)
_QUOTED_CELL = re.compile(r'"(?:[^"]|"")*"')
_BARE = re.compile(r"[\w./*?\[\]~-]+")


def entries(document: Document, folder: Folder, left: LeftOut) -> list[Entry]:
    """Return the prompts of a configuration; `{{prompt}}` where it names none, as promptfoo has it.

    Raises:
        PromptError: One cannot be read; the message begins with `file:line`.
    """
    given = document.at("prompts")
    if given is None:
        asked = Part("user", "{{prompt}}", document.source, 1)
        return [Entry("prompt", (asked,), at(document), called=("{{prompt}}",))]
    if isinstance(given, str):
        texts: list[tuple[Any, str, tuple[str | int, ...]]] = [(given, "", ("prompts",))]
    elif isinstance(given, dict):  # of files with their labels, as older ones were
        texts = [(str(name), str(label), ("prompts", name)) for name, label in given.items()]
    elif isinstance(given, list):
        texts = [(entry, "", ("prompts", i)) for i, entry in enumerate(given)]
    else:
        document.fail(f"prompts must be a list, not {kind(given)}", "prompts")
    if len(texts) > MOST_FILES:
        document.fail(f"more than {MOST_FILES:,} prompts", "prompts")
    found: list[Entry] = []
    for entry, label, place in texts:
        try:
            found += (
                _of_text(entry, label, document, folder, left, *place)
                if isinstance(entry, str)
                else _of_entry(entry, document, folder, left, *place)
            )
        except NotSentError as e:
            left.add(f"a prompt that is {e.what}", e.where)
    return found


def _one(make: Callable[..., Entry | Iterator[Entry]], *given: Any, left: LeftOut) -> Iterator[Entry]:
    """Return what is made of one prompt; nothing, which is named, where it cannot be sent: those beside it can."""
    try:
        made = make(*given, left)
        found = [made] if isinstance(made, Entry) else list(made)
    except NotSentError as e:
        left.add(f"a prompt that is {e.what}", e.where)
        return
    yield from found


def _of_entry(
    entry: Any, document: Document, folder: Folder, left: LeftOut, *place: str | int
) -> Iterator[Entry]:
    if not isinstance(entry, dict):
        document.fail(f"a prompt must be a text, a file or a mapping, not {kind(entry)}", *place)
    label = str(entry.get("label") or "")
    for key in entry:
        if key not in ("id", "label", "raw", "display", "messages"):
            left.add(f"a prompt's {key}", at(document, *place, key))
    raw, name = entry.get("raw"), entry.get("id")
    found: Iterable[Entry]
    if isinstance(raw, str):
        # As a prompt without a label: it may be the name of a file, or of a program.
        found = _of_text(raw, label or str(name or ""), document, folder, left, *place, "raw")
    elif isinstance(raw, list):
        if not is_chat(raw):
            raise NotSentError(at(document, *place, "raw"), "a list and no chat")
        found = chat(label, raw, document.source, document.line(*place, "raw"), left)
    elif isinstance(entry.get("messages"), list):
        found = _of_messages(entry["messages"], label, document, folder, left, *place, "messages")
    elif isinstance(name, str):
        found = _of_text(name, label, document, folder, left, *place)
    else:
        document.fail("a prompt needs raw, its text, id, its file, or messages", *place)
    also = tuple(each for each in (label, name) if isinstance(each, str) and each)
    for one in found:
        yield replace(one, called=(*also, *one.called))


def _of_messages(
    given: list[Any], label: str, document: Document, folder: Folder, left: LeftOut, *place: str | int
) -> Iterator[Entry]:
    """Read a chat that is written out, each message's content a text or the name of its file."""
    parts: list[Part] = []
    for i, each in enumerate(given):
        content = each.get("content") if isinstance(each, dict) else None
        if not isinstance(content, str) or not content.startswith("file://"):
            entry = next(chat(label, [each], document.source, document.line(*place, i), left))
            parts += entry.parts
            continue
        if SCRIPT.search(content):
            left.add(
                f"a prompt with a message that a program makes ({one_line(content, 60)})",
                at(document, *place, i),
            )
            return
        for path in folder.find(content, document, *place, i, "content"):
            entry = next(
                chat(label, [{**each, "content": folder.text(path).strip("\n")}], str(path), 1, left)
            )
            parts += entry.parts
    if not parts:
        document.fail("the chat has no message", *place)
    yield Entry(label, tuple(parts), at(document, *place), literal=True)


def _of_text(
    text: str, label: str, document: Document, folder: Folder, left: LeftOut, *place: str | int
) -> Iterator[Entry]:
    """Read a prompt that is a text or a file's name."""
    line = document.line(*place)
    name = text.strip()
    one = "\n" not in name and len(name) < 500
    if (
        one
        and SCRIPT.search(name)
        and (name.startswith(("file://", "exec:")) or "://" in name or _BARE.fullmatch(name.split(":")[0]))
    ):
        left.add(
            f"a prompt that a program makes, or that lies elsewhere ({one_line(name, 60)})",
            at(document, *place),
        )
        return
    suffix = Path(name).suffix.lower()
    is_file = one and (name.startswith("file://") or (suffix in _FILES and _BARE.fullmatch(name) is not None))
    found = folder.matching(name, document, *place) if one and not is_file and "*" in name else []
    if not is_file and not found:
        yield replace(message_of(label, text, document.source, line, left), called=(label or text,))
        return
    for path in found or folder.find(name, document, *place):
        if path.suffix.lower() not in _FILES and is_pattern(name):
            program = SCRIPT.search(path.name) is not None
            what = "that a program makes, or that lies elsewhere" if program else "in a file of another kind"
            left.add(f"a prompt {what} ({one_line(path.name, 60)})", at(document, *place))
            continue
        called = (label,) if label else (name, name.removeprefix("file://"), str(path), str(path.resolve()))
        for entry in _one(_of_file, path, label, folder, left=left):
            yield replace(entry, called=called)


def _of_file(path: Path, label: str, folder: Folder, left: LeftOut) -> Iterator[Entry]:
    suffix, source, called, text = path.suffix.lower(), str(path), label or path.stem, folder.text(path)
    if suffix in (".yaml", ".yml"):
        yield from _of_document(folder.parsed(path, text), text, called, folder, left)
    elif suffix == ".json":
        try:
            document = folder.parsed(path, text)
        except PromptError:  # JSON once it is filled in, or a text
            yield message_of(called, text, source, 1, left)
        else:
            yield from _of_document(document, text, called, folder, left)
    elif suffix == ".csv":
        yield from _of_table(path, text, label, left)
    elif suffix == ".jsonl":
        for n, row in enumerate(text.split("\n"), 1):
            if row.strip():
                yield from _one(_of_row, called, row, source, n, left=left)
    elif suffix == ".txt":
        yield from _of_pieces(text, called, source, left)
    else:
        yield message_of(called, text, source, 1, left)


def _of_row(label: str, row: str, source: str, line: int, left: LeftOut) -> Entry | Iterator[Entry]:
    value = parse_json(row, f"{source}:{line}", "not JSON")
    if isinstance(value, list) and is_chat(value):
        return chat(label, value, source, line, left)
    return message_of(label, row, source, line, left)


def _of_document(document: Document, text: str, label: str, folder: Folder, left: LeftOut) -> Iterator[Entry]:
    """Read a file of YAML or JSON: a chat, a request's body with one, or else its text."""
    given = document.value
    at_body: tuple[str, ...] = ()
    if is_body(given):
        name_beside(given, document.source, document.line("messages"), left)
        given, at_body = given["messages"], ("messages",)
        if not given:
            document.fail("the chat has no message", "messages")
    given = early(given, folder, document, *at_body)
    refused = next(unsendable(given), None)
    if refused is not None:
        left.add(f"a prompt with a message that is {refused.why}", refused.where)
        return
    if not isinstance(given, list) or not is_chat(given):
        yield json_of(label, given, text, document.source, 1, left)
        return
    parts = [
        part
        for i, each in enumerate(given)
        for entry in chat(label, [each], document.source, document.line(*at_body, i), left)
        for part in entry.parts
    ]
    yield Entry(label, tuple(parts), f"{document.source}:{parts[0].line}", literal=True)


def _of_pieces(text: str, label: str, source: str, left: LeftOut) -> Iterator[Entry]:
    """Read the prompts of a text file, which lines of `---` part, each without blanks around it."""
    lines = text.split("\n")
    ends = [n for n, line in enumerate(lines) if line.strip() == _SEPARATOR]
    for begin, end in zip([0, *(n + 1 for n in ends)], [*ends, len(lines)], strict=True):
        piece = "\n".join(lines[begin:end])
        if piece.strip():
            blank = piece[: len(piece) - len(piece.lstrip())].count("\n")
            yield from _one(message_of, label, piece.strip(), source, begin + blank + 1, left=left)


def _trimmed(cell: str, table: str) -> str:
    """Return a cell without the blanks around it, unless they stand in quotes."""
    quoted = '"' + cell.replace('"', '""') + '"'
    return cell if cell == cell.strip() or quoted in table else cell.strip()


def _of_table(path: Path, text: str, label: str, left: LeftOut) -> Iterator[Entry]:
    if "," not in text:  # no table, but a prompt a line as it is written
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        for n, line in lines[1:] if lines and lines[0][1].strip().lower() == "prompt" else lines:
            yield from _one(message_of, label or path.stem, line, str(path), n, left=left)
        return
    first = next((line for line in text.split("\n") if line.strip()), "")
    # A blank behind a closing quote, which strict readers refuse, says nothing.
    text = re.sub(r'"[ \t]+$', '"', text, flags=re.MULTILINE)
    if _HEADER.match(first) is None and "," not in _QUOTED_CELL.sub("", first):
        text = f"prompt\n{text}"  # one column without a header: a prompt a line
        lines_before = 1
    else:
        lines_before = 0
    table = Delimited(text, str(path), wanted=("prompt", "label"))
    if "prompt" not in table.columns:
        raise PromptError(f"{table.header_at}: a table of prompts needs a column prompt")
    for where, cells in table:
        row = dict(zip(table.columns, cells, strict=True))
        if row["prompt"].strip():
            called = row.get("label") or label or path.stem
            on = int(where.rpartition(":")[2]) - lines_before
            yield from _one(message_of, called, _trimmed(row["prompt"], text), str(path), on, left=left)
