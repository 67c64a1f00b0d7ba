"""OpenAI's Responses: what is sent, and how answers map.

The answers are written from the SDK's own types, not recorded: the live service cannot be reached from a test.
"""

from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.protocol import load_backend
from tempkit.errors import ModelError, UsageError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, Failure, ModelSpec, Outcome, SamplingParams

KEY = "sk-0123456789"
TEXT: dict[str, Any] = {
    "type": "output_text",
    "text": "It is 2.",
    "annotations": [],
    "logprobs": [
        {
            "token": "It is",
            "bytes": [],
            "logprob": -0.25,
            "top_logprobs": [{"token": "It is", "logprob": -0.25}],
        },
        {"token": " 2.", "bytes": [], "logprob": -0.5, "top_logprobs": [{"token": " 3.", "logprob": -0.4}]},
    ],
}
BODY: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "gpt-5.4-2026-03-05",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [TEXT]},
    ],
    "usage": {"input_tokens": 12, "output_tokens": 4, "total_tokens": 16},
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, http_script: ScriptedServer) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    http_script.answers[0] = Answer(BODY)


def model_at(server: ScriptedServer, **options: Any) -> ModelSpec:
    given = {"base_url": server.base_url, "api_key_env": "THE_KEY", "api": "responses", **options}
    return parse_model("openai:gpt-5.4", options=given)


def ask(server: ScriptedServer, sampling: SamplingParams | None = None, **options: Any) -> Outcome:
    sweeps = make_sweeps(model_at(server, **options), sampling or SamplingParams(), (0.0,), 1, ("1 + 1?",))
    return run_all(sweeps)[0][0]


def test_what_reaches_the_wire(http_script: ScriptedServer) -> None:
    ask(http_script, reasoning_effort="none")
    assert http_script.requests == [
        {
            "model": "gpt-5.4",
            "input": [{"role": "user", "content": "1 + 1?"}],
            "store": False,
            "temperature": 0.0,
            "top_p": 1.0,
            "max_output_tokens": 256,
            "include": ["message.output_text.logprobs"],
            "top_logprobs": 20,
            "reasoning": {"effort": "none"},
        }
    ]
    assert http_script.headers[-1]["authorization"] == f"Bearer {KEY}"


def test_what_is_not_asked_for_is_absent(http_script: ScriptedServer) -> None:
    ask(http_script, SamplingParams(logprobs=0, top_p=0.5, max_tokens=16))
    sent = http_script.requests[0]
    assert sorted(sent) == ["input", "max_output_tokens", "model", "store", "temperature", "top_p"]
    assert (sent["top_p"], sent["max_output_tokens"]) == (0.5, 16)


def test_an_answer_maps_to_a_completion(http_script: ScriptedServer) -> None:
    outcome = ask(http_script)
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason, outcome.seed) == ("It is 2.", "stop", None)
    assert (outcome.input_tokens, outcome.output_tokens) == (12, 4)
    assert outcome.response_model == "gpt-5.4-2026-03-05"
    assert [(t.text, t.logprob, t.rank) for t in outcome.tokens] == [("It is", -0.25, 0), (" 2.", -0.5, None)]


@pytest.mark.parametrize(
    ("changes", "finish"),
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "incomplete", "incomplete_details": None}, "unknown"),
    ],
)
def test_why_it_ended(http_script: ScriptedServer, changes: dict[str, Any], finish: str) -> None:
    http_script.answers[0] = Answer({**BODY, **changes})
    outcome = ask(http_script)
    assert isinstance(outcome, Completion)
    assert outcome.finish_reason == finish


TOLD = "Unsupported parameter: 'temperature' is not supported with this model."


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"error": {"message": TOLD, "param": "temperature"}}, status=400), "rejected"),
        (Answer({"error": {"message": f"Incorrect API key provided: {KEY}"}}, status=403), "auth"),
        (Answer({"error": {"message": "slow down"}}, status=429), "rate_limit"),
        (Answer({**BODY, "status": "failed", "error": {"message": "oops"}}), "server"),
        (Answer("<html>"), "bad_answer"),
        (Answer({"status": 3}), "bad_answer"),
        (Answer(drop=True), "connection"),
    ],
)
def test_faults(http_script: ScriptedServer, answer: Answer, kind: str) -> None:
    http_script.answers[0] = answer
    outcome = ask(http_script, attempts=1)
    assert isinstance(outcome, Failure)
    assert outcome.kind == kind
    assert KEY not in outcome.message


def test_what_it_does_not_take_is_refused(http_script: ScriptedServer) -> None:
    model = model_at(http_script)
    plan = build_plan(Experiment(prompts=("Say it.",), models=(model,), sampling={"presence_penalty": 1.0}))
    can = load_backend("openai")(concurrency=1).capabilities(model)
    assert not can.seed
    with pytest.raises(ModelError, match="cannot honour presence_penalty"):
        check_plan(plan, {model.label: can})
    with pytest.raises(UsageError, match="api must be chat or responses"):
        load_backend("openai")(concurrency=1).capabilities(model_at(http_script, api="legacy"))
