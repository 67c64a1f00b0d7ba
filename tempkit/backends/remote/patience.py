"""One policy for trying again: what, how long, and when a whole model is given up.

The SDKs' own retries are off: they count nothing, and hide from the limiter that a server is under strain. Times are
monotonic, so that a change of the clock changes nothing.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tempkit.backends.remote.exchange import RequestError
from tempkit.types import FailureKind

__all__ = ["PASSING", "Health", "Policy"]

PASSING: frozenset[FailureKind] = frozenset({"connection", "timeout", "rate_limit", "server", "bad_answer"})
"""What may be otherwise the next time."""

_DOWN_AFTER = 12
"""Failed requests in a row, beyond those under way at once, that make an outage of what may be chance."""

_REFUSALS = 25
"""Refused requests, before there was any answer, that make further ones useless."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a sample is tried."""

    attempts: int = 8
    first_delay_s: float = 0.5
    """Before the second attempt; doubled before each further one, and varied so that requests do not come in step."""
    longest_delay_s: float = 30.0
    longest_wait_s: float = 300.0
    """A server that asks for a longer wait than this is given up."""
    patience_s: float = 300.0
    """How long a server may answer nothing but errors before its remaining samples are given up."""

    def delay(self, error: RequestError) -> float | None:
        """Return how long to wait before trying again what has been tried `error.attempts` times; None: do not."""
        if error.kind not in PASSING or error.gives_up or error.attempts >= self.attempts:
            return None
        # Not beyond the largest exponent that a float has: attempts are the user's to choose.
        own = min(self.first_delay_s * 2.0 ** min(error.attempts - 1, 60), self.longest_delay_s)
        return max(error.retry_after_s or 0.0, own * random.uniform(0.5, 1.5))  # noqa: S311  (no secret)


class Health:
    """Whether one model answers at all, and whether to go on asking."""

    def __init__(self, policy: Policy, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy, self._clock = policy, clock
        self._failed_in_a_row = 0
        self._failing_since = 0.0
        self._ever_answered = False
        self._refused = 0
        self.given_up: RequestError | None = None
        """Why nothing more is sent; None while it is."""

    def answered(self) -> None:
        """Note an answer."""
        self._failed_in_a_row = 0
        self._ever_answered = True

    def failed(self, error: RequestError, under_way: int) -> float:
        """Note a failed request; return for how long to begin nothing else, 0 unless the server seems to be down."""
        if error.gives_up:
            self.given_up = self.given_up or error
            return 0.0
        if error.kind not in PASSING:
            self._failed_in_a_row = 0  # a refusal is an answer
            self._refused += error.kind == "rejected"
            if self._refused >= _REFUSALS and not self._ever_answered and self.given_up is None:
                self.given_up = RequestError(
                    error.kind,
                    f"the first {self._refused} requests were all refused; the last: {error.message}",
                )
            return 0.0
        now = self._clock()
        if not self._failed_in_a_row:
            self._failing_since = now
        self._failed_in_a_row += 1
        beyond = self._failed_in_a_row - _DOWN_AFTER - under_way
        if beyond <= 0:
            return 0.0
        if now - self._failing_since > self._policy.patience_s and self.given_up is None:
            self.given_up = RequestError(
                error.kind,
                f"the last {self._failed_in_a_row} requests failed, over {now - self._failing_since:.0f} s; the last: {error.message}",
            )
        return min(self._policy.first_delay_s * 2.0 ** min(beyond - 1, 60), self._policy.longest_delay_s)
