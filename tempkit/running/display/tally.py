"""The counts behind every display of a run, and how long it will still take.

The time left is estimated from tokens, not samples: at a low temperature answers end early and alike, at a high one they
run to the limit, so counting samples would promise an early end and then break the promise.
"""

import math
import time
from collections.abc import Collection
from dataclasses import dataclass

from tempkit.types import Completion, Outcome, Plan, SampleKey

__all__ = ["Tally", "duration", "money"]


@dataclass(slots=True)
class _Cell:
    """Counts of one model at one temperature; `earlier` were there before this process began."""

    planned: int = 0
    earlier: int = 0
    completed: int = 0
    failed: int = 0
    tokens: int = 0
    finished_tokens: int = 0
    ended: int = 0
    """Completions that ended before the limit."""

    @property
    def done(self) -> int:
        return self.earlier + self.completed + self.failed


class Tally:
    """The counts behind both displays."""

    def __init__(self, plan: Plan, done: Collection[SampleKey]) -> None:
        self.cells = {
            (model.label, t): _Cell(sum(row[t] for row in rows))
            for model in plan.models
            for rows in [plan.repeats(model.label).values()]
            for t in plan.temperatures
        }
        for key in done:
            self.cells[key.model, key.temperature].earlier += 1
        self._limit = max(s.max_tokens for s in plan.sampling.values())
        self.cost_usd = 0.0
        """Of this call's completions, as far as their price is known."""
        self.started = time.monotonic()
        self.planned = sum(cell.planned for cell in self.cells.values())

    def add(self, outcome: Outcome) -> None:
        cell = self.cells[outcome.key.model, outcome.key.temperature]
        if isinstance(outcome, Completion):
            cell.completed += 1
            cell.finished_tokens += outcome.output_tokens or len(outcome.tokens)
            cell.ended += outcome.finish_reason != "length"
            self.cost_usd += outcome.cost_usd or 0.0
        else:
            cell.failed += 1

    @property
    def done(self) -> int:
        return sum(cell.done for cell in self.cells.values())

    @property
    def failed(self) -> int:
        return sum(cell.failed for cell in self.cells.values())

    @property
    def tokens_per_s(self) -> float:
        return sum(cell.tokens for cell in self.cells.values()) / max(time.monotonic() - self.started, 1e-9)

    def seconds_left(self) -> float | None:
        """Estimate from tokens still to come; None until there is something to go by.

        Short answers end first, so the mean of those that have ended says too little of those under way. For these: a
        constant chance per token that an answer ends, estimated from all tokens so far (the censored exponential's
        maximum likelihood, drawn towards that of the whole run by one answer's weight), up to the limit of its length. But
        prompts differ, and those that go on are the long ones: what has gone on for long will go on as long again.
        """
        cells = self.cells.values()
        completed = sum(cell.completed for cell in cells)
        if not completed or not self.tokens_per_s:
            return None
        usual = sum(cell.finished_tokens for cell in cells) / completed
        ended, tokens = sum(cell.ended for cell in cells), sum(cell.tokens for cell in cells)
        to_come = 0.0
        for cell in cells:
            left = cell.planned - cell.done
            if not left:
                continue
            mean = cell.finished_tokens / cell.completed if cell.completed else usual
            so_far = min(max(0, cell.tokens - cell.finished_tokens) / left, self._limit)
            rest = self._limit - so_far
            if ended:
                rate = (cell.ended + 1) / (cell.tokens + tokens / ended)
                rest = min(rest, max(-math.expm1(-rate * rest) / rate, so_far))
            to_come += left * max(min(mean, self._limit) - so_far, rest)
        return to_come / self.tokens_per_s


def duration(seconds: float) -> str:
    """Write a duration as a person says it: 45 s, 3 min 05 s, 2 h 10 min."""
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60:02d} s"
    return f"{total // 3600} h {total % 3600 // 60:02d} min"


def money(usd: float, before: str = "") -> str:
    """Write a cost, to the cent or to two figures below that; nothing for nothing."""
    if not usd:
        return ""
    return f"{before}${usd:.2f}" if usd >= 1 else f"{before}${usd:.2g}"
