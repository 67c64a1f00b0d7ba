"""Say what is going to be asked once nothing is in the way of asking it: models that cannot be reached are said alone."""

from collections.abc import Collection, Sequence

from tempkit.api.database import OnNote
from tempkit.running import Progress
from tempkit.types import Outcome, Plan, SampleKey

__all__ = ["Announcing"]


class Announcing:
    """A progress display that says some lines first, when the work begins."""

    def __init__(self, inner: Progress, lines: Sequence[str], say: OnNote) -> None:
        self._inner, self._lines, self._say = inner, list(lines), say

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None:
        for line in self._lines:
            self._say(line)
        self._lines.clear()
        self._inner.begin(plan, done)

    def tokens(self, model: str, temperature: float, count: int) -> None:
        self._inner.tokens(model, temperature, count)

    def outcome(self, outcome: Outcome) -> None:
        self._inner.outcome(outcome)

    def batch(self, tag: str, how: str) -> None:
        self._inner.batch(tag, how)

    def note(self, text: str) -> None:
        self._inner.note(text)

    def end(self) -> None:
        self._inner.end()
