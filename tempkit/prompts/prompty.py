"""What the front matter of a Prompty file says: its sampling options, its version, and what it asks for besides.

Version 2 is what tempkit's own prompts are. Of version 1, as Microsoft and Azure published it, everything that has a meaning
here is read under its old name: `model.parameters`, `sample`, `type` instead of `kind`. How a model is reached is left out,
and what would change the request in another way is refused by name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from tempkit.errors import UsageError, nearest
from tempkit.files import Document
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.prompty_inputs import threads
from tempkit.prompts.sampling_options import sampling_params

__all__ = [
    "TOP",
    "check_api",
    "check_format",
    "is_version_1",
    "left_out",
    "named",
    "options",
    "spelled",
]

TOP = (
    *(
        "name",
        "displayName",
        "description",
        "metadata",
        "inputs",
        "outputs",
        "model",
        "tools",
        "template",
        "version",
    ),
    *("authors", "tags", "instructions", "kind", "sample", "id"),
    *("inputSchema", "outputSchema"),
)
_MODEL = ("id", "provider", "apiType", "connection", "options", "api", "configuration", "response")
_FORMATS = (None, "", "*", "jinja2")
_APIS = (None, "", "chat", "responses")

_OPTIONS: Mapping[str, str] = {
    "maxOutputTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "minP": "min_p",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "stopSequences": "stop",
    **{
        name: name
        for name in ("max_tokens", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop")
    },
}
"""Prompty's and OpenAI's names for the sampling options, with tempkit's."""

_OLD_NAMES = {"max_completion_tokens": "max_tokens"}
_WITHOUT_EFFECT: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "logit_bias": ({},),
    "additionalProperties": ({},),
}
"""Parameters that tempkit does not send, with the values that say no more than their absence."""
_UNSENT = {
    "tools": "the model has none to call",
    "outputs": "answers are asked for as text",
    "outputSchema": "answers are asked for as text",
    "instructions": "what is asked stands below the front matter",
}
"""Parts of the front matter that a prompt is sent without, and why."""
_FORMAT = "response_format"
"""Asks a server for JSON; the prompt is sent without it, and that is said."""
_TOOLS = ("tools", "tool_choice", "functions", "function_call")
"""What a model may call; the prompt is sent without, and that is said."""
_NOT_OF_THE_TEXT = (
    "stream",
    "stream_options",
    "store",
    "logprobs",
    "top_logprobs",
    "user",
    "allowMultipleToolCalls",
    "parallel_tool_calls",
)
"""Parameters that change no answer of one text."""


def is_version_1(document: Document) -> bool:
    """Say whether a front matter is written as Prompty's first version was."""
    declared = document.at("inputs")
    entries = declared.values() if isinstance(declared, dict) else ()
    return (
        any(document.at("model", key) is not None for key in ("parameters", "configuration", "api"))
        or document.at("sample") is not None
        or any(isinstance(entry, dict) and "type" in entry and "kind" not in entry for entry in entries)
    )


def named(document: Document, stem: str) -> str:
    """Return the prompt's name; one of several words is joined by hyphens."""
    name = document.string("name", what="name") or stem
    if " " in name.strip():
        name = re.sub(r"[^\w.-]+", "-", name).strip("-") or stem
    if name != stem and not re.fullmatch(r"[\w.-]+", name):
        document.fail(f"name {name!r} may hold letters, digits, '.', '_' and '-' only", "name")
    return name


def check_format(document: Document) -> None:
    """Refuse a template that is not Jinja2's: rendered as if it were, its variables would stay unfilled."""
    given, key = document.at("template"), "format"
    if isinstance(given, dict):
        key = "format" if "format" in given else "type"
        given = given.get(key)
    if isinstance(given, dict):
        given = given.get("kind")
    if given not in _FORMATS:
        document.fail(
            f"template format {given!r} is not supported; write the template in jinja2", "template", key
        )


def check_api(document: Document) -> None:
    """Refuse a prompt for what is no chat: its text would mean something else in one."""
    for key in ("apiType", "api"):
        given = document.at("model", key)
        if isinstance(given, dict) or given in _APIS:
            continue
        also = "; write chat, and begin the body with user:" if given == "completion" else ""
        document.fail(
            f"model.{key} {given!r} is not for chat, and tempkit sends chat messages{also}", "model", key
        )


