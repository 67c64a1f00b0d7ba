"""Templates of Nunjucks' in Jinja2's sandbox: where the two fill in one template differently, as Nunjucks does.

What is not there is nothing, and so is what stands in it; a value stands in the text as JavaScript writes it; a mapping's own key goes before
what Python's mappings can do; the line break at a template's end stays.
"""

from typing import Any

from jinja2 import ChainableUndefined, Undefined, pass_context

from tempkit.sandbox.template_rules import Sandbox
from tempkit.text import javascript_text

__all__ = ["NunjucksSandbox"]


class NunjucksSandbox(Sandbox):
    """A Jinja2 environment that fills templates in as Nunjucks does, under the same limits."""

    def __init__(self) -> None:
        super().__init__()
        self.undefined = ChainableUndefined
        self.keep_trailing_newline = True

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    @pass_context
    def _finalize(self, context: Any, value: Any) -> Any:
        passed = super()._finalize(context, value)
        return "" if isinstance(passed, Undefined) else javascript_text(passed)
