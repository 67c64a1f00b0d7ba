"""The options of a local model: their names, kinds, ranges and defaults."""

import os
import re
from dataclasses import dataclass
from typing import Any

from tempkit.backends.protocol import check_options
from tempkit.errors import UsageError, nearest, one_line
from tempkit.types import ModelSpec

__all__ = ["CACHE_TYPES", "Settings", "parse_size", "read_settings"]

CACHE_TYPES = {"f32": 4.0, "f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""What a number in the key-value cache may be stored as, with its size in bytes (quantised types hold 32 to a block)."""

_KINDS: dict[str, type] = {
    "n_threads": int,
    "n_gpu_layers": int,
    "n_ctx": int,
    "parallel": int,
    "memory": str,
    "flash_attn": bool,
    "kv_unified": bool,
    "cache_type": str,
    "truncate_first": bool,
}
_RANGES = {
    "n_threads": (1, 1024),
    "n_gpu_layers": (-1, 10_000),
    "n_ctx": (2, 2**31 - 1),
    "parallel": (1, 255),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a model's options come to; recorded with the run."""

    n_threads: int
    """By default the processors that this process may use."""
    n_gpu_layers: int = 0
    """Layers computed on a GPU; -1 is all of them."""
    n_ctx: int = 0
    """The most tokens that prompt and answer may have together; 0 is what the model was trained for."""
    parallel: int = 64
    """Samples under way at most; fewer when memory does not suffice."""
    memory: int | None = None
    """Bytes that the engine may take, the weights included; None is four fifths of what is free."""
    flash_attn: bool = True
    """On a CPU llama.cpp's plain attention takes other kernels for other batch shapes: the same token's logprob was
    measured to move by up to 0.46 nats (SmolLM2 135M, Q4_1), with flash attention by nothing."""
    kv_unified: bool | None = None
    """One cache shared by all sequences instead of one each; None: only where separate ones do not fit."""
    cache_type: str = "f16"
    """What keys and values are kept as."""
    truncate_first: bool = False
    """top_k, top_p and min_p cut the raw distribution, as llama.cpp does, not the one at the sample's temperature."""


def read_settings(model: ModelSpec, processors: int | None = None) -> Settings:
    """Return a model's settings.

    Args:
        model: The model.
        processors: That there are for it; None: all that this process may use.

    Raises:
        UsageError: An option is unknown, of another kind or out of range.
    """
    given: dict[str, Any] = dict(model.options)
    memory = given.pop("memory", None)
    if isinstance(memory, int) and not isinstance(memory, bool):
        memory = str(memory)
    texts = given if memory is None else {**given, "memory": memory}
    options = dict(check_options(model, _KINDS, texts))
    for name, (least, most) in _RANGES.items():
        if name in options and not least <= options[name] <= most:
            raise UsageError(f"{model.id}: option {name} must be from {least} to {most}, not {options[name]}")
    if memory is not None:
        options["memory"] = parse_size(memory, f"{model.id}: option memory")
    cache_type = options.get("cache_type", "f16")
    if cache_type not in CACHE_TYPES:
        raise UsageError(
            f"{model.id}: option cache_type must be one of {', '.join(CACHE_TYPES)}, not {one_line(repr(cache_type), 60)}{nearest(cache_type, list(CACHE_TYPES))}"
        )
    if cache_type.startswith("q") and options.get("flash_attn") is False:
        raise UsageError(
            f"{model.id}: cache_type {cache_type} needs flash attention; leave out flash_attn: false"
        )
    return Settings(**{"n_threads": processors or _processors(), **options})


def _processors() -> int:
    """How many processors this process may use; not every system knows a process's own share."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def parse_size(text: str, name: str) -> int:
    """Read a number of bytes: 2GB, 512MiB, 1.5g or 1000000.

    Raises:
        UsageError: It is none.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match or (match[3] and not match[2]):
        raise UsageError(f"{name} must be a size such as 2GB or 512MiB, not {one_line(repr(text), 60)}")
    unit = match[2].lower()
    factor = 1024 ** " kmgt".index(unit) if match[3] else _UNITS[unit]
    return int(float(match[1]) * factor)
