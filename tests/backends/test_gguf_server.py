"""The local engine beside llama.cpp's own server, another build of the same library, on 16-bit weights.

On the bundled 4-bit weights the two differ by tenths of a nat: llama.cpp rounds activations to 8 bits there, and that makes
much of a difference in the last digit.
"""

from pathlib import Path

import pytest
from support import serve

from tempkit.planning.experiment import parse_model
from tempkit.testing import QUESTIONS, make_sweeps, run_all
from tempkit.types import Completion, SamplingParams

pytestmark = pytest.mark.one_core

MORE = (
    "What is the boiling point of water?",
    "Name three primary colours.",
    "What does HTTP stand for?",
    "Write a poem about rain.",
)


@pytest.mark.slow
def test_logprobs_are_the_servers(f16_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sampling = SamplingParams(max_tokens=24, logprobs=5)
    questions = (*QUESTIONS, *MORE)
    with serve(f16_gguf) as server:
        monkeypatch.setenv("SERVER_KEY", server.key)
        remote = parse_model("openai:f16", options={"base_url": server.base_url, "api_key_env": "SERVER_KEY"})
        theirs, _ = run_all(make_sweeps(remote, sampling, (0.0,), 1, questions))
    ours, _ = run_all(make_sweeps(parse_model(f"gguf:{f16_gguf}"), sampling, (0.0,), 1, questions))
    by_item = {o.key.item: o for o in theirs}
    apart: list[float] = []
    for mine in ours:
        other = by_item[mine.key.item]
        assert isinstance(mine, Completion)
        assert isinstance(other, Completion)
        for a, b in zip(mine.tokens, other.tokens, strict=False):
            if a.text != b.text:
                break  # a near tie fell the other way; what follows is another text
            assert a.logprob is not None
            assert b.logprob is not None
            apart.append(abs(a.logprob - b.logprob))
    apart.sort()
    assert len(apart) >= 100
    assert apart[int(0.95 * len(apart))] < 1e-2, apart[-10:]
    assert apart[-1] < 5e-2  # 0.010 was measured over 168 tokens, and 0.18 on the 4-bit weights
