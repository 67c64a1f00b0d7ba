"""How work is cut into batches, and that a run in many batches is a run like any other."""

import asyncio
import dataclasses
import itertools
import json
import time

import pytest
from batch_client import OPENAI, Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.backends.anthropic import AnthropicBackend
from tempkit.backends.openai import OpenAIBackend
from tempkit.backends.remote import BatchingBackend
from tempkit.planning.experiment import parse_model
from tempkit.types import BatchTerms, Item, Message, ModelSpec, Sample, SamplingParams, Sweep
from tempkit.types.batches import Batch


class OpenAI(OpenAIBackend):
    terms = BatchTerms(requests=1, bytes=1, price=0.5)

    def capabilities(self, model):
        return dataclasses.replace(super().capabilities(model), batch=self.terms)


class Anthropic(AnthropicBackend):
    terms = BatchTerms(requests=1, bytes=1, price=0.5)

    def capabilities(self, model):
        return dataclasses.replace(super().capabilities(model), batch=self.terms)


MODELS = {
    OpenAI: parse_model("openai:m", options={"base_url": "http://127.0.0.1:9/v1"}),
    Anthropic: parse_model("anthropic:claude-haiku-4-5", options={"base_url": "http://127.0.0.1:9"}),
}


def sweeps_of(model: ModelSpec, texts: list[str], repeat: int) -> list[Sweep]:
    return [
        Sweep(
            item=Item(key=f"p/{i}", prompt="p", messages=(Message("user", text),)),
            model=model,
            sampling=SamplingParams(max_tokens=8, logprobs=0),
            samples=tuple(Sample(t, r, seed=100 * i + r) for r in range(repeat) for t in (0.0, 1.0)),
        )
        for i, text in enumerate(texts)
    ]


def sent(backend: BatchingBackend, model: ModelSpec, batch: Batch, messages: dict[str, tuple[Message, ...]]):
    api = backend.batch_api(model)
    return [api.line(batch.custom_id(r), messages[r.key.item], r.params) for r in batch.awaited]


@pytest.mark.parametrize("kind", [OpenAI, Anthropic])
@given(
    texts=st.lists(st.text(max_size=200), min_size=1, max_size=4),
    repeat=st.integers(1, 4),
    most=st.integers(1, 40),
    size=st.integers(100, 3000),
)
@settings(max_examples=60, deadline=None)
def test_work_is_cut_to_the_providers_limits_and_nothing_is_lost(kind, texts, repeat, most, size) -> None:
    backend, model = kind(concurrency=1), MODELS[kind]
    backend.terms = BatchTerms(requests=most, bytes=size, price=0.5)
    sweeps = sweeps_of(model, texts, repeat)
    messages = {sweep.item.key: sweep.item.messages for sweep in sweeps}
    batches = list(backend.lay_out(model, sweeps))
    lines = [sent(backend, model, batch, messages) for batch in batches]
    for batch, of in zip(batches, lines, strict=True):
        assert batch.requests == len(batch.awaited) == len(of) <= most
        assert sum(map(len, of)) <= size or len(of) == 1
    # No batch could have taken the next request too.
    for of, following in itertools.pairwise(lines):
        assert len(of) == most or sum(map(len, of)) + len(following[0]) >= size
    keys = [request.key for batch in batches for request in batch.awaited]
    assert keys == [sweep.key(sample) for sweep in sweeps for sample in sweep.samples]
    names = [batch.custom_id(request) for batch in batches for request in batch.awaited]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 64 and name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_a_request_in_a_batch_is_the_one_made_by_itself(http_script) -> None:
    model = parse_model("openai:m", options={"base_url": http_script.base_url, "reasoning_effort": "none"})
    backend = OpenAI(concurrency=1)
    backend.terms = BatchTerms(requests=100, bytes=10**6, price=0.5)
    sweeps = sweeps_of(model, ["Hello"], 2)

    async def live() -> list[dict[str, object]]:
        try:
            async for _ in backend.run(sweeps, lambda *_: None):
                pass
        finally:
            await backend.close()
        return http_script.requests

    asked = asyncio.run(live())
    (batch,) = backend.lay_out(model, sweeps)
    lines = [json.loads(line) for line in sent(backend, model, batch, {"p/0": sweeps[0].item.messages})]
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}

    def in_order(bodies):
        return sorted(bodies, key=lambda body: json.dumps(body, sort_keys=True))

    assert in_order(line["body"] for line in lines) == in_order(asked)


def test_a_run_in_many_batches_is_killed_and_goes_on(client: Client) -> None:
    """Three of five batches are at the provider when the client dies while it submits the fourth."""
    client.most = 5
    client.server.creating.extend([None, None, None, "hang"])
    client.server.hold = True
    with client.begin(*client.command("--batch", models=(OPENAI,))) as process:
        while len(client.server.batches) < 4:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.communicate()
    assert client.rows("select state, requests from batch") == [*[("open", 5)] * 3, ("submitting", 5)]
    client.server.hold = False
    done = client("run", "--resume", "r", "--batch")
    assert done.code == 0, done.err
    assert [len(batch.requests) for batch in client.server.batches] == [5, 5, 5, 5, 4]
    client.whole()
