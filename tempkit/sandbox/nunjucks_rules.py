"""Templates of Nunjucks' in Jinja2's sandbox: where the two fill in one template differently, as Nunjucks does.

What is not there is nothing, and so is what stands in it; a value stands in the text as JavaScript writes it; a list or mapping is true, be it
empty; values compare as in JavaScript; a mapping's own key goes before what Python's mappings can do; the line break at a template's end stays.
"""

import json
from typing import Any

from jinja2 import ChainableUndefined, TemplateRuntimeError, Undefined, nodes, pass_context

from tempkit.errors import one_line
from tempkit.sandbox.template_rules import Sandbox
from tempkit.text import javascript_compares, javascript_text

__all__ = ["STRICT", "NunjucksSandbox"]

STRICT = "_strictly"
"""What stands between two signs of equality where Nunjucks has `===`."""
_TRUE, _COMPARED = "_is_true", "_compares"
_OPERATORS = {"eq": "==", "ne": "==", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


class NunjucksSandbox(Sandbox):
    """A Jinja2 environment that fills templates in as Nunjucks does, under the same limits."""

    def __init__(self) -> None:
        super().__init__()
        self.undefined = ChainableUndefined
        self.keep_trailing_newline = True
        self.filters[_TRUE] = _is_true
        self.filters[_COMPARED] = _compares
        self.filters["load"] = self._charged("load", _load)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for compared in list(tree.find_all(nodes.Compare)):
            self._as_compared(compared)
        for statement in list(tree.find_all(nodes.If)):
            statement.test = self._truth(statement.test)
        for expression in list(tree.find_all(nodes.CondExpr)):
            expression.test = self._truth(expression.test)
        return tree

    def _as_compared(self, node: nodes.Compare) -> None:
        """Have two values compared as JavaScript does; `a == STRICT == b` is `a === b`."""
        first = node.ops[0]
        strict = isinstance(first.expr, nodes.Name) and first.expr.name == STRICT
        if len(node.ops) != 1 + strict or first.op not in _OPERATORS:
            return
        operator = "===" if strict else _OPERATORS[first.op]
        compared = self._filtered(node.expr, _COMPARED, nodes.Const(operator), node.ops[-1].expr)
        node.expr, node.ops = compared, [nodes.Operand("ne" if first.op == "ne" else "eq", nodes.Const(True))]

    def _truth(self, node: Any) -> Any:
        """Return an expression that is true where it is in JavaScript."""
        if isinstance(node, (nodes.And, nodes.Or)):
            node.left, node.right = self._truth(node.left), self._truth(node.right)
        elif isinstance(node, nodes.Not):
            node.node = self._truth(node.node)
        elif isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            return self._filtered(node, _TRUE)
        return node

    def _turns(self, iterable: Any, text: int) -> Any:
        return super()._turns([] if iterable is None else iterable, text)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        if attribute == "length" and isinstance(obj, (str, list, tuple)):
            self._charge(obj)
            return (
                len(obj) if not isinstance(obj, str) or obj.isascii() else len(obj.encode("utf-16-le")) // 2
            )
        return super().getattr(obj, attribute)

    @pass_context
    def _finalize(self, context: Any, value: Any) -> Any:
        passed = super()._finalize(context, value)
        return "" if isinstance(passed, Undefined) else javascript_text(passed)


def _load(value: Any) -> Any:
    """Return what a text of JSON holds: promptfoo's own filter."""
    try:
        return json.loads(value, parse_constant=_no_json)
    except (TypeError, ValueError, RecursionError) as e:
        raise TemplateRuntimeError(f"what `load` is given is not JSON: {one_line(e)}") from e


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON's")


def _is_true(value: Any) -> bool:
    return isinstance(value, (list, dict)) or bool(value)


def _compares(left: Any, operator: str, right: Any) -> bool:
    """Compare two values; what is not there is no number, and as good as null."""
    gone = [isinstance(each, Undefined) for each in (left, right)]
    if any(gone) and operator not in ("===", "=="):
        return False
    left, right = (None if is_gone else each for each, is_gone in zip((left, right), gone, strict=True))
    return javascript_compares(left, operator, right)
