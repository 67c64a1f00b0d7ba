"""The grid that the benchmarks draw: the demo's, each of its prompts a leg of its own."""

import dataclasses
import resource
import sys
from dataclasses import dataclass

from tempkit.planning.experiment import build_plan, parse_model, read_experiment, sweeps
from tempkit.prompts.bundled import shipped_prompts
from tempkit.types import Sweep

NAMES = {"technical-documentation": "factual", "brainstorming": "ideas"}
"""What the tables call the demo's prompts."""


@dataclass(frozen=True)
class Grid:
    """What every contestant is asked; plain values, so that it can be handed to another process."""

    model: str
    items: int
    """Of each prompt, the first so many."""
    repeat: int
    max_tokens: int | None = None
    """None: as each prompt has it."""

    @classmethod
    def of_demo(
        cls, model: str | None, items: int | None, repeat: int | None, max_tokens: int | None
    ) -> "Grid":
        """Return the demo's grid with what is given put in its place."""
        demo = read_experiment(shipped_prompts() / "demo.yaml")
        return cls(
            model or demo.models[0].id, items or demo.items or 2, repeat or demo.repeat or 4, max_tokens
        )

    def legs(self) -> dict[str, list[Sweep]]:
        """Return the sweeps of each prompt."""
        demo = read_experiment(shipped_prompts() / "demo.yaml")
        cut = {} if self.max_tokens is None else {"max_tokens": self.max_tokens}
        plan = build_plan(
            dataclasses.replace(
                demo,
                models=(parse_model(self.model),),
                items=self.items,
                repeat=self.repeat,
                sampling={**demo.sampling, **cut},
            )
        )
        legs: dict[str, list[Sweep]] = {}
        for sweep in sweeps(plan):
            legs.setdefault(NAMES.get(sweep.item.prompt, sweep.item.prompt), []).append(sweep)
        return legs


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux
