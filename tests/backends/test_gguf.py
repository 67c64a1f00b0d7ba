"""The local engine against llama-cpp-python's own high-level API, an independent way to the same numbers."""

import math
from functools import cache
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from planted import planted

from tempkit.backends.gguf import engine_tasks, ipc
from tempkit.backends.gguf.context import Context
from tempkit.backends.gguf.files import find_model_file
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.settings import read_settings
from tempkit.planning.experiment import parse_model
from tempkit.softmax import tempering
from tempkit.testing import QUESTIONS, make_sweeps, run_all
from tempkit.types import Completion, Failure, Item, Message, Sample, SamplingParams, Sweep

pytestmark = pytest.mark.one_core

MODEL = parse_model("gguf:smollm2")


@cache
def load() -> LoadedModel:
    """The bundled model in this process, for tests that look at the engine's inside."""
    return LoadedModel(MODEL, str(find_model_file(MODEL)), 0)


def complete(sweeps: list[Sweep]) -> dict[object, Completion]:
    outcomes, _ = run_all(sweeps)
    assert all(isinstance(o, Completion) for o in outcomes), outcomes
    return {o.key: o for o in outcomes if isinstance(o, Completion)}


@pytest.fixture(scope="module")
def reference(bundled_gguf: Path) -> llama_cpp.Llama:
    llama = llama_cpp.Llama(
        str(bundled_gguf), n_ctx=512, logits_all=True, verbose=False, n_threads=1, flash_attn=True
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
    """But for rounding: with flash attention the shape of the batch does not matter."""
    done = complete(make_sweeps(MODEL, SamplingParams(max_tokens=16, logprobs=10), (0.0, 0.4, 1.2), 2))
    for completion in done.values():
        rows = recomputed(reference, completion)
        entropies = -(np.exp(rows) * rows).sum(axis=1)
        temperature = completion.key.temperature
        at = tempering.entropy(tempering.tempered(rows, temperature)) if temperature else np.zeros(len(rows))
        assert [t.entropy_tempered for t in completion.tokens] == pytest.approx(at.tolist(), abs=1e-4)
        for row, token, entropy in zip(rows, completion.tokens, entropies, strict=True):
            best = np.argsort(-row)[:10]
            assert token.logprob == pytest.approx(row[token.token_id], abs=1e-4)
            assert token.entropy == pytest.approx(entropy, abs=1e-3)
            # Of two that are as good as equal either may stand first.
            assert (row > row[token.token_id] + 1e-4).sum() <= token.rank
            assert token.rank <= (row > row[token.token_id] - 1e-4).sum()
            assert [lp for _, lp in token.top] == pytest.approx(row[best], abs=1e-4)


def test_at_zero_every_token_is_the_best_one(reference: llama_cpp.Llama) -> None:
    done = complete(make_sweeps(MODEL, SamplingParams(max_tokens=16), (0.0,), 1))
    for completion in done.values():
        rows = recomputed(reference, completion)
        chosen = rows[np.arange(len(rows)), [t.token_id for t in completion.tokens]]
        assert chosen == pytest.approx(rows.max(axis=1), abs=1e-4)


def test_the_same_plan_gives_the_same_texts() -> None:
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=16), (0.0, 1.0, 1.6), 3)
    first, second = complete(sweeps), complete(sweeps)
    assert {k: c.text for k, c in first.items()} == {k: c.text for k, c in second.items()}


@pytest.mark.parametrize("parallel", [1, 3, 7])
def test_neither_texts_nor_numbers_depend_on_the_schedule(parallel: int) -> None:
    """On a CPU with flash attention and separate caches not even rounding differs, whatever else is in the batch."""
    sampling = SamplingParams(max_tokens=12, logprobs=3)
    sweeps = make_sweeps(MODEL, sampling, (0.0, 0.7, 1.3), 4)
    narrow = parse_model("gguf:smollm2", options={"parallel": parallel})
    backwards = [
        Sweep(item=s.item, model=narrow, sampling=sampling, samples=tuple(reversed(s.samples)))
        for s in reversed(sweeps)
    ]
    first, second = complete(sweeps), complete(backwards)
    assert {k: c.tokens for k, c in first.items()} == {k: c.tokens for k, c in second.items()}


