"""Answers as providers and servers shape them, each with its one right reading; see `corpus/`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tempkit.backends.anthropic.answers import read_message
from tempkit.backends.anthropic.batch import AnthropicBatches
from tempkit.backends.google.answers import read_answer as read_candidates
from tempkit.backends.ollama import read_chat
from tempkit.backends.openai.answers import read_answer
from tempkit.backends.openai.batch import OpenAIBatches
from tempkit.backends.openai.responses import read_response
from tempkit.backends.remote import Answer, BatchApi, Http, RequestError
from tempkit.backends.remote.adapter_types import read_whole
from tempkit.text.token_bytes import bytes_of

FOLDER = Path(__file__).parent / "corpus"


def _from_batch(api: BatchApi) -> Callable[[bytes], Answer]:
    def read(line: bytes) -> Answer:
        _, body = api.parse(line)
        if isinstance(body, RequestError):
            raise body
        return api.read(body)

    return read


READERS: dict[str, Callable[[bytes], Answer]] = {
    "chat": read_answer,
    "anthropic": read_message,
    "responses": read_response,
    "google": lambda content: read_candidates(content.decode("utf-8", "replace")),
    "ollama": read_chat,
    "openai batch": _from_batch(
        OpenAIBatches(
            Http(), "http://127.0.0.1:9", {}, "/v1/chat/completions", body=lambda *_: {}, read=read_answer
        )
    ),
    "anthropic batch": _from_batch(AnthropicBatches(Http(), "http://127.0.0.1:9", {}, "m")),
}


@dataclass(frozen=True)
class Case:
    """One answer."""

    name: str
    of: str
    content: bytes
    """As it comes."""
    right: dict[str, Any]
    """What it should be read as."""

    @property
    def body(self) -> Any:
        """Its JSON; None where it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def read(self) -> Answer:
        return read_as(self.of, self.content)


def read_as(of: str, content: bytes) -> Answer:
    """Read an answer as its adapter does.

    Raises:
        RequestError: It is none.
    """
    return read_whole(lambda: READERS[of](content))


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text("utf-8")):
            content = entry["raw"] if "raw" in entry else json.dumps(entry["body"], ensure_ascii=False)
            of = entry.get("of", path.stem)
            found.append(Case(f"{of}: {entry['name']}", of, content.encode(), entry))
    return found


def spells(answer: Answer) -> bool:
    """Whether in every choice the tokens, byte by byte, come to the text, or there are none.

    The last character may have been cut: then its text is a replacement, or nothing.
    """
    for choice in answer.choices:
        joined = b"".join(bytes_of(token.text) for token in choice.tokens)
        exact = choice.text.encode("utf-8", "surrogatepass")
        cut = (joined.decode("utf-8", "replace"), joined.decode("utf-8", "ignore"))
        if choice.tokens and joined != exact and choice.text not in cut:
            return False
    return True
