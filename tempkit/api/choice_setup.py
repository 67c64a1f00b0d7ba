"""What `choose` needs to know before it asks anything: a grid that every model takes, what can be paid for, and which run it is."""

from dataclasses import replace

from tempkit.adaptive import coarse_grid
from tempkit.api.choice_judge import per_sample
from tempkit.api.deciding import JudgedBy
from tempkit.decision import GENERAL
from tempkit.errors import UsageError
from tempkit.planning import Experiment, build_plan, model_text, parse_model
from tempkit.running import Limits, capabilities_of, estimate, find_backends
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, ModelSpec, Plan

__all__ = ["affordable", "by_the_judge", "grid_for", "successor", "with_judge"]

_MATTERS = 0.1
"""Of grades and of comparisons won: the smallest difference that matters, unless somebody says otherwise."""


def grid_for(experiment: Experiment, limits: Limits) -> tuple[Experiment, float]:
    """Return an experiment with temperatures, and the smallest step that they are refined to; 0 where the user named them.

    Models that take one temperature alone are asked at that, where there are arms to compare.

    Args:
        experiment: As it was asked for.
        limits: What this call may do.
    """
    if experiment.temperatures or not experiment.models:
        return experiment, 0.0
    # Which temperatures a model takes is known without its being reached; a plan of one is enough to ask.
    probe = build_plan(replace(experiment, temperatures=(1.0,), arms=()))
    can = [*capabilities_of(probe, find_backends(probe, limits)).values()]
    fixed = [{*each.temperature_accepts} for each in can if each.temperature == "rejected"]
    if experiment.arms and len(fixed) == len(can) and (shared := set.intersection(*fixed)):
        return replace(experiment, temperatures=tuple(sorted(shared))), 0.0
    highest = min((each.temperature_max for each in can if each.temperature_max is not None), default=None)
    grid, finest = coarse_grid(highest)
    if not all(each.temperature_zero for each in can):
        grid = grid[1:]
    return replace(experiment, temperatures=grid), finest


def affordable(
    plan: Plan, limits: Limits, judge: ModelSpec | None = None, rubric: str | None = None
) -> int | None:
    """Return how many samples of a plan its budget allows, before any of them has been drawn: by the middle of what one may take.

    Args:
        plan: All that there is to ask.
        limits: What this call may do.
        judge: The model that judges the answers, from the same budget; None: none does.
        rubric: What it grades by; None: it compares pairs.

    Raises:
        TempkitError: As `find_backends`: the models cannot honour the plan, or a budget in USD cannot be kept.
    """
    can = capabilities_of(plan, find_backends(plan, limits))
    if plan.budget == Budget():
        return None
    expected = estimate(plan, can)
    samples = plan.sample_count
    found = []
    tokens = sum(sum(each.tokens) for each in expected) / 2 / samples
    usd = sum(sum(each.usd) / 2 for each in expected if each.usd is not None) / samples
    if judge is not None:
        more, dearer = per_sample(judge, tokens, graded=rubric is not None)
        tokens, usd = tokens + more, usd + dearer
    if plan.budget.tokens is not None:
        found.append(plan.budget.tokens / tokens)
    if plan.budget.usd is not None and usd > 0:
        found.append(plan.budget.usd / usd)
    return None if not found else max(1, int(min(found)))


def successor(store: Store, record: RunRecord) -> RunRecord:
    """Return the run that took another's place because its answers were truncated too often; the run itself where there is none."""
    later = store.in_place_of(record.id)
    return record if later is None else successor(store, later)


def by_the_judge(judged_by: JudgedBy, rubric: str | None) -> JudgedBy:
    """Return what to judge by where a model judges: its grades or its preferences, within the guard-rails of the use case.

    Raises:
        UsageError: Another measure is named.
    """
    if judged_by.get("measure") is not None:
        raise UsageError("a judge's word is the measure; leave out --measure, or the judge")
    return {
        **judged_by,
        "use_case": judged_by.get("use_case") or GENERAL,
        "measure": "preference" if rubric is None else "rubric",
        "margin": judged_by.get("margin") or _MATTERS,
    }


def with_judge(plan: Plan, judge: ModelSpec, rubric: str | None) -> Plan:
    """Return a designed plan whose answers a model judges.

    Raises:
        UsageError: The rubric is empty, or the model has options that cannot be kept with the run.
    """
    if rubric is not None and not rubric.strip():
        raise UsageError("the rubric is empty; say what a good answer is")
    text = model_text(judge)
    if parse_model(text) != judge:
        raise UsageError(
            f"{judge.label}: a judge's options must be such as can be written after its name, as in {judge.id},n_ctx=4096"
        )
    if plan.design is None:
        raise ValueError("the plan has no design")
    return replace(plan, design=replace(plan.design, judge=text, rubric=rubric))
