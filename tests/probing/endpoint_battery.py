"""The probe against the kinds of endpoints: what it found of one, as short facts, beside what is to be found."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from endpoint import MODEL, Endpoint
from endpoint_expected import Kind
from endpoint_wire import in_process

from tempkit.errors import TempkitError
from tempkit.planning.experiment import parse_model
from tempkit.probing import probe_model

__all__ = ["Probed", "endpoint_of", "facts", "try_probe"]

_WITHIN = 0.2
"""Share by which a limit or a factor that was measured may differ from the true one."""


@dataclass(frozen=True)
class Probed:
    """One endpoint, probed."""

    kind: Kind
    seed: int
    found: Mapping[str, Any]
    requests: int
    """As the endpoint counted them."""
    seconds: float

    @property
    def missed(self) -> dict[str, Any]:
        """What is to be found of its kind and was not."""
        return {
            name: self.found.get(name)
            for name, wanted in self.kind.tells.items()
            if not _same(wanted, self.found.get(name))
        }

    @property
    def alarms(self) -> dict[str, Any]:
        """What was said that is not so. That something is not known is no alarm."""
        return {
            name: found
            for name, wanted in {**self.kind.expected, "error": None}.items()
            if name not in self.kind.untold
            and (found := self.found.get(name)) not in (None, "unknown")
            and not _same(wanted, found)
        }


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, float) and isinstance(found, float):
        return abs(found - wanted) <= _WITHIN * wanted
    return found == wanted


def endpoint_of(kind: Kind, seed: int) -> Endpoint:
    """Return an endpoint; another seed, or another kind, is another model with other luck."""
    return Endpoint(kind.switches, seed=crc32(f"{kind.name} {seed}".encode()))


def try_probe(kind: Kind, seed: int) -> Probed:
    """Probe an endpoint of a kind."""
    endpoint = endpoint_of(kind, seed)
    with in_process(endpoint) as base_url:
        model = parse_model(f"openai:{MODEL}", options={"base_url": base_url, **kind.options})
        began = time.perf_counter()
        try:
            found = facts(asyncio.run(probe_model(model)).as_data())
        except TempkitError as e:
            found = {"error": str(e)}
    return Probed(kind, seed, found, endpoint.requests, time.perf_counter() - began)


def facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a probe found, by the names of `endpoint_kinds`; None: it was not asked."""

    def of(part: str, name: str) -> Any:
        return (data.get(part) or {}).get(name)

    def steady(how: str) -> bool | None:
        share = of("determinism", how)
        return None if share is None else share == 0

    temperature, logprobs = data["temperature"], data["logprobs"]
    thinking = of("thinking", "status")
    prompt, answering = of("prompt", "status"), of("answering", "status")
    return {
        "temperature": temperature["status"],
        "scale seen": temperature["scale_seen"],
        "factor": temperature["factor"],
        "limit": temperature["limit"],
        "truncates": temperature["truncation"] is not None,
        "accepts": list(temperature["accepts"]),
        "zero": temperature["zero"],
        "most": temperature["largest"] if temperature["bounded"] else None,
        "logprobs": logprobs["kind"],
        "few logprobs": logprobs["limited"],
        "unsorted": logprobs["unsorted"],
        "sentinels": logprobs["markers"],
        "steady alone": steady("alone"),
        "steady together": steady("together"),
        "seed": of("seed", "status"),
        "n": of("n", "status"),
        **{name: (found or {}).get("status") for name, found in data["parameters"].items()},
        "thinking": None
        if thinking is None
        else thinking in ("in_text", "in_logprobs") or logprobs["unmatched"] > 0,
        "forgets": {"cut": True, "complete": False}.get(prompt),
        "same model": {"changed": False, "same": True}.get(answering),
    }
