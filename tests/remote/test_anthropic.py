"""The Anthropic adapter: what reaches the wire, and how answers and errors map.

The answers here are written from the SDK's own types, not recorded from the live service, which cannot be reached from the
tests.
"""

import asyncio
from asyncio import timeout
from typing import Any

import anthropic
import pytest
from backends.contract import make_sweeps, run_all
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.anthropic import AnthropicBackend
from tempkit.backends.capabilities import rows
from tempkit.errors import ExtraMissingError, ModelError
from tempkit.experiment import Experiment, build_plan, check_plan, parse_model
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

pytestmark = pytest.mark.usefixtures("quick_and_clean")

OLD = "claude-3-5-haiku"
"""Takes `top_p` beside a temperature; models of the 4.5 era do not."""
KEY = "sk-ant-secret-4711"
PLAIN = SamplingParams(logprobs=0)


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


@pytest.fixture
def server(http_script: ScriptedServer) -> ScriptedServer:
    http_script.answers[0] = said()
    http_script.models = Answer({"data": [], "has_more": False, "first_id": None, "last_id": None})
    return http_script


def model_at(server: ScriptedServer, name: str = OLD, **options: Any) -> ModelSpec:
    return parse_model(f"anthropic:{name}", options={"base_url": server.url, **options})


def ask(server: ScriptedServer, sampling: SamplingParams = PLAIN, name: str = OLD, **options: Any) -> Outcome:
    sweeps = make_sweeps(model_at(server, name, **options), sampling, (0.0,), 1, ("What is 1 + 1?",))
    return run_all(sweeps)[0][0]


def converse(model: ModelSpec, *messages: Message) -> Outcome:
    item = Item(key="p/0", prompt="p", messages=messages)
    return run_all([Sweep(item=item, model=model, sampling=PLAIN, samples=(Sample(0.7, 0, 1),))])[0][0]


def test_the_answers_here_are_of_the_sdks_own_shape() -> None:
    anthropic.types.Message.model_validate(said().body, strict=True)
    anthropic.types.ErrorResponse.model_validate(error(400).body, strict=True)


@pytest.mark.parametrize("name", [OLD, "claude-haiku-4-5", "claude-sonnet-4-6"])
def test_only_what_is_asked_for_is_sent_zero_included(server: ScriptedServer, name: str) -> None:
    outcome = ask(server, name=name)
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
    ask(server, SamplingParams(max_tokens=9, top_p=0.9, top_k=40, stop=("END", "###"), logprobs=0))
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
    ask(server)
    (asked, prepared), (path, headers) = server.seen
    assert (asked, path) == ("/v1/models", "/v1/messages")
    for sent in (prepared, headers):
        assert sent["anthropic-version"] == "2023-06-01"


def test_system_messages_go_to_the_top(server: ScriptedServer) -> None:
    converse(
        model_at(server),
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
    outcome = ask(server)
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
        ("refusal", "content_filter"),
        ("tool_use", "tool_calls"),
        ("pause_turn", "unknown"),
        ("surprise", "unknown"),
        (None, "unknown"),
    ],
)
def test_finish_reasons(server: ScriptedServer, sent: str | None, stored: str) -> None:
    server.answers[0] = said(stop_reason=sent)
    outcome = ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.finish_reason == stored


def test_saying_nothing_is_an_answer(server: ScriptedServer) -> None:
    server.answers[0] = said(content=[], stop_reason="refusal")
    outcome = ask(server)
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason) == ("", "content_filter")


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
        (Answer("<html>gateway</html>", status=502), "server", 3),
        (Answer("<html>gateway</html>"), "bad_answer", 3),
        (Answer(""), "bad_answer", 3),
        (Answer('{"content": ', headers={"Content-Type": "application/json"}), "bad_answer", 3),
        (Answer({}), "bad_answer", 3),
        (Answer([]), "bad_answer", 3),
        (said(content=[], stop_reason=None), "bad_answer", 3),
        (said(content="text"), "bad_answer", 3),
        (error(200), "bad_answer", 3),
        (Answer(drop=True), "connection", 3),
        (Answer({}, hang_s=5), "timeout", 3),
    ],
)
def test_every_fault_becomes_a_stored_failure(
    server: ScriptedServer, answer: Answer, kind: str, attempts: int
) -> None:
    server.answers[0] = answer
    options = {"attempts": 3, "timeout_s": 1} if answer.hang_s else {"attempts": 3}
    outcome = ask(server, **options)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.attempts) == (kind, attempts), outcome.message
    assert outcome.temperature_sent == 0.0
    assert "\n" not in outcome.message
    assert "<html>" not in outcome.message or kind == "bad_answer"
    assert len(server.requests) == attempts  # the SDK tried nothing again by itself


