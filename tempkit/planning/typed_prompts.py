"""Whether what somebody typed for a prompt is a file's name or the text itself.

A text costs money when it is sent, and a mistyped file's name would be. So whatever looks like a path is one: it ends as a
prompt's file does, begins in a folder that is there, or is one word that a file's name is close to. All other text is a prompt.
"""

import os
import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from tempkit.errors import PromptError, one_line
from tempkit.prompts import SUFFIXES, inline_prompt, load_prompt, shipped_prompts
from tempkit.types import Prompt

__all__ = ["LiteralText", "prompt_of"]

_OTHER_FILES = re.compile(
    r"\.(ya?ml|jsonl?|csv|tsv|toml|txt|md|markdown|text|jinja2?|tmpl|prompt|docx?|pdf|rtf|html?)",
    re.IGNORECASE,
)
_ROOTED = re.compile(r"\.{0,2}[/\\](?=\S)|~[\w.-]*[/\\]|[A-Za-z]:[/\\]")
_TEMPLATES = (".prompty", ".j2")
_LONGEST_PATH = 1000
_CLOSE = 0.75


class LiteralText(str):
    """A text that is a prompt, whatever it looks like: one that came from a pipe."""

    __slots__ = ()


def prompt_of(
    text: str, folder: Path, number: int, env: Collection[str] = (), data: Path | None = None
) -> Prompt:
    """Read a prompt file, or make a prompt of a text.

    Args:
        text: As it was typed, or stands in an experiment file.
        folder: What paths are relative to.
        number: Of the prompt among all, for a text's name.
        env: Names of the environment variables that a file may refer to.
        data: A file of rows for a prompt file, in place of its own.

    Raises:
        PromptError: The file cannot be used, or it looks like a path and there is no such file; there is data for a text.
    """
    found = _prompt_of(text, folder, number, env, data)
    if data is not None and found.typed:
        raise PromptError(
            f"--data fills in prompt files, and {one_line(text, 40)!r} is a text; put it into a .j2 file"
        )
    return found


def _prompt_of(text: str, folder: Path, number: int, env: Collection[str], data: Path | None) -> Prompt:
    if isinstance(text, LiteralText):
        return inline_prompt(text, number)
    path = folder / text
    try:
        if path.is_file():
            return load_prompt(path, env=env, data=data)
        folder_there = path.is_dir()
    except (OSError, ValueError):  # a long text is no possible file name
        folder_there = False
    if folder_there:
        raise PromptError(f"{path}: a folder; name a prompt file in it{_files(path)}")
    several = len(text.split()) > 1
    if not _looks_like_path(text, folder):
        if several:
            return inline_prompt(text, number)
        if not text.strip():
            raise PromptError("a prompt is empty; type a text, or name a file")
        if bundled := next((each for each in shipped_prompts().glob("*.prompty") if each.stem == text), None):
            raise PromptError(f"{text}: no such file here; the bundled prompt of this name is {bundled}")
        if not text.rstrip().endswith((".", "?", "!")) and (near := _nearest(path)):
            raise PromptError(
                f"{one_line(text, 60)}: no such file{near}; to send this one word, end it with a full stop or a question mark"
            )
        return inline_prompt(text, number)
    if several and path.suffix not in _TEMPLATES:
        also = "" if text.rstrip().endswith(".") else "; if it is a text to send, end it with a full stop"
        raise PromptError(f"{path}: no such file{_nearest(path)}{also}")
    meant = _nearest(path)
    if meant:
        raise PromptError(f"{path}: prompt file not found{meant}")
    return load_prompt(path, env=env, data=data)  # says what is the matter


def _looks_like_path(text: str, folder: Path) -> bool:
    if "\n" in text.strip() or len(text) > _LONGEST_PATH:
        return False
    suffix = Path(text.strip()).suffix
    parts = re.split(r"[/\\]", text)
    if suffix in (*_TEMPLATES, ".txt") or (suffix in SUFFIXES and len(text.split()) < 2):
        return True
    if len(parts) < 2:
        return bool(suffix) and bool(get_close_matches(text, _names(folder, folders=False), 1, _CLOSE))
    if _ROOTED.match(text):
        return len(parts) > 2 or not text.startswith("/")
    first = parts[0]
    if (folder / first).is_dir():
        return True
    if " " in first.strip():
        return False
    known = bool(_OTHER_FILES.fullmatch(suffix))
    return known or bool(get_close_matches(first, _names(folder, folders=True), 1, _CLOSE))


def _nearest(path: Path) -> str:
    """Say which file or folder may be meant."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        path, folder = folder, folder.parent
    close = get_close_matches(path.name, _names(folder, folders=True), 1, 0.6)
    return f" (did you mean {str(folder / close[0])!r}?)" if close else ""


def _names(folder: Path, *, folders: bool) -> list[str]:
    try:
        return [
            entry.name
            for entry in os.scandir(folder)
            if (folders and entry.is_dir()) or entry.name.lower().endswith(SUFFIXES)
        ]
    except OSError:  # it cannot be listed, so nothing in it can be suggested
        return []


def _files(folder: Path) -> str:
    found = sorted(name for name in _names(folder, folders=False))
    return f", e.g. {str(folder / found[0])!r}" if found else ""
