"""Draws of the bundled model at known temperatures, many from one evaluation: for the probe's estimate of the temperature at work."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tempkit.backends import load_backend
from tempkit.planning import parse_model
from tempkit.probing.questions import OPEN
from tempkit.probing.rows import Rows
from tempkit.softmax import effective_temperature
from tempkit.types import Completion, Outcome, Sample, SamplingParams, Sweep

__all__ = ["MODEL", "drawn_from", "z_scores"]

MODEL = "gguf:smollm2"
LISTED = 1000
SPARE = 16
"""Drawn in place of answers that end before their first token, which at a high temperature happens once in some ten thousand."""


async def _drawn(temperatures: Sequence[float], draws: int, model: str) -> list[Outcome]:
    """Draw the first token of every answer: all of a prompt's come from one evaluation of it."""
    spec = parse_model(model)
    backend = load_backend(spec.backend)(concurrency=1)
    try:
        await backend.prepare(spec)
        sweeps = []
        for number, item in enumerate(OPEN):
            for logprobs, count in ((LISTED, 1), (1, draws + SPARE)):
                samples = tuple(
                    Sample(t, replicate, 7919 * (number + 1) + 104729 * i + 15485863 * replicate + logprobs)
                    for i, t in enumerate(temperatures)
                    for replicate in range(count)
                )
                keyed = replace(item, key=f"{item.key}#{logprobs}")
                sampling = SamplingParams(max_tokens=1, logprobs=logprobs)
                sweeps.append(Sweep(item=keyed, model=spec, sampling=sampling, samples=samples))
        return [outcome async for outcome in backend.run(sweeps, lambda *_: None)]
    finally:
        await backend.close()


def drawn_from(
    temperatures: Sequence[float], draws: int, model: str = MODEL
) -> tuple[NDArray[np.float64], dict[float, NDArray[np.float64]]]:
    """Return each prompt's most probable tokens' logprobs, shape (prompts, 1000), and by temperature those of drawn tokens, shape (prompts, draws)."""
    top: dict[str, list[float]] = {}
    drawn: dict[tuple[float, str], list[float]] = {}
    for outcome in asyncio.run(_drawn(temperatures, draws, model)):
        assert isinstance(outcome, Completion), outcome
        name, logprobs = outcome.key.item.split("#")
        if not outcome.tokens:
            continue
        token = outcome.tokens[0]
        if logprobs == str(LISTED):
            top[name] = [value for _, value in token.top]
        else:
            assert token.logprob is not None
            drawn.setdefault((outcome.key.temperature, name), []).append(token.logprob)
    lists = np.array([top[item.key] for item in OPEN])
    return lists, {t: np.array([drawn[t, item.key][:draws] for item in OPEN]) for t in temperatures}


def z_scores(
    lists: NDArray[np.float64], drawn: NDArray[np.float64], temperature: float, each: int
) -> list[float]:
    """Return (estimate - temperature) / standard error for probes that draw `each` tokens from every prompt."""
    found = []
    for start in range(0, drawn.shape[1] - each + 1, each):
        values = drawn[:, start : start + each].ravel()
        top = np.repeat(lists, each, axis=0)
        rows = Rows(top, np.where(values >= top[:, -1] - 1e-9, values, -np.inf))
        estimate = effective_temperature(rows.top[rows.listed], rows.drawn[rows.listed])
        assert estimate is not None
        found.append((estimate.value - temperature) / estimate.se)
    return found