def test_numbers_do_not_depend_on_the_schedule_far_into_a_text_either() -> None:
    """Beyond 256 tokens llama.cpp has one more kernel for a lone sample; and a prompt is read in other pieces here."""
    filler = " ".join(f"Item {i} is stored on shelf {i * 7 % 31}." for i in range(24))
    questions = tuple(f"{filler} {question}" for question in QUESTIONS)
    sampling = SamplingParams(max_tokens=6, logprobs=3)
    sweeps = make_sweeps(MODEL, sampling, (0.0, 0.7), 2, questions)
    alone = parse_model("gguf:smollm2", options={"parallel": 1})
    backwards = [
        Sweep(item=s.item, model=alone, sampling=sampling, samples=s.samples) for s in reversed(sweeps)
    ]
    first, second = complete(sweeps), complete(backwards)
    assert min(c.input_tokens for c in first.values()) > 256
    assert {k: c.tokens for k, c in first.items()} == {k: c.tokens for k, c in second.items()}


def test_one_shared_cache_gives_the_same_but_for_rounding() -> None:
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=12), (0.0, 0.7), 4)
    shared = parse_model("gguf:smollm2", options={"kv_unified": True})
    first = complete(sweeps)
    second = complete(
        [Sweep(item=s.item, model=shared, sampling=s.sampling, samples=s.samples) for s in sweeps]
    )
    # Keys lie elsewhere in the cache, so sums round otherwise and a near tie may flip; another stream would change most.
    assert sum(first[key].text == second[key].text for key in first) >= len(first) - 4


def test_samples_share_what_they_have_in_common() -> None:
    """Replicates at T = 0 cost one pass per token between them, and an item's prompt is read once."""
    sampling = SamplingParams(max_tokens=20)
    sweeps = make_sweeps(MODEL, sampling, (0.0,), 8, QUESTIONS[:1])
    steps = list(engine_tasks.draw(load(), read_settings(MODEL), ipc.Run(sweeps)))
    done = steps[-1]
    assert isinstance(done, ipc.Done)
    completions = [o for step in steps[:-1] for o in step.outcomes]
    assert len({c.text for c in completions}) == 1
    assert len(completions) == 8
    prompt, generated = completions[0].input_tokens, completions[0].output_tokens
    assert done.stats.passes == prompt + generated - (completions[0].finish_reason == "length")
    assert done.stats.tokens >= 8 * generated


def test_the_next_prompt_reads_only_what_is_new() -> None:
    def passes(questions: tuple[str, ...]) -> int:
        sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=1), (0.0,), 1, questions)
        done = list(engine_tasks.draw(load(), read_settings(MODEL), ipc.Run(sweeps)))[-1]
        assert isinstance(done, ipc.Done)
        return done.stats.passes

    first, second = "Name a colour of the sky.", "Name a colour of the sea."
    assert passes((first, second)) - passes((first,)) < passes((second,)) / 2


@pytest.mark.parametrize(
    ("sampling", "allowed"),
    [
        (SamplingParams(max_tokens=1, top_k=3), 3),
        (SamplingParams(max_tokens=1, top_k=1), 1),
        (SamplingParams(max_tokens=1, min_p=1.0), 1),
        (SamplingParams(max_tokens=1, top_p=1e-6), 1),
    ],
)
def test_truncation_holds_and_is_recorded(sampling: SamplingParams, allowed: int) -> None:
    done = complete(make_sweeps(MODEL, sampling, (1.6,), 30, QUESTIONS[:1]))
    assert max(c.tokens[0].rank or 0 for c in done.values()) < allowed
    assert len({c.text for c in done.values()}) == allowed
    completion = next(iter(done.values()))
    assert {k: completion.params[k] for k in ("top_k", "top_p", "min_p")} == {
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
    }


