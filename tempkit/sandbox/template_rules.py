"""What a prompt template may do: all that a prompt needs, nothing that takes minutes, gigabytes, or chance.

Jinja2's sandbox closes the ways into Python. It lets one line fill the memory (`'%999999999d' % 1`) or never end (a loop
in a loop), and two runs of one template differ (`|random`). So what an expression makes is charged to a budget per
rendering, what could make too much in one step is refused before it is tried, and chance is taken out. That says what is
wrong with a template in words of its own; what it overlooks is ended by the limits of the process it runs in (see
`helper`).
"""

import json
import re
from collections.abc import Callable, Sized
from functools import wraps
from typing import Any

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tempkit.sandbox.handlebars_rules import FILTERS

__all__ = ["Sandbox"]

_BUDGET = 10_000_000
"""What one rendering may make, in characters: a second's work or so."""
_VALUE = 20
"""What any value but text costs, and a turn of a loop."""
_CALL = 200
_MAX_ARGUMENT = 1_000_000
_MAX_PRODUCT = 100_000_000
_MAX_BITS = 20_000
"""Of a whole number: more than Python turns into text."""

_NOT_HERE = ("random", "urlize", "xmlattr")
_CHEAP = ("length", "count", "first", "last", "default", "d")
"""Filters that do not look at all of their value."""
_GROWING = (
    *("replace", "join", "indent", "wordwrap", "tojson", "dump", "expandtabs"),
    *("center", "ljust", "rjust", "zfill", "to_bytes", "batch", "slice", "round"),
)
"""Filters and methods whose result may be as large as their value times an argument."""

_WIDE_PERCENT = re.compile(r"%(\(.*\))?[-#0 +]*(\d{5}|\*|\d*\.(\d{5}|\*))", re.DOTALL)
_WIDE_FORMAT = re.compile(r"\{[^{}]*:[^{}]*(\d{5}|\{)")


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment for templates nobody has read, strict about unknown variables."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        self._left = _BUDGET
        super().__init__(
            undefined=StrictUndefined,
            loader=DictLoader({}),
            autoescape=False,  # prompts are text, not HTML
            optimized=False,  # what is computed at compile time is charged to no rendering
            finalize=self._finalize,
        )
        self.globals = {
            name: self.globals[name] for name in ("range", "dict", "namespace", "cycler", "joiner")
        }
        self.filters = {
            name: self._charged(name, call) for name, call in self.filters.items() if name not in _NOT_HERE
        }
        self.filters["_turns"] = self._turns
        for name, call in {"dump": _dump, **FILTERS}.items():
            self.filters[name] = self._charged(name, call)

    def refill(self) -> None:
        """Begin a rendering: the budget is full again."""
        self._left = _BUDGET

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse, refuse what reads other files, and put loops and `~` under the budget."""
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            word = "import" if isinstance(node, nodes.FromImport) else type(node).__name__.lower()
            raise TemplateSyntaxError(f"{word!r} is not for prompts: a template stands alone", node.lineno)
        for loop in list(tree.find_all(nodes.For)):
            text = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            loop.iter = self._filtered(loop.iter, "_turns", nodes.Const(text))
        for concat in list(tree.find_all(nodes.Concat)):
            concat.nodes = [self._filtered(node, "string") for node in concat.nodes]
        return tree

    def _filtered(self, node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Expr:
        return nodes.Filter(node, name, [*arguments], [], None, None, lineno=node.lineno, environment=self)

    def call(self, context: Any, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        owner = getattr(called, "__self__", None)
        if isinstance(owner, (str, bytes, int)):  # a method such as 'x'.ljust(9)
            self._check(called.__name__, owner, [*args, *kwargs.values()])
        self._spend(_CALL)
        self._charge(args, kwargs)
        result = super().call(context, called, *args, **kwargs)
        self._charge(result)
        return result

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        integers = isinstance(left, int) and isinstance(right, int)
        if operator == "**" and integers and left.bit_length() * abs(right) > _MAX_BITS:
            raise SecurityError("'**' would make a number too large for a prompt")
        if operator == "*":
            if integers and left.bit_length() + right.bit_length() > _MAX_BITS:
                raise SecurityError("'*' would make a number too large for a prompt")
            for value, count in ((left, right), (right, left)):
                if isinstance(count, int) and isinstance(value, Sized) and len(value) * count > _MAX_ARGUMENT:
                    raise SecurityError("'*' would make a value too large for a prompt")
        if operator == "%" and isinstance(left, str) and _WIDE_PERCENT.search(left):
            raise SecurityError("'%' would make a value too large for a prompt")
        result = super().call_binop(context, operator, left, right)
        self._charge(result)
        return result

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        if wrapped is not None and _WIDE_FORMAT.search(value.__self__):
            raise SecurityError("'format' would make a value too large for a prompt")
        return wrapped

    def _charged(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        first = int(hasattr(call, "jinja_pass_arg"))  # some filters get the context in front of the value

        @wraps(call)
        def charged(*args: Any, **kwargs: Any) -> Any:
            if len(args) > first:
                self._check(name, args[first], [*args[first + 1 :], *kwargs.values()])
            if name not in _CHEAP:
                self._charge(args[first:], kwargs)
            result = call(*args, **kwargs)
            if name not in _CHEAP:
                self._charge(result)
            return result

        return charged

    def _check(self, name: str, value: Any, arguments: list[Any]) -> None:
        """Refuse a filter or method that would make too much in one step."""
        if name in _GROWING:
            numbers = [abs(a) for a in arguments if isinstance(a, int)]
            factors = [1, *(len(a) for a in arguments if _sized(a)), *(numbers if name != "wordwrap" else ())]
            size = len(value) if _sized(value) else 1
            too_much = any(n > _MAX_ARGUMENT for n in numbers) or size * max(factors) > _MAX_PRODUCT
        else:
            too_much = name == "format" and isinstance(value, str) and _WIDE_PERCENT.search(value) is not None
        if too_much:
            raise SecurityError(f"{name!r} would make a value too large for a prompt")

    def _charge(self, *values: Any) -> None:
        """Charge values with all that they hold."""
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            turns = len(value) if isinstance(value, range) else 1
            self._spend(len(value) if isinstance(value, (str, bytes)) else _VALUE * turns)
            if isinstance(value, (list, tuple, set, frozenset, dict)):
                waiting += value
            if isinstance(value, dict):
                waiting += value.values()

    def _spend(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise SecurityError("the template makes more than a prompt can need; make it simpler")

    def _turns(self, iterable: Any, text: int) -> Any:
        """Charge a loop's turns, each with the template's text inside the loop."""
        turns = iterable if isinstance(iterable, Sized) else list(iterable)
        self._spend((_VALUE + text) * len(turns))
        return turns

    @pass_context
    def _finalize(self, _context: Any, value: Any) -> Any:
        """Pass what may stand in a prompt; None, an empty cell, stands as nothing."""
        if value is None:
            return ""
        if not isinstance(value, (str, int, float, list, tuple, dict, Undefined)):
            raise TemplateRuntimeError(
                f"a value of type {type(value).__name__!r} is no text; try a filter such as |list"
            )
        self._charge(value)
        return value


def _dump(value: Any, spaces: int | None = None) -> str:
    """Return a value as JSON for people, with no characters escaped: Nunjucks' name for what `tojson` does for web pages."""
    separators = (",", ":") if spaces is None else None
    return json.dumps(value, ensure_ascii=False, indent=spaces, separators=separators)


def _sized(value: Any) -> bool:
    return isinstance(value, Sized) and not isinstance(value, Undefined)
