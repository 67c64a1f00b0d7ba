"""The page's script: modules put into one, and types that say what Python embeds."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import pytest
from report_sample import Run

from tempkit.report import page_script as under_test
from tempkit.report.answers.tokens import unpack
from tempkit.report.charts.figures import drawn
from tempkit.report.charts.vega import specifications
from tempkit.report.page_script import modules, page_script
from tempkit.report.text.labels import labels
from tempkit.report.theme import asset
from tempkit.report.view import view

LONGEST = 200
"""Lines of a module, which has one idea."""


def test_every_module_is_in_the_script_once_after_those_that_it_imports() -> None:
    script = page_script()
    starts = {name: script.index(f"\nconst {name} = (() => {{\n") for name in modules() if name != "dom"}
    starts["dom"] = script.index("const dom = ")
    for name in modules():
        assert len(re.findall(rf"^const {name} = \(\(\) => \{{$", script, re.MULTILINE)) == 1
        for needed in re.findall(r'from "\./(\w+)\.js"', asset(f"js/{name}.js")):
            assert starts[needed] < starts[name]
    assert max(starts, key=starts.__getitem__) == "main"


def test_comments_and_types_stay_behind() -> None:
    assert not re.search(r"^\s*//|/\*|@ts-check|import\b", page_script(), re.MULTILINE)
    for name in modules():
        # What looks like a comment there would be taken out of a text of several lines.
        assert not re.search(
            r"`[^`\n]*$", re.sub(r"//.*|/\*.*?\*/| \*.*|`[^`\n]*`", "", asset(f"js/{name}.js")), re.MULTILINE
        )


@pytest.mark.parametrize(
    "line",
    [
        'import page from "./dom.js";',
        'import { all as every } from "./dom.js";',
        'import { all } from "https://example.org/dom.js";',
        "export default 1;",
        "export { all };",
        "export let all = 1;",
    ],
)
def test_a_form_that_cannot_be_put_into_a_page_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"odd\.js: "):
        under_test._wrapped("odd", f"{line}\n")


def test_each_module_is_checked_and_has_one_idea() -> None:
    for name in modules():
        source = asset(f"js/{name}.js")
        assert source.startswith("// @ts-check\n"), name
        assert source.count("\n") <= LONGEST, name


@pytest.mark.parametrize("names", ["{ $, all }", "{\n  $,\n  all,\n}"])
def test_an_import_becomes_a_constant(names: str) -> None:
    assert under_test._wrapped("even", f'import {names} from "./dom.js";\nexport const a = 1;\n') == (
        'const even = (() => {\n"use strict";\nconst { $, all } = dom;\nconst a = 1;\nreturn { a };\n})();\n'
    )


# Types


def declared() -> dict[str, set[str]]:
    """Return the names that each interface of the types has."""
    types = (files("tempkit.report") / "assets" / "js" / "types.d.ts").read_text("utf-8")
    found = re.findall(r"^export interface (\w+) \{\n(.*?)^\}", types, re.MULTILINE | re.DOTALL)
    return {name: set(re.findall(r'^  "?([\w ]+?)"?: ', body, re.MULTILINE)) for name, body in found}


def names(of: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names that each of these has."""
    (found,) = {frozenset(each) for each in of}
    return set(found)


def test_types_say_what_python_embeds(sample: Run) -> None:
    types = declared()
    assert types["Labels"] == set(labels())
    data = view([sample.study])
    blocks = {name: unpack(packed) for name, packed in data["blocks"].items()}

    explorer = data["explorer"]
    assert types["Explorer"] == {"spots", "hottest"} <= set(explorer)
    assert types["Spot"] == names(explorer["spots"])
    assert types["SpotText"] == names(text for spot in explorer["spots"] for text in spot["texts"])
    texts = [blocks[spot["block"]] for spot in explorer["spots"]]
    assert types["ExplorerBlock"] == names(texts)
    assert types["ExplorerColumns"] == names(text for block in texts for text in block["a"])

    tokens = [block for name, block in blocks.items() if "a" in block and not name.startswith("explorer-")]
    assert types["TokenBlock"] == names(tokens)
    assert types["TokenColumns"] == names(answer for block in tokens for answer in block["a"])

    items = [block for name, block in blocks.items() if name.endswith("-items")]
    assert types["ItemsBlock"] == names(items)
    charts = [chart for block in items for chart in block["charts"].values()]
    assert types["ItemChart"] == names(charts)
    assert types["ItemLine"] == names(line for chart in charts for line in chart["lines"])

    assert types["IndexBlock"] == names(block for name, block in blocks.items() if name.endswith("-index"))

    tables = [block for block in blocks.values() if "columns" in block]
    assert types["AnswersTable"] == names(tables)

    assert types["Chart"] == names(drawn(data).values())
    assert all("params" in spec for spec in specifications(data["temperatures"]).values())