def test_truncating_first_keeps_fewer_when_it_is_hot() -> None:
    """llama.cpp's min_p at a high temperature: cut before, the tail that heat would raise is gone."""
    sampling = SamplingParams(max_tokens=1, min_p=0.05)
    first = parse_model("gguf:smollm2", options={"truncate_first": True})
    texts = [
        {c.text for c in complete(make_sweeps(model, sampling, (2.0,), 60, QUESTIONS[:1])).values()}
        for model in (MODEL, first)
    ]
    assert len(texts[0]) > len(texts[1])
    done = next(iter(complete(make_sweeps(first, sampling, (2.0,), 1, QUESTIONS[:1])).values()))
    assert done.params["truncate_first"] is True


def test_more_samples_than_places_are_queued() -> None:
    model = parse_model("gguf:smollm2", options={"parallel": 3})
    sweeps = make_sweeps(model, SamplingParams(max_tokens=6), (0.0, 1.0), 5)
    assert len(complete(sweeps)) == 20


def test_a_stop_text_ends_the_completion_before_it() -> None:
    plain = complete(make_sweeps(MODEL, SamplingParams(max_tokens=24), (0.0,), 1, QUESTIONS[:1]))
    whole = next(iter(plain.values()))
    text, stop = whole.text, whole.text.split()[2]
    cut = complete(make_sweeps(MODEL, SamplingParams(max_tokens=24, stop=(stop,)), (0.0,), 1, QUESTIONS[:1]))
    completion = next(iter(cut.values()))
    assert completion.text == text[: text.index(stop)]
    assert completion.finish_reason == "stop"
    spelled = "".join(t.text for t in completion.tokens)
    assert spelled.startswith(completion.text)
    assert len(completion.tokens) < len(whole.tokens)
    assert stop not in "".join(t.text for t in completion.tokens[:-1])


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
    real_decode, real_logits = Context.decode, Context.logits

    def decode(self: Context, rows: list[tuple[int, int, int]], outputs: int) -> bool:
        nonlocal calls
        calls += 1
        return (fault != "decode" or calls != 3) and real_decode(self, rows, outputs)

    def logits(self: Context, outputs: int) -> np.ndarray:
        true = real_logits(self, outputs)
        return np.full_like(true, np.nan) if fault == "logits" and calls == 3 else true

    monkeypatch.setattr(Context, "decode", decode)
    monkeypatch.setattr(Context, "logits", logits)
    model = parse_model("gguf:smollm2", options={"parallel": 2})
    sweeps = make_sweeps(model, SamplingParams(max_tokens=5), (1.0, 1.5), 2)
    steps = list(engine_tasks.draw(load(), read_settings(model), ipc.Run(sweeps)))
    outcomes = [o for step in steps[:-1] for o in step.outcomes]
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


def test_a_file_that_recommends_something_is_sampled_like_one_that_does_not(tmp_path: Path) -> None:
    """To the last token, at every temperature: recommendations are for `--arm recommended` alone."""
    odd = planted(
        tmp_path / "odd.gguf",
        {
            "general.sampling.temp": 2.0,
            "general.sampling.top_k": 5,
            "general.sampling.penalty_repeat": 1.9,
            "general.sampling.xtc_probability": 0.9,
            "general.sampling.mirostat": 2,
            "general.sampling.sequence": "penalties;xtc",
        },
    )
    sampling = SamplingParams(max_tokens=16, logprobs=2)
    texts = []
    for name in ("smollm2", str(odd)):
        sweeps = make_sweeps(parse_model(f"gguf:{name}", options={"label": "m"}), sampling, (0.0, 1.0), 2)
        texts.append({key: answer.tokens for key, answer in complete(sweeps).items()})
    assert texts[0] == texts[1]
