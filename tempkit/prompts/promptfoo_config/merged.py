"""A test with what the default test adds, once for each combination of its values, as promptfoo asks them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import product
from math import prod
from typing import Any

from tempkit.errors import PromptError
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.assertions import Assertion
from tempkit.prompts.promptfoo_config.values import Choices, names_file, unsendable
from tempkit.prompts.promptfoo_config.variables import resolved
from tempkit.text import javascript_text

__all__ = ["MOST_TESTS", "Test", "TestOptions", "atomic", "joined"]

MOST_TESTS = 100_000


@dataclass(frozen=True, slots=True)
class TestOptions:
    """Those of a test's options that change what is asked or checked; None where the test does not say."""

    one_value: bool | None = None
    """Whether a list is one value, and not one for each test."""
    own_assertions: bool | None = None
    """Whether the default test's assertions are left away."""
    prefix: str | None = None
    """What stands before the prompt."""
    suffix: str | None = None
    transformed: bool | None = None
    """Whether its assertions are meant for an answer that a program has changed."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "TestOptions":
        """Read them as they are written."""

        def said(key: str) -> bool | None:
            return None if given.get(key) is None else bool(given[key])

        def text(key: str) -> str | None:
            return None if not given.get(key) else javascript_text(given[key])

        without = given.get("disableDefaultAsserts")
        return cls(
            one_value=said("disableVarExpansion"),
            own_assertions=None if without is None else without is True,
            prefix=text("prefix"),
            suffix=text("suffix"),
            transformed=True if given.get("transform") or given.get("postprocess") else None,
        )

    def over(self, base: "TestOptions") -> "TestOptions":
        """Return `base` with all that these say in its place."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        return replace(base, **said)


@dataclass(frozen=True, slots=True)
class Test:
    """One test: the variables of a prompt, and what its answers must pass."""

    key: str
    values: Mapping[str, Any]
    assertions: tuple[Assertion, ...]
    where: str
    options: TestOptions = field(default_factory=TestOptions)
    prompts: tuple[str, ...] | None = None
    """The labels of the prompts that it is for; None: all."""
    unasked: str | None = None
    """Why no model is asked."""


def joined(base: Test, test: Test) -> Test:
    """Return a test with what `base` adds: its values and options, assertions before the test's own, prompts where it names none."""
    return replace(
        test,
        values={**base.values, **test.values},
        assertions=(*base.assertions, *test.assertions),
        options=test.options.over(base.options),
        prompts=base.prompts if test.prompts is None else test.prompts,
        unasked=base.unasked if test.unasked is None else test.unasked,
    )


def atomic(default: Test, found: Sequence[Test], where: str, left: LeftOut) -> list[Test]:
    """Return tests with what the default test adds, each with one combination of values; those that cannot be asked are named.

    Raises:
        PromptError: There are too many; the message begins with `where`.
    """
    merged = [_merged(default, each, left) for each in found]
    total = sum(_count(each) for each in merged)
    if total > MOST_TESTS:
        raise PromptError(
            f"{where}: {total:,} combinations of values; a configuration may have {MOST_TESTS:,}"
        )
    return [each for n, test in enumerate(merged, 1) for each in _combined(test, n, left)]


def _merged(default: Test, test: Test, left: LeftOut) -> Test:
    """Return a test with what the default test adds, without assertions where answers are transformed before they are judged."""
    alone = test.options.own_assertions  # as the test says it: the default test cannot say it for others
    test = joined(replace(default, unasked=None, assertions=() if alone else default.assertions), test)
    if test.options.transformed and test.assertions:
        left.add("the assertions of a test that transforms its answers", test.where)
        test = replace(test, assertions=())
    if test.options.one_value:
        held = {name: list(each) if isinstance(each, Choices) else each for name, each in test.values.items()}
        test = replace(test, values=held)
    return test


def _count(test: Test) -> int:
    return prod(len(value) for value in test.values.values() if isinstance(value, Choices))


def _combined(test: Test, number: int, left: LeftOut) -> Iterator[Test]:
    if test.unasked is not None:
        left.add(test.unasked, test.where)
        return
    names = [name for name, value in test.values.items() if isinstance(value, Choices)]
    combinations = list(product(*(test.values[name] for name in names)))
    for n, combination in enumerate(combinations, 1):
        values = {**test.values, **dict(zip(names, combination, strict=True))}
        refused = next(unsendable(values), None)
        if refused is not None:
            left.add(f"a test with a variable that is {refused.why}", refused.where)
            continue
        if any(names_file(each) for each in values.values()):
            left.add(
                "a file that is named inside of a list or mapping among the variables: its name is sent",
                test.where,
            )
        key = f"{number}.{n}" if len(combinations) > 1 else str(number)
        yield replace(test, key=key, values=resolved(values, test.where))
