"""Two runs of eight questions whose scores are given, to be compared with each other."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from report_sample import Run

from tempkit.analysis import ScoredSection, Table
from tempkit.decision import use_case
from tempkit.decision.decide import decide
from tempkit.report import Study
from tempkit.types import Message, Reason

Floats = NDArray[np.float64]

PROFILE = use_case("technical-documentation")
VALUES = np.random.default_rng(5).uniform(0.2, 0.8, (8, 2))


def variant(run: Run, *, name: str = "after", plan: dict[str, Any] | None = None, **changes: Any) -> Run:
    """Return a run with another name, and whatever else is changed."""
    facts = dataclasses.replace(run.facts, name=name, id=name)
    return dataclasses.replace(
        run, facts=facts, plan=dataclasses.replace(run.plan, **(plan or {})), **changes
    )


def scored(
    run: Run,
    values: Floats,
    items: int = 8,
    version: str = "1",
    others: Mapping[str, Floats] | None = None,
    missing: Mapping[float, Mapping[Reason, int]] | None = None,
) -> Study:
    """Return a study of a run of eight items whose fact recall is given, (items, temperatures), and what else is measured.

    Args:
        run: What is scored.
        values: Fact recall; NaN for what is missing.
        items: How many of them are asked.
        version: Of the measure.
        others: Other measures by name, of the same shape.
        missing: Why values of fact recall are missing, by temperature.
    """
    prompt = run.plan.prompts[0]
    made = tuple(
        dataclasses.replace(prompt.items[0], key=f"p/{i}", messages=(Message("user", f"{i}?"),))
        for i in range(items)
    )
    prompt = dataclasses.replace(prompt, items=made, use_case="technical-documentation")
    run = dataclasses.replace(
        run,
        plan=dataclasses.replace(run.plan, prompts=(prompt,), repeat=1),
        facts=dataclasses.replace(run.facts, planned=2 * items),
        completions=tuple(
            dataclasses.replace(
                hand_completion, key=dataclasses.replace(hand_completion.key, item=item.key, temperature=t, replicate=0)
            )
            for item in made
            for t in run.plan.temperatures
            for hand_completion in run.completions[:1]
        ),
        failures=(),
    )  # fmt: skip
    keys = [item.key for item in made]
    tables = [
        Table.of(
            "fact_recall", version, keys, run.plan.temperatures, values[:items, :, None], missing=missing
        ),
        *(
            Table.of(name, "1", keys, run.plan.temperatures, given[:items, :, None])
            for name, given in (others or {}).items()
        ),
    ]
    section = ScoredSection(
        use_case="technical-documentation",
        prompts=(prompt,),
        model=run.plan.models[0],
        tables=tuple(tables),
    )
    return Study(comparison=run.comparison, scored=[section], decisions=[decide(section, PROFILE)])
