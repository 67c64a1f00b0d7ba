"""The local engine against llama-cpp-python's own high-level API, an independent way to the same numbers."""

import asyncio
import math
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from backends.contract import QUESTIONS, make_sweeps, run_all
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from tempkit.backends.gguf import GgufBackend
from tempkit.backends.gguf.decoder import Decoder
from tempkit.errors import ModelError, UsageError
from tempkit.experiment import parse_model
from tempkit.types import Completion, Failure, Item, Message, Sample, SamplingParams, Sweep

MODEL = parse_model("gguf:smollm2")


def complete(sweeps: list[Sweep]) -> dict[object, Completion]:
    outcomes, _ = run_all(sweeps)
    assert all(isinstance(o, Completion) for o in outcomes), outcomes
    return {o.key: o for o in outcomes if isinstance(o, Completion)}


@pytest.fixture(scope="module")
def reference(bundled_gguf: Path) -> llama_cpp.Llama:
    llama = llama_cpp.Llama(
        str(bundled_gguf), n_ctx=512, logits_all=True, verbose=False, n_threads=2, flash_attn=True
    )
    yield llama
    llama.close()


def recomputed(reference: llama_cpp.Llama, completion: Completion) -> np.ndarray:
    """Feed prompt and completion to llama-cpp-python; return raw logprobs in float64, shape (tokens, vocabulary)."""
    formatter = Jinja2ChatFormatter(
        reference.metadata["tokenizer.chat_template"], "<|im_end|>", "<|im_start|>"
    )
    question = QUESTIONS[int(completion.key.item.split("/")[1])]
    prompt = formatter(messages=[{"role": "user", "content": question}]).prompt
    head = reference.tokenize(prompt.encode(), add_bos=False, special=True)
    assert completion.input_tokens == len(head)
    reference.reset()
    reference.eval([*head, *(t.token_id for t in completion.tokens)])
    first = len(head) - 1
    logits = np.array(reference.scores[first : first + len(completion.tokens)], dtype=np.float64)
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def test_logprobs_entropies_and_alternatives_agree_with_a_plain_recomputation(
    reference: llama_cpp.Llama,
) -> None:
    """To the last digits: with flash attention the shape of the batch does not matter."""
    done = complete(make_sweeps(MODEL, SamplingParams(max_tokens=16, logprobs=10), (0.0, 1.2), 2))
    for completion in done.values():
        rows = recomputed(reference, completion)
        entropies = -(np.exp(rows) * rows).sum(axis=1)
        for row, token, entropy in zip(rows, completion.tokens, entropies, strict=True):
            best = np.argsort(-row)[:10]
            assert token.logprob == pytest.approx(row[token.token_id], abs=1e-4)
            assert token.entropy == pytest.approx(entropy, abs=1e-3)
            assert token.rank == (row > row[token.token_id]).sum()
            assert [lp for _, lp in token.top] == pytest.approx(row[best], abs=1e-4)


def test_at_zero_every_token_is_the_best_one(reference: llama_cpp.Llama) -> None:
    done = complete(make_sweeps(MODEL, SamplingParams(max_tokens=16), (0.0,), 1))
    for completion in done.values():
        rows = recomputed(reference, completion)
        assert [t.token_id for t in completion.tokens] == rows.argmax(axis=1).tolist()


def test_the_same_plan_gives_the_same_texts() -> None:
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=16), (0.0, 1.0, 1.6), 3)
    first, second = complete(sweeps), complete(sweeps)
    assert {k: c.text for k, c in first.items()} == {k: c.text for k, c in second.items()}


def test_a_sample_does_not_depend_on_the_order_of_work() -> None:
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=12), (0.0, 0.7, 1.3), 4)
    backwards = [
        Sweep(item=s.item, model=s.model, sampling=s.sampling, samples=tuple(reversed(s.samples)))
        for s in reversed(sweeps)
    ]
    first, second = complete(sweeps), complete(backwards)
    # Another place in the cache rounds otherwise, so a near tie may flip; another random stream would change most.
    same = sum(first[key].text == second[key].text for key in first)
    assert same >= len(first) - 2, f"{same} of {len(first)} texts are the same"


def test_more_samples_than_places_are_queued() -> None:
    model = parse_model("gguf:smollm2", options={"parallel": 3})
    sweeps = make_sweeps(model, SamplingParams(max_tokens=6), (0.0, 1.0), 5)
    assert len(complete(sweeps)) == 20