def options(document: Document) -> tuple[dict[str, Any], float | None]:
    """Split the model's options into sampling fields and the file's own temperature, which a sweep replaces."""
    if isinstance(
        document.at("model"), str
    ):  # Prompty allows a bare model name; the plan says which models run
        return {}, None
    document.mapping("model", known=(*_MODEL, *_old(document)), what="model")
    found: dict[str, Any] = {}
    suggested: float | None = None
    for key in ("options", "parameters"):
        here, temperature = _options_of(document, key, found)
        found |= here
        if temperature is not None and suggested is not None:
            document.fail(
                f"model.{key}.temperature says temperature a second time", "model", key, "temperature"
            )
        suggested = suggested if temperature is None else temperature
    return found, suggested


def left_out(document: Document) -> tuple[str, ...]:
    """Return what a prompt asks of a server beside its text and is sent without, a line each."""
    left = LeftOut()
    for key in ("options", "parameters"):
        for place in (("model", key, _FORMAT), ("model", key, "additionalProperties", _FORMAT)):
            given = document.at(*place)
            if given not in (None, "text", {"type": "text"}):
                left.add(f"{_FORMAT} of the prompt; answers are asked for as text", _at(document, place))
        for name in _TOOLS:
            for place in (("model", key, name), ("model", key, "additionalProperties", name)):
                if document.at(*place) not in (None, [], "none"):
                    left.add(f"{name} of the prompt; the model has none to call", _at(document, place))
    for key, why in _UNSENT.items():
        if document.at(key) not in (None, [], {}, ""):
            left.add(f"{key} of the prompt; {why}", _at(document, (key,)))
    for where, name in threads(document):
        left.add(f"the earlier conversation in {name!r}; it is empty", _at(document, where))
    return left.lines()


def _at(document: Document, place: Sequence[str | int]) -> str:
    return f"{document.source}:{document.line(*place)}"


def spelled(document: Document, section: Sequence[str], field: str) -> tuple[str, ...]:
    """Return the key under which a file says a sampling option, or is to say it.

    Args:
        document: The front matter.
        section: Where its temperature stands.
        field: The option, as `SamplingParams` calls it.
    """
    names = [name for name, known in (*_OPTIONS.items(), *_OLD_NAMES.items()) if known == field]
    for key in ("options", "parameters"):
        for place in (("model", key), ("model", key, "additionalProperties")):
            given = document.at(*place)
            for name in names:
                if isinstance(given, dict) and name in given:
                    return (*place, name)
    return (*section, names[0] if section[1] == "options" else field)


def _old(document: Document) -> tuple[str, ...]:
    return ("parameters",) if document.at("model", "parameters") is not None else ()


def _options_of(
    document: Document, key: str, before: Mapping[str, Any]
) -> tuple[dict[str, Any], float | None]:
    what = f"model.{key}"
    given = dict(document.mapping("model", key, known=None, what=what))
    more = given.get("additionalProperties")
    if isinstance(more, dict):  # what Prompty hands to the provider as it stands
        given = {**{k: v for k, v in given.items() if k != "additionalProperties"}, **more}
    found: dict[str, Any] = {}
    said = set(before)
    for name, value in given.items():
        place = ("model", key, name)
        if name in ("temperature", "seed", _FORMAT, *_TOOLS) or name in _NOT_OF_THE_TEXT:
            continue
        if name in _WITHOUT_EFFECT:
            if value is not None and value not in _WITHOUT_EFFECT[name]:
                _unsent(document, name, *place)
            continue
        field = _OPTIONS.get(name) or _OLD_NAMES.get(name)
        if field is None:
            known = ("temperature", "seed", *_OPTIONS)
            document.fail(
                f"unknown key {name!r} in {what}{nearest(name, known)}; known: {', '.join(known)}", *place
            )
        if field in said:
            document.fail(f"{what}.{name} says {field} a second time", *place)
        said.add(field)
        try:
            checked = getattr(sampling_params({field: value}), field)
        except UsageError as e:
            document.fail(f"{what}.{name}: {e}", *place)
        if value is not None:
            found[field] = checked
    return found, _temperature(document, given.get("temperature"), what, key)


def _unsent(document: Document, name: str, *place: str | int) -> NoReturn:
    document.fail(f"tempkit sends no {name}, which may change the answers; leave it out", *place)


def _temperature(document: Document, given: Any, what: str, key: str) -> float | None:
    number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if given is not None and (not number or given < 0):
        document.fail(f"{what}.temperature must be a number from 0", "model", key, "temperature")
    return None if given is None else float(given)
