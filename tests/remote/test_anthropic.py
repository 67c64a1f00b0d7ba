"""The Anthropic adapter: what is sent, and how answers and errors map.

The answers here are written from the SDK's own types, not recorded from the live service, which cannot be reached from the
tests.
"""

from typing import Any, ClassVar

import anthropic
import pytest
from adapter_contract import Adapter, AdapterContract
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.anthropic import AnthropicBackend
from tempkit.backends.capabilities import rows
from tempkit.errors import ModelError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, parse_model
from tempkit.types import (
    Completion,
    Failure,
    Message,
    SamplingParams,
)

pytestmark = pytest.mark.usefixtures("quick_and_clean")

OLD = "claude-3-5-haiku"
"""Takes `top_p` beside a temperature; models of the 4.5 era do not."""


def said(text: str = "hello", **changes: Any) -> Answer:
    body: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served-model",
        "content": [{"type": "text", "text": text, "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": 0},
    }
    return Answer({**body, **changes})


def error(status: int, message: str = "no", kind: str = "invalid_request_error", **headers: str) -> Answer:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return Answer(body, status=status, headers=headers)


ADAPTER = Adapter("anthropic", OLD, error)
KEY = AdapterContract.key


class TestContract(AdapterContract):
    adapter = ADAPTER
    key_header, key_env, address_env = "x-api-key", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"
    repeats_key = error(401, f"invalid x-api-key: {KEY}", "authentication_error")
    refusals: ClassVar = [repeats_key]
    without_models: ClassVar = []
    details: ClassVar = {"engine": f"anthropic {anthropic.__version__}", "api": "2023-06-01"}
    packages: ClassVar = ["anthropic"]


@pytest.fixture
def server(http_script: ScriptedServer) -> ScriptedServer:
    http_script.answers[0] = said()
    http_script.models = Answer({"data": [], "has_more": False, "first_id": None, "last_id": None})
    return http_script


def test_the_answers_here_are_of_the_sdks_own_shape() -> None:
    anthropic.types.Message.model_validate(said().body, strict=True)
    anthropic.types.ErrorResponse.model_validate(error(400).body, strict=True)


@pytest.mark.parametrize("name", [OLD, "claude-haiku-4-5", "claude-sonnet-4-6"])
def test_only_what_is_asked_for_is_sent_zero_included(server: ScriptedServer, name: str) -> None:
    outcome = ADAPTER.ask(server, name=name)
    assert server.requests[0] == {
        "model": name,
        "max_tokens": 256,
        "messages": [{"role": "user", "content": "What is 1 + 1?"}],
        "temperature": 0.0,
    }
    assert isinstance(outcome, Completion)
    assert outcome.params == {"temperature": 0.0, "max_tokens": 256}
    assert (outcome.temperature_sent, outcome.seed) == (0.0, None)


def test_every_option_arrives_as_asked(server: ScriptedServer) -> None:
    ADAPTER.ask(server, SamplingParams(max_tokens=9, top_p=0.9, top_k=40, stop=("END", "###"), logprobs=0))
    sent = server.requests[0]
    del sent["model"], sent["messages"]
    assert sent == {
        "temperature": 0.0,
        "max_tokens": 9,
        "top_p": 0.9,
        "top_k": 40,
        "stop_sequences": ["END", "###"],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("min_p", 0.1), ("frequency_penalty", 0.5), ("presence_penalty", 0.5), ("top_p", 0.9), ("logprobs", 5)],
)
def test_what_the_model_cannot_do_is_refused_in_the_plan(field: str, value: float) -> None:
    model = parse_model("anthropic:claude-haiku-4-5")
    made = build_plan(
        Experiment(prompts=("Say it.",), models=(model,), temperatures=(0, 1), sampling={field: value})
    )
    with pytest.raises(ModelError):
        check_plan(made, {model.label: AnthropicBackend(concurrency=1).capabilities(model)})


def test_top_p_is_never_sent_beside_a_temperature_to_a_model_that_takes_one_of_them() -> None:
    backend = AnthropicBackend(concurrency=1)
    model = parse_model("anthropic:claude-sonnet-4-5")
    assert "top_p" not in backend.params(model, SamplingParams(top_p=0.9), 0.5, 1, 1)


