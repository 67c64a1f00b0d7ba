"""While a model is probed: nothing that is known of it counts, and what tempkit puts right in its answers is noted.

A probe goes through the same adapters as a run, so it sees what a run would see. But it must ask what the table says is refused, and it
has to tell of things that no run ever sees, because they are put right where answers are read: alternatives in another order,
markers in the place of logprobs, thoughts within the answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["AskedAnew", "asked_anew", "being_asked_anew"]


@dataclass(slots=True)
class AskedAnew:
    """One probe: what adapters are to take for known of the model, and what they put right."""

    choices: int = 1
    """The most answers to one request."""
    most_logprobs: int | None = None
    """The most alternatives per token that are asked for; None: as many as a sweep wants; 0: none."""
    listed: int = 0
    """Tokens that came with alternatives."""
    unsorted: int = 0
    """Those of them whose alternatives were not listed from the most probable one down."""
    markers: int = 0
    """Tokens that had a number in the place of a logprob which no probability has, such as -9999."""
    thoughts_in_text: int = 0
    """Answers that had thoughts in their text; likewise among their logprobs alone."""
    thoughts_in_logprobs: int = 0


_current: ContextVar[AskedAnew | None] = ContextVar("asked_anew", default=None)


def being_asked_anew() -> AskedAnew | None:
    """Return the probe that this task is part of; None: of none."""
    return _current.get()


@contextmanager
def asked_anew(probe: AskedAnew) -> Iterator[AskedAnew]:
    """Let backends that are used in this block, and in the tasks that it begins, ask as if nothing were known of their models."""
    token = _current.set(probe)
    try:
        yield probe
    finally:
        _current.reset(token)
