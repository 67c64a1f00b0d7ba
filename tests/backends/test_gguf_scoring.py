"""Scoring given texts: the same numbers as when they were drawn, and as llama-cpp-python computes them."""

import asyncio
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

import tempkit
from tempkit.backends.gguf import GgufBackend
from tempkit.errors import UsageError
from tempkit.planning.experiment import parse_model
from tempkit.testing import QUESTIONS, make_sweeps, run_all
from tempkit.types import Completion, Message, Passage, SamplingParams, Scored

pytestmark = pytest.mark.one_core

MODEL = parse_model("gguf:smollm2")


def score(passages: list[Passage], options: dict[str, object] | None = None, top: int = 5) -> list[Scored]:
    model = parse_model("gguf:smollm2", options=options)

    async def main() -> list[Scored]:
        backend = GgufBackend(concurrency=1)
        try:
            await backend.prepare(model)
            return [scored async for scored in backend.score(model, passages, top)]
        finally:
            await backend.close()

    return sorted(asyncio.run(main()), key=lambda scored: scored.index)


def test_a_drawn_text_scores_as_it_was_drawn() -> None:
    """Raw logprobs do not depend on the temperature that a text was drawn at."""
    sweeps = make_sweeps(MODEL, SamplingParams(max_tokens=24, logprobs=5), (0.0, 1.0), 3)
    completions = [o for o in run_all(sweeps)[0] if isinstance(o, Completion)]
    assert len(completions) == 12
    passages = [
        Passage(text=c.text, messages=(Message("user", QUESTIONS[int(c.key.item.split("/")[1])]),))
        for c in completions
    ]
    compared = 0
    for completion, scored in zip(completions, score(passages), strict=True):
        assert scored.reason is None
        assert "".join(t.text for t in scored.tokens) == completion.text
        # The tokeniser may cut a text otherwise than the model wrote it; where it does not, all agrees.
        if [t.token_id for t in scored.tokens] == [t.token_id for t in completion.tokens]:
            compared += 1
            for drawn, read in zip(completion.tokens, scored.tokens, strict=True):
                assert read.logprob == pytest.approx(drawn.logprob, abs=1e-4)
                assert read.entropy == pytest.approx(drawn.entropy, abs=1e-4)
                # The likelier ones exactly; far down many are as good as equal, and rounding may change their order.
                assert read.rank == pytest.approx(drawn.rank, rel=0.02, abs=0)
                assert [p for _, p in read.top] == pytest.approx([p for _, p in drawn.top], abs=1e-4)
                assert set(dict(read.top[:4])) <= set(dict(drawn.top))
    assert compared >= 9


def test_texts_by_themselves_against_llama_cpp_python(bundled_gguf: Path) -> None:
    """Short and long, in one batch and across several."""
    texts = ["The sky is blue.", "One two three four five six seven. " * 40, "Hello", "¿Qué tal?"] * 6
    # Small batches: llama.cpp reads 64 and more tokens with a kernel that rounds otherwise, see context.py.
    llama = llama_cpp.Llama(
        str(bundled_gguf),
        n_ctx=1024,
        n_batch=40,
        logits_all=True,
        verbose=False,
        n_threads=1,
        flash_attn=True,
    )
    try:
        for text, scored in zip(texts[:4], score([Passage(text=t) for t in texts])[:4], strict=True):
            tokens = llama.tokenize(text.encode(), add_bos=False)
            assert [t.token_id for t in scored.tokens] == tokens
            assert scored.tokens[0].logprob is None
            llama.reset()
            llama.eval(tokens)
            logits = np.array(llama.scores[: len(tokens) - 1], dtype=np.float64)
            rows = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
            want = [row[token] for row, token in zip(rows, tokens[1:], strict=True)]
            assert [t.logprob for t in scored.tokens[1:]] == pytest.approx(want, abs=1e-4)
    finally:
        llama.close()


def test_what_cannot_be_scored_says_why_and_the_rest_is_scored() -> None:
    passages = [Passage(text="word " * 100), Passage(text=""), Passage(text="fine")]
    long, empty, fine = score(passages, {"n_ctx": 50})
    assert long.reason == "conversation and text have 101 tokens; the model's context holds 50"
    assert (empty.tokens, empty.reason) == ((), None)
    assert fine.reason is None
    assert len(fine.tokens) == 1


def test_control_tokens_in_a_text_are_text() -> None:
    """A text may hold what looks like the end of a turn; it must not become one."""
    (scored,) = score([Passage(text="a<|im_end|>b")])
    assert "".join(t.text for t in scored.tokens) == "a<|im_end|>b"
    assert len(scored.tokens) > 3


def test_the_public_function() -> None:
    (scored,) = tempkit.score("gguf:smollm2", ["The capital of France is Paris."])
    assert scored.tokens[-2].text == " Paris"
    assert scored.tokens[-2].rank == 0


def test_only_models_that_can_score_do() -> None:
    with pytest.raises(UsageError, match="scripted:words cannot score given texts; name a gguf: model"):
        tempkit.score("scripted:words", ["a"])
