"""One policy for trying again: what, how long, and when a whole model is given up.

The SDKs' own retries are off: they count nothing, and hide from the limiter that a server is under strain. Times are
monotonic, so that a change of the clock changes nothing.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.failure_scope import Evidence, Place
from tempkit.types import FailureKind

__all__ = ["PASSING", "Health", "Policy"]

PASSING: frozenset[FailureKind] = frozenset({"connection", "timeout", "rate_limit", "server", "bad_answer"})
"""What may be otherwise the next time."""

_DOWN_AFTER = 12
"""Failed requests in a row, beyond those under way at once, that make an outage of what may be chance."""

_LONG_WAITS = 3
"""Requests in a row that the server puts off for longer than is waited, before the model is given up."""

_READINGS = 2
"""Attempts at a sample whose answers cannot be read: one may have been cut by chance, a second shows that the server writes so."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a sample is tried."""

    attempts: int = 8
    first_delay_s: float = 0.5
    """Before the second attempt; doubled before each further one, and varied so that requests do not come in step."""
    longest_delay_s: float = 30.0
    longest_wait_s: float = 300.0
    """A sample that the server wants to wait for longer than this fails."""
    max_outage_s: float = 300.0
    """How long a server may answer nothing but errors before its remaining samples are given up."""

    def delay(self, error: RequestError) -> float | None:
        """Return how long to wait before trying again what has been tried `error.attempts` times; None: do not."""
        if error.kind not in PASSING or error.gives_up or error.attempts >= self.attempts:
            return None
        if error.kind == "bad_answer" and error.unread >= _READINGS:
            return None
        if (error.retry_after_s or 0.0) > self.longest_wait_s:
            return None
        # Not beyond the largest exponent that a float has: attempts are the user's to choose.
        own = min(self.first_delay_s * 2.0 ** min(error.attempts - 1, 60), self.longest_delay_s)
        return max(error.retry_after_s or 0.0, own * random.uniform(0.5, 1.5))  # noqa: S311  (no secret)


class Health:
    """Whether one model answers at all, and whether to go on asking."""

    def __init__(self, policy: Policy, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy, self._clock = policy, clock
        self._evidence = Evidence()
        self._failed_in_a_row = 0
        self._failing_since = 0.0
        self._too_long_in_a_row = 0
        self.given_up: RequestError | None = None
        """Why nothing more is sent; None while it is."""

    def answered(self, place: Place | None = None) -> None:
        """Note an answer."""
        self._failed_in_a_row = self._too_long_in_a_row = 0
        self._evidence.answered(place)

    def refuses(self, place: Place) -> RequestError | None:
        """Return why a request is of no use, for the model, its item or its temperature; None where it may be of some."""
        if self.given_up is not None:
            return self.given_up
        closed = self._evidence.closed
        return closed.get(place.item) or closed.get(place.temperature) if closed else None

    def failed(self, error: RequestError, under_way: int, place: Place | None = None) -> float:
        """Note a failed request; return for how long to begin nothing else, 0 unless the server seems to be down."""
        if error.gives_up or error.kind not in PASSING:
            self._failed_in_a_row = 0  # a refusal is an answer
            reason = self._evidence.refused(error, place)
            if reason is not None:
                self._give_up(reason.kind, reason.message)
            return 0.0
        if (error.retry_after_s or 0.0) > self._policy.longest_wait_s:
            self._too_long_in_a_row += 1
            if self._too_long_in_a_row >= _LONG_WAITS:
                at = f", the last for {place}" if place else ""
                why = f"the last {self._too_long_in_a_row} requests were to wait for {error.retry_after_s:.0f} s{at}"
                self._give_up(error.kind, f"{why}: {error.message}")
            return 0.0
        now = self._clock()
        if not self._failed_in_a_row:
            self._failing_since = now
        self._failed_in_a_row += 1
        beyond = self._failed_in_a_row - _DOWN_AFTER - under_way
        if beyond <= 0:
            return 0.0
        if now - self._failing_since > self._policy.max_outage_s:
            why = f"the last {self._failed_in_a_row} requests failed, over {now - self._failing_since:.0f} s"
            self._give_up(error.kind, f"{why}; the last: {error.message}")
        return min(self._policy.first_delay_s * 2.0 ** min(beyond - 1, 60), self._policy.longest_delay_s)

    def _give_up(self, kind: FailureKind, why: str) -> None:
        if self.given_up is None:
            self.given_up = RequestError(kind, f"the model was given up: {why}", scope="model")
