"""The page's script: its modules (`assets/js`) put into one, since a page that is a single file cannot import any.

Each module becomes a function of its own that is called once and returns what it exports, under the module's name; the
modules that it imports come before it. Only two forms of import are used, so that nothing has to parse JavaScript:
`import { a, b } from "./name.js";` and `import * as name from "./name.js";`, and `export` stands before a
`const`, a function or a class. Comments, types among them, stay behind. The scripts of another page are in a folder of their own, and
import what they share with this one from `"../name.js"`.
"""

import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

from tempkit.report.theme import asset

__all__ = ["modules", "page_script"]

MAIN = "main"
"""What begins, and imports the others."""

_IMPORT = re.compile(
    r'^import (?:\{\s*([\w$]+(?:,\s*[\w$]+)*),?\s*\}|\* as (\w+)) from "(\.\.?)/(\w+)\.js";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) ([\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n|^ */\*\*(?:[^*]|\*(?!/))*\*/\n|/\*\*(?:[^*\n]|\*(?!/))*\*/ ", re.MULTILINE)
"""A line of its own, a block on lines of its own, or the type of an expression."""


def modules() -> list[str]:
    """Return the names of the modules."""
    folder = files("tempkit.report") / "assets" / "js"
    return sorted(entry.name.removesuffix(".js") for entry in folder.iterdir() if entry.name.endswith(".js"))


@cache
def page_script(folder: str = "") -> str:
    """Return the script that a page runs; each module is a constant of its own name in it.

    Args:
        folder: Of the page's own modules, under `assets/js`; empty for a report.

    Raises:
        ValueError: A module imports or exports in another form.
    """
    needs: dict[tuple[str, str], set[tuple[str, str]]] = {}
    wanted = [(folder, MAIN)]
    while wanted:
        module = wanted.pop()
        needs[module] = {
            (module[0] if found[3] == "." else "", found[4]) for found in _IMPORT.finditer(_source(module))
        }
        wanted += needs[module] - needs.keys()
    ordered = TopologicalSorter({module: sorted(of) for module, of in sorted(needs.items())}).static_order()
    return "".join(_wrapped(module[1], _source(module)) for module in ordered)


def _source(module: tuple[str, str]) -> str:
    folder, name = module
    return asset(f"js/{folder}/{name}.js" if folder else f"js/{name}.js")


def _wrapped(name: str, source: str) -> str:
    exported = [found[1] for found in _EXPORT.finditer(source)]
    body = _EXPORT.sub("", _IMPORT.sub(_taken, _COMMENT.sub("", source)))
    if other := _OTHER.search(body):
        raise ValueError(f"{name}.js: {other[0]!r} is in no form that can be put into a page")
    lines = "".join(_lines(body))
    return f'const {name} = (() => {{\n"use strict";\n{lines}return {{ {", ".join(exported)} }};\n}})();\n'


def _taken(found: re.Match[str]) -> str:
    names, alias, _, module = found.groups()
    if names is not None:
        return f"const {{ {' '.join(names.split())} }} = {module};"
    return "" if alias == module else f"const {alias} = {module};"


def _lines(body: str) -> Iterator[str]:
    return (f"{line}\n" for line in body.split("\n") if line.strip())
