"""One sample on its way through the decoder, and what it becomes at the end."""

import time
from dataclasses import dataclass, field

import numpy as np

from tempkit.text import stop_at, without_thinking
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
    begun: str = ""
    """The mark at the prompt's end that thoughts begin with, where a chat template writes one."""
    uniforms: np.random.Generator = field(init=False)
    """One number per position; Philox is counter-based, so its n-th number depends on the seed and n alone."""
    started: float = field(default_factory=time.perf_counter)
    generated: int = 0
    tokens: list[TokenLogprob] = field(default_factory=list)
    """Stays empty when no logprobs are wanted."""
    data: bytearray = field(default_factory=bytearray)
    """What the tokens spell; their bytes need not be characters one by one, nor all of them together."""
    ends: list[int] = field(default_factory=list)
    """Where in `data` each of `tokens` ends."""
    stops: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.stops = tuple(stop.encode("utf-8", "surrogatepass") for stop in self.sweep.sampling.stop)
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
        before = len(self.data)
        self.data += piece
        self.generated += 1
        sampling = self.sweep.sampling
        if sampling.logprobs:
            self.tokens.append(token)
            self.ends.append(len(self.data))
        if (end := stop_at(self.data, self.stops, before)) is not None:
            self._cut(end)
            return "stop"
        if self.generated >= sampling.max_tokens or self.n_prompt + self.generated >= self.n_ctx:
            return "length"
        return None

    def _cut(self, end: int) -> None:
        """Drop what is not before a byte, with the tokens that do not begin before it."""
        del self.data[end:]
        inside = next((i for i, at in enumerate(self.ends) if at > end), len(self.ends))
        kept = inside + bool(self.tokens and (self.ends[inside - 1] if inside else 0) < end)
        del self.tokens[kept:], self.ends[kept:]

    def completion(self, reason: FinishReason, *, truncate_first: bool) -> Completion:
        """Return the finished sample.

        Args:
            reason: Why it ended.
            truncate_first: Truncation came before the temperature.
        """
        sampling, sample = self.sweep.sampling, self.sample
        made = Completion(
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
        return without_thinking(made, begun=self.begun)


def failure(sweep: Sweep, sample: Sample, kind: FailureKind, message: str) -> Failure:
    """Return a sample that could not be drawn."""
    return Failure(
        key=sweep.key(sample),
        kind=kind,
        message=message,
        seed=sample.seed,
        temperature_sent=sample.temperature,
    )
