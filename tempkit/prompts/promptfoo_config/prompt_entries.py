"""What stands under `prompts`: texts, files of several kinds, chats as JSON or YAML, each as a template of messages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Delimited, Document, kind
from tempkit.prompts.data_rows import parse_json
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.folder import MOST_FILES, SCRIPT, Folder, at
from tempkit.types import Role

__all__ = ["Entry", "Part", "chat_of", "entries"]

_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "developer": "system",
}
_SEPARATOR = re.compile(r"^---[ \t]*$", re.MULTILINE)
_FILES = (".txt", ".md", ".j2", ".json", ".jsonl", ".yaml", ".yml", ".csv")
_HEADER = re.compile(r'\ufeff?\s*"?(?:prompt|label)"?\s*(?:[,;\t|]|$)', re.IGNORECASE)
_QUOTED_CELL = re.compile(r'"(?:[^"]|"")*"')
_BARE = re.compile(r"[\w./*?\[\]~-]+")
_PART = ("type", "modality", "text", "value")
"""Keys of a text in a message's content."""


@dataclass(frozen=True, slots=True)
class Part:
    """The template of one message."""

    role: Role
    body: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt: what it is called, and its messages."""

    label: str
    parts: tuple[Part, ...]
    where: str
    as_json: bool = False
    """Whether its one part is a chat in JSON once it is filled in."""


def entries(document: Document, folder: Folder, left: LeftOut) -> list[Entry]:
    """Return the prompts of a configuration; `{{prompt}}` where it names none, as promptfoo has it.

    Raises:
        PromptError: One cannot be read; the message begins with `file:line`.
    """
    given = document.at("prompts")
    if given is None:
        return [Entry("prompt", (Part("user", "{{prompt}}", document.source, 1),), at(document))]
    if isinstance(given, str):
        return list(_of_text(given, "", document, folder, left, "prompts"))
    if isinstance(given, dict):  # of files with their labels, as older ones were
        return [
            each
            for name, label in given.items()
            for each in _of_text(str(name), str(label), document, folder, left, "prompts", name)
        ]
    if not isinstance(given, list):
        document.fail(f"prompts must be a list, not {kind(given)}", "prompts")
    if len(given) > MOST_FILES:
        document.fail(f"more than {MOST_FILES:,} prompts", "prompts")
    return [each for i, entry in enumerate(given) for each in _of_entry(entry, document, folder, left, i)]


def _of_entry(entry: Any, document: Document, folder: Folder, left: LeftOut, i: int) -> Iterator[Entry]:
    place = ("prompts", i)
    if isinstance(entry, str):
        yield from _of_text(entry, "", document, folder, left, *place)
        return
    if not isinstance(entry, dict):
        document.fail(f"a prompt must be a text, a file or a mapping, not {kind(entry)}", *place)
    label = str(entry.get("label") or "")
    for key in entry:
        if key not in ("id", "label", "raw", "display", "messages"):
            left.add(f"a prompt's {key}", at(document, *place, key))
    raw, name = entry.get("raw"), entry.get("id")
    if isinstance(raw, str):
        # As a prompt without a label: it may be the name of a file, or of a program.
        yield from _of_text(raw, label or str(name or ""), document, folder, left, *place, "raw")
    elif isinstance(raw, list):
        yield from _chat(label, raw, document.source, document.line(*place, "raw"), left)
    elif isinstance(entry.get("messages"), list):
        yield from _of_messages(entry["messages"], label, document, folder, left, *place, "messages")
    elif isinstance(name, str):
        yield from _of_text(name, label, document, folder, left, *place)
    else:
        document.fail("a prompt needs raw, its text, id, its file, or messages", *place)


def _of_messages(
    given: list[Any], label: str, document: Document, folder: Folder, left: LeftOut, *place: str | int
) -> Iterator[Entry]:
    """Read a chat that is written out, each message's content a text or the name of its file."""
    parts: list[Part] = []
    for i, each in enumerate(given):
        content = each.get("content") if isinstance(each, dict) else None
        if not isinstance(content, str) or not content.startswith("file://"):
            entry = next(_chat(label, [each], document.source, document.line(*place, i), left))
            parts += entry.parts
            continue
        if SCRIPT.search(content):
            left.add(
                f"a prompt with a message that a program makes ({one_line(content, 60)})",
                at(document, *place, i),
            )
            return
        for path in folder.find(content, document, *place, i, "content"):
            entry = next(_chat(label, [{**each, "content": folder.text(path)}], str(path), 1, left))
            parts += entry.parts
    if not parts:
        document.fail("the chat has no message", *place)
    yield Entry(label, tuple(parts), at(document, *place))


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
    if not is_file:
        yield _message(label, text, document.source, line, left)
        return
    for path in folder.find(name, document, *place):
        yield from _of_file(path, label, folder, left)


