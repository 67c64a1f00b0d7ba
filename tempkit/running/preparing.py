"""Before a run: its backends found, its plan held against what they can do, every model reached."""

import asyncio
import contextlib
import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tempkit.backends import Backend, Batcher, Recaller, Reporter, load_backend, probed, today
from tempkit.errors import BackendError, UsageError, one_line
from tempkit.executors import on_workers
from tempkit.planning import check_plan, forewarned
from tempkit.running.cost_estimate import check_budget
from tempkit.running.display.progress import Progress
from tempkit.running.shards import Shard
from tempkit.types import Capabilities, ModelInfo, Plan, Workers

__all__ = [
    "Limits",
    "Prepared",
    "capabilities_of",
    "environment",
    "find_backends",
    "forewarnings",
    "prepare",
]

_PACKAGES = ("llama-cpp-python", "openai", "numpy", "sqlmodel")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a call may do, whatever the plan says."""

    concurrency: int = 8
    """Requests at once to one remote model, at each of its addresses."""
    time_s: float | None = None
    """Begin nothing after so long."""
    allow_ignored_temperature: bool = False
    """Run models that ignore the temperature, too; their samples are marked."""
    batch: bool = False
    """Hand what is missing to the providers' batch APIs."""
    items: Collection[str] | None = None
    """Ask only about these items (their keys), and leave the others for a later call; None: all."""
    shard: Shard | None = None
    """Ask only about this part of the plan's items, beside others who ask about theirs."""
    workers: Workers | None = None
    """Draw from local models there; None: on this machine."""


class Prepared:
    """Backends that have been found and asked, ready for one run; close it whatever happens."""

    def __init__(self, backends: Mapping[str, Backend], infos: Mapping[str, ModelInfo]) -> None:
        self.backends, self.infos = backends, infos

    async def close(self) -> None:
        """Close every backend.

        Raises:
            BackendError: Some could not be closed.
        """
        ended = await asyncio.gather(
            *(backend.close() for backend in self.backends.values()), return_exceptions=True
        )
        wrong = [pair for pair in zip(self.backends, ended, strict=True) if pair[1] is not None]
        if wrong:
            said = "; ".join(f"{name}: {type(e).__name__}: {one_line(e)}" for name, e in wrong)
            raise BackendError(f"not everything could be closed: {said}") from wrong[0][1]


def find_backends(
    plan: Plan, limits: Limits, before: Mapping[str, ModelInfo] | None = None
) -> dict[str, Backend]:
    """Load the plan's backends and check the plan against what they can do; reaches no model.

    Args:
        plan: The plan.
        limits: What this call may do.
        before: For a run that goes on: what was found when it began. What was allowed then still is.

    Raises:
        BackendError: An unknown backend.
        ModelError: A model cannot honour the plan.
        ExtraMissingError: `limits.workers` without Ray.
        UsageError: A wrong option, `limits.batch` for a model that has no batch API, or `limits.workers` for none that is local.
    """
    backends = {
        name: load_backend(name)(concurrency=limits.concurrency) for name in {m.backend for m in plan.models}
    }
    if limits.workers is not None:
        backends = on_workers(backends, limits.workers, plan.models)
    can = capabilities_of(plan, backends)
    if limits.batch:
        _check_batch(plan, backends, can)
    allowed = {
        label for label, info in (before or {}).items() if info.details.get("temperature") == "ignored"
    }
    check_plan(plan, can, allow_ignored=can if limits.allow_ignored_temperature else allowed)
    check_budget(plan, can)
    return backends


async def prepare(
    plan: Plan, limits: Limits, progress: Progress, before: Mapping[str, ModelInfo] | None = None
) -> Prepared:
    """Find the backends, check the plan, and load or reach every model; `progress` shows what backends tell meanwhile and later.

    Raises:
        BackendError: As `find_backends`, and when a model cannot be loaded or reached.
    """
    backends = find_backends(plan, limits, before)
    infos: dict[str, ModelInfo] = {}
    for backend in backends.values():
        if isinstance(backend, Reporter):
            backend.report_to(partial(progress.batch, "workers"), progress.note)
    try:
        for model in plan.models:
            backend = backends[model.backend]
            if before is not None and model.label in before and isinstance(backend, Recaller):
                backend.recall(model, before[model.label])
            info, can = await backend.prepare(model), backend.capabilities(model)
            known: dict[str, Any] = {} if can.temperature == "honoured" else {"temperature": can.temperature}
            if (seen := probed(model)) is not None:
                known["probe"] = {"date": seen.date.isoformat(), "temperature": seen.status}
                if seen.noise_floor is not None:
                    known["noise_floor"] = {
                        name: seen.noise_floor.get(name) for name in ("alone", "together", "answers")
                    }
            infos[model.label] = replace(info, details={**info.details, **known})
    except BaseException:
        await Prepared(backends, infos).close()
        raise
    return Prepared(backends, infos)


def capabilities_of(plan: Plan, backends: Mapping[str, Backend]) -> dict[str, Capabilities]:
    """Return what each model of a plan can be asked, by label."""
    return {m.label: backends[m.backend].capabilities(m) for m in plan.models}


def forewarnings(plan: Plan) -> list[str]:
    """Return what is known of a plan's models that a person should hear before anything is sent; reaches no model.

    Raises:
        BackendError: An unknown backend.
        UsageError: A wrong option.
    """
    backends = {name: load_backend(name)(concurrency=1) for name in {m.backend for m in plan.models}}
    return forewarned(plan, capabilities_of(plan, backends), today())


def _check_batch(plan: Plan, backends: Mapping[str, Backend], can: Mapping[str, Capabilities]) -> None:
    """Refuse to batch models that have no batch API.

    Raises:
        UsageError: Naming them, and what would work.
    """
    able = {
        m.label: can[m.label].batch is not None and isinstance(backends[m.backend], Batcher)
        for m in plan.models
    }
    unable = [label for label, is_able in able.items() if not is_able]
    if not unable:
        return
    can_be = [label for label, is_able in able.items() if is_able]
    split = f", or split the run: {', '.join(can_be)} with --batch, the others without" if can_be else ""
    raise UsageError(
        f"{', '.join(unable)}: no batch API that tempkit can use (it can use OpenAI's and Anthropic's own); leave out --batch{split}"
    )


def environment() -> dict[str, Any]:
    """Return what a reader needs to repeat a run: Python, platform and the packages that matter."""
    packages = {}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            packages[name] = version(name)
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": packages}
