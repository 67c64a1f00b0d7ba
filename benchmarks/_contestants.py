"""The contestants that are not servers, each in a process of its own: it does what its one question says."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from _grid import Grid, peak_bytes
from _processes import answer

from tempkit.planning.experiment import parse_model
from tempkit.types import Completion, Sweep


def handle(question: dict[str, Any]) -> dict[str, Any]:
    do: dict[str, Callable[..., dict[str, Any]]] = {
        "tempkit": tempkit,
        "high level": high_level,
        "bare": bare,
        "prompts": prompts,
    }
    result = do[question.pop("do")](**question)
    return {"peak_bytes": peak_bytes(), **result}


def prompts(grid: dict[str, Any], path: str) -> dict[str, Any]:
    """Return how many tokens each leg's prompts have, and what the build is."""
    from tempkit.backends.gguf.model import LoadedModel

    model = LoadedModel(parse_model(grid["model"]), path, 0)
    lengths = {
        name: [len(model.prompt_tokens(sweep.item.messages)) for sweep in leg]
        for name, leg in Grid(**grid).legs().items()
    }
    return {"lengths": lengths, "system": model.details()["system"], "engine": model.details()["engine"]}


def tempkit(grid: dict[str, Any]) -> dict[str, Any]:
    """Draw every leg as `tempkit run` has its backend draw; loading is not timed, making the cache is."""
    legs = {name: asyncio.run(_run(leg)) for name, leg in Grid(**grid).legs().items()}
    parent, engine = peak_bytes(), max(leg["peak_bytes"] for leg in legs.values())
    return {"legs": legs, "peak_bytes": parent + engine, "parent_peak_bytes": parent}


async def _run(sweeps: list[Sweep]) -> dict[str, Any]:
    from tempkit.backends.gguf import GgufBackend

    model = sweeps[0].model
    backend = GgufBackend(concurrency=1)
    seconds = 0.0
    drawn: dict[str, list[tuple[Completion, tuple[int | None, ...]]]] = {}
    try:
        await backend.prepare(model)
        start = time.perf_counter()
        async for outcome in backend.run(sweeps, lambda *_: None):
            seconds = time.perf_counter() - start
            if not isinstance(outcome, Completion):
                raise SystemExit(f"tempkit: {outcome.message}")
            drawn.setdefault(outcome.key.item, []).append(_kept(outcome))
        stats = backend.stats[model.label]
    finally:
        await backend.close()
    done = [completion for samples in drawn.values() for completion, _ in samples]
    tokens = sum(c.output_tokens or 0 for c in done)
    where = sum((c.input_tokens or 0) + (c.output_tokens or 0) / 2 for c in done) / len(done)
    return {
        **asdict(stats),
        "tokens": tokens,  # without the ends of texts, which the engine's own count has
        "seconds": seconds,
        "samples": len(done),
        "mean_width": stats.passes / stats.steps,
        "mean_position": where,
        "items": {item: _item(samples) for item, samples in drawn.items()},
    }


def _kept(completion: Completion) -> tuple[Completion, tuple[int | None, ...]]:
    """Keep a completion without its logprobs: a run writes them to the store and lets them go."""
    return replace(completion, tokens=()), tuple(token.token_id for token in completion.tokens)


def _item(samples: list[tuple[Completion, tuple[int | None, ...]]]) -> dict[str, int]:
    """Return an item's tokens, and the passes that it needs by itself: its prompt, and every distinct text once.

    A token is evaluated when something was drawn after it: of a text that was cut by its length, the last one is not.
    """
    texts: dict[tuple[int, int | None], int] = {}  # each text as (the one before its last token, that token)
    for completion, ids in samples:
        text = 0
        for token in ids[: len(ids) - (completion.finish_reason == "length")]:
            text = texts.setdefault((text, token), len(texts) + 1)
    tokens = sum(c.output_tokens or 0 for c, _ in samples)
    return {"tokens": tokens, "passes": len(texts) + (samples[0][0].input_tokens or 0)}


def high_level(grid: dict[str, Any], path: str, stretch: int, threads: int, logprobs: bool) -> dict[str, Any]:
    """Ask `Llama.create_chat_completion` one by one: each leg's first item, one replicate at each temperature."""
    from llama_cpp import Llama

    model = Llama(
        path,
        n_ctx=stretch,
        n_threads=threads,
        n_threads_batch=threads,
        flash_attn=True,
        logits_all=logprobs,  # it gives no logprobs without
        verbose=False,
    )
    legs = {}
    for name, leg in Grid(**grid).legs().items():
        sweep, sampling = leg[0], leg[0].sampling
        samples = [sample for sample in sweep.samples if sample.replicate == 0]
        wanted: dict[str, Any] = {"logprobs": True, "top_logprobs": sampling.logprobs} if logprobs else {}
        messages: Any = [{"role": m.role, "content": m.content} for m in sweep.item.messages]
        tokens = 0
        start = time.perf_counter()
        for sample in samples:
            told: Any = model.create_chat_completion(
                messages,
                temperature=sample.temperature,
                seed=sample.seed,
                max_tokens=sampling.max_tokens,
                top_k=0,
                top_p=1.0,
                min_p=0.0,
                **wanted,
            )
            tokens += told["usage"]["completion_tokens"]  # the end token is not among them
            if logprobs and not told["choices"][0]["logprobs"]["content"]:
                raise SystemExit("llama-cpp-python gave no logprobs")
        legs[name] = {
            "tokens": tokens,
            "seconds": time.perf_counter() - start,
            "samples": len(samples),
        }
    return {"legs": legs}


def bare(path: str, stretch: int, threads: int, legs: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Evaluate tokens and do nothing else: what no engine on this build can exceed.

    Args:
        path: The model's file.
        stretch: Tokens that each sequence has room for, as tempkit's.
        threads: As tempkit's.
        legs: (sequences at once, tokens that each holds half-way through).
    """
    import ctypes

    import llama_cpp

    quiet = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(path.encode(), params)
    measured = {
        name: _decode(model, width, position, stretch, threads) for name, (width, position) in legs.items()
    }
    llama_cpp.llama_model_free(model)
    return {"legs": measured}


def _decode(model: Any, width: int, position: int, stretch: int, threads: int) -> dict[str, Any]:
    import llama_cpp

    warm, steps = 3, 32
    first = max(1, min(position, stretch - steps) - steps // 2)
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = width * stretch
    params.n_batch = 2048
    params.n_seq_max = params.n_outputs_max = width
    params.kv_unified = False
    params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
    params.n_threads = params.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, params)
    batch = llama_cpp.llama_batch_init(2048, 0, 1)

    def decode(rows: list[tuple[int, int]], token: int) -> None:
        batch.n_tokens = len(rows)
        for i, (at, sequence) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, at, 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = i >= len(rows) - width  # computed for every sequence, as sampling needs them
        if llama_cpp.llama_decode(context, batch):
            raise SystemExit("llama_decode failed")
        llama_cpp.llama_synchronize(context)

    decode([(at, 0) for at in range(first)], 500)
    memory = llama_cpp.llama_get_memory(context)
    for sequence in range(1, width):
        llama_cpp.llama_memory_seq_cp(memory, 0, sequence, -1, -1)
    start = 0.0
    for step in range(warm + steps):
        if step == warm:
            start = time.perf_counter()
        decode([(first + step, sequence) for sequence in range(width)], 500 + step)
    seconds = time.perf_counter() - start
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    return {"passes": steps * width, "seconds": seconds, "width": width, "position": first + steps // 2}


if __name__ == "__main__":
    answer(handle)
