"""What stands under `tests`, `defaultTest` and `scenarios`: variables, assertions and options, one test for each combination of values."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Delimited, Document, kind
from tempkit.prompts.data_rows import json_rows
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo import expected_as_assertions
from tempkit.prompts.promptfoo_config.assertions import Assertion
from tempkit.prompts.promptfoo_config.folder import SCRIPT, Folder, at, is_pattern
from tempkit.prompts.promptfoo_config.merged import MOST_TESTS, Test, TestOptions, atomic, joined
from tempkit.prompts.promptfoo_config.templates import env_defaults
from tempkit.prompts.promptfoo_config.values import Choices, early, value, values

__all__ = ["tests"]

_KEYS = ("vars", "assert", "options", "prompts", "providerOutput")
_CARRIED = ("disableVarExpansion", "disableDefaultAsserts", "prefix", "suffix")
_TABLES = (".csv", ".tsv", ".jsonl", ".json", ".yaml", ".yml")
_SHEETS = (".xlsx", ".xls")
_COLUMNS = {"__prefix": "prefix", "__suffix": "suffix"}
_THRESHOLDS = "__config:__expected"
_GIVEN = "a test whose answer is given; no model is asked"


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

    def one(
        self, given: Mapping[str, Any], document: Document, *place: str | int, beside: Path | None = None
    ) -> Test:
        """Read a test that is written out, in the configuration or in the file of tests `beside`."""
        where = at(document, *place)
        for key in given:
            if key not in _KEYS and given[key] is not None:
                self._left.add(f"a test's {key}", at(document, *place, key))
        own = given.get("options") or {}
        if not isinstance(own, Mapping):
            document.fail(f"options must be a mapping, not {kind(own)}", *place, "options")
        for key in own:
            if key not in _CARRIED:
                self._left.add(f"a test's option {key}", at(document, *place, "options"))
        asserted = given.get("assert")
        if asserted is None:
            asserted = []
        if not isinstance(asserted, list):
            document.fail(f"assert must be a list, not {kind(asserted)}", *place, "assert")
        found = tuple(
            Assertion(self._assertion(each, document, *place, "assert", i), at(document, *place, "assert", i))
            for i, each in enumerate(asserted)
        )
        return Test(
            key="",
            values={
                name: self._with_defaults(each, at(document, *place, "vars", name))
                for name, each in values(
                    given.get("vars"), self._folder, document, *place, "vars", beside=beside
                ).items()
            },
            assertions=found,
            where=where,
            options=TestOptions.of(own),
            prompts=self._prompts(given.get("prompts"), document, *place, "prompts"),
            unasked=_GIVEN if given.get("providerOutput") else None,
        )

    def _with_defaults(self, given: Any, where: str) -> Any:
        if isinstance(given, Choices):
            return Choices(self._with_defaults(each, where) for each in given)
        return env_defaults(given, self._left, where) if isinstance(given, str) else given

    def _prompts(self, given: Any, document: Document, *place: str | int) -> tuple[str, ...] | None:
        if given is None:
            return None
        if not isinstance(given, list):
            document.fail(f"a test's prompts must be a list of labels, not {kind(given)}", *place)
        return tuple(map(str, given))

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
        said = own.get("value")
        if isinstance(said, str) and said.startswith("file://"):
            said = early(said, self._folder, document, *place)
            own = {**own, "value": said.strip() if isinstance(said, str) else said}
        return own

    def _left_elsewhere(self, name: str, document: Document, *place: str | int) -> None:
        is_sheet = Path(name.split("#")[0]).suffix.lower() in _SHEETS
        what = "of a sheet of Excel" if is_sheet else "that a program makes, or that lie elsewhere"
        self._left.add(f"tests {what} ({one_line(name, 60)})", at(document, *place))

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
                    place_in = [i] if isinstance(inner.value, list) else []
                    yield self.one(each, inner, *place_in, beside=path)
            elif suffix == ".jsonl":
                for row in json_rows(self._folder.text(path), str(path)):
                    yield self.one(row.values, _line(row.where, row.values), beside=path)
            else:
                yield from self._of_table(path)

    def _of_table(self, path: Path) -> Iterator[Test]:
        table = Delimited(self._folder.text(path), str(path), usual="\t" if path.suffix == ".tsv" else ",")
        for where, cells in table:
            row = dict(zip(table.columns, cells, strict=True))
            for column, cell in row.items():
                if column.startswith("__") and not _is_carried(column) and cell:
                    self._left.add(f"the column {column.partition(':')[0]}", where)
            line = _line(where, row)
            yield Test(
                key="",
                values={
                    name: self._with_defaults(value(cell, self._folder, line), where)
                    for name, cell in row.items()
                    if not name.startswith("__")
                },
                assertions=tuple(Assertion(each, where) for each in expected_as_assertions(row, where)),
                where=where,
                options=TestOptions.of({key: row.get(name) for name, key in _COLUMNS.items()}),
                unasked=_GIVEN if row.get("__providerOutput") else None,
            )


def _is_carried(column: str) -> bool:
    return column.startswith(("__expected", _THRESHOLDS)) or column in (*_COLUMNS, "__providerOutput")


def _line(where: str, values_of_it: Mapping[str, Any]) -> Document:
    """Return one row of a file as a document, all of whose values stand on its line."""
    source, _, line = where.rpartition(":")
    return Document(source, values_of_it, {(): int(line)}, PromptError)


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
    if not found and written in (None, []) and not document.at("scenarios"):
        found = [Test("", {}, (), default.where)]
    asked = atomic(default, found, at(document, "tests"), left)
    if not asked:
        why = next(
            (line for line in left.lines() if ": not carried over: " in line and _is_of_tests(line)),
            "tests is empty",
        )
        raise PromptError(f"{at(document, 'tests')}: there is no test that can be carried over: {why}")
    return asked


def _is_of_tests(line: str) -> bool:
    return line.partition(": not carried over: ")[2].startswith(("tests ", "a test with", "a test whose"))


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
    if len(settings) * len(own) > MOST_TESTS:
        document.fail(f"more than {MOST_TESTS:,} tests", *place)
    return [joined(a, b) for a in settings for b in own]
