"""Bodies that are no answers, deep, huge or of odd kinds, sent by a real server through every adapter and its SDK."""

import json
from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.openai.embeddings import read_embeddings
from tempkit.backends.remote import RequestError
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, Failure, ModelSpec, SamplingParams

pytestmark = pytest.mark.usefixtures("quick_and_clean")

MODELS = {
    "chat": ("openai:m", "/v1", {}),
    "responses": ("openai:m", "/v1", {"api": "responses"}),
    "anthropic": ("anthropic:claude-3-5-haiku", "", {}),
    "google": ("google:gemini-2.5-flash-lite", "", {}),
    "ollama": ("ollama:l", "", {}),
}
GOOD: dict[str, Any] = {
    "chat": {"choices": [{"message": {"content": "Blue."}, "finish_reason": "stop"}]},
    "responses": {
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Blue."}]}],
    },
    "anthropic": {"content": [{"type": "text", "text": "Blue."}], "stop_reason": "end_turn"},
    "google": {"candidates": [{"content": {"parts": [{"text": "Blue."}]}, "finishReason": "STOP"}]},
    "ollama": {"message": {"content": "Blue."}, "done": True, "done_reason": "stop"},
}
BAD = {
    "brackets": "[" * 200_000,
    "braces": '{"a":' * 40_000,
    "deep content": '{"choices":[{"message":{"content":' + "[" * 200_000,
    "deep error": '{"error":' + "[" * 900 + "]" * 900 + "}",
    "a number of many digits": '{"error":{"code":' + "9" * 5000 + "}}",
    "nothing": "",
    "a page": "<html><title>Sign in</title></html>",
    "null": "null",
    "a text": '"Blue."',
    "bytes": "\x00\x01\x02",
}


@pytest.fixture(params=sorted(MODELS))
def adapter(request: pytest.FixtureRequest, http_script: ScriptedServer) -> str:
    http_script.models = Answer({"models": [{"name": "l:latest"}], "data": []})
    return str(request.param)


def model_of(adapter: str, server: ScriptedServer) -> ModelSpec:
    name, path, options = MODELS[adapter]
    return parse_model(name, options={"base_url": server.url + path, "attempts": 2, **options})


def ask(adapter: str, server: ScriptedServer) -> list[Any]:
    sweeps = make_sweeps(model_of(adapter, server), SamplingParams(logprobs=0), (0.0,), 2, ("Hi",))
    return run_all(sweeps)[0]


@pytest.mark.parametrize("body", sorted(BAD))
def test_what_is_no_answer_is_a_failure_of_its_sample(
    adapter: str, body: str, http_script: ScriptedServer
) -> None:
    http_script.answers[0] = Answer(BAD[body], headers={"Content-Type": "application/json"})
    outcomes = ask(adapter, http_script)
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]
    assert {outcome.kind for outcome in outcomes} <= {"bad_answer", "server"}
    assert all("\n" not in outcome.message and len(outcome.message) < 500 for outcome in outcomes)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"error": {"code": 503, "message": "busy"}}, "server"),
        ({"error": {"code": "429", "message": "slow"}}, "rate_limit"),
        ({"error": "the model is gone"}, "server"),
        ({"error": {"code": 0, "message": "success"}}, None),
        ({"error": None, "usage": 7, "usageMetadata": [], "model": {}, "modelVersion": 7, "id": -1}, None),
        ({"usage": {"prompt_tokens": -1}, "prompt_eval_count": -1, "eval_count": -1}, None),
    ],
)
def test_an_error_beside_an_answer_counts_and_side_fields_do_not(
    adapter: str, http_script: ScriptedServer, more: dict[str, Any], kind: str | None
) -> None:
    http_script.answers[0] = Answer({**GOOD[adapter], **more})
    outcomes = ask(adapter, http_script)
    if kind is None:
        assert [o.text for o in outcomes if isinstance(o, Completion)] == ["Blue.", "Blue."]
        assert {(o.input_tokens, o.output_tokens) for o in outcomes} == {(None, None)}
    else:
        assert {o.kind for o in outcomes if isinstance(o, Failure)} == {kind}
        assert {o.attempts for o in outcomes} == {2}


VECTORS = [[0.5, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"index": 0, "embedding": VECTORS[0]}, {"index": 1, "embedding": VECTORS[1]}]},
        {"data": [{"index": 1, "embedding": VECTORS[1]}, {"index": 0, "embedding": VECTORS[0]}]},
        {"data": [{"embedding": VECTORS[0]}, {"embedding": VECTORS[1]}]},
        {"data": [{"index": "x", "object": 7, "embedding": v} for v in VECTORS], "usage": [], "model": 1},
        {
            "error": None,
            "data": [
                {"index": i, "embedding": [int(x) if x > 1 else x for x in v]} for i, v in enumerate(VECTORS)
            ],
        },
    ],
)
def test_vectors_are_read_in_the_order_of_the_texts(body: Any) -> None:
    assert read_embeddings(json.dumps(body).encode(), 2) == VECTORS


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"data": []}', "bad_answer"),
        ('{"data": [{"embedding": [NaN]}, {"embedding": [1]}]}', "bad_answer"),
        ('{"data": [{"embedding": [1e400]}, {"embedding": [1]}]}', "bad_answer"),
        ('{"data": [{"embedding": ["1"]}, {"embedding": [1]}]}', "bad_answer"),
        ('{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}', "bad_answer"),
        ('{"error": {"code": 429, "message": "slow"}}', "rate_limit"),
        ('{"error": {"code": 503, "message": "busy"}, "data": []}', "server"),
        ('{"detail": "no"}', "bad_answer"),
        ("<html>", "bad_answer"),
        ("[" * 200_000, "bad_answer"),
        ('{"data":' + "[" * 200_000, "bad_answer"),
    ],
)
def test_what_is_no_vectors_is_an_error_of_its_kind(body: str, kind: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_embeddings(body.encode(), 2)
    assert caught.value.kind == kind
