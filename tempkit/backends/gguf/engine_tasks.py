"""What the engine's process does: load a model, draw sweeps, score passages, embed texts, say what may follow."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from tempkit.backends.gguf import ipc
from tempkit.backends.gguf.decoder import Decoder, Job, places_of
from tempkit.backends.gguf.embedding import embed
from tempkit.backends.gguf.memory import (
    FREE_SHARE,
    Need,
    available_memory,
    kept_memory,
    no_room,
    plan_caches,
)
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.next_tokens import NextReader, spelled
from tempkit.backends.gguf.scoring import score_passages
from tempkit.backends.gguf.settings import CACHE_TYPES, Settings
from tempkit.backends.gguf.stream import failure
from tempkit.errors import ModelError, TempkitError
from tempkit.text import byte_size
from tempkit.types import Outcome

__all__ = ["draw", "serve"]


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Load a model, then do one order after the other.

    Raises:
        EOFError, BrokenPipeError: The other end is gone.
    """
    order: ipc.Load | ipc.Run | ipc.Score | ipc.Embed | ipc.Spell | ipc.Next = ipc.read(orders)
    if not isinstance(order, ipc.Load):
        raise TypeError(f"expected an order to load, got {order!r}")
    try:
        model = LoadedModel(order.model, order.path, order.settings.n_gpu_layers, order.now)
        check_memory(model, order.model.id, order.settings)
    except TempkitError as e:
        answers.write(ipc.pack(ipc.Refused(str(e))))
        return
    settings = order.settings
    answers.write(ipc.pack(ipc.Loaded({**model.details(), "n_ctx": context_limit(model, settings)})))
    reader = NextReader(model, settings, context_limit(model, settings))
    while True:
        order = ipc.read(orders)
        if not isinstance(order, ipc.Next):
            reader.close()  # its cache is in the way of others
        try:
            answers.writelines(ipc.pack(answer) for answer in _do(model, settings, reader, order))
        except TempkitError as e:
            answers.write(ipc.pack(ipc.Refused(str(e))))


def _do(model: LoadedModel, settings: Settings, reader: NextReader, order: object) -> Iterator[object]:
    if isinstance(order, ipc.Run):
        yield from draw(model, settings, order)
    elif isinstance(order, ipc.Score):
        limit = context_limit(model, settings)
        for scored in score_passages(
            model, order.passages, order.top_logprobs, settings, limit, sizes(model, settings)
        ):
            yield ipc.Scores([scored])
        yield ipc.Done(ipc.EngineStats())
    elif isinstance(order, ipc.Embed):
        yield from embed(model, order.texts, settings, context_limit(model, settings))
        yield ipc.Done(ipc.EngineStats())
    elif isinstance(order, ipc.Spell):
        yield spelled(model)
        yield ipc.Done(ipc.EngineStats())
    elif isinstance(order, ipc.Next):
        yield from reader.read(order, sizes(model, settings))
        yield ipc.Done(ipc.EngineStats())
    else:
        raise TypeError(f"unknown order {order!r}")


def draw(model: LoadedModel, settings: Settings, order: ipc.Run) -> Iterator[object]:
    """Draw all samples of some sweeps; yield `Step`s and one `Done`."""
    began = time.perf_counter()
    limit = context_limit(model, settings)
    jobs, refused = _jobs(model, order, limit)
    if refused:
        yield ipc.Step([], [], refused)
    needs = [
        Need(
            len(job.tokens),
            min(job.sweep.sampling.max_tokens, limit - len(job.tokens)),
            len(places_of(job.sweep)),
        )
        for job in jobs
    ]
    budget, cell, row = sizes(model, settings)
    stats = Counter[str]()
    decode_s = 0.0
    counts: list[tuple[str, float, int]] = []
    for plan, members in plan_caches(needs, settings, budget, cell, row):
        group = [jobs[i] for i in members]
        if not plan.width:
            why = no_room(plan, budget, "one sample")
            outcomes = [failure(j.sweep, s, "context_length", why) for j in group for s in j.sweep.samples]
            yield ipc.Step([], [], outcomes)
            continue
        decoder = Decoder(model, group, plan, settings, lambda *token: counts.append(token))
        try:
            while not decoder.done:
                ended = decoder.step()
                yield ipc.Step([sweep.key(sample) for sweep, sample in decoder.started], counts[:], ended)
                counts.clear()
        finally:
            decoder.close()
        stats.update(tokens=decoder.tokens, passes=decoder.context.passes, steps=decoder.steps)
        decode_s += decoder.context.decode_s
        stats["width"] = max(stats["width"], plan.width)
        stats["cache_bytes"] = max(stats["cache_bytes"], plan.n_bytes)
    yield ipc.Done(
        ipc.EngineStats(
            wall_s=time.perf_counter() - began, decode_s=decode_s, peak_bytes=peak_bytes(), **stats
        )
    )


def _jobs(model: LoadedModel, order: ipc.Run, limit: int) -> tuple[list[Job], list[Outcome]]:
    """Return what can be drawn, and the failures of what cannot."""
    jobs: list[Job] = []
    refused: list[Outcome] = []
    for sweep in order.sweeps:
        try:
            tokens = model.prompt_tokens(sweep.item.messages)
        except ModelError as e:
            refused += [failure(sweep, s, "rejected", str(e)) for s in sweep.samples]
            continue
        if not tokens or len(tokens) >= limit:
            why = (
                f"the prompt has {len(tokens)} tokens; the model's context holds {limit}, the answer included"
            )
            refused += [failure(sweep, s, "context_length", why) for s in sweep.samples]
            continue
        jobs.append(Job(sweep, tokens, limit, model.thoughts_begun(tokens)))
    return jobs, refused


def context_limit(model: LoadedModel, settings: Settings) -> int:
    """Return the most tokens that prompt and answer may have together."""
    return min(settings.n_ctx or model.n_ctx_train, model.n_ctx_train)


def sizes(model: LoadedModel, settings: Settings) -> tuple[int, int, int]:
    """Return bytes: what cache and logits may take, what a token takes in the cache, what a sequence's logits take."""
    limit = settings.memory or int(available_memory() * FREE_SHARE)
    budget = limit - kept_memory(model.n_bytes, model.n_embd)
    # Once in llama.cpp's graph, once where it hands them over, and twice in the sampler.
    return budget, model.cell_bytes(CACHE_TYPES[settings.cache_type]), 4 * 4 * model.n_vocab


def check_memory(model: LoadedModel, name: str, settings: Settings) -> None:
    """Refuse a model whose weights alone exceed the limit.

    Raises:
        ModelError: They do.
    """
    needed = kept_memory(model.n_bytes, model.n_embd)
    if settings.memory is not None and needed > settings.memory:
        raise ModelError(
            f"{name}: weights and work space take {byte_size(needed, megabytes=True)}, more than --memory {byte_size(settings.memory, megabytes=True)}; raise it"
        )


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux
