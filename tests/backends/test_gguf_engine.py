"""The engine's process: what it cannot bear is an error or a stored failure, never the end of the run or the store."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from tempkit.backends.gguf import GgufBackend
from tempkit.errors import ModelError
from tempkit.planning.experiment import parse_model
from tempkit.testing import QUESTIONS, make_sweeps, run_all
from tempkit.types import (
    Completion,
    Failure,
    Item,
    Message,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
)

pytestmark = [pytest.mark.engine, pytest.mark.one_core]

KEPT = 1000
"""Alternatives of each token: an outcome is then larger than all that lies unread between the engine and its reader, so an
engine whose outcomes nobody reads stands still, on the fastest machine too."""


def process_of(backend: GgufBackend) -> int:
    return next(iter(backend._engines.values()))._process.pid


def run_with(
    model: ModelSpec,
    sweeps: list[Sweep],
    meddle: Callable[[GgufBackend, int], Awaitable[None]],
) -> list[Outcome]:
    """Run sweeps; `meddle` is called after each outcome with how many there were."""

    async def main() -> list[Outcome]:
        backend = GgufBackend(concurrency=1)
        outcomes: list[Outcome] = []
        try:
            await backend.prepare(model)
            await meddle(backend, 0)
            async with aclosing(backend.run(sweeps, lambda *_: None)) as stream:
                async for outcome in stream:
                    outcomes.append(outcome)
                    await meddle(backend, len(outcomes))
        finally:
            await backend.close()
        return outcomes

    return asyncio.run(main())


@pytest.mark.parametrize("size", [5, 1000, 100_000, "half", "last byte"])
def test_truncated_files_are_errors_and_not_crashes(
    size: int | str, bundled_gguf: Path, tmp_path: Path
) -> None:
    whole = bundled_gguf.stat().st_size
    path = tmp_path / "cut.gguf"
    shutil.copyfile(bundled_gguf, path)
    os.truncate(path, {"half": whole // 2, "last byte": whole - 1}.get(str(size), size))
    with pytest.raises(ModelError, match=r"llama\.cpp cannot load it"):
        run_with(parse_model(f"gguf:{path}"), [], _nothing)


async def _nothing(_backend: GgufBackend, _count: int) -> None:
    pass


def test_a_file_that_llama_cpp_aborts_on_is_an_error_that_says_so(bundled_gguf: Path, tmp_path: Path) -> None:
    """Three times as many attention heads: llama.cpp's own check of the tensors fails."""
    data = bytearray(bundled_gguf.read_bytes())
    key = b"llama.attention.head_count"
    at = data.index(key + b"\x04\x00\x00\x00") + len(key) + 4
    data[at : at + 4] = (0).to_bytes(4, "little")
    path = tmp_path / "bad.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"llama\.cpp cannot load it") as error:
        run_with(parse_model(f"gguf:{path}"), [], _nothing)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("sig", [signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL])
def test_when_the_engine_dies_its_samples_fail_and_a_fresh_one_goes_on(sig: signal.Signals) -> None:
    model = parse_model("gguf:smollm2", options={"parallel": 4})
    sweeps = make_sweeps(model, SamplingParams(max_tokens=10, logprobs=KEPT), (0.8, 1.2), 4)
    tokens = 0

    async def main() -> list[Outcome]:
        backend = GgufBackend(concurrency=1)

        def kill(_model: str, _temperature: float, count: int) -> None:
            nonlocal tokens
            tokens += count
            if tokens - count < 60 <= tokens:  # in the middle of the second four samples
                os.kill(process_of(backend), sig)

        try:
            await backend.prepare(model)
            return [outcome async for outcome in backend.run(sweeps, kill)]
        finally:
            await backend.close()

    outcomes = asyncio.run(main())
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert len(outcomes) == len({o.key for o in outcomes}) == 16
    assert 1 <= len(failures) <= 4
    assert {f.kind for f in failures} == {"decode"}
    assert f"llama.cpp was ended by {sig.name}" in failures[0].message


