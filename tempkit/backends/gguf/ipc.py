"""What the engine's process and tempkit's own say to each other: pickled dataclasses, each after its length.

Both ends are this package, but one of them reads files that anybody may have made, and a fault of llama.cpp's may give
whoever made one that process. So answers are read as what they can be and nothing else: no class but those listed here is
ever found, and no answer is larger than any can be.
"""

import io
import pickle
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from tempkit.backends.gguf.settings import Settings
from tempkit.errors import one_line
from tempkit.types import (
    Completion,
    Failure,
    Message,
    ModelSpec,
    Outcome,
    Passage,
    SampleKey,
    Scored,
    Sweep,
    TokenLogprob,
)

__all__ = [
    "HEADER",
    "TIME_TOLD",
    "Done",
    "Embed",
    "Embedded",
    "EngineStats",
    "Load",
    "Loaded",
    "Next",
    "NextRows",
    "Refused",
    "Run",
    "Score",
    "Scores",
    "Spell",
    "Spelled",
    "Step",
    "StrangeAnswerError",
    "body_size",
    "pack",
    "read",
    "unpack",
]

TIME_TOLD = "chat_template_time"
"""Among a model's details: the time that its chat template was told, in ISO 8601; absent where it does not ask."""

HEADER = struct.Struct("<Q")
"""The length of what follows, in bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """Load this model; answered with `Loaded` or `Refused`."""

    model: ModelSpec
    path: str
    settings: Settings
    now: datetime
    """The time that its chat template gets when it asks."""


@dataclass(frozen=True, slots=True)
class Loaded:
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked cannot be done, in one line for the user."""

    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """Draw these; answered with `Step`s and `Done`, or `Refused`."""

    sweeps: Sequence[Sweep]


@dataclass(frozen=True, slots=True)
class Step:
    """What one decoding step brought."""

    started: Sequence[SampleKey]
    """Samples taken up."""
    tokens: Sequence[tuple[str, float, int]]
    """(model label, temperature, tokens drawn)"""
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Score:
    """Score these; answered with `Scores` and `Done`, or `Refused`."""

    passages: Sequence[Passage]
    top_logprobs: int


@dataclass(frozen=True, slots=True)
class Scores:
    scored: Sequence[Scored]


@dataclass(frozen=True, slots=True)
class Embed:
    """Turn these into vectors; answered with `Embedded`s in their order and `Done`, or `Refused`."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Embedded:
    vectors: Sequence[Sequence[float]]
    cut: Sequence[int]
    """Places, among all texts, of those that were longer than is read."""
    note: str | None
    """What to know of the model as an embedder."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Tell the vocabulary; answered with `Spelled` and `Done`."""


@dataclass(frozen=True, slots=True)
class Spelled:
    pieces: Sequence[bytes]
    """By token id, what each adds to a text."""
    ends: Sequence[int]
    """The ids of those that end a text or a turn."""


@dataclass(frozen=True, slots=True)
class Next:
    """Say what may follow these beginnings of an answer; answered with `NextRows`, one for each in order, and `Done`, or `Refused`."""

    messages: Sequence[Message]
    paths: Sequence[Sequence[int]]
    """Token ids."""


@dataclass(frozen=True, slots=True)
class NextRows:
    logits: bytes
    """32-bit, by token id."""
    prompt_tokens: int
    n_ctx: int
    """The most tokens that prompt and answer may have together."""
    begun: str
    """The mark at the prompt's end that thoughts begin with, where there is one."""
    evaluated: int
    """Tokens, for this and those before it since the last answer."""


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What one model's work came to."""

    wall_s: float = 0.0
    decode_s: float = 0.0
    """Of it, in llama.cpp."""
    tokens: int = 0
    """Drawn, the ends of texts included."""
    passes: int = 0
    """Tokens evaluated, prompts included."""
    steps: int = 0
    width: int = 0
    """Sequences the widest cache had room for."""
    cache_bytes: int = 0
    """Of the largest cache with its logits, as planned."""
    peak_bytes: int = 0
    """The most memory the engine's process held."""


@dataclass(frozen=True, slots=True)
class Done:
    stats: EngineStats


def pack(message: object) -> bytes:
    """Return a message as it goes over the pipe."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


class StrangeAnswerError(Exception):
    """What came is no answer of the engine's."""


_ANSWERS = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        *(Loaded, Refused, Step, Scores, Embedded, Spelled, NextRows, EngineStats, Done),
        *(Completion, Failure, SampleKey, Scored, TokenLogprob),
    )
}
_LARGEST = 2**30


class _Answers(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        kind = _ANSWERS.get((module, name))
        if kind is None:
            raise StrangeAnswerError(f"{module}.{name} is in no answer of the engine's")
        return kind


def body_size(header: bytes) -> int:
    """Return how many bytes an answer has, from what stands before it.

    Raises:
        StrangeAnswerError: More than any has.
    """
    size = int(HEADER.unpack(header)[0])
    if size > _LARGEST:
        raise StrangeAnswerError(f"an answer of {size} bytes is none of the engine's")
    return size


def unpack(data: bytes) -> Any:
    """Return the answer whose body this is.

    Raises:
        StrangeAnswerError: It is none.
    """
    try:
        answer = _Answers(io.BytesIO(data)).load()
    except StrangeAnswerError:
        raise
    except Exception as e:  # whatever a stream of bytes that is no pickle comes to
        raise StrangeAnswerError(one_line(repr(e))) from e
    if not isinstance(answer, (Loaded, Refused, Step, Scores, Embedded, Spelled, NextRows, Done)):
        raise StrangeAnswerError(f"a {type(answer).__name__} is no answer of the engine's")
    return answer


def read(file: BinaryIO) -> Any:
    """Read one order, in the engine's process.

    Raises:
        EOFError: The other end is gone.
    """
    head = file.read(HEADER.size)
    if len(head) < HEADER.size:
        raise EOFError
    data = file.read(HEADER.unpack(head)[0])
    return pickle.loads(data)  # noqa: S301 - written by tempkit's own process, whose part this one is
