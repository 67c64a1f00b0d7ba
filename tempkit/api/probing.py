"""Probe models: find out what they do with temperature before a run is paid for, and keep it."""

import asyncio
from collections.abc import Callable

from tempkit.api.database import refuse_event_loop
from tempkit.backends import save_probe
from tempkit.planning import parse_model
from tempkit.probing import ProbeResult, probe_model
from tempkit.types import ModelSpec

__all__ = ["probe"]


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
        UsageError: An option of the model is wrong, what was found cannot be kept, or an event loop is running in this thread.
    """
    refuse_event_loop()
    spec = parse_model(model) if isinstance(model, str) else model
    found = asyncio.run(probe_model(spec, concurrency=concurrency, on_part=on_part))
    if keep:
        save_probe(spec, found.as_data())
    return found
