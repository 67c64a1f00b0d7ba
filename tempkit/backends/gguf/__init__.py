"""Local GGUF models through llama.cpp, every temperature of an item decoded together.

llama.cpp runs in a process of its own, one per model: it aborts on some damaged files, and what it takes down must not be
the store. The event loop stays free for progress and Ctrl-C, which takes effect between two decoding steps.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import asdict, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tempkit.backends.gguf.questions import Loaded, Questions, loaded
from tempkit.backends.gguf.settings import Settings, read_settings
from tempkit.backends.protocol import TokenListener
from tempkit.errors import ExtraMissingError, ModelError
from tempkit.types import (
    Advice,
    Capabilities,
    Failure,
    ModelInfo,
    ModelSpec,
    Outcome,
    Price,
    Sample,
    SampleKey,
    Sweep,
)

if TYPE_CHECKING:
    from tempkit.backends.gguf.ipc import EngineStats

__all__ = ["GgufBackend"]


class GgufBackend(Questions):
    """`gguf:smollm2` (bundled), `gguf:/path/to/model.gguf` or `gguf:user/repo:QUANT`.

    The options and their defaults are the fields of `tempkit.backends.gguf.settings.Settings`.
    """

    local = True

    def __init__(self, *, concurrency: int) -> None:
        """Take no part of `concurrency`: that is about requests, and there are none here."""
        del concurrency
        super().__init__()
        self._details: dict[Loaded, dict[str, object]] = {}
        self._users: dict[Loaded, set[str]] = {}
        """The labels of the models that still need an engine: those alike but for their labels share one."""
        self._times: dict[Loaded, datetime] = {}
        """The time that its chat template is told, one for the whole run, however often it is loaded."""
        self._worker: tuple[int, int] | None = None
        """Its processors, and how many there are on its machine; None: it is none, so a model that has done its work is freed."""
        self.stats: dict[str, EngineStats] = {}
        """By model label, once its work is done."""

    def capabilities(self, model: ModelSpec) -> Capabilities:
        read_settings(model)
        return Capabilities(
            logprob_kind="raw",
            max_logprobs=1000,
            seed=True,
            params=frozenset({"max_tokens", "stop", "logprobs", "top_k", "top_p", "min_p"}),
            price=Price(0.0, 0.0),
        )

    def advice(self, model: ModelSpec) -> tuple[Advice | None, tuple[str, ...]]:
        """Return what a model's file, or the one beside it, recommends, and the places that were looked in.

        Raises:
            ModelError: The file cannot be found, downloaded or read.
        """
        from tempkit.backends.gguf.advice import advice_of
        from tempkit.backends.gguf.files import find_model_file

        return advice_of(model, find_model_file(model))

    def recall(self, model: ModelSpec, found: ModelInfo) -> None:
        """Tell a model's chat template the time that it was told when the run began."""
        from tempkit.backends.gguf.ipc import TIME_TOLD

        if (began := found.details.get(TIME_TOLD)) is not None:
            self._times[loaded(model)] = datetime.fromisoformat(began)

    def reside(self, processors: int, neighbours: int) -> None:
        self._worker = processors, neighbours

    def _settings(self, model: ModelSpec) -> Settings:
        """Return a model's settings; several workers on a machine share what is free of its memory."""
        if self._worker is None:
            return read_settings(model)
        from tempkit.backends.gguf.memory import FREE_SHARE, available_memory

        processors, neighbours = self._worker
        settings = read_settings(model, processors)
        if settings.memory is not None or neighbours == 1:
            return settings
        return replace(settings, memory=int(available_memory() * FREE_SHARE / neighbours))

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        if find_spec("llama_cpp") is None:
            raise ExtraMissingError(f"{model.id}", "local")
        from tempkit.backends.gguf.files import digest

        key = loaded(model)
        self._users.setdefault(key, set()).add(model.label)
        if key not in self._engines:
            self._details[key] = await self._load(model)
        details = self._details[key]
        return ModelInfo(
            digest=await asyncio.to_thread(digest, await _find(model)),
            details={**_known(asdict(self._settings(model))), **details},
        )

    async def _load(self, model: ModelSpec) -> dict[str, object]:
        """Start an engine and have it load the model.

        Raises:
            ModelError: The model cannot be loaded.
        """
        from tempkit.backends.gguf import ipc
        from tempkit.backends.gguf.engine import Engine, EngineDiedError

        path = await _find(model)
        now = self._times.setdefault(loaded(model), datetime.now().astimezone())
        engine = self._engines[loaded(model)] = await Engine.start()
        try:
            async for answer in engine.ask(ipc.Load(model, str(path), self._settings(model), now)):
                if isinstance(answer, ipc.Refused):
                    raise ModelError(answer.message)
                return dict(answer.details)
        except EngineDiedError as e:
            raise ModelError(f"{model.id}: llama.cpp cannot load it; it {e}") from e
        raise AssertionError("an engine answers every order")

    async def run(self, sweeps: Iterable[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        by_model: dict[str, list[Sweep]] = {}
        for sweep in sweeps:
            by_model.setdefault(sweep.model.label, []).append(sweep)
        for own in by_model.values():
            async with aclosing(self._run_model(own, on_tokens)) as outcomes:
                async for outcome in outcomes:
                    yield outcome
            await self._done(own[0].model)

    async def _run_model(
        self, sweeps: list[Sweep], on_tokens: TokenListener
    ) -> AsyncGenerator[Outcome, None]:
        """Draw all samples; when the engine dies, fail those that were under way and go on with a fresh one."""
        from tempkit.backends.gguf.engine import EngineDiedError

        model = sweeps[0].model
        open_ = {sweep.key(sample): (sweep, sample) for sweep in sweeps for sample in sweep.samples}
        while open_:
            under_way: dict[SampleKey, None] = {}
            progress = False
            try:
                async with aclosing(self._draw(model, _sweeps(open_), under_way, on_tokens)) as outcomes:
                    async for outcome in outcomes:
                        progress = True
                        del open_[outcome.key]
                        under_way.pop(outcome.key, None)
                        yield outcome
            except EngineDiedError as e:
                # Dead before it took anything up, it would die of the same thing again.
                for key in list(under_way if progress or under_way else open_):
                    sample = open_.pop(key)[1]
                    yield _failed(key, sample, f"llama.cpp {e}")
                await self._free(loaded(model))
                if open_:
                    why = await self._reload(model)
                    for key in list(open_) if why else []:
                        yield _failed(key, open_.pop(key)[1], f"llama.cpp {e}; after that: {why}")

    async def _reload(self, model: ModelSpec) -> str | None:
        """Load a model again; return why that is not possible."""
        try:
            await self._load(model)
        except ModelError as e:
            await self._free(loaded(model))
            return str(e)
        return None

    async def _draw(
        self,
        model: ModelSpec,
        sweeps: list[Sweep],
        under_way: dict[SampleKey, None],
        on_tokens: TokenListener,
    ) -> AsyncGenerator[Outcome, None]:
        """Have the engine draw, note what it takes up, and yield what ends.

        Raises:
            EngineDiedError: It died.
            ModelError: llama.cpp cannot make the cache.
        """
        from tempkit.backends.gguf import ipc

        async with aclosing(self._engines[loaded(model)].ask(ipc.Run(sweeps))) as answers:
            async for answer in answers:
                if isinstance(answer, ipc.Refused):
                    raise ModelError(f"{model.id}: {answer.message}")
                if isinstance(answer, ipc.Done):
                    self.stats[model.label] = answer.stats
                    return
                under_way.update(dict.fromkeys(answer.started))
                for label, temperature, count in answer.tokens:
                    on_tokens(label, temperature, count)
                for outcome in answer.outcomes:
                    yield outcome

    async def _done(self, model: ModelSpec) -> None:
        """Free a model that has done its work, unless there may be more, or another one of the same file is still to do its own."""
        if self._worker is not None:
            return
        key = loaded(model)
        users = self._users.get(key, set())
        users.discard(model.label)
        if not users:
            await self._free(key)

    async def _free(self, key: Loaded) -> None:
        if key in self._engines:
            await self._engines.pop(key).close()

    async def close(self) -> None:
        """End every engine, whatever ending another one comes to."""
        ended = await asyncio.gather(*map(self._free, list(self._engines)), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error


async def _find(model: ModelSpec) -> Path:
    """Return the model's file, downloaded first where its name asks for that."""
    from tempkit.backends.gguf.files import find_model_file
    from tempkit.backends.gguf.hub import stop_downloads

    try:
        return await asyncio.to_thread(find_model_file, model)
    except asyncio.CancelledError:
        stop_downloads()
        raise


def _known(settings: dict[str, object]) -> dict[str, object]:
    """Return the settings that are settled; the engine settles the others for each run's sweeps."""
    return {name: value for name, value in settings.items() if value is not None}


def _sweeps(open_: dict[SampleKey, tuple[Sweep, Sample]]) -> list[Sweep]:
    """Return the sweeps of the samples that are not done."""
    by_sweep: dict[int, tuple[Sweep, list[Sample]]] = {}
    for sweep, sample in open_.values():
        by_sweep.setdefault(id(sweep), (sweep, []))[1].append(sample)
    return [
        Sweep(item=s.item, model=s.model, sampling=s.sampling, samples=tuple(samples))
        for s, samples in by_sweep.values()
    ]


def _failed(key: SampleKey, sample: Sample, message: str) -> Failure:
    return Failure(
        key=key, kind="decode", message=message, seed=sample.seed, temperature_sent=sample.temperature
    )
