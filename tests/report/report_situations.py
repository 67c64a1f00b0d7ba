"""Runs of one kind each: a clear winner, several that are as good, too little to tell, two questions, no score, a cliff, two use cases.

Scores are drawn from seeded generators and decided for real; every cell has answers, without tokens.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from report_sample import Run, completion, run_facts

from tempkit.analysis.tables import tables
from tempkit.decision import use_case
from tempkit.decision.run import decide_run
from tempkit.report import Study
from tempkit.types import Item, Message, ModelSpec, Plan, Prompt, SampleKey, SamplingParams, Score

GRID = (0.0, 0.4, 0.8, 1.2, 1.6)
MODEL = "gguf:smollm2"

Curve = Callable[[float], float]
"""The true mean of a measure at a temperature."""


class Case:
    """A prompt with its use case and what its measures do over temperature."""

    def __init__(
        self,
        use_case: str | None,
        curves: Mapping[str, Curve],
        *,
        items: int,
        repeat: int = 4,
        name: str | None = None,
    ) -> None:
        self.use_case, self.curves, self.items, self.repeat = use_case, curves, items, repeat
        self.name = name or use_case or "inline-1"

    def names(self) -> list[str]:
        return [f"{self.name}/{i}" for i in range(self.items)]

    def scores(self, temperatures: tuple[float, ...], model: str) -> Iterator[Score]:
        """Yield scores: of counts and distances one per cell, of everything else one per answer, 0 or 1."""
        for measure, curve in self.curves.items():
            rng = random.Random(f"{self.name} {measure}")
            of_cells = measure in ("unique_ideas", "cosine_distance", "consensus")
            for key in self.names():
                luck = rng.gauss(0, 1)
                for t in temperatures:
                    for replicate in (None,) if of_cells else range(self.repeat):
                        mean = curve(t)
                        if measure == "unique_ideas":
                            value = max(0.0, round(mean + luck + rng.gauss(0, 1)))
                        elif of_cells:
                            value = min(1.0, max(0.0, mean + 0.05 * luck + rng.gauss(0, 0.02)))
                        else:
                            value = float(
                                rng.random() < min(1.0, mean + (0.05 * luck if 0 < mean < 1 else 0))
                            )
                        yield Score(
                            item=key,
                            model=model,
                            temperature=t,
                            replicate=replicate,
                            measure=measure,
                            version="1",
                            value=value,
                        )


def kept(limit: str | None = None, cliff: float | None = None) -> dict[str, Curve]:
    """The guard-rails of the text measures: nothing seen of any, but of `limit` from `cliff` on."""
    names = ("loop", "language_switch", "truncated", "refusal", "empty")
    return {
        name: (lambda t, bad=name == limit: 0.9 if bad and cliff is not None and t >= cliff else 0.0)
        for name in names
    }


def hump(peak: float, height: float, width: float) -> Curve:
    return lambda t: height * max(0.0, 1 - ((t - peak) / width) ** 2)


CASES: dict[str, tuple[Case, ...]] = {
    "winner": (Case("brainstorming", {"unique_ideas": hump(0.8, 9, 1.0), **kept()}, items=80, repeat=6),),
    "any": (
        Case(
            "technical-documentation",
            {"fact_recall": lambda t: 0.98 if t < 1 else 0.6, **kept()},
            items=150,
            repeat=4,
        ),
    ),
    "guess": (
        Case(
            "technical-documentation",
            {"fact_recall": lambda t: 0.7 - 0.1 * t, **kept("truncated", 1.6)},
            items=12,
            repeat=3,
        ),
    ),
    "few": (Case("technical-documentation", {"fact_recall": lambda _t: 0.5}, items=2, repeat=1),),
    "nothing": (Case("technical-documentation", {}, items=2, repeat=1),),
    "cliff": (
        Case(
            "technical-documentation",
            {"fact_recall": lambda t: 0.75 - 0.1 * t, **kept("truncated", 1.2)},
            items=20,
            repeat=4,
        ),
    ),
    "two": (
        Case(
            "technical-documentation",
            {"fact_recall": lambda t: 0.9 - 0.4 * t, **kept("truncated", 1.6)},
            items=30,
        ),
        Case("brainstorming", {"unique_ideas": hump(0.8, 8, 1.0), **kept("loop", 1.6)}, items=20),
    ),
    "general": (
        Case(
            None,
            {
                "consensus": lambda t: 0.98 - 0.25 * t,
                "cosine_distance": lambda t: 0.05 + 0.3 * t,
                **kept("loop", 1.6),
            },
            items=20,
        ),
    ),
}
"""By situation, the prompts of its run."""


@cache
def situation(name: str) -> Study:
    """Return the study of a situation in the current language's words: it holds numbers and codes only."""
    cases = CASES[name]
    spec = ModelSpec(backend="gguf", name="smollm2", label=MODEL)
    prompts = tuple(
        Prompt(
            name=case.name,
            use_case=case.use_case,
            items=tuple(
                Item(key=key, prompt=case.name, messages=(Message("user", f"Question {key}?"),))
                for key in case.names()
            ),
        )
        for case in cases
    )
    repeat = max(case.repeat for case in cases)
    plan = Plan(
        name=name,
        prompts=prompts,
        models=(spec,),
        temperatures=GRID,
        repeat=repeat,
        seed=1,
        sampling={prompt.name: SamplingParams(max_tokens=96) for prompt in prompts},
    )
    completions = tuple(
        completion(SampleKey(key, MODEL, t, r), f"answer {r} to {key} at {t:g}", kind="none")
        for case in cases
        for key in case.names()
        for t in GRID
        for r in range(repeat)
    )
    run = Run(run_facts(plan.sample_count, name=name), plan, {}, completions, ())
    scored = tables(plan, (score for case in cases for score in case.scores(GRID, MODEL)))
    return Study(comparison=run.comparison, scored=scored, decisions=decide_run(scored))


def own(name: str) -> str:
    """Return a use case's title in the current language."""
    return use_case(name).title
