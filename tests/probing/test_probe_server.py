"""The probe on llama.cpp's own server: as tempkit asks it, and with the server's own chain of samplers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import LlamaServer, serve

from tempkit.planning import parse_model
from tempkit.probing import ProbeResult, probe_model

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(bundled_gguf: Path) -> Iterator[LlamaServer]:
    with serve(bundled_gguf, "") as started:
        yield started


def probed(server: LlamaServer, **options: bool) -> ProbeResult:
    model = parse_model("llama-server:smollm2", options={"base_url": server.base_url, **options})
    return asyncio.run(probe_model(model, only_temperature=True))


def test_asked_neutrally_it_honours_the_temperature(server: LlamaServer) -> None:
    found = probed(server)
    assert found.temperature.status == "honoured", found.temperature
    assert found.logprobs is not None
    assert found.logprobs.kind == "raw"
    for effect in found.temperature.effects:
        if effect.behaves_like is not None and effect.se is not None and effect.temperature <= 1:
            assert abs(effect.behaves_like - effect.temperature) <= 3.5 * effect.se


def test_its_own_chain_is_seen_to_truncate_before_the_temperature(server: LlamaServer) -> None:
    """Unless told otherwise it cuts by top_k 40, top_p 0.95 and min_p 0.05, and then tempers what is left."""
    found = probed(server, extended_sampling=False).temperature
    assert found.status == "remapped", found
    assert "truncates before temperature" in found.why
    highest = max(found.effects, key=lambda effect: effect.temperature)
    assert highest.behaves_like is not None
    assert highest.se is not None
    # How much depends on what is asked.
    assert highest.behaves_like + 3 * highest.se < 1.6
