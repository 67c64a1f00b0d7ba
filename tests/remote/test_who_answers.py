"""Whoever answers in another's place is seen through every provider's own name for it, and in batches too."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from batch_client import ANTHROPIC, OPENAI, SAMPLES, Client
from every_adapter import ADAPTERS, Adapter
from servers.deciding import Asked, Given
from support import Cli

BY_NAME = {adapter.name: adapter for adapter in ADAPTERS}
INSTEAD = {
    "chat": ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", "gemini-3.8-flash"),
    "responses": ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", "gpt-5-2025-08-07"),
    "anthropic": ("claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-opus-5-1"),
    "google": ("gemini-2.5-flash", "gemini-2.5-flash-001", "gemini-3.8-flash"),
}
"""By adapter: the model asked, what it answers as, and one that does not go by the temperature."""


def body(adapter: Adapter, name: str, **more: Any) -> Given:
    said = adapter.said("red")
    said["modelVersion" if adapter.name == "google" else "model"] = name
    return Given({**said, **more})


@pytest.mark.usefixtures("quick_and_clean")
@pytest.mark.parametrize("name", INSTEAD)
def test_another_that_does_not_go_by_the_temperature_ends_the_run(
    name: str, cli: Cli, tmp_path: Path
) -> None:
    adapter, (model, itself, instead) = BY_NAME[name], INSTEAD[name]
    lock, answered = threading.Lock(), 0

    def decide(asked: Asked) -> Given:
        nonlocal answered
        with lock:
            answered += 1
            return body(adapter, itself if answered <= 50 else instead)

    with adapter.serve(decide) as server:
        backend = adapter.model.partition(":")[0]
        typed = f"{backend}:{model},base_url={server.url}{adapter.path}{adapter.options}"
        done = cli("run", "Say red.", "-m", typed, "-t", "0,0.5", "-n", "40", "--logprobs", "0", "-j", "2")
    assert done.code == 1, done.err
    assert f"is answered by {instead}, which " in done.err.strip().splitlines()[-1]
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        counts = dict(connection.execute("select response_model, count(*) from completion group by 1"))
    assert counts[itself] == 50
    assert 1 <= counts[instead] <= 4


@pytest.mark.usefixtures("quick_and_clean")
def test_ollama_that_answers_by_another_model_is_said(cli: Cli) -> None:
    adapter = BY_NAME["ollama"]
    with adapter.serve(lambda asked: body(adapter, "qwen3:8b")) as server:
        done = cli(
            "run", "Say red.", "-m", adapter.typed(server.url), "-t", "0,1", "-n", "2", "--logprobs", "0"
        )
    assert done.code == 0, done.err
    assert "is answered by qwen3:8b, which is not m" in done.err


@pytest.mark.usefixtures("quick_and_clean")
def test_a_router_that_turns_to_another_server_in_mid_run_is_said(cli: Cli) -> None:
    adapter, lock, answered = BY_NAME["chat"], threading.Lock(), 0

    def decide(asked: Asked) -> Given:
        nonlocal answered
        with lock:
            answered += 1
            return body(adapter, "deepseek/deepseek-v3", provider="Together" if answered > 5 else "DeepInfra")

    with adapter.serve(decide) as server:
        typed = f"openrouter:deepseek/deepseek-v3,base_url={server.url}/v1"
        done = cli("run", "Say red.", "-m", typed, "-t", "0,1", "-n", "8", "--logprobs", "0", "-j", "1")
    assert done.code == 0, done.err
    assert "its fingerprint is provider Together, fp now, and was provider DeepInfra, fp before" in done.err
    assert "provider DeepInfra, fp (5 answers: " in done.err


@pytest.mark.parametrize(("model", "instead"), [(OPENAI, "gpt-5-2025-08-07"), (ANTHROPIC, "claude-opus-5-1")])
def test_a_batch_that_is_paid_for_is_collected_whoever_answered(
    client: Client, model: str, instead: str
) -> None:
    asked = model.partition(":")[2]
    lock, lines = threading.Lock(), 0

    def spoil(line: bytes) -> bytes:
        nonlocal lines
        with lock:
            lines += 1
            return (
                line.replace(f'"model": "{asked}"'.encode(), f'"model": "{instead}"'.encode())
                if lines > 12
                else line
            )

    client.server.spoil = spoil
    done = client.run("--batch", "--json", models=(model,))
    assert done.code == 0, done.err
    client.whole()
    assert f"is answered by {instead}, which is not {asked}" in done.err
    (decision,) = json.loads(done.out)["decisions"]
    (note,) = [each for each in decision["notes"] if each["code"] == "another_model"]
    assert (note["n"], note["whole"], note["ignoring"]) == (12, SAMPLES, [instead])
