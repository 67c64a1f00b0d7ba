"""One sample on its way through the decoder, and what it becomes at the end."""

import time
from dataclasses import dataclass, field

import numpy as np

from tempkit.types import Completion, Failure, FailureKind, FinishReason, Sample, Sweep, TokenLogprob

__all__ = ["Stream", "failure"]


@dataclass(slots=True, eq=False)
class Stream:
    """A sample being drawn."""

    sweep: Sweep
    sample: Sample
    n_prompt: int
    """Tokens of the prompt."""
    n_ctx: int
    """The most tokens that prompt and answer may have together."""
    uniforms: np.random.Generator = field(init=False)
    """One number per position; Philox is counter-based, so its n-th number depends on the seed and n alone."""
    started: float = field(default_factory=time.perf_counter)
    generated: int = 0
    tokens: list[TokenLogprob] = field(default_factory=list)
    """Stays empty when no logprobs are wanted."""
    data: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.uniforms = np.random.Generator(np.random.Philox(key=self.sample.seed))

    def next_uniform(self) -> float:
        """Return the number in [0, 1) that decides the next token."""
        return float(self.uniforms.random())

    def add(self, piece: bytes, token: TokenLogprob) -> FinishReason | None:
        """Take one more token; return why the sample ends with it, None when it goes on.

        Args:
            piece: The token's bytes.
            token: What to record of it, when logprobs are wanted.
        """
        self.data += piece
        self.generated += 1
        sampling = self.sweep.sampling
        if sampling.logprobs:
            self.tokens.append(token)
        if sampling.stop:
            text = self.data.decode("utf-8", "ignore")
            ends = [at for at in (text.find(stop) for stop in sampling.stop) if at >= 0]
            if ends:
                self.data = bytearray(text[: min(ends)].encode())
                while self.tokens and sum(len(t.text) for t in self.tokens[:-1]) >= min(ends):
                    self.tokens.pop()
                return "stop"
        if self.generated >= sampling.max_tokens or self.n_prompt + self.generated >= self.n_ctx:
            return "length"
        return None

    def completion(self, reason: FinishReason, *, truncate_first: bool) -> Completion:
        """Return the finished sample.

        Args:
            reason: Why it ended.
            truncate_first: Truncation came before the temperature.
        """
        sampling, sample = self.sweep.sampling, self.sample
        return Completion(
            key=self.sweep.key(sample),
            seed=sample.seed,
            text=self.data.decode("utf-8", "replace"),
            finish_reason=reason,
            temperature_sent=sample.temperature,
            params={
                "temperature": sample.temperature,
                "seed": sample.seed,
                "max_tokens": sampling.max_tokens,
                "top_k": sampling.top_k,
                "top_p": sampling.top_p,
                "min_p": sampling.min_p,
                "frequency_penalty": 0.0,
                "presence_penalty": 0.0,
                "stop": list(sampling.stop),
                **({"truncate_first": True} if truncate_first else {}),
            },
            tokens=tuple(self.tokens),
            logprob_kind="raw" if sampling.logprobs else "none",
            input_tokens=self.n_prompt,
            output_tokens=self.generated,
            latency_s=time.perf_counter() - self.started,
            cost_usd=0.0,
        )


def failure(sweep: Sweep, sample: Sample, kind: FailureKind, message: str) -> Failure:
    """Return a sample that could not be drawn."""
    return Failure(
        key=sweep.key(sample),
        kind=kind,
        message=message,
        seed=sample.seed,
        temperature_sent=sample.temperature,
    )
