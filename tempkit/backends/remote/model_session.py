"""What is known of one model while a run goes on, and what follows from how its requests end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tempkit.backends.asking_anew import being_asked_anew
from tempkit.backends.remote.adapter_types import Answer, Choice, RequestError
from tempkit.backends.remote.alignment import within
from tempkit.backends.remote.failure_scope import Place
from tempkit.backends.remote.fleet import Address, Fleet
from tempkit.backends.remote.limiter import Limiter, Ticket
from tempkit.backends.remote.retry_policy import PASSING, Health, Policy
from tempkit.text import without_thinking
from tempkit.types import (
    Capabilities,
    Completion,
    Failure,
    ModelSpec,
    Sample,
    SampleKey,
    SamplingParams,
    Sweep,
)

__all__ = ["ModelSession", "Share", "completion", "failure", "unsent"]

TIMEOUT_S = 180

_CHARACTERS_PER_TOKEN = 2.5
"""In text that tokenizers know little of, so that rather too much is expected."""


_ELSEWHERE = PASSING | {"context_length"}
"""What another address may answer: one may have less room for a prompt than another."""

EARLIER_MAX_OUTAGE = "patience_s"
"""What `max_outage_s` was called once: runs that were stored with it go on."""


class ModelSession:
    """Limits, health and price of one model."""

    def __init__(self, can: Capabilities, model: ModelSpec, concurrency: int) -> None:
        self.logprob_kind, self.max_logprobs = can.logprob_kind, can.max_logprobs
        self._unsent = can.unsent
        self._price = can.price
        self.seeds = can.seed and model.options.get("seeds", True)
        self.choices = 1 if self.seeds else max(1, can.max_choices)
        self.policy = Policy(
            attempts=model.options.get("attempts", Policy().attempts),
            max_outage_s=float(
                model.options.get(
                    "max_outage_s", model.options.get(EARLIER_MAX_OUTAGE, Policy().max_outage_s)
                )
            ),
        )
        self.health = Health(self.policy)
        self.fleet = Fleet(
            model,
            lambda: Limiter(
                concurrency,
                per_minute=model.options.get("requests_per_minute"),
                tokens_per_minute=model.options.get("tokens_per_minute"),
            ),
        )
        self.timeout_s = model.options.get("timeout_s", TIMEOUT_S)

    @property
    def limiter(self) -> Limiter:
        """That of the model's only address, or of the first of several."""
        return self.fleet.addresses[0].limiter

    def sent(self, params: dict[str, Any]) -> dict[str, Any]:
        """Leave out what the model refuses whatever its value; a plan that sets it was refused before."""
        return {name: value for name, value in params.items() if name not in self._unsent}

    def temperature_sent(self, temperature: float) -> float | None:
        return None if "temperature" in self._unsent else temperature

    def cost_usd(self, answer: Answer, share: "Share") -> float | None:
        """Return what one of an answer's texts cost; None when price or usage is not known."""
        if self._price is None or answer.input_tokens is None or answer.output_tokens is None:
            return None
        return self._price.of(answer.input_tokens, answer.output_tokens) * share.price / share.of

    def fitted(self, sampling: SamplingParams) -> SamplingParams:
        """Ask for no more logprobs than the model gives; where their number matters, the plan was refused before."""
        if self.max_logprobs is None or sampling.logprobs <= self.max_logprobs:
            return sampling
        return replace(sampling, logprobs=self.max_logprobs)

    @staticmethod
    def expected_tokens(sweep: Sweep, choices: int) -> float:
        """Return what a request may come to, as providers count it: every answer as long as it may be."""
        characters = sum(len(message.content) for message in sweep.item.messages)
        return characters / _CHARACTERS_PER_TOKEN + sweep.sampling.max_tokens * choices

    def answered(self, answer: Answer, expected_tokens: float, place: Place, at: Address) -> None:
        """Note an answer, and wait where it says that nothing is left, rather than be refused."""
        limiter = at.limiter
        self.health.answered(place)
        if answer.input_tokens is not None and answer.output_tokens is not None:
            limiter.used(expected_tokens, answer.input_tokens + answer.output_tokens)
        quota = answer.quota
        if quota.requests is not None and quota.requests < 1:
            limiter.hold(min(quota.requests_reset_s or 0.0, self.policy.longest_wait_s))
        used = (answer.input_tokens or 0) + (answer.output_tokens or 0)
        if quota.tokens is not None and quota.tokens < used:
            limiter.hold(min(quota.tokens_reset_s or 0.0, self.policy.longest_wait_s))
        self.fleet.clean(at)

    def failed(
        self,
        error: RequestError,
        ticket: Ticket,
        place: Place | None = None,
        at: Address | None = None,
        *,
        elsewhere: bool = False,
    ) -> float | None:
        """Draw the conclusions; return how long to wait before trying again, None to give up.

        Args:
            error: What came.
            ticket: The leave that its request had.
            place: Which request it was.
            at: Where it was asked; None: at the only address.
            elsewhere: Whether it may be asked at another address, which is done at once where that may help.
        """
        at = at or self.fleet.addresses[0]
        if error.overload:
            waits = error.retry_after_s or 0.0
            at.limiter.refused(ticket)
            at.limiter.hold(waits if waits <= self.policy.longest_wait_s else 0.0)
        if len(self.fleet.addresses) > 1:
            if error.gives_up or error.kind in PASSING:
                self.fleet.failed(at, error)
            if elsewhere and (error.gives_up or error.kind in _ELSEWHERE):
                return 0.0
            if error.gives_up and not self.fleet.is_given_up:
                return None
        pause = self.health.failed(error, self.fleet.under_way, place)
        if pause:
            at.limiter.refused(ticket)
            at.limiter.hold(pause)
        if self.health.given_up:
            self.fleet.open()
            return None
        return self.policy.delay(error)


