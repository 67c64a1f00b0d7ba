"""A backend whose models are loaded by actors: for the rest of tempkit it is the one that it stands for."""

from collections.abc import AsyncGenerator, Iterable, Mapping

from tempkit.backends import Backend, Resident, Tell, TokenListener
from tempkit.errors import UsageError
from tempkit.executors.cluster import ray_module
from tempkit.executors.pool import Pool
from tempkit.types import Capabilities, ModelInfo, ModelSpec, Outcome, Sweep, Workers

__all__ = ["OnActors", "on_workers"]


class OnActors:
    """Sweeps go to a pool that other backends of the run may share."""

    local = False
    """Nothing is computed in this process."""

    def __init__(self, inner: Backend, pool: Pool) -> None:
        self._inner, self._pool = inner, pool
        self._found: dict[str, ModelInfo] = {}

    def capabilities(self, model: ModelSpec) -> Capabilities:
        return self._inner.capabilities(model)

    def recall(self, model: ModelSpec, found: ModelInfo) -> None:
        self._found[model.label] = found

    def report_to(self, status: Tell, note: Tell) -> None:
        self._pool.report_to(status, note)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        return await self._pool.prepare(model, self._found.get(model.label))

    async def run(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        job = self._pool.begin(sweeps, on_tokens)
        try:
            while (outcomes := await job.drawn()) is not None:
                for outcome in outcomes:
                    yield outcome
        finally:
            await self._pool.end(job)

    async def close(self) -> None:
        await self._pool.close()
        await self._inner.close()


def on_workers(
    backends: Mapping[str, Backend], workers: Workers, models: Iterable[ModelSpec]
) -> dict[str, Backend]:
    """Return backends with those in whose place actors can draw replaced by these; the others are asked from here, under one limit.

    Raises:
        ExtraMissingError: Ray is not installed.
        UsageError: There is none that actors can draw for.
    """
    ray_module()
    able = {name for name, backend in backends.items() if isinstance(backend, Resident)}
    if not able:
        raise UsageError(
            "--executor ray: none of the models is drawn from on this machine, and APIs are asked from here, under one limit; leave it out"
        )
    on_gpu = any(model.options.get("n_gpu_layers", 0) for model in models)
    pool = Pool(workers, on_gpu=on_gpu)
    return {name: OnActors(backend, pool) if name in able else backend for name, backend in backends.items()}
