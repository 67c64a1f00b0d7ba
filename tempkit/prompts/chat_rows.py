"""Rows that hold a chat: OpenAI's data for evals, for fine-tuning and for batches, each as a question with its earlier messages.

Evals have `input` and `ideal`; their hosted service wraps a row in `item`. Fine-tuning has `messages`, of which the last is the answer. A
batch has requests, each with a `custom_id` and a `body`. What a row says besides is named once in how the file was taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tempkit.errors import PromptError, one_line
from tempkit.prompts.data_rows import DataRow
from tempkit.prompts.left_out import LeftOut
from tempkit.types import Message, Role

__all__ = ["Chat", "Shape", "chats_of", "shape_of", "unwrapped"]

Shape = Literal["evals", "messages", "batch"]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "developer": "system",
}
_IDS = ("id", "custom_id", "key")
_KNOWN: Mapping[Shape, tuple[str, ...]] = {
    "evals": ("input", "ideal", *_IDS),
    "messages": ("messages", *_IDS),
    "batch": ("custom_id", "body"),
}
_MEANT: Mapping[Shape, str] = {
    "evals": "chats in 'input' as OpenAI's evals have them",
    "messages": "chats in 'messages', the last of which is the answer where it is the assistant's",
    "batch": "requests of OpenAI's batches",
}


@dataclass(frozen=True, slots=True)
class Chat:
    """One row."""

    row: DataRow
    id: Any
    messages: tuple[Message, ...]
    answers: tuple[str, ...]
    """What is right, in any of these wordings; none: not said."""


def unwrapped(row: DataRow) -> DataRow:
    """Return a row of the hosted service's as the item that it wraps; any other as it is."""
    item = row.values.get("item")
    return (
        DataRow(item, row.where) if isinstance(item, dict) and set(row.values) <= {"item", "sample"} else row
    )


def shape_of(rows: Sequence[DataRow]) -> Shape | None:
    """Return what kind of chats rows hold, as the first of them shows; None: none."""
    values = rows[0].values if rows else {}
    if "custom_id" in values and isinstance(values.get("body"), dict):
        return "batch"
    if isinstance(values.get("input"), list):
        return "evals"
    return "messages" if isinstance(values.get("messages"), list) else None


def chats_of(rows: Sequence[DataRow], shape: Shape) -> tuple[list[Chat], str]:
    """Return rows as chats, and how they were taken with what was left out.

    Raises:
        PromptError: A row is of another kind, or none can be asked; the message begins with `file:line`.
    """
    left = LeftOut()
    chats = [chat for row in rows for chat in _chat(row, shape, left)]
    if not chats:
        raise PromptError(f"{left.lines()[0]}; no row can be asked")
    return chats, "; ".join([_MEANT[shape], *left.lines()])


def _chat(row: DataRow, shape: Shape, left: LeftOut) -> Iterator[Chat]:
    values = row.values
    given: Any = values.get("messages" if shape == "messages" else "input")
    if shape == "batch":
        body = values.get("body")
        if not isinstance(body, dict):
            raise PromptError(f"{row.where}: body must be a request, not {one_line(repr(body), 60)}")
        given = next(
            (body[key] for key in ("messages", "input", "prompt") if body.get(key) is not None), None
        )
        for key in body:
            if key not in ("messages", "input", "prompt"):
                left.add(f"{key} of the requests", row.where)
        if isinstance(body.get("instructions"), str):
            given = [
                {"role": "system", "content": body["instructions"]},
                *(given if isinstance(given, list) else [{"role": "user", "content": given}]),
            ]
    else:
        for key in values:
            if key not in _KNOWN[shape]:
                left.add(f"the column {one_line(repr(key), 40)}", row.where)
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise PromptError(
            f"{row.where}: the chat must be a list of messages, not {one_line(repr(given), 60)}"
        )
    messages = []
    for each in given:
        message = _message(each, row, left)
        if message is None:
            return
        messages.append(message)
    answers = _answers(values.get("ideal"), row)
    if shape == "messages" and messages[-1].role == "assistant":
        said = messages.pop().content.strip()
        answers = (said,) if said else ()
    if not any(message.role != "system" for message in messages) and not messages:
        left.add("a row without a question", row.where)
        return
    found = next((values[key] for key in _IDS if values.get(key) not in (None, "")), None)
    yield Chat(row, found, tuple(messages), answers)


def _message(given: Any, row: DataRow, left: LeftOut) -> Message | None:
    """Read a message; None where it cannot be sent, so that the row is left out."""
    if not isinstance(given, dict) or not isinstance(given.get("role"), str):
        raise PromptError(f"{row.where}: a message needs a role and content, not {one_line(repr(given), 60)}")
    content, role = given.get("content"), given["role"]
    if isinstance(content, list) and all(
        isinstance(p, dict) and isinstance(p.get("text"), str) for p in content
    ):
        content = "\n".join(p["text"] for p in content)
    if role not in _ROLES or not isinstance(content, str):
        what = (
            f"a message of the role {one_line(role, 20)}"
            if role not in _ROLES
            else "a message that is no text"
        )
        left.add(f"a row with {what}", row.where)
        return None
    if role == "developer":
        left.add("the role developer, which is sent as system", row.where)
    for key in given:
        if key not in ("role", "content") and given[key] not in (None, []):
            left.add(f"{one_line(str(key), 40)} of a message", row.where)
    return Message(_ROLES[role], content)


def _answers(given: Any, row: DataRow) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [] if given is None else [given]
    for each in listed:
        if isinstance(each, (dict, list)) or each is None:
            raise PromptError(
                f"{row.where}: ideal must be a text or a list of texts, not {one_line(repr(given), 60)}"
            )
    return tuple(text for each in listed if (text := str(each).strip()))
