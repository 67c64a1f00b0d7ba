"""Show how far a run is: a live table on a terminal, a plain line now and then on a pipe."""

import os
import sys
import time
from collections.abc import Callable, Collection
from typing import Protocol, TextIO

from tempkit.running.display.tally import Tally, duration, money
from tempkit.types import Outcome, Plan, SampleKey

__all__ = [
    "Progress",
    "make_progress",
]

_PLAIN_EVERY_S = 10.0


class Progress(Protocol):
    """What the runner tells while it works."""

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None: ...
    def tokens(self, model: str, temperature: float, count: int) -> None: ...
    def outcome(self, outcome: Outcome) -> None: ...
    def batch(self, tag: str, how: str) -> None: ...
    def note(self, text: str) -> None: ...
    def end(self) -> None: ...


class PlainProgress:
    """One line at the start, every ten seconds, and at the end: for pipes, logs and CI."""

    def __init__(self, out: TextIO) -> None:
        self._out: TextIO | None = out
        self._tally: Tally | None = None
        self._last = 0.0
        self._batches: dict[str, str] = {}
        """By tag, what was said last, so that a day's waiting does not fill the log."""

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None:
        self._tally = Tally(plan, done)
        self._last = time.monotonic()
        already = f", {self._tally.done} there already" if done else ""
        self._line(f"{self._tally.planned} samples planned{already}")

    def tokens(self, model: str, temperature: float, count: int) -> None:
        if self._tally:
            self._tally.cells[model, temperature].tokens += count
            if time.monotonic() - self._last >= _PLAIN_EVERY_S:
                self._last = time.monotonic()
                left = self._tally.seconds_left()
                eta = f", about {duration(left)} left" if left is not None else ""
                self._line(f"{self._counts()}, {self._tally.tokens_per_s:.0f} tokens/s{eta}")

    def outcome(self, outcome: Outcome) -> None:
        if self._tally:
            self._tally.add(outcome)

    def batch(self, tag: str, how: str) -> None:
        if self._batches.get(tag) != how:
            self._batches[tag] = how
            self._line(how)

    def note(self, text: str) -> None:
        self._line(text)

    def end(self) -> None:
        if self._tally:
            took = duration(time.monotonic() - self._tally.started)
            self._line(f"{self._counts()} in {took}, {self._tally.tokens_per_s:.0f} tokens/s")

    def _counts(self) -> str:
        assert self._tally is not None  # noqa: S101  (narrowing: begin came first)
        failed = f", {self._tally.failed} failed" if self._tally.failed else ""
        return f"{self._tally.done}/{self._tally.planned} samples{failed}{money(self._tally.cost_usd, ', ')}"

    def _line(self, text: str) -> None:
        if self._out is not None:
            try:
                print(text, file=self._out, flush=True)
            except (OSError, ValueError):  # whoever read it has gone, or closed it; the run goes on
                self._out = None


class SilentProgress:
    """For callers that show their own: it passes on what is noted, and no more."""

    def __init__(self, on_note: Callable[[str], None] = lambda _: None) -> None:
        self._on_note = on_note

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None: ...
    def tokens(self, model: str, temperature: float, count: int) -> None: ...
    def outcome(self, outcome: Outcome) -> None: ...
    def batch(self, tag: str, how: str) -> None: ...
    def note(self, text: str) -> None:
        self._on_note(text)

    def end(self) -> None: ...


def make_progress(out: TextIO | None = None) -> Progress:
    """Choose the display for a stream (stderr by default): live on a terminal that can redraw lines, plain lines elsewhere."""
    out = out or sys.stderr
    if out is None:  # closed from the start
        return SilentProgress()
    if not out.isatty() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return PlainProgress(out)
    from tempkit.running.display.live import LiveProgress

    return LiveProgress(out)
