"""llama.cpp's own server, in a process of its own: two builds of llama.cpp do not belong in one.

Its first question says how to start it and is answered with its address; every other one with its peak memory.
"""

from typing import Any

import xllamacpp
from _grid import peak_bytes
from _processes import answer

_running: list[xllamacpp.Server] = []


def handle(question: dict[str, Any]) -> dict[str, Any]:
    if not _running:
        _running.append(start(**question))
    return {
        "url": _running[0].listening_address,
        "peak_bytes": peak_bytes(),
        "system": xllamacpp.get_system_info(),
    }


def start(model: str, slots: int, stretch: int, threads: int, cache_ram_mib: int | None) -> xllamacpp.Server:
    """Serve a model; what is not set here stays at llama.cpp's defaults: polling, warm-up, continuous batching, caches.

    Args:
        model: Its file.
        slots: Requests that decode at once.
        stretch: Tokens that each slot has room for.
        threads: As many as tempkit's engine takes.
        cache_ram_mib: Main memory for the prompts of slots that were given away; None: llama.cpp's default.
    """
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = slots
    params.n_ctx = slots * stretch
    params.kv_unified = False  # as tempkit's; one cache for all is looked through for every token
    params.cont_batching = True
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    if cache_ram_mib is not None:
        params.cache_ram_mib = cache_ram_mib
    return xllamacpp.Server(params)


if __name__ == "__main__":
    answer(handle)
