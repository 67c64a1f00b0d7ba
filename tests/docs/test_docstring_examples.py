"""The examples in docstrings and on the pages give what they say, and every public function of the numeric packages has one."""

import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from page_commands import BLOCK, PAGES
from support import ROOT

import tempkit.softmax
import tempkit.statistics

PROMPT = ">>> "


def modules() -> Iterator[ModuleType]:
    """Return the modules that have examples; only these are imported."""
    for path in sorted((ROOT / "tempkit").rglob("*.py")):
        if PROMPT in path.read_text(encoding="utf-8"):
            yield importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def numeric() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(tempkit.softmax.__path__, "tempkit.softmax."):
        yield importlib.import_module(found.name)


EXAMPLES = [
    test
    for module in modules()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module)
    if test.examples
]
ON_PAGES = [
    doctest.DocTestParser().get_doctest(body, {}, page.name, str(page), None)
    for page in PAGES
    for kind, body in BLOCK.findall(page.read_text(encoding="utf-8"))
    if PROMPT in body
]
PUBLIC = [
    *(getattr(tempkit.statistics, name) for name in tempkit.statistics.__all__),
    *(getattr(module, name) for module in numeric() for name in module.__all__),
]


@pytest.mark.parametrize(
    "example", [*EXAMPLES, *ON_PAGES], ids=lambda example: example.name.removeprefix("tempkit.")
)
def test_an_example_gives_what_it_says(example: doctest.DocTest) -> None:
    out = io.StringIO()
    result = doctest.DocTestRunner(verbose=False).run(example, out=out.write, clear_globs=False)
    assert result.failed == 0, out.getvalue()


def test_no_example_is_passed_over() -> None:
    written = sum(
        line.lstrip().startswith(PROMPT)
        for path in (ROOT / "tempkit").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert sum(len(test.examples) for test in EXAMPLES) == written
    assert ON_PAGES


def test_every_public_function_has_an_example() -> None:
    wanted = {f"{each.__module__}.{each.__name__}" for each in PUBLIC if inspect.isfunction(each)}
    assert len(wanted) > 20
    assert wanted - {example.name for example in EXAMPLES} == set()
