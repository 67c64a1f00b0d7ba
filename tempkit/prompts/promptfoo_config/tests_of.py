"""What stands under `tests`, `defaultTest` and `scenarios`: variables and assertions, one test for each combination of values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Delimited, Document, kind
from tempkit.prompts.data_rows import json_rows, parse_json
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo import expected_as_assertions
from tempkit.prompts.promptfoo_config.assertions import Assertion
from tempkit.prompts.promptfoo_config.folder import SCRIPT, Folder, at, is_pattern
from tempkit.prompts.promptfoo_config.templates import nested

__all__ = ["Test", "tests"]

_MOST_TESTS = 100_000
_KEYS = ("vars", "assert", "options")
_TABLES = (".csv", ".tsv", ".jsonl", ".json", ".yaml", ".yml")
_RICH = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".bmp",
    ".svg",
    ".mp3",
    ".wav",
    ".mp4",
    ".pdf",
    ".docx",
    ".xlsx",
)


@dataclass(frozen=True, slots=True)
class Test:
    """One test: the variables of a prompt, and what its answers must pass."""

    key: str
    values: Mapping[str, Any]
    assertions: tuple[Assertion, ...]
    where: str


class _Choices(list[Any]):
    """Values that a variable has in turn: a list of texts, or several files; any other list is one value."""


class _Reader:
    def __init__(self, document: Document, folder: Folder, left: LeftOut) -> None:
        self._document, self._folder, self._left = document, folder, left

    def of(self, given: Any, document: Document, *place: str | int) -> Iterator[Test]:
        """Read a test, or the file or pattern of files that holds some."""
        if isinstance(given, str):
            yield from self._of_files(given, document, *place)
        elif isinstance(given, list):
            for i, each in enumerate(given):
                yield from self.of(each, document, *place, i)
        elif isinstance(given, dict):
            if "path" in given and "vars" not in given:
                yield from self._of_files(str(given["path"]), document, *place)
            else:
                yield self.one(given, document, *place)
        else:
            document.fail(f"a test must be a mapping or a file, not {kind(given)}", *place)

    def one(self, given: Mapping[str, Any], document: Document, *place: str | int) -> Test:
        """Read a test that is written out."""
        where = at(document, *place)
        options = given.get("options") or {}
        transformed = isinstance(options, Mapping) and (
            options.get("transform") or options.get("postprocess")
        )
        for key in given:
            if key not in _KEYS and given[key] is not None:
                self._left.add(f"a test's {key}", at(document, *place, key))
        if not isinstance(options, Mapping):
            document.fail(f"options must be a mapping, not {kind(options)}", *place, "options")
        for key in options:
            if key != "disableVarExpansion":
                self._left.add(f"a test's option {key}", at(document, *place, "options"))
        values = self._values(given.get("vars"), document, *place, "vars")
        if options.get("disableVarExpansion"):
            values = {
                name: list(value) if isinstance(value, _Choices) else value for name, value in values.items()
            }
        asserted = given.get("assert")
        if asserted is None:
            asserted = []
        if not isinstance(asserted, list):
            document.fail(f"assert must be a list, not {kind(asserted)}", *place, "assert")
        found = tuple(
            Assertion(self._assertion(each, document, *place, "assert", i), at(document, *place, "assert", i))
            for i, each in enumerate(asserted)
        )
        if transformed and found:
            self._left.add("the assertions of a test that transforms its answers", where)
            found = ()
        return Test("", values, found, where)

    def _assertion(self, given: Any, document: Document, *place: str | int) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            document.fail(f"an assertion must be a mapping, not {kind(given)}", *place)
        own: dict[str, Any] = given
        reference = own.get("$ref")
        if reference is not None:
            name = str(reference).removeprefix("#/assertionTemplates/")
            found = self._document.at("assertionTemplates", name)
            if not isinstance(found, dict):
                document.fail(f"no assertion template is called {one_line(str(reference), 60)}", *place)
            own = {**found, **{k: v for k, v in own.items() if k != "$ref"}}
        value = own.get("value")
        if isinstance(value, str) and value.startswith("file://") and not SCRIPT.search(value):
            own = {**own, "value": self._value(value, document, *place)}
        return own

    def _values(self, given: Any, document: Document, *place: str | int) -> dict[str, Any]:
        """Read a test's variables; a list of them is one value for each combination."""
        if given is None:
            return {}
        if isinstance(given, str):
            given = [given]
        if isinstance(given, list):
            found: dict[str, Any] = {}
            for each in given:
                if not isinstance(each, str) or SCRIPT.search(each):
                    document.fail("vars must be a mapping, or files of one", *place)
                for path in self._folder.find(each, document, *place):
                    inner = self._folder.document(path)
                    found |= self._values(inner.mapping(known=None, what="vars"), inner)
            return found
        if not isinstance(given, dict):
            document.fail(f"vars must be a mapping, not {kind(given)}", *place)
        return {name: self._loaded(value, document, *place, name) for name, value in given.items()}

    def _loaded(self, value: Any, document: Document, *place: str | int) -> Any:
        if isinstance(value, list) and value and isinstance(value[0], str):
            return _Choices(self._value(each, document, *place, i) for i, each in enumerate(value))
        return self._value(value, document, *place)

    def _value(self, value: Any, document: Document, *place: str | int) -> Any:
        if not isinstance(value, str) or not value.startswith("file://"):
            return value
        if SCRIPT.search(value) or Path(value).suffix.lower() in _RICH:
            document.fail(
                f"{one_line(value, 60)} is run, or is no text; tempkit sends texts: write the value, or leave this test out",
                *place,
            )
        paths = self._folder.find(value, document, *place)
        texts = []
        for path in paths:
            if path.suffix.lower() in (".yaml", ".yml"):
                texts.append(self._folder.document(path).value)
            elif path.suffix.lower() == ".json":
                texts.append(parse_json(self._folder.text(path), f"{path}:1", "not JSON"))
            else:
                texts.append(self._folder.text(path).strip())
        return texts[0] if len(texts) == 1 else _Choices(texts)

    def _left_elsewhere(self, name: str, document: Document, *place: str | int) -> None:
        self._left.add(
            f"tests that a program makes, or that lie elsewhere ({one_line(name, 60)})",
            at(document, *place),
        )

    def _of_files(self, name: str, document: Document, *place: str | int) -> Iterator[Test]:
        pattern = is_pattern(name)
        if SCRIPT.search(name) or not (pattern or Path(name.split("#")[0]).suffix.lower() in _TABLES):
            self._left_elsewhere(name, document, *place)
            return
        for path in self._folder.find(name, document, *place):
            suffix = path.suffix.lower()
            if suffix not in _TABLES:
                self._left_elsewhere(path.name, document, *place)
                continue
            if suffix in (".yaml", ".yml", ".json"):
                inner = self._folder.document(path)
                if isinstance(inner.value, str):
                    inner.fail("a file of tests must hold tests, not the name of another file")
                for i, each in enumerate(inner.value if isinstance(inner.value, list) else [inner.value]):
                    if not isinstance(each, dict):
                        inner.fail(f"a test must be a mapping, not {kind(each)}", i)
                    yield self.one(each, inner, *([i] if isinstance(inner.value, list) else []))
            elif suffix == ".jsonl":
                for row in json_rows(self._folder.text(path), str(path)):
                    yield self.one(
                        row.values,
                        Document(
                            row.where.rpartition(":")[0],
                            row.values,
                            {(): int(row.where.rpartition(":")[2])},
                            PromptError,
                        ),
                    )
            else:
                yield from self._of_table(path)

    def _of_table(self, path: Path) -> Iterator[Test]:
        table = Delimited(self._folder.text(path), str(path), usual="\t" if path.suffix == ".tsv" else ",")
        for where, cells in table:
            row = dict(zip(table.columns, cells, strict=True))
            for column, cell in row.items():
                if column.startswith("__") and not column.startswith("__expected") and cell:
                    self._left.add(f"the column {column.partition(':')[0]}", where)
            values = {name: cell for name, cell in row.items() if not name.startswith("__")}
            found = [Assertion(each, where) for each in expected_as_assertions(row, where)]
            yield Test("", values, tuple(found), where)