def test_a_model_removed_while_running_is_drawn_to_the_end(bundled_gguf: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copyfile(bundled_gguf, path)
    model = parse_model(f"gguf:{path},parallel=4")
    sweeps = make_sweeps(model, SamplingParams(max_tokens=6), (0.8,), 4)

    async def remove(_backend: GgufBackend, count: int) -> None:
        if count == 1:
            path.unlink()

    outcomes = run_with(model, sweeps, remove)
    assert len(outcomes) == 8
    assert all(isinstance(o, Completion) for o in outcomes)


def test_a_model_cut_off_while_running_fails_what_is_left(bundled_gguf: Path, tmp_path: Path) -> None:
    """The file is mapped into memory, so reading what is not there any more ends the process with SIGBUS."""
    path = tmp_path / "model.gguf"
    shutil.copyfile(bundled_gguf, path)
    model = parse_model(f"gguf:{path},parallel=4")
    sweeps = make_sweeps(model, SamplingParams(max_tokens=6, logprobs=KEPT), (0.8,), 8)

    async def cut(_backend: GgufBackend, count: int) -> None:
        if count == 1:
            os.truncate(path, 1_000_000)

    outcomes = run_with(model, sweeps, cut)
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert len(outcomes) == len({o.key for o in outcomes}) == 16
    assert failures
    assert "SIGBUS (was the model's file changed or truncated while in use?)" in failures[0].message
    assert all("llama.cpp cannot load it" in f.message or "SIGBUS" in f.message for f in failures)


def test_closing_in_the_middle_ends_the_process() -> None:
    """The first token that is heard of ends the waiting for an outcome; it is killed, for it would go on for long."""
    model = parse_model("gguf:smollm2")
    sweeps = make_sweeps(model, SamplingParams(max_tokens=200, logprobs=KEPT), (0.8,), 8)

    async def main() -> Process:
        backend = GgufBackend(concurrency=1)
        try:
            await backend.prepare(model)
            (engine,) = backend._engines.values()
            stream = backend.run(sweeps, lambda *_: waiting.cancel())
            waiting = asyncio.ensure_future(anext(stream))
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert engine._process.returncode is None
            await stream.aclose()
        finally:
            await backend.close()
        return engine._process

    process = asyncio.run(main())
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_prompt_too_long_for_n_ctx_fails_its_item_and_no_other() -> None:
    model = parse_model("gguf:smollm2,n_ctx=60")
    long = Item(key="p/long", prompt="p", messages=(Message("user", "word " * 100),))
    sampling = SamplingParams(max_tokens=4)
    sweep = Sweep(item=long, model=model, sampling=sampling, samples=(Sample(0.0, 0, 1),))
    outcomes, _ = run_all([sweep, *make_sweeps(model, sampling, (0.0,), 1)])
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert [(f.kind, f.key.item) for f in failures] == [("context_length", "p/long")]
    assert "tokens; the model's context holds 60, the answer included" in failures[0].message
    assert len(outcomes) == 3


def test_weights_beyond_the_limit_are_refused_before_the_run() -> None:
    with pytest.raises(ModelError) as error:
        run_with(parse_model("gguf:smollm2,memory=100MB"), [], _nothing)
    assert "gguf:smollm2: weights and work space take 2" in str(error.value)
    assert str(error.value).endswith("MB, more than --memory 100 MB; raise it")


def test_an_item_that_does_not_fit_into_memory_fails_alone() -> None:
    """Two sequences of a long prompt need 2 x 8 x 256 cells of 23 kB; a short one fits."""
    model = parse_model("gguf:smollm2,memory=300MB")
    long = Item(key="p/long", prompt="p", messages=(Message("user", "word " * 7000),))
    sampling = SamplingParams(max_tokens=4)
    sweep = Sweep(item=long, model=model, sampling=sampling, samples=(Sample(0.7, 0, 1),))
    outcomes, _ = run_all([sweep, *make_sweeps(model, sampling, (0.0,), 1, QUESTIONS[:1])])
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert [(f.kind, f.key.item) for f in failures] == [("context_length", "p/long")]
    assert "one sample needs" in failures[0].message
    assert "raise --memory" in failures[0].message
    assert len(outcomes) == 2


def test_memory_does_not_grow_with_the_number_of_samples() -> None:
    def peak(repeat: int) -> int:
        model = parse_model("gguf:smollm2,parallel=8")
        sweeps = make_sweeps(model, SamplingParams(max_tokens=4), (1.0,), repeat)

        async def main() -> int:
            backend = GgufBackend(concurrency=1)
            try:
                await backend.prepare(model)
                count = 0
                async for outcome in backend.run(sweeps, lambda *_: None):
                    assert isinstance(outcome, Completion)
                    count += 1
                assert count == 2 * repeat
                return backend.stats[model.label].peak_bytes
            finally:
                await backend.close()

        return asyncio.run(main())

    assert peak(200) < peak(20) * 1.05
