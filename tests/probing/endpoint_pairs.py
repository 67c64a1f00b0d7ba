"""Pairs of endpoints for `probe --compare`: of one model, or of two."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from endpoint import MODEL, Endpoint, Switches
from endpoint_wire import in_process

from tempkit.planning.experiment import parse_model
from tempkit.probing import compare_models

__all__ = ["PAIRS", "Compared", "Pair", "try_pair"]

_SILENT = Switches(logprobs="none")
_ROUNDING = Switches(rounding="always")
_SILENT_ROUNDING = Switches(logprobs="none", rounding="always")
_DEAF = Switches(seeded=False)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two endpoints."""

    first: Switches
    second: Switches
    same: bool
    """Whether one model is behind both."""
    open: bool = False
    """Whether it may be left open."""


PAIRS: Mapping[str, Pair] = {
    "one model": Pair(first=Switches(), second=Switches(), same=True),
    "one model, no logprobs": Pair(first=_SILENT, second=_SILENT, same=True),
    "one model, logprobs from one only": Pair(first=Switches(), second=_SILENT, same=True),
    "one model, rounded otherwise": Pair(first=Switches(), second=_ROUNDING, same=True),
    "one model, rounded otherwise, no logprobs": Pair(
        first=_SILENT, second=_SILENT_ROUNDING, same=True, open=True
    ),
    "one model, seeds ignored by one": Pair(first=Switches(), second=_DEAF, same=True),
    "two models": Pair(first=Switches(), second=Switches(), same=False),
    "two models, no logprobs": Pair(first=_SILENT, second=_SILENT, same=False),
    "two models, logprobs from one only": Pair(first=Switches(), second=_SILENT, same=False),
    "two models, rounding, no logprobs": Pair(first=_SILENT_ROUNDING, second=_SILENT_ROUNDING, same=False),
}


@dataclass(frozen=True)
class Compared:
    """What was said of a pair."""

    name: str
    seed: int
    said: str
    """`same`, `different` or `unknown`."""
    requests: int

    @property
    def right(self) -> bool:
        pair = PAIRS[self.name]
        return self.said == ("same" if pair.same else "different") or (pair.open and self.said == "unknown")

    @property
    def wrong(self) -> bool:
        return not self.right and self.said != "unknown"


def try_pair(name: str, seed: int) -> Compared:
    """Compare a pair; another seed is another pair of models."""
    pair = PAIRS[name]
    own = crc32(f"{name} {seed}".encode())
    first = Endpoint(pair.first, seed=own)
    second = Endpoint(pair.second, seed=own, luck=1) if pair.same else Endpoint(pair.second, seed=own + 1)
    with in_process(first) as one, in_process(second) as other:
        models = [parse_model(f"openai:{MODEL}", options={"base_url": url}) for url in (one, other)]
        found = asyncio.run(compare_models(*models))
    return Compared(name, seed, found.status, first.requests + second.requests)