@dataclass(frozen=True, slots=True)
class Share:
    """One answer to the request for some samples."""

    params: Mapping[str, Any]
    answer: Answer
    of: int = 1
    """Choices that were wanted and came."""
    latency_s: float | None = None
    attempts: int = 1
    price: float = 1.0
    """What it cost, as a share of the model's price."""
    batch: str | None = None
    without_temperature: bool = False
    address: str | None = None
    """Which of several addresses gave it."""


def completion(
    session: ModelSession, share: Share, key: SampleKey, seed: int | None, choice: Choice
) -> Completion:
    """Record one of an answer's texts."""
    answer = share.answer
    output = answer.output_tokens
    if share.of > 1:  # only their sum is told
        output = len(choice.tokens) + (choice.thinking_tokens or 0) or None
    made = Completion(
        key=key,
        seed=seed,
        text=choice.text,
        finish_reason=choice.finish_reason,
        temperature_sent=None if share.without_temperature else session.temperature_sent(key.temperature),
        params=share.params,
        tokens=choice.tokens,
        logprob_kind=session.logprob_kind if choice.tokens else "none",
        input_tokens=answer.input_tokens,
        output_tokens=output,
        latency_s=share.latency_s,
        response_model=answer.response_model,
        fingerprint=answer.fingerprint,
        cost_usd=session.cost_usd(answer, share),
        attempts=share.attempts,
        batch=share.batch,
        thinking=choice.thinking,
        thinking_tokens=choice.thinking_tokens,
        response_id=answer.response_id,
        cache_read_tokens=answer.cache_read_tokens,
        cache_write_tokens=answer.cache_write_tokens,
        unmatched=choice.unmatched,
        address=share.address,
    )
    split = without_thinking(made)
    if split is made:
        return made
    if (anew := being_asked_anew()) is not None:
        anew.thoughts_in_text += 1
    lost = bool(made.tokens and split.text and not split.tokens)
    return replace(
        split,
        tokens=within(split.tokens, split.text),
        unmatched=bool(split.text) and (made.unmatched or lost),
    )


def failure(session: ModelSession, sweep: Sweep, sample: Sample, error: RequestError) -> Failure:
    return Failure(
        key=sweep.key(sample),
        kind=error.kind,
        message=error.message,
        attempts=error.attempts,
        seed=sample.seed,
        temperature_sent=None if sweep.without_temperature else session.temperature_sent(sample.temperature),
    )


def unsent(session: ModelSession, sweep: Sweep, sample: Sample, why: RequestError, attempts: int) -> Failure:
    """Record a sample whose model, item or temperature was given up: not sent, or not sent again."""
    again = "not sent again" if attempts else "not sent"
    return Failure(
        key=sweep.key(sample),
        kind=why.kind,
        message=f"{again}, {why.message}",
        attempts=attempts,
        seed=sample.seed,
        temperature_sent=session.temperature_sent(sample.temperature)
        if attempts and not sweep.without_temperature
        else None,
    )
