"""Local GGUF models through llama.cpp, every temperature of an item decoded together.

llama.cpp is called from one thread of its own: the event loop stays free for progress and Ctrl-C, which takes effect
between two decoding steps.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from importlib.util import find_spec
from typing import TYPE_CHECKING, ParamSpec, TypedDict, TypeVar

from tempkit.backends.base import TokenListener, check_options
from tempkit.errors import ExtraMissingError, UsageError
from tempkit.types import Capabilities, ModelInfo, ModelSpec, Outcome, Sweep

if TYPE_CHECKING:
    from tempkit.backends.gguf.model import LoadedModel

__all__ = ["GgufBackend"]

# llama.cpp's threads meet at a barrier several hundred times per token. By default OpenMP waits there by spinning, and
# when any other process wants a core the spinners wait for each other's time slices: 6 tokens/s instead of 50 to 80 were
# measured on two busy cores. Spinning for some microseconds and then sleeping is as fast on idle cores. OpenMP reads these
# once, when llama.cpp's library is loaded; what the user has set stands.
if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & set(os.environ):
    os.environ["GOMP_SPINCOUNT"] = "20000"

_OPTIONS = {"n_threads": int, "n_gpu_layers": int, "parallel": int, "flash_attn": bool}
_PARALLEL = 64

P = ParamSpec("P")
R = TypeVar("R")


class Settings(TypedDict):
    """What a model's options come to; recorded with the run."""

    n_threads: int
    n_gpu_layers: int
    parallel: int
    flash_attn: bool


class GgufBackend:
    """`gguf:smollm2` (bundled) or `gguf:/path/to/model.gguf`.

    Options: `n_threads` (default: the processors this process may use), `n_gpu_layers` (0), `parallel` (64 samples
    under way at most), `flash_attn` (true: without it the numbers depend on the shape of the batch).
    """

    local = True

    def __init__(self, *, concurrency: int) -> None:
        """Take no part of `concurrency`: that is about requests, and there are none here."""
        del concurrency
        self._loaded: dict[str, LoadedModel] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gguf")

    def capabilities(self, model: ModelSpec) -> Capabilities:
        options = check_options(model, _OPTIONS)
        for name, least, most in (("n_threads", 1, 1024), ("n_gpu_layers", -1, 10_000), ("parallel", 1, 255)):
            if name in options and not least <= options[name] <= most:
                raise UsageError(
                    f"{model.id}: option {name} must be from {least} to {most}, not {options[name]}"
                )
        return Capabilities(
            logprob_kind="raw",
            max_logprobs=1000,
            seed=True,
            params=frozenset({"max_tokens", "stop", "logprobs"}),
        )

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        if find_spec("llama_cpp") is None:
            raise ExtraMissingError(f"{model.id}", "local")
        return await self._call(self._prepare, model)

    def _prepare(self, model: ModelSpec) -> ModelInfo:
        from tempkit.backends.gguf.model import LoadedModel

        loaded = LoadedModel(model, n_gpu_layers=model.options.get("n_gpu_layers", 0))
        self._loaded[model.label] = loaded
        info = loaded.info()
        return ModelInfo(digest=info.digest, details={**info.details, **self._settings(model)})

    def _settings(self, model: ModelSpec) -> Settings:
        return {
            "n_threads": model.options.get("n_threads") or len(os.sched_getaffinity(0)),
            "n_gpu_layers": model.options.get("n_gpu_layers", 0),
            "parallel": model.options.get("parallel", _PARALLEL),
            "flash_attn": model.options.get("flash_attn", True),
        }

    async def run(self, sweeps: Sequence[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        by_model: dict[str, list[Sweep]] = {}
        for sweep in sweeps:
            by_model.setdefault(sweep.model.label, []).append(sweep)
        for label, own in by_model.items():
            async with aclosing(self._run_model(own, on_tokens)) as outcomes:
                async for outcome in outcomes:
                    yield outcome
            await self._call(self._loaded.pop(label).close)

    async def _run_model(
        self, sweeps: list[Sweep], on_tokens: TokenListener
    ) -> AsyncGenerator[Outcome, None]:
        from tempkit.backends.gguf.decoder import Decoder

        model = sweeps[0].model
        settings = self._settings(model)
        decoder = await self._call(
            Decoder,
            self._loaded[model.label],
            sweeps,
            settings["parallel"],
            settings["n_threads"],
            settings["flash_attn"],
            lambda sweep, temperature, count: on_tokens(sweep.model.label, temperature, count),
        )
        try:
            while not decoder.done:
                for outcome in await self._call(decoder.step):
                    yield outcome
        finally:
            # The one thread runs calls in order, so a step that a cancellation left behind has ended by then.
            self._thread.submit(decoder.close).result()

    async def _call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: function(*args, **kwargs)
        )

    async def close(self) -> None:
        for loaded in self._loaded.values():
            self._thread.submit(loaded.close).result()
        self._loaded.clear()
        self._thread.shutdown()
