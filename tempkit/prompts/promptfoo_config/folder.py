"""The files that a configuration names: `file://` and bare paths, with patterns, all inside of its folder.

A configuration may come from anywhere, and what it names is sent to a model: a file elsewhere, be it by a link, is refused. Nothing is
run: scripts that would make prompts or tests are named by whoever asks.
"""

import posixpath
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError
from tempkit.files import Document, parse_yaml
from tempkit.prompts.data_rows import parse_json, read_text
from tempkit.prompts.file_references import file_inside

__all__ = ["MOST_FILES", "SCRIPT", "Folder", "at", "is_pattern"]

MOST_FILES = 1_000
_MAX_YAML = 2 * 2**20
_MAX_TOTAL = 64 * 2**20
_PATTERN = re.compile(r"[*?\[]")
_NO_PATTERN = (OSError, ValueError, NotImplementedError, RuntimeError)
"""What looking for files by a pattern raises where it is none."""
SCRIPT = re.compile(
    r"(^(exec|python|package|https?|huggingface|langfuse|portkey|helicone|golang|az|gs|s3)://?)|(^exec:)|\.([cm]?[jt]s|py|rb|go|sh|exe)(:[\w.]+)?$",
    re.IGNORECASE,
)
"""References to what would have to be run, or fetched."""


def at(document: Document, *place: str | int) -> str:
    """Return `file:line` of a value."""
    return f"{document.source}:{document.line(*place)}"


def is_pattern(name: str) -> bool:
    """Say whether a reference may mean several files."""
    return _PATTERN.search(name) is not None


@dataclass(slots=True)
class Folder:
    """The folder of a configuration.

    Args:
        config: The configuration's path.
    """

    config: Path
    read: int = 0
    """Bytes of files that were read."""

    def find(
        self, reference: str, document: Document, *place: str | int, beside: Path | None = None
    ) -> list[Path]:
        """Return the files that a reference means, in the order of their names.

        Args:
            reference: A path or pattern, from the configuration's folder on.
            document: Where it stands.
            place: Where in it.
            beside: A file of the configuration's from whose folder on it is meant instead.

        Raises:
            PromptError: There is none, or one lies elsewhere; the message begins with `file:line`.
        """
        name = reference.removeprefix("file://").removeprefix("./")
        if beside is not None and not Path(name).is_absolute():
            name = (beside.parent.relative_to(self.config.parent) / name).as_posix()
        if ".." in Path(name).parts:
            name = posixpath.normpath(name)
        if not is_pattern(name):
            return [file_inside(document, self.config, name, "file", *place)]
        if Path(name).is_absolute() or ".." in Path(name).parts:
            document.fail(
                f"{name!r} leads out of the configuration's folder; move the files beside or below it", *place
            )
        try:
            found = sorted(self._glob(name, MOST_FILES + 1))
        except _NO_PATTERN as e:
            document.fail(f"{name!r} is no pattern of file names: {e}", *place)
        if not found:
            document.fail(f"no file is called like {name!r}", *place)
        if len(found) > MOST_FILES:
            document.fail(f"more than {MOST_FILES:,} files are called like {name!r}; name fewer", *place)
        return [
            file_inside(document, self.config, str(path.relative_to(self.config.parent)), "file", *place)
            for path in found
        ]

    def matching(self, text: str, document: Document, *place: str | int) -> list[Path]:
        """Return the files that a text means if it is a pattern of files; none where it is a text with a `*` in it.

        Raises:
            PromptError: One of the files lies elsewhere, or they are too many; the message begins with `file:line`.
        """
        if Path(text).is_absolute() or ".." in Path(text).parts:
            return []
        try:
            meant = bool(self._glob(text.removeprefix("./"), 1))
        except _NO_PATTERN:
            return []
        return self.find(text, document, *place) if meant else []

    def _glob(self, pattern: str, most: int) -> list[Path]:
        return list(islice((path for path in self.config.parent.glob(pattern) if path.is_file()), most))

    def text(self, path: Path) -> str:
        """Return a file's text.

        Raises:
            PromptError: It cannot be read, or all files of the configuration together are too large.
        """
        text = read_text(path, "file")
        self.read += len(text)
        if self.read > _MAX_TOTAL:
            raise PromptError(
                f"{path}: the configuration's files have more than {_MAX_TOTAL // 2**20} MiB together"
            )
        return text

    def document(self, path: Path) -> Document:
        """Return a file of YAML or JSON with the lines of its values; JSON has them as far as it is YAML, too.

        Raises:
            PromptError: It cannot be read; the message begins with `file:line`.
        """
        return self.parsed(path, self.text(path))

    def parsed(self, path: Path, text: str) -> Document:
        """Return the text of a file of YAML or JSON as `document` does.

        Raises:
            PromptError: It is none; the message begins with `file:line`.
        """
        if path.suffix.lower() == ".json":
            value: Any = parse_json(text, f"{path}:1", "not JSON")
            if len(text) < _MAX_YAML // 8:
                try:
                    return parse_yaml(text, str(path), PromptError)
                except (
                    PromptError
                ):  # JSON that is no YAML, such as with tabs: it has no lines then, and all else
                    return Document(str(path), value, {}, PromptError)
            return Document(str(path), value, {}, PromptError)
        if len(text) > _MAX_YAML:
            raise PromptError(
                f"{path}: more than {_MAX_YAML // 2**20} MiB of YAML, which takes long to read; write JSON Lines (.jsonl)"
            )
        return parse_yaml(text, str(path), PromptError)