def tests(document: Document, folder: Folder, left: LeftOut) -> list[Test]:
    """Return a configuration's tests with what its default test adds, one for each combination of values; at least one.

    Raises:
        PromptError: One cannot be read, or there are too many; the message begins with `file:line`.
    """
    reader = _Reader(document, folder, left)
    default = Test("", {}, (), at(document))
    given = document.at("defaultTest")
    if isinstance(given, str):
        if SCRIPT.search(given):
            left.add(
                f"a default test that a program makes ({one_line(given, 60)})", at(document, "defaultTest")
            )
        else:
            inner = folder.document(folder.find(given, document, "defaultTest")[0])
            default = reader.one(inner.mapping(known=None, what="the default test"), inner)
    elif given is not None:
        default = reader.one(
            document.mapping("defaultTest", known=None, what="defaultTest"), document, "defaultTest"
        )
    written = document.at("tests")
    found = [] if written is None else list(reader.of(written, document, "tests"))
    for i, scenario in enumerate(_listed(document, "scenarios")):
        found += _scenario(scenario, reader, document, folder, left, "scenarios", i)
    listed = found or ([default] if written is None else [])
    if not listed:
        why = next((line for line in left.lines() if ": not carried over: tests " in line), "tests is empty")
        raise PromptError(f"{at(document, 'tests')}: there is no test that can be carried over: {why}")
    merged = [
        replace(
            each, values={**default.values, **each.values}, assertions=(*default.assertions, *each.assertions)
        )
        if each is not default
        else each
        for each in listed
    ]
    total = sum(_count(each) for each in merged)
    if total > _MOST_TESTS:
        raise PromptError(
            f"{at(document, 'tests')}: {total:,} combinations of values; a configuration may have {_MOST_TESTS:,}"
        )
    return [each for n, test in enumerate(merged, 1) for each in _combined(test, n)]


