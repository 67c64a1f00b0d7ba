"""The engine's own work in this process, with its sampler timed; beside `vocabulary.py`, which says why."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from _grid import Grid, peak_bytes
from _processes import answer

_spent = [0.0]


def timed(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            _spent[0] += time.perf_counter() - start

    return run


def handle(grid: dict[str, Any]) -> dict[str, Any]:
    from tempkit.backends.gguf import engine_tasks, ipc
    from tempkit.backends.gguf.files import find_model_file
    from tempkit.backends.gguf.model import LoadedModel
    from tempkit.backends.gguf.sampler import Rows
    from tempkit.backends.gguf.settings import read_settings

    for name in ("__init__", "draw", "describe"):
        setattr(Rows, name, timed(getattr(Rows, name)))
    sweeps = [sweep for leg in Grid(**grid).legs().values() for sweep in leg]
    spec = sweeps[0].model
    settings = read_settings(spec)
    model = LoadedModel(spec, str(find_model_file(spec)), settings.n_gpu_layers)
    stats = ipc.EngineStats()
    failures: list[str] = []
    for message in engine_tasks.draw(model, settings, ipc.Run(sweeps)):
        ipc.pack(message)  # the engine sends it: part of its time
        if isinstance(message, ipc.Done):
            stats = message.stats
        elif isinstance(message, ipc.Step):
            failures += [o.message for o in message.outcomes if not hasattr(o, "tokens")]
    if failures or not stats.steps:
        raise SystemExit(f"tempkit: {failures[:1]}")
    return {**asdict(stats), "sampling_s": _spent[0], "n_vocab": model.n_vocab, "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    answer(handle)
