"""References in a prompt file's front matter, as Prompty has them: `${file:context.txt}` and `${env:NAME:default}`.

A prompt file may come from anywhere, and what it refers to is sent to a model. So a file must lie in the prompt's folder or
below it, links followed, and a variable of the environment is read only where the person who runs the prompt names it. How
a model is reached is never read from a prompt file, so references there are left alone.
"""

import os
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Document, parse_yaml
from tempkit.prompts.data_rows import parse_json, read_text

__all__ = ["file_inside", "resolved"]

_REFERENCE = re.compile(r"\$\{(env|file):([^}]*)\}", re.IGNORECASE)
_READ = ("name", "description", "inputs", "inputSchema", "sample", "model", "template")
_LEFT_ALONE = (("model", "connection"), ("model", "configuration"))
_MAX_DEPTH = 5
"""How many files may refer to one another in a row."""


def resolved(document: Document, path: Path, env: Collection[str]) -> Document:
    """Return the front matter with what its references stand for.

    Args:
        document: The front matter.
        path: The prompt file.
        env: Names of the environment variables that it may read.

    Raises:
        PromptError: A file is not there or lies outside of the prompt's folder, a variable may not be read or is not set;
            the message begins with `file:line`.
    """
    if not isinstance(document.value, dict):
        return document
    resolver = _Resolver(document, path, env)
    value = {
        key: resolver.of(inner, (key,), 0) if key in _READ else inner for key, inner in document.value.items()
    }
    return replace(document, value=value)


class _Resolver:
    def __init__(self, document: Document, path: Path, env: Collection[str]) -> None:
        self._document, self._path, self._env = document, path, env

    def of(self, value: Any, place: tuple[str | int, ...], depth: int) -> Any:
        if place in _LEFT_ALONE:
            return None if isinstance(value, str) else value
        if isinstance(value, dict):
            return {key: self.of(inner, (*place, key), depth) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, (*place, i), depth) for i, inner in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        found = _REFERENCE.fullmatch(value.strip())
        if found is None:
            part = _REFERENCE.search(value)
            if part is not None and place[0] in ("inputs", "inputSchema", "sample"):
                self._document.fail(
                    f"{one_line(part[0], 60)} stands inside a text, and is read only where it is the whole value; put the text around it into the template",
                    *place,
                )
            return value
        if found[1].lower() == "env":
            return self._variable(found[2], place)
        if depth == _MAX_DEPTH:
            self._document.fail(
                f"{one_line(value, 60)}: more than {_MAX_DEPTH} files refer to one another", *place
            )
        content, is_text = self._file(found[2], place)
        return content if is_text else self.of(content, place, depth + 1)

    def _variable(self, given: str, place: tuple[str | int, ...]) -> str:
        name, colon, default = given.partition(":")
        if name not in self._env:
            self._document.fail(
                f"${{env:{one_line(name, 40)}}} would send an environment variable to a model; write the value here, or allow it with --allow-env {one_line(name, 40)}",
                *place,
            )
        value = os.environ.get(name, default if colon else None)
        if value is None:
            self._document.fail(
                f"the environment variable {name} is not set, and ${{env:{name}}} has no default", *place
            )
        return value

    def _file(self, name: str, place: tuple[str | int, ...]) -> tuple[Any, bool]:
        """Return a file's content, and whether it is text, in which nothing is looked for."""
        path = file_inside(self._document, self._path, name, "file", *place)
        text = read_text(path, "file")
        if path.suffix == ".json":
            return parse_json(text, f"{path}:1", "not JSON"), False
        if path.suffix in (".yaml", ".yml"):
            return parse_yaml(text, str(path), PromptError).value, False
        return text, True


def file_inside(document: Document, prompt: Path, name: str, what: str, *place: str | int) -> Path:
    """Return the path of a file that a prompt file names, relative to its folder.

    Raises:
        PromptError: There is none, or it lies elsewhere once links are followed; the message begins with `file:line`.
    """
    folder = prompt.parent.resolve()
    try:
        found = (folder / name).resolve()
        inside, there = found.is_relative_to(folder), found.is_file()
    except (OSError, RuntimeError, ValueError) as e:  # a name too long, a symbolic link to itself, a NUL
        document.fail(f"{what} {name!r} cannot be found: {one_line(e)}", *place)
    if not inside:
        document.fail(
            f"{what} {name!r} lies outside the prompt's folder; move it beside or below the prompt", *place
        )
    if not there:
        document.fail(f"{what} {name!r} not found in {prompt.parent}", *place)
    return prompt.parent / name