def test_a_stop_text_ends_the_completion_before_it() -> None:
    plain = complete(make_sweeps(MODEL, SamplingParams(max_tokens=24), (0.0,), 1, QUESTIONS[:1]))
    text = next(iter(plain.values())).text
    stop = text.split()[2]
    cut = complete(make_sweeps(MODEL, SamplingParams(max_tokens=24, stop=(stop,)), (0.0,), 1, QUESTIONS[:1]))
    completion = next(iter(cut.values()))
    assert completion.text == text[: text.index(stop)]
    assert completion.finish_reason == "stop"
    spelled = "".join(t.text for t in completion.tokens)
    assert spelled.startswith(completion.text)
    assert len(completion.tokens) < 6


def test_a_prompt_too_long_fails_its_item_and_no_other() -> None:
    long = Item(key="p/long", prompt="p", messages=(Message("user", "word " * 9000),))
    sampling = SamplingParams(max_tokens=4)
    sweep = Sweep(item=long, model=MODEL, sampling=sampling, samples=(Sample(0.0, 0, 1),))
    outcomes, _ = run_all([sweep, *make_sweeps(MODEL, sampling, (0.0,), 1)])
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert [f.kind for f in failures] == ["context_length"]
    assert "the model's context holds 8192, the answer included" in failures[0].message
    assert len(outcomes) == 3


@pytest.mark.parametrize("fault", ["decode", "logits"])
def test_what_llama_cpp_cannot_evaluate_fails_its_samples_and_the_run_goes_on(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third evaluation goes wrong: the samples in it fail, the ones that wait are drawn."""
    calls = 0
    if fault == "decode":
        real_decode = Decoder._decode

        def decode(self: Decoder, rows: list[tuple[int, int, int]], **options: bool) -> bool:
            nonlocal calls
            calls += 1
            return calls != 3 and real_decode(self, rows, **options)

        monkeypatch.setattr(Decoder, "_decode", decode)
    else:
        real_logits = Decoder._logits

        def logits(self: Decoder, row: int) -> np.ndarray:
            nonlocal calls
            calls += 1
            return np.full_like(real_logits(self, row), np.nan) if calls == 3 else real_logits(self, row)

        monkeypatch.setattr(Decoder, "_logits", logits)
    model = parse_model("gguf:smollm2", options={"parallel": 2})
    outcomes, _ = run_all(make_sweeps(model, SamplingParams(max_tokens=5), (1.0, 1.5), 2))
    failures = [o for o in outcomes if isinstance(o, Failure)]
    assert len(outcomes) == 8
    assert 1 <= len(failures) <= 2
    message = "llama_decode failed" if fault == "decode" else "the model gave logits that are not finite"
    assert {(f.kind, f.message) for f in failures} == {("decode", message)}


def test_texts_beyond_ascii_survive() -> None:
    done = complete(make_sweeps(MODEL, SamplingParams(max_tokens=24), (1.6,), 6, ("Write emoji: 🎉 ñ 漢字",)))
    for completion in done.values():
        assert completion.text.encode("utf-8", "strict")
        assert all(t.text.encode("utf-8", "strict") is not None for t in completion.tokens)
        assert all(t.logprob is not None and math.isfinite(t.logprob) for t in completion.tokens)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"threads": 2},
            "gguf:smollm2: unknown option 'threads' (did you mean 'n_threads'?); known: n_threads, n_gpu_layers, parallel, flash_attn",
        ),
        ({"parallel": 0}, "gguf:smollm2: option parallel must be from 1 to 255, not 0"),
        ({"n_threads": "two"}, "gguf:smollm2: option n_threads must be a whole number, not 'two'"),
    ],
)
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        GgufBackend(concurrency=1).capabilities(parse_model("gguf:smollm2", options=options))
    assert str(error.value) == message


def test_damaged_files_are_errors_and_not_crashes(bundled_gguf: Path, tmp_path: Path) -> None:
    whole = bundled_gguf.read_bytes()
    for size in (5, 1000, 100_000, len(whole) // 2, len(whole) - 1):
        path = tmp_path / f"{size}.gguf"
        path.write_bytes(whole[:size])

        async def load(path: Path = path) -> None:
            backend = GgufBackend(concurrency=1)
            try:
                await backend.prepare(parse_model(f"gguf:{path}"))
            finally:
                await backend.close()

        with pytest.raises(ModelError, match=r"llama\.cpp cannot load it: "):
            asyncio.run(load())
