"""What `choose` needs to know before it asks anything: a grid that every model takes, what can be paid for, and which run it is."""

from dataclasses import replace

from tempkit.adaptive import coarse_grid
from tempkit.planning import Experiment, build_plan
from tempkit.running import Limits, capabilities_of, estimate, find_backends
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, Plan

__all__ = ["affordable", "grid_for", "successor"]


def grid_for(experiment: Experiment, limits: Limits) -> tuple[Experiment, float]:
    """Return an experiment with temperatures, and the smallest step that they are refined to; 0 where the user named them.

    Args:
        experiment: As it was asked for.
        limits: What this call may do.
    """
    if experiment.temperatures or not experiment.models:
        return experiment, 0.0
    # Which temperatures a model takes is known without its being reached; a plan of one is enough to ask.
    probe = build_plan(replace(experiment, temperatures=(1.0,), arms=()))
    can = capabilities_of(probe, find_backends(probe, limits)).values()
    highest = min((each.temperature_max for each in can if each.temperature_max is not None), default=None)
    grid, finest = coarse_grid(highest)
    if not all(each.temperature_zero for each in can):
        grid = grid[1:]
    return replace(experiment, temperatures=grid), finest


def affordable(plan: Plan, limits: Limits) -> int | None:
    """Return how many samples of a plan its budget allows, before any of them has been drawn: by the middle of what one may take."""
    if plan.budget == Budget():
        return None
    expected = estimate(plan, capabilities_of(plan, find_backends(plan, limits)))
    samples = plan.sample_count
    found = []
    if plan.budget.tokens is not None:
        found.append(plan.budget.tokens / (sum(sum(each.tokens) for each in expected) / 2 / samples))
    if plan.budget.usd is not None:
        usd = sum(sum(each.usd) / 2 for each in expected if each.usd is not None)
        if usd > 0:
            found.append(plan.budget.usd / (usd / samples))
    return None if not found else max(1, int(min(found)))


def successor(store: Store, record: RunRecord) -> RunRecord:
    """Return the run that took another's place because its answers were truncated too often; the run itself where there is none."""
    for run in store.runs():
        design = store.load_plan(run.id).design
        if design is not None and design.in_place_of == record.id:
            return successor(store, run)
    return record