def _of_file(path: Path, label: str, folder: Folder, left: LeftOut) -> Iterator[Entry]:
    suffix, source, called = path.suffix.lower(), str(path), label or path.stem
    if suffix in (".yaml", ".yml"):
        document = folder.document(path)
        if isinstance(document.value, list):
            yield from _chat(called, document.value, source, 1, left)
        elif _is_body(document.value):
            yield from _of_body(called, document.value, source, document.line("messages"), left)
        else:
            yield _message(called, folder.text(path), source, 1, left)
    elif suffix == ".csv":
        yield from _of_table(path, folder.text(path), label, left)
    elif suffix == ".jsonl":
        for n, row in enumerate(folder.text(path).split("\n"), 1):
            if row.strip():
                value = parse_json(row, f"{source}:{n}", "not JSON")
                if isinstance(value, list):
                    yield from _chat(called, value, source, n, left)
                else:
                    yield _message(called, row, source, n, left)
    elif suffix == ".txt":
        text, line = folder.text(path), 1
        pieces = _SEPARATOR.split(text)
        for piece in pieces:
            if piece.strip():
                yield _message(called, piece, source, line, left)
            line += piece.count("\n")
    else:
        yield _message(called, folder.text(path), source, 1, left)


def _of_table(path: Path, text: str, label: str, left: LeftOut) -> Iterator[Entry]:
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
            yield _message(
                row.get("label") or label or path.stem,
                row["prompt"],
                str(path),
                int(where.rpartition(":")[2]) - lines_before,
                left,
            )


def _message(label: str, text: str, source: str, line: int, left: LeftOut) -> Entry:
    """Return the prompt of a text: a chat where it is one as JSON, else one message of the user's."""
    if text.lstrip().startswith("[") and '"role"' in text:
        try:
            value = parse_json(text, f"{source}:{line}", "not JSON")
        except PromptError:
            if "{%" not in text and "{{" not in text:
                raise
            # Statements stand between its messages: it is JSON once it is filled in.
            return Entry(label, (Part("user", text, source, line),), f"{source}:{line}", as_json=True)
        if isinstance(value, list):
            return next(_chat(label, value, source, line, left))
    if text.lstrip().startswith("{") and '"messages"' in text:
        try:
            value = parse_json(text, f"{source}:{line}", "not JSON")
        except PromptError:
            value = None  # a text that begins with a brace, such as a template
        if _is_body(value):
            return next(_of_body(label, value, source, line, left))
    return Entry(label, (Part("user", text, source, line),), f"{source}:{line}")


def _is_body(value: Any) -> bool:
    """Say whether a value is the body of a request, whose chat is what is asked."""
    chat = value.get("messages") if isinstance(value, dict) else None
    return isinstance(chat, list) and all(isinstance(each, dict) and "role" in each for each in chat)


def _of_body(label: str, given: dict[str, Any], source: str, line: int, left: LeftOut) -> Iterator[Entry]:
    for key in given:
        if key != "messages":
            left.add(f"{one_line(str(key), 40)} beside a chat's messages", f"{source}:{line}")
    yield from _chat(label, given["messages"], source, line, left)


def chat_of(text: str, where: str, left: LeftOut) -> list[tuple[Role, str]]:
    """Return the messages of a chat that was filled in as JSON.

    Raises:
        PromptError: It is none; the message begins with `where`.
    """
    source, _, line = where.rpartition(":")
    value = parse_json(text, where, "filled in, the chat is not JSON")
    if not isinstance(value, list):
        raise PromptError(f"{where}: filled in, the chat is no list of messages")
    (entry,) = _chat("", value, source, int(line), left)
    return [(part.role, part.body) for part in entry.parts]


def _is_text(part: Any) -> bool:
    """Say whether a part of a message's content is a text: as most providers write it, or as Adaline does."""
    return isinstance(part, dict) and (
        part.get("type") in ("text", "input_text")
        or (part.get("modality") == "text" and isinstance(part.get("value"), str))
    )


def _chat(label: str, given: list[Any], source: str, line: int, left: LeftOut) -> Iterator[Entry]:
    where = f"{source}:{line}"
    parts: list[Part] = []
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("role"), str):
            raise PromptError(
                f"{where}: a chat's message must have a role and content, not {one_line(repr(each), 60)}"
            )
        role, content = each["role"], each.get("content")
        beside = [key for key, value in each.items() if key not in ("role", "content") and value is not None]
        if isinstance(content, list) and all(map(_is_text, content)):
            beside += [key for p in content for key in p if key not in _PART]
            content = "\n".join(str(p.get("text", p.get("value", ""))) for p in content)
        for key in dict.fromkeys(map(str, beside)):
            left.add(f"a chat message's {one_line(key, 40)}", where)
        wrong = (
            f"role {role!r}"
            if role not in _ROLES
            else "content that is no text"
            if not isinstance(content, str)
            else None
        )
        if wrong is not None:
            raise PromptError(f"{where}: a chat's message has {wrong}, which tempkit does not send")
        if role == "developer":
            left.add("the role developer, which is sent as system", where)
        parts.append(Part(_ROLES[role], str(content), source, line))
    if not parts:
        raise PromptError(f"{where}: the chat has no message")
    yield Entry(label, tuple(parts), where)
