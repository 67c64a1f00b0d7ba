"""What a person is told of a pool: how many actors are up, at most every second."""

import asyncio

from tempkit.backends import Tell

__all__ = ["Reports"]

_EVERY_S = 1.0


def _nobody(_said: str) -> None:
    """Tell nobody."""


class Reports:
    """Counts that are told once they have stood still for a moment."""

    def __init__(self) -> None:
        self.status: Tell = _nobody
        self.note: Tell = _nobody
        self.actors = self.up = self.died = 0
        self._begun = self._said = False
        self._later: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Begin to tell of counts; before that a model may still be refused, which is said alone."""
        self._begun = True
        self.changed()

    def changed(self) -> None:
        """Tell how many are up: at once when all are, or the first is, else in a moment, when more may be."""
        if not self._begun:
            return
        if self.up == self.actors or (self.up and not self._said):
            self._say()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(_EVERY_S, self._say)

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _say(self) -> None:
        self.close()
        self._said = True
        died = f", {self.died} died" if self.died else ""
        self.status(f"Ray: {self.up} of {self.actors} actors up{died}")
