"""The Ollama adapter, against a server that answers as Ollama's API documentation says: no Ollama runs here."""

import asyncio
from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.ollama import OllamaBackend
from tempkit.errors import ModelError, UsageError
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, Failure, ModelInfo, ModelSpec, Outcome, SamplingParams

TAGS = Answer(
    {"models": [{"name": "llama3.2:latest", "digest": "ab12", "details": {"quantization_level": "Q4_K_M"}}]}
)
REPLY: dict[str, Any] = {
    "model": "llama3.2",
    "message": {"role": "assistant", "content": "It is 2."},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 26,
    "eval_count": 2,
    "logprobs": [
        {
            "token": "It is",
            "logprob": -0.25,
            "top_logprobs": [{"token": "It is", "logprob": -0.25}, {"token": "2", "logprob": -1.5}],
        },
        {"token": " 2.", "logprob": -0.5, "top_logprobs": [{"token": " 2.", "logprob": -0.5}]},
    ],
}


@pytest.fixture(autouse=True)
def _answers(http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    http_script.models = TAGS
    http_script.answers[0] = Answer(REPLY)


def model_at(server: ScriptedServer, **options: Any) -> ModelSpec:
    return parse_model("ollama:llama3.2", options={"base_url": server.url, **options})


def ask(server: ScriptedServer, sampling: SamplingParams | None = None, **options: Any) -> Outcome:
    sweeps = make_sweeps(model_at(server, **options), sampling or SamplingParams(), (0.0,), 1, ("1 + 1?",))
    return run_all(sweeps)[0][0]


def test_every_neutral_value_is_sent_and_nothing_else(http_script: ScriptedServer) -> None:
    ask(http_script)
    assert http_script.requests == [
        {
            "model": "llama3.2",
            "messages": [{"role": "user", "content": "1 + 1?"}],
            "stream": False,
            "truncate": False,
            "shift": False,
            "logprobs": True,
            "top_logprobs": 20,
            "options": {
                "temperature": 0.0,
                "top_p": 1.0,
                "top_k": 0,
                "min_p": 0.0,
                "frequency_penalty": 0.0,
                "presence_penalty": 0.0,
                "repeat_penalty": 1.0,
                "repeat_last_n": 64,
                "typical_p": 1.0,
                "mirostat": 0,
                "tfs_z": 1.0,
                "num_predict": 256,
                "seed": 0,
            },
        }
    ]


def test_what_is_asked_for_is_sent_as_it_is(http_script: ScriptedServer) -> None:
    sampling = SamplingParams(max_tokens=9, top_p=0.9, top_k=7, min_p=0.05, stop=("END",), logprobs=0)
    ask(http_script, sampling, think=False, num_ctx=4096)
    sent = http_script.requests[0]
    assert (sent["think"], "logprobs" in sent, "think" in sent["options"]) == (False, False, False)
    assert {k: sent["options"][k] for k in ("num_predict", "top_p", "top_k", "min_p", "stop", "num_ctx")} == {
        "num_predict": 9,
        "top_p": 0.9,
        "top_k": 7,
        "min_p": 0.05,
        "stop": ["END"],
        "num_ctx": 4096,
    }


def test_an_answer_maps_to_a_completion(http_script: ScriptedServer) -> None:
    outcome = ask(http_script)
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason, outcome.logprob_kind) == ("It is 2.", "stop", "raw")
    assert (outcome.input_tokens, outcome.output_tokens, outcome.response_model) == (26, 2, "llama3.2")
    assert [(t.text, t.logprob, t.rank) for t in outcome.tokens] == [("It is", -0.25, 0), (" 2.", -0.5, 0)]
    assert outcome.cost_usd is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"error": "model requires more system memory"}, status=500), "server"),
        (Answer({"error": "invalid option"}, status=400), "rejected"),
        (Answer({**REPLY, "done": False}), "bad_answer"),
        (Answer({"message": 3}), "bad_answer"),
        (Answer("<html>"), "bad_answer"),
        (Answer(drop=True), "connection"),
    ],
)
def test_faults(http_script: ScriptedServer, answer: Answer, kind: str) -> None:
    http_script.answers[0] = answer
    outcome = ask(http_script, attempts=1)
    assert isinstance(outcome, Failure)
    assert outcome.kind == kind


def prepare(model: ModelSpec) -> ModelInfo:
    async def go() -> ModelInfo:
        backend = OllamaBackend(concurrency=1)
        try:
            return await backend.prepare(model)
        finally:
            await backend.close()

    return asyncio.run(go())


def test_what_is_found_is_recorded(http_script: ScriptedServer) -> None:
    info = prepare(model_at(http_script))
    assert info.digest == "sha256:ab12"
    assert info.details["quantization_level"] == "Q4_K_M"


PARAMETERS = """temperature                    0.6
stop                           "<|eot_id|>"
num_ctx                        4096
repeat_penalty                 1.3
mirostat                       2
a_new_one                      0.25
path                           /home/me
1e999 1e999
"""


def test_what_a_modelfile_says_is_recorded_and_what_was_sent_against_it(http_script: ScriptedServer) -> None:
    http_script.shown = Answer({"parameters": PARAMETERS, "license": "x" * 100_000})
    details = prepare(model_at(http_script)).details
    assert http_script.seen[-1][0] == "/api/show"
    assert details["server_defaults"] == {
        "temperature": 0.6,
        "repeat_penalty": 1.3,
        "mirostat": 2,
        "a_new_one": 0.25,
    }
    assert details["not_sent"] == ["a_new_one"]
    ask(http_script)
    sent = http_script.requests[-1]["options"]
    assert {name: sent[name] for name in details["sent_neutral"]} == details["sent_neutral"]
    assert (sent["repeat_penalty"], sent["mirostat"]) == (1.0, 0)
    assert len(str(details)) < 1000


@pytest.mark.parametrize(
    "shown", [Answer({"error": "no"}, status=404), Answer("<html>"), Answer({"parameters": 3})]
)
def test_an_ollama_that_shows_nothing_is_asked_all_the_same(
    http_script: ScriptedServer, shown: Answer
) -> None:
    http_script.shown = shown
    assert "server_defaults" not in prepare(model_at(http_script)).details
    assert isinstance(ask(http_script), Completion)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (Answer({"models": []}), r"has no such model; try: ollama pull llama3\.2$"),
        (Answer("<html>"), "does not answer as Ollama does; check base_url$"),
        (Answer(drop=True), r"cannot reach http://127\.0\.0\.1:\d+: .*; is Ollama running\?$"),
    ],
)
def test_a_model_that_is_not_there(http_script: ScriptedServer, models: Answer, message: str) -> None:
    http_script.models = models
    with pytest.raises(ModelError, match=message):
        prepare(model_at(http_script))


def test_ollama_host_is_where_it_is(http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", http_script.url.removeprefix("http://"))
    assert prepare(parse_model("ollama:llama3.2")).details["base_url"] == http_script.url
    monkeypatch.setenv("OLLAMA_HOST", "http://me:secret@127.0.0.1")
    with pytest.raises(UsageError, match=r"OLLAMA_HOST must hold no user, password or query$"):
        prepare(parse_model("ollama:llama3.2"))
