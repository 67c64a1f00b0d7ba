"""What the engine's process and tempkit's own say to each other: pickled dataclasses, each after its length.

Both ends are this package; nothing that a model, a server or a file says decides what is unpickled.
"""

import pickle
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from tempkit.backends.gguf.settings import Settings
from tempkit.types import ModelSpec, Outcome, Passage, SampleKey, Scored, Sweep

__all__ = [
    "HEADER",
    "Done",
    "Embed",
    "Embedded",
    "EngineStats",
    "Load",
    "Loaded",
    "Refused",
    "Run",
    "Score",
    "Scores",
    "Step",
    "pack",
    "read",
    "unpack",
]

HEADER = struct.Struct("<Q")
"""The length of what follows, in bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """Load this model; answered with `Loaded` or `Refused`."""

    model: ModelSpec
    path: str
    settings: Settings


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


def unpack(data: bytes) -> Any:
    """Return the message whose body this is."""
    return pickle.loads(data)  # noqa: S301 - written by this package's own process


def read(file: BinaryIO) -> Any:
    """Read one message.

    Raises:
        EOFError: The other end is gone.
    """
    head = file.read(HEADER.size)
    if len(head) < HEADER.size:
        raise EOFError
    data = file.read(HEADER.unpack(head)[0])
    return unpack(data)
