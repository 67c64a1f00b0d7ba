"""A deterministic backend for tests and documentation: a model of twelve words with known logits.

It samples them honestly (softmax at the temperature, a random stream per seed), so that a run of it has everything a
run of a real model has, in milliseconds and without any package. It proves nothing about models.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable

from tempkit.backends.protocol import TokenListener, check_options, missing_model
from tempkit.errors import UsageError
from tempkit.types import (
    Capabilities,
    Completion,
    Failure,
    ModelInfo,
    ModelSpec,
    Outcome,
    Price,
    Sample,
    Sweep,
    TokenLogprob,
)

__all__ = ["ScriptedBackend"]

_WORDS = (
    "the",
    "answer",
    "is",
    "eight",
    "maybe",
    "a",
    "bright",
    "small",
    "river",
    "of",
    "sleeping",
    "numbers",
)
_END = "<end>"
_OPTIONS = {"fail_every": int, "delay_ms": int}


def _logits(position: int) -> list[float]:
    """Logits of the words and of the end, by position: one clear favourite, the rest falling off."""
    favourite = position % len(_WORDS)
    words = [
        4.0 if i == favourite else 2.0 - 0.25 * ((i - favourite) % len(_WORDS)) for i in range(len(_WORDS))
    ]
    return [*words, -4.0 + 1.5 * position]


class ScriptedBackend:
    """`scripted:words`. Options: `fail_every` (every n-th sample fails), `delay_ms` (pause before each sample)."""

    local = False

    def __init__(self, *, concurrency: int) -> None:
        """Take no part of `concurrency`: samples are made one after another."""
        del concurrency

    def capabilities(self, model: ModelSpec) -> Capabilities:
        options = check_options(model, _OPTIONS)
        for name, value in options.items():
            if value < 0:
                raise UsageError(f"{model.id}: option {name} must not be negative")
        return Capabilities(
            temperature_max=100.0,
            logprob_kind="raw",
            seed=True,
            params=frozenset({"max_tokens", "logprobs"}),
            price=Price(0.0, 0.0),
        )

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        if model.name != "words":
            raise missing_model(model, "no such script; known: words")
        return ModelInfo(details={"engine": "scripted", "vocabulary": len(_WORDS) + 1})

    async def run(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        count = 0
        for sweep in sweeps:
            for sample in sweep.samples:
                count += 1
                await asyncio.sleep(sweep.model.options.get("delay_ms", 0) / 1000)
                every = sweep.model.options.get("fail_every", 0)
                if every and count % every == 0:
                    yield Failure(
                        key=sweep.key(sample),
                        kind="server",
                        message="scripted failure",
                        seed=sample.seed,
                        temperature_sent=sample.temperature,
                    )
                    continue
                completion = _complete(sweep, sample)
                on_tokens(sweep.model.label, sample.temperature, len(completion.tokens))
                yield completion

    def reside(self, processors: int, neighbours: int) -> None:
        """Do nothing: there is no model to be kept, and no work to be shared among processors."""

    async def close(self) -> None: ...


def _complete(sweep: Sweep, sample: Sample) -> Completion:
    import numpy as np

    from tempkit.softmax import entropy, log_softmax, tempered

    stream = random.Random(sample.seed)  # noqa: S311  a simulation, not a secret
    names = (*(f"{word} " for word in _WORDS), _END)
    tokens: list[TokenLogprob] = []
    finish = "length"
    for position in range(sweep.sampling.max_tokens):
        logits = np.array(_logits(position))
        raw = log_softmax(logits)
        u = stream.random()
        if sample.temperature == 0:
            chosen = int(logits.argmax())
        else:
            reach = np.cumsum(tempered(logits, sample.temperature))
            chosen = min(int(np.searchsorted(reach, u, side="right")), len(names) - 1)
        if names[chosen] == _END:
            finish = "stop"
            break
        order = np.argsort(-raw, kind="stable").tolist()
        tokens.append(
            TokenLogprob(
                text=names[chosen],
                logprob=float(raw[chosen]),
                entropy=float(entropy(np.exp(raw))),
                rank=order.index(chosen),
                top=tuple((names[i], float(raw[i])) for i in order[: sweep.sampling.logprobs]),
                token_id=chosen,
                entropy_tempered=float(entropy(tempered(logits, sample.temperature)))
                if sample.temperature > 0
                else 0.0,
            )
        )
    keep = sweep.sampling.logprobs > 0
    return Completion(
        key=sweep.key(sample),
        seed=sample.seed,
        text="".join(token.text for token in tokens),
        finish_reason="stop" if finish == "stop" else "length",
        temperature_sent=sample.temperature,
        params={
            "temperature": sample.temperature,
            "seed": sample.seed,
            "max_tokens": sweep.sampling.max_tokens,
        },
        tokens=tuple(tokens) if keep else (),
        logprob_kind="raw" if keep else "none",
        input_tokens=sum(len(m.content.split()) for m in sweep.item.messages),
        output_tokens=len(tokens),
        latency_s=0.0,
        response_model="scripted-words",
        cost_usd=0.0,
    )
