"""Chat templates as they come inside a model's file: they turn a conversation into the text that the model was trained on."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import BaseLoader, TemplateError, TemplateSyntaxError
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tempkit.sandbox.errors import Fault, OverTimeError
from tempkit.sandbox.templates import FAULTS, template_line

__all__ = ["compiling", "writing"]


class _Generation(Extension):
    """`{% generation %}` marks, for training, what the model says: here what stands between its tags is kept as it is."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja2 declares it

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def compiling(_common: object) -> Callable[[str], None]:
    """Return what finds a template's faults."""

    def check(template: str) -> None:
        _compiled(template)

    return check


def writing(common: Mapping[str, str]) -> Callable[[Sequence[Mapping[str, str]]], str]:
    """Return what writes a conversation, a list of `role` and `content`, as the model reads it.

    Args:
        common: `template`, `bos` and `eos` as the model writes the ends of texts, and `now`, the time that the template
            may ask for, in ISO 8601.
    """
    template = _compiled(common["template"])
    now = datetime.fromisoformat(common["now"])

    def write(turns: Sequence[Mapping[str, str]]) -> str:
        try:
            return str(
                template.render(
                    messages=turns,
                    bos_token=common["bos"],
                    eos_token=common["eos"],
                    add_generation_prompt=True,
                    functions=None,
                    function_call=None,
                    tools=None,
                    tool_choice=None,
                    raise_exception=_refuse,
                    strftime_now=now.strftime,
                )
            )
        except OverTimeError as e:
            e.line = template_line(e)
            raise
        except FAULTS as e:
            raise Fault(str(e) or type(e).__name__, line=template_line(e)) from e

    return write


@lru_cache(maxsize=4)
def _compiled(template: str) -> Any:
    environment = ImmutableSandboxedEnvironment(
        loader=BaseLoader(), trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = _tojson
    try:
        return environment.from_string(template)
    except TemplateSyntaxError as e:
        raise Fault(str(e), line=e.lineno) from e
    except (SyntaxError, RecursionError, ValueError, TemplateError) as e:
        raise Fault(str(e) or "it is nested too deeply", line=1) from e


def _refuse(message: str) -> None:
    raise ValueError(message)


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """As the library does for which chat templates are written: without HTML's escapes."""
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )
