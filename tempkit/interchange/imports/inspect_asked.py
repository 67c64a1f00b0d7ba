"""What was asked in a sample of inspect's log, and the text of a message: parts that are no text are named, not kept."""

from collections.abc import Mapping
from typing import Any

from tempkit.errors import one_line
from tempkit.prompts import LeftOut

__all__ = ["asked_of", "content_of", "roles_of"]


def asked_of(sample: Mapping[str, Any], where: str, left: LeftOut) -> list[dict[str, Any]]:
    """Return what was asked, in the form of OpenTelemetry's messages: all up to the first answer."""
    given = sample.get("input")
    found = _texts(_before_answers(sample.get("messages"), given), where, left)
    if found:
        return found
    if isinstance(given, str):
        return [{"role": "user", "parts": [{"type": "text", "content": given}]}]
    return _texts(given if isinstance(given, list) else [], where, left)


def _before_answers(messages: Any, given: Any) -> list[Any]:
    """Return the messages before the first that the model wrote.

    Where no message says that it was generated, as in older logs, the first assistant's message that is not among what is given is an answer.
    """
    listed = messages if isinstance(messages, list) else []
    marked = any(isinstance(each, dict) and each.get("source") == "generate" for each in listed)
    shown = roles_of(given)
    found = []
    for each in listed:
        if isinstance(each, dict):
            if marked and each.get("source") == "generate":
                break
            if each.get("role") == "assistant" and not marked:
                if not shown:
                    break
                shown -= 1
        found.append(each)
    return found


def roles_of(messages: Any, role: str = "assistant") -> int:
    """Count the messages of a role; an assistant's among what is asked are no answers."""
    listed = messages if isinstance(messages, list) else []
    return sum(isinstance(each, dict) and each.get("role") == role for each in listed)


def _texts(messages: list[Any], where: str, left: LeftOut) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in messages:
        role = each.get("role") if isinstance(each, dict) else None
        if role not in ("system", "user", "assistant"):
            left.add(f"a message of what is asked, by {one_line(str(role), 20)}", where)
            continue
        content = each.get("content")
        if isinstance(content, list):
            texts = [p["text"] for p in content if isinstance(p, dict) and isinstance(p.get("text"), str)]
            if len(texts) < len(content):
                left.add("a part of what is asked that is no text", where)
            content = "".join(texts) if texts else None
        if each.get("tool_calls"):
            left.add("calls of tools in what is asked", where)
        if isinstance(content, str):
            found.append({"role": role, "parts": [{"type": "text", "content": content}]})
    return found


def content_of(given: Any, where: str, left: LeftOut) -> tuple[str, str | None]:
    """Return an answer's text and its thinking."""
    if isinstance(given, str) or given is None:
        return given or "", None
    texts, thoughts = [], []
    for part in given if isinstance(given, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("reasoning"), str):
            thoughts.append(part["reasoning"])
        else:
            left.add("a part of an answer that is no text", where)
    return "".join(texts), "".join(thoughts) or None
