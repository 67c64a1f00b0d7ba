"""The command lines that pages and help texts show, and the folder that they are tried in."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
from support import ROOT

from tempkit.cli import cli as tempkit

PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        *(ROOT / f"{name}/README.md" for name in ("prompts", "reports", "examples")),
    ]
)
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(tempkit [a-z][^`]*)`")
NAMES = tempkit.list_commands(click.Context(tempkit))


def command(name: str) -> click.Command:
    found = tempkit.get_command(click.Context(tempkit), name)
    assert found is not None, f"there is no tempkit {name}"
    return found


def shell(page: Path) -> list[str]:
    """Return the lines of a page's shell blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = [body for kind, body in BLOCK.findall(text) if kind == "sh"]
    steps = re.findall(r"^\s*- run: (.+)$", text, re.MULTILINE)
    return [*"".join(blocks).splitlines(), *steps]


def _shown() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        name = page.relative_to(ROOT).as_posix()
        for line in shell(page):
            if line.startswith("tempkit "):
                yield name, line
        for line in SPAN.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
            yield name, line
    for name in NAMES:
        for line in re.findall(r"^\s+(tempkit [a-z].*)$", command(name).help or "", re.MULTILINE):
            yield f"tempkit {name} --help", line


def tidy(line: str) -> str:
    """Return a command without its comment, and without what a shell does with its output."""
    return shlex.join(shlex.split(re.split(r" (?:\\?\||>>?|&&) ", line)[0], comments=True))


SHOWN: dict[str, list[str]] = {}
"""By command, without comments: where it is shown."""
for _place, _line in _shown():
    SHOWN.setdefault(tidy(_line), []).append(_place)
