"""What `tempkit run --dry-run` prints: the plan, what it may take, and what it can tell apart."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tempkit.cli.common import print_json, print_table, say, table

if TYPE_CHECKING:
    from tempkit.decision import Detectable
    from tempkit.running import Estimate
    from tempkit.types import Plan

__all__ = ["print_plan", "told_apart"]


def print_plan(plan: "Plan", estimates: "list[Estimate]", as_json: bool) -> None:
    from rich.text import Text

    from tempkit.decision import AS_THE_RUN_SAYS, can_tell
    from tempkit.planning import max_tokens_of

    facts: dict[str, Any] = {
        "name": plan.name,
        "prompts": {p.name: len(p.items) for p in plan.prompts},
        "use_cases": {p.name: p.use_case or "general" for p in plan.prompts},
        "models": [m.label for m in plan.models],
        "temperatures": list(plan.temperatures),
        **({"arms": {label: arm.settings for label, arm in plan.arms.items()}} if plan.arms else {}),
        "repeat": plan.repeat,
        "seed": plan.seed,
        "items": len(plan.items),
        "cells": plan.cell_count,
        "samples": plan.sample_count,
        "output_tokens_at_most": max_tokens_of(plan),
    }
    low, high = (sum(e.tokens[i] for e in estimates) for i in (0, 1))
    detectable = can_tell(plan, AS_THE_RUN_SAYS)
    if as_json:
        print_json(
            {
                "plan": facts
                | {
                    "tokens_estimated": [low, high],
                    "usd_estimated": {e.model: e.usd for e in estimates},
                    "can_tell_apart": [asdict(each) for each in detectable],
                }
            }
        )
        return
    facts["tokens_estimated"] = f"{low:,} to {high:,}, prompts included"
    facts["cost_estimated"] = ", ".join(f"{e.model} {_usd(e.usd)}" for e in estimates)
    facts["prompts"] = ", ".join(
        f"{name} ({n} question{'' if n == 1 else 's'})" for name, n in facts["prompts"].items()
    )
    facts["use_cases"] = ", ".join(dict.fromkeys(facts["use_cases"].values()))
    facts["models"] = ", ".join(facts["models"])
    if plan.arms:
        facts["arms"] = "; ".join(f"{label}: {arm.settings}" for label, arm in plan.arms.items())
    facts["temperatures"] = ", ".join(f"{t:g}" for t in facts["temperatures"])
    rows = table("plan", "")
    for name, value in facts.items():
        rows.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    print_table(rows)
    for each in detectable:
        say(Text(told_apart(each)))


def told_apart(found: "Detectable") -> str:
    """Return what the questions of a use case can tell apart, in a sentence."""
    from tempkit.decision import difference

    matters = f"differences from {difference(found.margin, 'share')} on matter"
    needed = f"about {found.questions_for_margin:,} questions tell these apart"
    with_ = f"{found.questions} question{'s' * (found.questions != 1)}"
    if found.difference is None:
        return f"{found.use_case}: {with_} say nothing of questions like them; {matters}, {needed}"
    shows = f"{found.use_case}: {with_} can show differences of about {difference(found.difference, 'share')}"
    if found.difference <= found.margin:
        return f"{shows}; {matters}"
    return f"{shows}; {matters}, {needed}"


def _usd(usd: tuple[float, float] | None) -> str:
    if usd is None:
        return "unknown"
    return f"${usd[0]:.2g} to ${usd[1]:.2g}" if usd[1] else "nothing"
