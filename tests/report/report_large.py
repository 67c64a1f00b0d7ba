"""A run of some 500 answers, each unlike any other, as large as the one in the gallery."""

import dataclasses
import math
import random

from report_sample import Run, believable_run, completion

from tempkit.types import TokenLogprob

WORDS = [
    f"{a}{b}{c}"
    for a in ("", " ", " re", " un")
    for b in "bcdfghklmnprstvwz"
    for c in ("a", "en", "ing", "ous", "ity", "o")
]


def tokens(temperature: float, rng: random.Random) -> tuple[TokenLogprob, ...]:
    """Return 90 tokens with 20 alternatives each, all of them drawn anew: no two positions are alike, so they pack badly."""
    made = []
    for _ in range(90):
        left, top = 1.0, []
        for word in rng.sample(WORDS, 20):
            share = left * rng.uniform(0.05, 0.6)
            left -= share
            top.append((word, math.log(share)))
        top.sort(key=lambda pair: -pair[1])
        rank = min(19, int(rng.expovariate(1 / (0.2 + temperature))))
        made.append(TokenLogprob(*top[rank], entropy=rng.uniform(0, 3), rank=rank, top=tuple(top)))
    return tuple(made)


def large_run(questions: int, repeat: int) -> Run:
    """Return a run of two use cases with so many questions each, on one model, at 5 temperatures."""
    run = believable_run(repeat=repeat)
    model = run.plan.models[0]
    prompts = tuple(
        dataclasses.replace(
            prompt,
            items=tuple(
                dataclasses.replace(prompt.items[i % len(prompt.items)], key=f"{prompt.name}/{i:02}")
                for i in range(questions)
            ),
        )
        for prompt in run.plan.prompts
    )
    plan = dataclasses.replace(run.plan, prompts=prompts, models=(model,))
    template = next(c for c in run.completions if c.key.model == model.label)
    made = []
    for item in plan.items:
        for temperature in plan.temperatures:
            for replicate in range(plan.repeat):
                key = dataclasses.replace(
                    template.key, item=item.key, temperature=temperature, replicate=replicate
                )
                drawn = tokens(temperature, random.Random(repr(key)))
                made.append(completion(key, "".join(token.text for token in drawn), tokens=drawn))
    facts = dataclasses.replace(run.facts, planned=plan.sample_count)
    return dataclasses.replace(run, facts=facts, plan=plan, completions=tuple(made), failures=())
