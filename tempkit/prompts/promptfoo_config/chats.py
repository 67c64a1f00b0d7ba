"""A prompt as its messages: a text, or a chat as JSON, YAML or a request's body, before and after it is filled in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import parse_yaml
from tempkit.prompts.data_rows import parse_json
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.templates import env_defaults
from tempkit.types import Role

__all__ = [
    "Entry",
    "NotSentError",
    "Part",
    "chat",
    "chat_of",
    "is_body",
    "is_chat",
    "json_of",
    "message_of",
    "name_beside",
    "texts_in",
    "with_defaults",
    "with_texts",
]

_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "developer": "system",
}
_YAML_CHAT = "- role:"
_REQUEST = ("contents", "chat_history", "prompt", "input", "inputs", "inputText")
"""Keys of a request's body that has no messages."""
_PART = ("type", "modality", "text", "value")
"""Keys of a text in a message's content."""


class NotSentError(PromptError):
    """A prompt is something that tempkit does not send.

    Args:
        where: `file:line`.
        what: What it is.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}, which tempkit does not send")
        self.where, self.what = where, what


@dataclass(frozen=True, slots=True)
class Part:
    """The template of one message."""

    role: Role
    body: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt: what it is called, and its messages."""

    label: str
    parts: tuple[Part, ...]
    where: str
    as_json: bool = False
    """Whether its one part is a chat in JSON once it is filled in."""
    literal: bool = False
    """Whether it is a chat of texts that are filled in one by one; a template in a variable stays in them as it is written."""
    called: tuple[str, ...] = ()
    """The labels and ids that promptfoo knows it by."""
    value: Any = None
    """Of a prompt that is JSON and no chat: its texts are filled in one by one, and it is written anew."""

    @property
    def templates(self) -> list[str]:
        """All texts that are filled in."""
        if self.value is not None:
            return list(texts_in(self.value))
        return [part.body for part in self.parts]


def with_defaults(entry: Entry, left: LeftOut) -> Entry:
    """Return a prompt with the environment's variables that have a default as that."""
    parts = [
        replace(part, body=env_defaults(part.body, left, f"{part.source}:{part.line}"))
        for part in entry.parts
    ]
    value = with_texts(entry.value, lambda text: env_defaults(text, left, entry.where))
    return replace(entry, parts=tuple(parts), value=value)


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text of a value of JSON that is no key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value of JSON with all its texts but the keys changed, in the order of `texts_in`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [with_texts(each, change) for each in value]
    return (
        {key: with_texts(each, change) for key, each in value.items()} if isinstance(value, dict) else value
    )


def message_of(label: str, text: str, source: str, line: int, left: LeftOut) -> Entry:
    """Return the prompt of a text: a chat where it is one as JSON, else one message of the user's."""
    if text.lstrip().startswith("[") and '"role"' in text:
        try:
            value = parse_json(text, f"{source}:{line}", "not JSON")
        except PromptError:
            if "{%" not in text and "{{" not in text:
                raise
            # Statements stand between its messages: it is JSON once it is filled in.
            return Entry(label, (Part("user", text, source, line),), f"{source}:{line}", as_json=True)
        if isinstance(value, list) and is_chat(value):
            return next(chat(label, value, source, line, left))
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            value = parse_json(text, f"{source}:{line}", "not JSON")
        except PromptError:
            value = None  # a text that only begins so, such as a template
        if is_body(value):
            return next(_of_body(label, value, source, line, left))
        if value is not None:
            return json_of(label, value, text, source, line, left)
    return Entry(label, (Part("user", text, source, line),), f"{source}:{line}")


def json_of(label: str, value: Any, text: str, source: str, line: int, left: LeftOut) -> Entry:
    """Return a prompt that is JSON and no chat, whose layout is `JSON.stringify`'s when it is sent.

    Args:
        label: What it is called.
        value: What it holds.
        text: As it is written.
        source: The file it is in.
        line: Of the file.
        left: Is told how it is sent.

    Raises:
        NotSentError: It is a request to some provider's API, and not a text.
    """
    where = f"{source}:{line}"
    if isinstance(value, dict) and any(key in value for key in _REQUEST):
        raise NotSentError(where, "a request's body without messages")
    if not isinstance(value, str):
        left.add("what a provider makes of a prompt that is JSON and no chat: it is sent as a text", where)
    return Entry(label, (Part("user", text, source, line),), where, value=value)


