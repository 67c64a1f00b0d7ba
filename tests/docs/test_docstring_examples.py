"""The examples in the docstrings of the numeric packages give what they say, and every public function there has one."""

import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import tempkit.softmax
import tempkit.statistics


def modules() -> Iterator[ModuleType]:
    for package in (tempkit.statistics, tempkit.softmax):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


EXAMPLES = [
    test
    for module in modules()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module)
    if test.examples
]
PUBLIC = [
    *(getattr(tempkit.statistics, name) for name in tempkit.statistics.__all__),
    *(
        getattr(module, name)
        for module in modules()
        if module.__name__.startswith("tempkit.softmax.")
        for name in module.__all__
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.removeprefix("tempkit."))
def test_an_example_gives_what_it_says(example: doctest.DocTest) -> None:
    out = io.StringIO()
    result = doctest.DocTestRunner(verbose=False).run(example, out=out.write, clear_globs=False)
    assert result.failed == 0, out.getvalue()


def test_every_public_function_has_an_example() -> None:
    wanted = {f"{each.__module__}.{each.__name__}" for each in PUBLIC if inspect.isfunction(each)}
    assert len(wanted) > 20
    assert wanted - {example.name for example in EXAMPLES} == set()
