"""Probe models: find out what they do with temperature before a run is paid for, and keep it."""

import asyncio
import time
from collections.abc import Callable

from tempkit.api.database import OnNote, no_note
from tempkit.backends import STALE_DAYS, load_backend, probed, save_probe
from tempkit.errors import ModelError
from tempkit.event_loop import outside_event_loop
from tempkit.planning import parse_model
from tempkit.probing import (
    REQUESTS,
    TOKENS,
    CompareResult,
    ProbeResult,
    compare_models,
    probe_model,
    refusal_result,
    verdict,
)
from tempkit.store import RunRecord, Store
from tempkit.types import Failure, ModelSpec, Plan

__all__ = ["compare_endpoints", "learn_refusals", "probe", "probe_first"]


@outside_event_loop
def probe(
    model: ModelSpec | str,
    *,
    keep: bool = True,
    concurrency: int = 8,
    on_part: Callable[[str], None] | None = None,
) -> ProbeResult:
    """Find out what a model does with temperature, logprobs, seeds and sampling parameters, in at most 400 short requests.

    Args:
        model: The model.
        keep: Keep what was found, so that runs go by it.
        concurrency: Requests at once.
        on_part: Is called with what is asked next.

    Raises:
        ModelError: The model cannot be reached, or answers nothing that is asked.
        UsageError: An option of the model is wrong, or what was found cannot be kept.
    """
    spec = parse_model(model) if isinstance(model, str) else model
    found = asyncio.run(probe_model(spec, concurrency=concurrency, on_part=on_part))
    if keep:
        save_probe(spec, found.as_data())
    return found


@outside_event_loop
def compare_endpoints(
    first: ModelSpec | str,
    second: ModelSpec | str,
    *,
    concurrency: int = 8,
    on_part: Callable[[str], None] | None = None,
) -> CompareResult:
    """Say whether two endpoints serve the same model, as far as about a hundred short answers of each tell.

    Args:
        first: One.
        second: The other.
        concurrency: Requests at once to one of them.
        on_part: Is called with what is asked next.

    Raises:
        ModelError: One cannot be reached, or refuses temperature 1.
        UsageError: An option of one is wrong.
    """
    a, b = (parse_model(each) if isinstance(each, str) else each for each in (first, second))
    return asyncio.run(compare_models(a, b, concurrency=concurrency, on_part=on_part))


def probe_first(plan: Plan, *, concurrency: int, on_note: OnNote = no_note) -> float:
    """Probe those models of a plan of which nobody knows what they do with the temperature, where the run costs more than that.

    What an earlier probe found of a model counts, and is noted where it is old or where the temperature is not what it says.

    Args:
        plan: What is going to be run.
        concurrency: Requests at once.
        on_note: Is called with what was found.

    Returns:
        The seconds that it took.

    Raises:
        UsageError: What was found cannot be kept, or an earlier probe cannot be read.
    """
    began = time.monotonic()
    for model in plan.models:
        if model.label in plan.arms:
            continue
        backend = load_backend(model.backend)(concurrency=concurrency)
        seen = None if backend.local else probed(model)
        if seen is not None:
            if seen.age_days > STALE_DAYS:
                on_note(
                    f"warning: what is known of {model.label} was {seen.source}, {seen.age_days} days ago, and services change; "
                    f"ask again with: tempkit probe {model.id}"
                )
            if seen.status in ("remapped", "clamped"):
                on_note(
                    f"warning: {model.label}: {seen.found['temperature'].get('why', seen.status)} ({seen.source})"
                )
            continue
        if backend.local or backend.capabilities(model).temperature != "unknown" or not _pays(plan, model):
            continue
        on_note(
            f"note: nobody knows what {model.label} does with the temperature, so it is asked first; --no-probe leaves that out"
        )
        try:
            found = asyncio.run(probe_model(model, concurrency=concurrency, only_temperature=True))
        except ModelError as e:
            on_note(f"warning: that cannot be found out: {e}")
            continue
        save_probe(model, found.as_data())
        on_note(f"{'note' if found.temperature.status == 'honoured' else 'warning'}: {verdict(found)}")
    return time.monotonic() - began


def _pays(plan: Plan, model: ModelSpec) -> bool:
    """Return whether a model's part of a run takes more than a probe of it."""
    labels = {model.label, *(label for label, arm in plan.arms.items() if arm.of == model.label)}
    requests = sum(sum(row.values()) for label in labels for row in plan.repeats(label).values())
    few = plan.budget.tokens is not None and plan.budget.tokens <= TOKENS
    return requests > REQUESTS and not few


def learn_refusals(store: Store, record: RunRecord) -> None:
    """Keep it where a run's requests were refused for their temperature, so that the next run knows before it is begun.

    Only where a model takes no more than one temperature above 0, and nothing was found of it before.

    Raises:
        UsageError: It cannot be kept.
    """
    plan = store.load_plan(record.id)
    refused: dict[str, list[Failure]] = {}
    for failure in store.failures(record.id):
        refused.setdefault(failure.key.model, []).append(failure)
    if not refused:
        return
    answered = {(key.model, key.temperature) for key in store.done(record.id)}
    for model in plan.models:
        if model.label in plan.arms or model.label not in refused or probed(model) is not None:
            continue
        taken = {temperature for label, temperature in answered if label == model.label}
        found = refusal_result(model.id, refused[model.label], taken)
        if found is not None:
            save_probe(model, {**found.as_data(), "learnt": True})