@pytest.mark.parametrize("says", [*SAYS, "Your credit balance is too low to access the API."])
def test_what_no_other_sample_would_survive_ends_the_model(server: ScriptedServer, says: str) -> None:
    server.answers[0] = error(400, says)
    sweeps = make_sweeps(model_at(server), PLAIN, (0.0, 1.0), 20, ("Hi",))
    outcomes, _ = run_all(sweeps)
    assert len(outcomes) == 40
    assert all(isinstance(o, Failure) for o in outcomes)
    assert len(server.requests) <= 4
    assert any(says in o.message for o in outcomes if isinstance(o, Failure))


def test_passing_faults_are_tried_again_and_counted(server: ScriptedServer) -> None:
    server.answers.extendleft([error(429, **{"Retry-After": "0.05"}), error(529)])
    outcome = ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.attempts == 3


def test_a_long_retry_after_is_not_waited_for(server: ScriptedServer) -> None:
    server.answers[0] = error(429, **{"Retry-After": "3600"})
    outcome = ask(server)
    assert isinstance(outcome, Failure)
    assert outcome.attempts == 1


def test_a_redirect_is_not_followed(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    server.answers[0] = Answer({}, status=307, headers={"Location": "http://127.0.0.1:9/v1/messages"})
    outcome = ask(server, api_key_env="MY_KEY")
    assert isinstance(outcome, Failure)
    assert outcome.message.startswith("HTTP 307")


def test_the_key_is_sent_and_never_told(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    server.answers[0] = error(401, f"invalid x-api-key: {KEY}", "authentication_error")
    outcome = ask(server, api_key_env="MY_KEY")
    for _, headers in server.seen:
        assert headers["x-api-key"] == KEY
        assert "authorization" not in headers
    assert isinstance(outcome, Failure)
    assert KEY not in repr(outcome)
    assert "[key]" in outcome.message


def test_anthropics_own_key_does_not_go_to_another_server(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    assert isinstance(ask(server), Completion)
    assert KEY not in str(server.seen)
    assert not {"authorization", "x-api-key"} & set(server.headers[0])


def test_the_address_in_the_environment_gets_the_key(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    sweeps = make_sweeps(parse_model(f"anthropic:{OLD}"), PLAIN, (0.0,), 1, ("Hi",))
    assert isinstance(run_all(sweeps)[0][0], Completion)
    assert server.headers[0]["x-api-key"] == KEY


def prepare(model: ModelSpec) -> dict[str, Any]:
    async def go() -> dict[str, Any]:
        backend = AnthropicBackend(concurrency=1)
        try:
            return dict((await backend.prepare(model)).details)
        finally:
            await backend.close()

    return asyncio.run(go())


def test_no_key_is_one_clear_line() -> None:
    with pytest.raises(
        ModelError, match=r"^anthropic:m: no API key; set ANTHROPIC_API_KEY in the environment"
    ):
        prepare(parse_model("anthropic:m"))


@pytest.mark.parametrize("key", ["sk-broken\x07key", "sk-schlüssel"])
def test_a_key_that_cannot_be_one_is_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(ModelError, match="the key in MY_KEY holds characters that no key has") as caught:
        prepare(parse_model("anthropic:m", options={"api_key_env": "MY_KEY"}))
    assert "sk-" not in str(caught.value)


def test_a_missing_package_is_one_clear_line(server: ScriptedServer, without) -> None:
    without("tempkit.backends.anthropic", "anthropic")
    with pytest.raises(ExtraMissingError) as caught:
        prepare(model_at(server))
    assert str(caught.value) == (
        f'anthropic:{OLD} needs packages that are not installed: pip install "tempkit[anthropic]"'
    )


def test_a_refused_key_is_found_before_the_run(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.models = error(401, f"invalid x-api-key: {KEY}", "authentication_error")
    with pytest.raises(ModelError, match=r"wants a key; name the variable that holds it in api_key_env$"):
        prepare(model_at(server))
    monkeypatch.setenv("MY_KEY", KEY)
    with pytest.raises(ModelError, match=r"refuses the key in MY_KEY; check it$") as caught:
        prepare(model_at(server, api_key_env="MY_KEY"))
    assert KEY not in str(caught.value)
    assert server.requests == []


def test_a_server_that_does_not_answer(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempkit.backends.remote.reaching.asyncio.timeout", lambda _: timeout(0.2))
    server.models = Answer({}, hang_s=5)
    with pytest.raises(ModelError, match=r"127.0.0.1:\d+ does not answer$"):
        prepare(model_at(server))


def test_a_server_that_cannot_be_reached() -> None:
    with pytest.raises(ModelError, match=r"cannot reach http://127.0.0.1:9: .+"):
        prepare(parse_model("anthropic:m", options={"base_url": "http://127.0.0.1:9"}))


@pytest.mark.parametrize("answer", [error(404), error(403), error(500), Answer("<html>")])
def test_a_server_that_lists_no_models_may_still_answer(server: ScriptedServer, answer: Answer) -> None:
    server.models = answer
    details = prepare(model_at(server))
    assert details == {
        "engine": f"anthropic {anthropic.__version__}",
        "base_url": server.url,
        "api": "2023-06-01",
    }
