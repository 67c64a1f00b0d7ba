"""What stands under `vars`: texts, files of texts, lists of what a variable is in turn, and what cannot be sent at all.

A variable that is no text, such as a picture, makes only those tests impossible that have it in the end: it is kept as `Unsendable` until then.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tempkit.errors import one_line
from tempkit.files import Document, kind
from tempkit.prompts.promptfoo_config.folder import SCRIPT, Folder, at
from tempkit.text import as_numbers

__all__ = ["Choices", "Unsendable", "early", "names_file", "unsendable", "value", "values"]

_FILE, _PACKAGE = "file://", "package:"
_RICH = {
    **dict.fromkeys(
        ("png", "jpg", "jpeg", "gif", "webp", "bmp", "svg", "tif", "tiff", "ico", "avif", "heic"), "a picture"
    ),
    **dict.fromkeys(("mp3", "wav", "flac", "m4a", "aac", "wma", "opus", "aiff"), "a sound"),
    **dict.fromkeys(("mp4", "webm", "ogg", "mov", "avi", "wmv", "mkv", "m4v"), "a film or sound"),
    **dict.fromkeys(("pdf", "docx", "xlsx", "pptx"), "a document"),
}


class Choices(list[Any]):
    """Values that a variable has in turn: a list of texts, or several files; any other list is one value."""


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A value that no text can be made of."""

    why: str
    """What it is."""
    where: str


def values(
    given: Any, folder: Folder, document: Document, *place: str | int, beside: Path | None = None
) -> dict[str, Any]:
    """Read a test's variables, or the files that hold them.

    Args:
        given: What stands under `vars`.
        folder: The configuration's.
        document: Where it stands.
        place: Where in it.
        beside: The file of tests it stands in, from which names of files of variables go.

    Raises:
        PromptError: They are none, or a file is not there; the message begins with `file:line`.
    """
    if given is None:
        return {}
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list):
        found: dict[str, Any] = {}
        for each in given:
            if not isinstance(each, str) or SCRIPT.search(each):
                document.fail("vars must be a mapping, or files of one", *place)
            for path in folder.find(each, document, *place, beside=beside):
                inner = folder.document(path)
                held = inner.mapping(known=None, what="vars")
                found |= {name: _chosen(early(each, folder, inner, name)) for name, each in held.items()}
        return found
    if not isinstance(given, dict):
        document.fail(f"vars must be a mapping, not {kind(given)}", *place)
    return {name: _of_one(each, folder, document, *place, name) for name, each in given.items()}


def _of_one(given: Any, folder: Folder, document: Document, *place: str | int) -> Any:
    if isinstance(given, list) and given and isinstance(given[0], str):
        found = Choices()
        for i, each in enumerate(given):
            one = value(each, folder, document, *place, i)
            found += one if isinstance(one, Choices) else [one]
        return found
    return value(given, folder, document, *place)


def _chosen(given: Any) -> Any:
    return Choices(given) if isinstance(given, list) and given and isinstance(given[0], str) else given


def value(given: Any, folder: Folder, document: Document, *place: str | int) -> Any:
    """Return a variable's value; that of a file is its text without blanks around it, of YAML as one line of JSON.

    Raises:
        PromptError: The file is not there; the message begins with `file:line`.
    """
    if not isinstance(given, str) or not given.startswith((_FILE, _PACKAGE)):
        return as_numbers(given)
    refused = _refused(given, at(document, *place))
    if refused is not None:
        return refused
    texts: list[Any] = []
    for path in folder.find(given, document, *place):
        refused = _refused(path.name, at(document, *place))
        if refused is not None:
            texts.append(refused)
        elif path.suffix.lower() in (".yaml", ".yml"):
            texts.append(_as_json(folder.document(path).value))
        else:
            texts.append(folder.text(path).strip())
    return texts[0] if len(texts) == 1 else Choices(texts)


def early(given: Any, folder: Folder, document: Document, *place: str | int) -> Any:
    """Return what a reference to a file stands for where promptfoo reads it with the file around it: YAML and JSON are values, a text is as it is.

    Raises:
        PromptError: The file is not there, or cannot be read; the message begins with `file:line`.
    """
    if isinstance(given, list):
        return [early(each, folder, document, *place, i) for i, each in enumerate(given)]
    if isinstance(given, Mapping):
        return {key: early(each, folder, document, *place, key) for key, each in given.items()}
    if not isinstance(given, str) or not given.startswith((_FILE, _PACKAGE)):
        return as_numbers(given)
    refused = _refused(given, at(document, *place))
    if refused is not None:
        return refused
    found = [
        as_numbers(folder.document(path).value)
        if path.suffix.lower() in (".yaml", ".yml", ".json")
        else folder.text(path)
        for path in folder.find(given, document, *place)
    ]
    return found[0] if len(found) == 1 else found


def _refused(name: str, where: str) -> Unsendable | None:
    """Return why a reference cannot be sent, or None."""
    shown = one_line(name, 60)
    if name.startswith(_PACKAGE) or SCRIPT.search(name):
        return Unsendable(f"made by a program ({shown})", where)
    what = _RICH.get(Path(name).suffix.lower().removeprefix("."))
    return None if what is None else Unsendable(f"{what} ({shown})", where)


def unsendable(given: Any) -> Iterator[Unsendable]:
    """Yield what of a value, however deep in it, no text can be made of."""
    if isinstance(given, Unsendable):
        yield given
    elif isinstance(given, (list, dict)):
        for each in given.values() if isinstance(given, dict) else given:
            yield from unsendable(each)


def names_file(given: Any) -> bool:
    """Say whether a file is named inside of a list or mapping, where promptfoo looks for none."""
    if not isinstance(given, (list, dict)):
        return False
    held = given.values() if isinstance(given, dict) else given
    return any(each.startswith(_FILE) if isinstance(each, str) else names_file(each) for each in held)


def _as_json(given: Any) -> str:
    return json.dumps(as_numbers(given), ensure_ascii=False, separators=(",", ":"))