def _listed(document: Document, key: str) -> list[Any]:
    given = document.at(key) or []
    if not isinstance(given, list):
        document.fail(f"{key} must be a list, not {kind(given)}", key)
    return given


def _scenario(
    scenario: Any, reader: _Reader, document: Document, folder: Folder, left: LeftOut, *place: str | int
) -> list[Test]:
    """Return every pair of a scenario's settings and tests."""
    if isinstance(scenario, str):
        made: list[Test] = []
        for path in folder.find(scenario, document, *place):
            inner = folder.document(path)
            several = inner.value if isinstance(inner.value, list) else [inner.value]
            for i, each in enumerate(several):
                made += _scenario(
                    each, reader, inner, folder, left, *([i] if isinstance(inner.value, list) else [])
                )
        return made
    if not isinstance(scenario, dict):
        document.fail(f"a scenario must be a mapping with config and tests, not {kind(scenario)}", *place)
    for key in scenario:
        if key not in ("config", "tests", "description"):
            left.add(f"a scenario's {key}", at(document, *place, key))
    settings = list(reader.of(scenario.get("config") or [{}], document, *place, "config"))
    own = list(reader.of(scenario.get("tests") or [{}], document, *place, "tests"))
    if len(settings) * len(own) > _MOST_TESTS:
        document.fail(f"more than {_MOST_TESTS:,} tests", *place)
    return [
        Test("", {**a.values, **b.values}, (*a.assertions, *b.assertions), b.where)
        for a in settings
        for b in own
    ]


def _count(test: Test) -> int:
    return prod(len(value) for value in test.values.values() if isinstance(value, _Choices))


def _combined(test: Test, number: int) -> Iterator[Test]:
    names = [name for name, value in test.values.items() if isinstance(value, _Choices)]
    combinations = list(product(*(test.values[name] for name in names)))
    for n, combination in enumerate(combinations, 1):
        values = nested({**test.values, **dict(zip(names, combination, strict=True))})
        yield replace(test, key=f"{number}.{n}" if len(combinations) > 1 else str(number), values=values)
