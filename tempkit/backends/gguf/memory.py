"""How many samples fit into memory: the key-value cache is planned before it is made.

A cell of the cache holds the keys and values of one token. Separate caches give every sequence its own stretch of cells:
its attention reads no others, and a sample's numbers do not depend on what lies beside it. One shared cache lets sequences
share the cells of a common prompt: less memory where prompts are long, but all of it is looked through for every token.
Measured on two cores, 48 sequences of 100 tokens (SmolLM2 135M): 107 tokens/s shared, 148 separate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tempkit.backends.gguf.settings import Settings
from tempkit.text import byte_size

__all__ = [
    "FREE_SHARE",
    "CachePlan",
    "Need",
    "available_memory",
    "kept_memory",
    "no_room",
    "plan_cache",
    "plan_caches",
]

FREE_SHARE = 0.8
"""Of the memory that is free, how much engines may take where nothing is said."""

_PAD = 256
"""llama.cpp makes a sequence's stretch a multiple of this many cells."""

_ENOUGH = 16
"""Sequences at once beyond which a CPU decodes a token no faster."""

_PROCESS = 128 * 2**20
"""What Python, numpy and llama.cpp take without any model."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one sweep asks of the cache."""

    prompt: int
    """Tokens of the prompt."""
    new: int
    """Tokens of the longest answer."""
    places: int
    """How many different texts its samples may become."""


@dataclass(frozen=True, slots=True)
class CachePlan:
    """A cache to make."""

    width: int
    """Samples that decode at once; 0: not one fits."""
    cells: int
    """In all."""
    unified: bool
    n_bytes: int
    """Cache and logits together."""


def sequences_of(width: int) -> int:
    """Return how many sequences a cache for `width` samples has: one for each, two at least, and one for a prompt."""
    return max(width, 2) + 1


def available_memory(root: Path = Path("/")) -> int:
    """Return how many bytes this process could still take without swapping, the limits of its control groups respected.

    Args:
        root: Where `proc` and `sys` are.
    """
    free = int(psutil.virtual_memory().available)
    return max(0, min([free, *(limit - used for limit, used in _limits(root))]))


def _limits(root: Path) -> Iterator[tuple[int, int]]:
    """Yield the limit of each control group that this process is in, its own and those around it, with what is taken of it.

    A batch system or systemd sets the limit on a group far below the root, and a group above it may have a lower one. In a
    container the groups' names may be those of its host, which are not there: then the root is its own.
    """
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, kinds, name = line.split(":", 2) if line.count(":") > 1 else ("", "", "")
        parts = [part for part in name.split("/") if part not in ("", "..")]
        if number == "0" and not kinds:
            version, roots = _V2, ("sys/fs/cgroup", "sys/fs/cgroup/unified")
        elif "memory" in kinds.split(","):
            version, roots = _V1, ("sys/fs/cgroup/memory", f"sys/fs/cgroup/{kinds}")
        else:
            continue
        for base in roots:
            for depth in range(len(parts), -1, -1):
                yield from _limit_of(root.joinpath(base, *parts[:depth]), version)


@dataclass(frozen=True, slots=True)
class _Version:
    """What the files of a control group are called."""

    limits: tuple[str, ...]
    used: str
    cache: str
    """In `memory.stat`: file contents that would be let go of before anything is refused."""


_V2 = _Version(("memory.max", "memory.high"), "memory.current", "inactive_file")
_V1 = _Version(("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")


def _limit_of(group: Path, version: _Version) -> Iterator[tuple[int, int]]:
    limits = [int(text) for name in version.limits if (text := _read(group / name).strip()).isdigit()]
    used = _read(group / version.used).strip()
    if limits and used.isdigit():
        stat = dict(line.split(" ", 1) for line in _read(group / "memory.stat").splitlines() if " " in line)
        cache = stat.get(version.cache, "")
        yield min(limits), int(used) - (int(cache) if cache.isdigit() else 0)


def _read(path: Path) -> str:
    """Return a file's text; nothing where it is not there: not on Linux, at the root, or for other kinds of groups."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def kept_memory(weights: int, n_embd: int) -> int:
    """Return the bytes that are taken whatever is decoded: process, weights and llama.cpp's work space for 512 tokens."""
    return _PROCESS + weights + 512 * n_embd * 4 * 16


def plan_cache(needs: Sequence[Need], settings: Settings, budget: int, cell: int, row: int) -> CachePlan:
    """Choose the widest cache that fits.

    Args:
        needs: The sweeps that share it, at least one.
        settings: `parallel` and `kv_unified` are heeded.
        budget: Bytes for cache and logits.
        cell: Bytes per cell.
        row: Bytes per sequence for its logits.
    """
    wanted = min(settings.parallel, sum(need.places for need in needs))
    stretch = -(-max(need.prompt + need.new for need in needs) // _PAD) * _PAD
    prompt, new = max(need.prompt for need in needs), max(need.new for need in needs)

    def separate(width: int) -> CachePlan:
        cells = sequences_of(width) * stretch
        return CachePlan(width, cells, False, cells * cell + width * row)

    def shared(width: int) -> CachePlan:
        # Every sample may come to live on a prompt of its own; the prompt read last is kept too.
        cells = max(width, 2) * (new + 1) + prompt * (min(width, len(needs)) + 1)
        cells = -(-cells // _PAD) * _PAD
        return CachePlan(width, cells, True, cells * cell + width * row)

    kinds = {None: (separate, shared), False: (separate,), True: (shared,)}[settings.kv_unified]
    best = CachePlan(0, 0, bool(settings.kv_unified), kinds[0](1).n_bytes)
    for kind in kinds:
        fitting = next((p for p in map(kind, range(wanted, 0, -1)) if p.n_bytes <= budget), None)
        if fitting is not None and fitting.width > best.width:
            best = fitting
        if best.width >= min(wanted, _ENOUGH):
            break
    return best


def plan_caches(
    needs: Sequence[Need], settings: Settings, budget: int, cell: int, row: int
) -> list[tuple[CachePlan, list[int]]]:
    """Return caches to make one after the other, each with the indices of the sweeps it is for.

    One cache for all sweeps is best while it holds as many samples as may be under way. Where a few long prompts would
    make it narrow for all, sweeps of like length share one instead.
    """
    if not needs:
        return []
    full = plan_cache(needs, settings, budget, cell, row)
    classes: dict[int, list[int]] = {}
    for i, need in enumerate(needs):
        stretches = -(-(need.prompt + need.new) // _PAD)
        classes.setdefault((stretches - 1).bit_length(), []).append(i)
    if len(classes) == 1 or full.width >= min(settings.parallel, sum(need.places for need in needs)):
        return [(full, list(range(len(needs))))]
    return [
        (plan_cache([needs[i] for i in members], settings, budget, cell, row), members)
        for _, members in sorted(classes.items())
    ]


def no_room(plan: CachePlan, budget: int, what: str) -> str:
    """Return why not even one of `what` fits."""
    return (
        f"{what} needs {byte_size(plan.n_bytes, megabytes=True)} for its cache and {byte_size(max(budget, 0), megabytes=True)} are left; "
        "raise --memory, lower --max-tokens or n_ctx, or choose cache_type q8_0"
    )
