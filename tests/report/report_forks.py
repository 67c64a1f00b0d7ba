"""A run whose samples are really drawn, from a model small enough to read: what it would say next depends on the last token only.

Prefixes that samples share therefore have the same distribution, as with a language model, and the tree's probabilities
and entropies can be checked against the table.
"""

import math
import random
from collections.abc import Callable, Sequence

from report_sample import Run, completion, run_facts

from tempkit.types import (
    Completion,
    Item,
    LogprobKind,
    Message,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)

TEMPERATURES = (0.0, 0.4, 0.8, 1.2, 1.6)
END = ""

NEXT: dict[str, dict[str, float]] = {
    "": {"HTTPS": 0.9, "The": 0.08, "Port": 0.02},
    "HTTPS": {" uses": 1.0},
    " uses": {" TCP": 0.55, " port": 0.4, " 443": 0.03, " the": 0.02},
    " TCP": {" port": 0.995, " 443": 0.005},
    " port": {" 443": 0.97, " 80": 0.02, " number": 0.01},
    " 443": {" by": 0.6, ".": 0.37, " and": 0.03},
    " 80": {".": 0.7, " by": 0.2, " and": 0.1},
    " number": {" 443": 1.0},
    " by": {" default": 1.0},
    " default": {".": 0.97, " port": 0.03},
    " and": {" the": 0.6, " port": 0.4},
    " the": {" port": 0.6, " default": 0.35, " 🦜": 0.05},
    " 🦜": {" the": 0.3, " and": 0.3, " by": 0.2, ".": 0.2},
    "The": {" default": 0.7, " port": 0.3},
    "Port": {" 443": 0.9, " 80": 0.1},
    ".": {END: 0.98, "\n": 0.02},
    "\n": {"The": 0.6, "HTTPS": 0.4},
}
MOST = 14
"""Tokens at most."""


def entropy(last: str) -> float:
    return -sum(p * math.log(p) for p in NEXT[last].values() if p > 0)


def draw(temperature: float, rng: random.Random) -> tuple[list[TokenLogprob], bool]:
    """Return the tokens of one answer and whether it was cut off."""
    tokens: list[TokenLogprob] = []
    last = ""
    while len(tokens) < MOST:
        chances = NEXT[last]
        weights = [
            p ** (1 / temperature) if temperature else float(p == max(chances.values()))
            for p in chances.values()
        ]
        last = rng.choices(list(chances), weights)[0]
        if last == END:
            return tokens, False
        ranked = sorted(chances.items(), key=lambda pair: -pair[1])
        tokens.append(
            TokenLogprob(
                last,
                math.log(chances[last]),
                -sum(p * math.log(p) for p in chances.values()),
                [text for text, _p in ranked].index(last),
                tuple((text, math.log(p)) for text, p in ranked),
            )
        )
    return tokens, True


def run_of(
    samples: Sequence[tuple[float, Sequence[TokenLogprob], bool]],
    kind: LogprobKind = "raw",
    item: Item | None = None,
    texts: Callable[[Sequence[TokenLogprob]], str] = lambda tokens: "".join(token.text for token in tokens),
) -> Run:
    """Return a run of one item with these samples: temperature, tokens, and whether they were cut off."""
    item = item or Item(
        key="ports/https", prompt="ports", messages=(Message("user", "Which port does HTTPS use?"),)
    )
    temperatures = tuple(sorted({t for t, _tokens, _cut in samples}))
    counts = dict.fromkeys(temperatures, 0)
    completions: list[Completion] = []
    for temperature, tokens, cut in samples:
        completions.append(
            completion(
                SampleKey(item.key, "x", temperature, counts[temperature]),
                texts(tokens),
                tokens=tuple(tokens),
                finish="length" if cut else "stop",
                kind=kind,
            )
        )
        counts[temperature] += 1
    plan = Plan(
        name="forks",
        prompts=(Prompt(name="ports", items=(item,)),),
        models=(ModelSpec(backend="scripted", name="x", label="x"),),
        temperatures=temperatures,
        repeat=max(counts.values()),
        seed=1,
        sampling={"ports": SamplingParams()},
    )
    return Run(run_facts(plan.sample_count), plan, {}, tuple(completions), ())


def forks_run(repeat: int = 6) -> Run:
    """Return a run of one item with `repeat` samples at each of five temperatures."""
    samples = []
    for temperature in TEMPERATURES:
        rng = random.Random(f"forks {temperature}")
        samples += [(temperature, *draw(temperature, rng)) for _ in range(repeat)]
    return run_of(samples)