def is_body(value: Any) -> bool:
    """Say whether a value is the body of a request, whose chat is what is asked."""
    chat = value.get("messages") if isinstance(value, dict) else None
    return isinstance(chat, list) and all(isinstance(each, dict) and "role" in each for each in chat)


def is_chat(given: list[Any]) -> bool:
    """Say whether a list is meant as a chat, even if with a mistake in it: some entry has a role."""
    return any(isinstance(each, dict) and "role" in each for each in given)


def _of_body(label: str, given: dict[str, Any], source: str, line: int, left: LeftOut) -> Iterator[Entry]:
    name_beside(given, source, line, left)
    yield from chat(label, given["messages"], source, line, left)


def name_beside(given: dict[str, Any], source: str, line: int, left: LeftOut) -> None:
    for key in given:
        if key != "messages":
            left.add(f"{one_line(str(key), 40)} beside a chat's messages", f"{source}:{line}")


def chat_of(text: str, where: str, left: LeftOut, *, wanted: bool) -> list[tuple[Role, str]] | None:
    """Return the messages of a text that is a chat once it is filled in, as JSON or as YAML that begins with `- role:`; None where it is none.

    Raises:
        PromptError: A message cannot be sent, or the text is no chat and is `wanted` to be one; the message begins with `where`.
    """
    source, _, line = where.rpartition(":")
    begins = text.lstrip()
    if begins.startswith(_YAML_CHAT):
        try:
            value = parse_yaml(text, source, PromptError).value
        except PromptError as e:
            raise PromptError(f"{where}: filled in, the chat is not YAML: {e}") from e
    elif wanted or (begins.startswith("[") and '"role"' in text):
        try:
            value = parse_json(text, where, "filled in, the chat is not JSON")
        except PromptError:
            if wanted:
                raise
            return None
    else:
        return None
    if not isinstance(value, list) or (not wanted and not is_chat(value)):
        if wanted:
            raise PromptError(f"{where}: filled in, the chat is no list of messages")
        return None
    (entry,) = chat("", value, source, int(line), left)
    return [(part.role, part.body) for part in entry.parts]


def _is_text(part: Any) -> bool:
    """Say whether a part of a message's content is a text: as most providers write it, or as Bedrock or Adaline do."""
    return isinstance(part, dict) and (
        part.get("type") in ("text", "input_text")
        or (part.keys() == {"text"} and isinstance(part["text"], str))
        or (part.get("modality") == "text" and isinstance(part.get("value"), str))
    )


def chat(label: str, given: list[Any], source: str, line: int, left: LeftOut) -> Iterator[Entry]:
    where = f"{source}:{line}"
    parts: list[Part] = []
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("role"), str):
            raise PromptError(
                f"{where}: a chat's message must have a role and content, not {one_line(repr(each), 60)}"
            )
        role, content = each["role"], each.get("content")
        beside = [key for key, value in each.items() if key not in ("role", "content") and value is not None]
        if isinstance(content, list) and all(map(_is_text, content)):
            beside += [key for p in content for key in p if key not in _PART]
            content = "\n".join(str(p.get("text", p.get("value", ""))) for p in content)
        for key in dict.fromkeys(map(str, beside)):
            left.add(f"a chat message's {one_line(key, 40)}", where)
        wrong = (
            f"role {role!r}"
            if role not in _ROLES
            else "content that is no text"
            if not isinstance(content, str)
            else None
        )
        if wrong is not None:
            raise NotSentError(where, f"a chat with {wrong}")
        if role == "developer":
            left.add("the role developer, which is sent as system", where)
        parts.append(Part(_ROLES[role], str(content), source, line))
    if not parts:
        raise PromptError(f"{where}: the chat has no message")
    yield Entry(label, tuple(parts), where, literal=True)