def test_the_versions_header_and_path(server: ScriptedServer) -> None:
    ADAPTER.ask(server)
    (asked, prepared), (path, headers) = server.seen
    assert (asked, path) == ("/v1/models", "/v1/messages")
    for sent in (prepared, headers):
        assert sent["anthropic-version"] == "2023-06-01"


def test_system_messages_go_to_the_top(server: ScriptedServer) -> None:
    ADAPTER.converse(
        server,
        Message("system", "Be brief."),
        Message("system", "Be kind."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Bye"),
    )
    sent = server.requests[0]
    assert sent["system"] == "Be brief.\n\nBe kind."
    assert sent["messages"] == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Bye"},
    ]
    assert sent["temperature"] == 0.7


def test_an_answer_maps_to_a_completion(server: ScriptedServer) -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "x"},
        {"type": "text", "text": "one "},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        {"type": "text", "text": "two"},
    ]
    server.answers[0] = said(content=blocks, surprise={"a": [1]})
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.text == "one two"
    assert (outcome.input_tokens, outcome.output_tokens) == (5, 1)
    assert (outcome.response_model, outcome.attempts) == ("served-model", 1)
    assert (outcome.tokens, outcome.logprob_kind) == ((), "none")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("tool_use", "tool_calls"),
        ("pause_turn", "unknown"),
        ("surprise", "unknown"),
        (None, "unknown"),
    ],
)
def test_finish_reasons(server: ScriptedServer, sent: str | None, stored: str) -> None:
    server.answers[0] = said(stop_reason=sent)
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.finish_reason == stored


def test_saying_nothing_is_an_answer(server: ScriptedServer) -> None:
    server.answers[0] = said(content=[], stop_reason="refusal")
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason) == ("", "refusal")


SAYS = [row.says for row in rows() if row.provider == "anthropic" and row.says]


@pytest.mark.parametrize(
    ("answer", "kind", "attempts"),
    [
        *[(error(400, says), "rejected", 1) for says in SAYS],
        (error(400, "max_tokens: wrong"), "rejected", 1),
        (error(400, "prompt is too long: 210000 tokens > 200000 maximum"), "context_length", 1),
        (error(400, "Your credit balance is too low to access the API."), "auth", 1),
        (error(401, "invalid x-api-key", "authentication_error"), "auth", 1),
        (error(402, "pay", "billing_error"), "auth", 1),
        (error(403, "no", "permission_error"), "auth", 1),
        (error(404, "model: x", "not_found_error"), "rejected", 1),
        (error(413, "large", "request_too_large"), "context_length", 1),
        (error(429, "slower", "rate_limit_error"), "rate_limit", 3),
        (error(500, "oops", "api_error"), "server", 3),
        (error(529, "Overloaded", "overloaded_error"), "server", 3),
        (said(content=[], stop_reason=None), "bad_answer", 2),
        (said(content=7), "bad_answer", 2),
        (error(200), "rejected", 1),
        (error(200, "Overloaded", "overloaded_error"), "server", 3),
    ],
)
def test_every_fault_becomes_a_stored_failure(
    server: ScriptedServer, answer: Answer, kind: str, attempts: int
) -> None:
    ADAPTER.fails(server, answer, kind, attempts)


@pytest.mark.parametrize("says", [*SAYS, "Your credit balance is too low to access the API."])
def test_what_no_other_sample_would_survive_ends_the_model(server: ScriptedServer, says: str) -> None:
    said_of_it = ADAPTER.is_given_up(server, error(400, says))
    assert any(says in message for message in said_of_it)


def test_passing_faults_are_tried_again_and_counted(server: ScriptedServer) -> None:
    server.answers.extendleft([error(429, **{"Retry-After": "0.05"}), error(529)])
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.attempts == 3


def test_a_long_retry_after_is_not_waited_for(server: ScriptedServer) -> None:
    server.answers[0] = error(429, **{"Retry-After": "3600"})
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Failure)
    assert outcome.attempts == 1


def test_anthropics_own_key_does_not_go_to_another_server(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    assert isinstance(ADAPTER.ask(server), Completion)
    assert KEY not in str(server.seen)
    assert not {"authorization", "x-api-key"} & set(server.headers[0])
