"""The Gemini adapter: what is sent, and how answers and errors map.

The answers here are written from the SDK's own types, and errors after Google's error model, not recorded from the live
service, which cannot be reached from the tests.
"""

from typing import Any, ClassVar

import pytest
from adapter_contract import PLAIN, Adapter, AdapterContract
from google import genai
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.capabilities import rows
from tempkit.backends.google import GoogleBackend, _key_name
from tempkit.errors import ModelError, UsageError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import (
    Completion,
    Failure,
    Message,
    ModelSpec,
    SamplingParams,
)

pytestmark = pytest.mark.usefixtures("quick_and_clean")

NAME = "gemini-2.5-flash"


def candidate(*parts: dict[str, Any], finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    return {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0, **more}


def said(text: str = "hello", **changes: Any) -> Answer:
    body: dict[str, Any] = {
        "candidates": [candidate({"text": text})],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1, "totalTokenCount": 6},
        "modelVersion": "served-model",
        "responseId": "r1",
    }
    return Answer({**body, **changes})


def error(
    status: int, message: str = "no", name: str = "INVALID_ARGUMENT", *details: object, **headers: str
) -> Answer:
    body = {"error": {"code": status, "message": message, "status": name, "details": list(details)}}
    return Answer(body, status=status, headers=headers)


EXHAUSTED = "You exceeded your current quota, please check your plan and billing details."
WRONG_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


def quota(identity: str) -> dict[str, Any]:
    violation = {"quotaId": identity, "quotaDimensions": {"model": NAME}, "quotaValue": "20"}
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}


def retry(delay: str) -> dict[str, str]:
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


ADAPTER = Adapter("google", NAME, error)
KEY = AdapterContract.key


class TestContract(AdapterContract):
    adapter = ADAPTER
    key_header, key_env, address_env = "x-goog-api-key", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"
    repeats_key = error(403, f"key {KEY} was reported", "PERMISSION_DENIED")
    refusals: ClassVar = [
        error(400, f"API key not valid: {KEY}", "INVALID_ARGUMENT", WRONG_KEY),
        error(401, f"no: {KEY}", "UNAUTHENTICATED"),
    ]
    without_models: ClassVar = [Answer({"models": 3})]
    details: ClassVar = {"engine": f"google-genai {genai.__version__}", "not_sent": ["topK"]}
    packages: ClassVar = ["google", "google.genai"]
    """`google` itself may be missing, or be there for another of Google's packages."""


@pytest.fixture
def server(http_script: ScriptedServer) -> ScriptedServer:
    http_script.answers[0] = said()
    http_script.models = Answer({"models": [{"name": f"models/{NAME}"}], "nextPageToken": "x"})
    return http_script


def test_the_answers_here_are_of_the_sdks_own_shape() -> None:
    for answer in (said(), scored()):
        genai.types.GenerateContentResponse.model_validate(answer.body)


def test_only_what_is_asked_for_is_sent_zero_included(server: ScriptedServer) -> None:
    outcome = ADAPTER.ask(server)
    config = {"temperature": 0.0, "topP": 1.0, "maxOutputTokens": 256, "seed": 0}
    assert server.requests[0] == {
        "contents": [{"role": "user", "parts": [{"text": "What is 1 + 1?"}]}],
        "generationConfig": config,
    }
    assert isinstance(outcome, Completion)
    assert outcome.params == config
    assert (outcome.temperature_sent, outcome.seed) == (0.0, 0)


def test_every_option_arrives_as_asked(server: ScriptedServer) -> None:
    sampling = SamplingParams(
        max_tokens=9,
        top_p=0.9,
        top_k=40,
        frequency_penalty=0.25,
        presence_penalty=-0.5,
        stop=("END", "###"),
        logprobs=3,
    )
    outcome = ADAPTER.ask(server, sampling, thinking_budget=0)
    assert isinstance(outcome, Completion)
    assert (
        server.requests[0]["generationConfig"]
        == outcome.params
        == {
            "temperature": 0.0,
            "topP": 0.9,
            "topK": 40,
            "maxOutputTokens": 9,
            "frequencyPenalty": 0.25,
            "presencePenalty": -0.5,
            "stopSequences": ["END", "###"],
            "seed": 0,
            "responseLogprobs": True,
            "logprobs": 3,
            "thinkingConfig": {"thinking_budget": 0},
        }
    )


def test_no_logprobs_are_asked_of_a_model_without(server: ScriptedServer) -> None:
    ADAPTER.ask(server, SamplingParams(logprobs=20), name="gemini-3-pro")
    assert not {"logprobs", "responseLogprobs"} & set(server.requests[0]["generationConfig"])
    backend = GoogleBackend(concurrency=1)
    params = backend.params(parse_model("google:gemini-3-pro"), SamplingParams(logprobs=20), 0.5, None, 1)
    assert params == {"temperature": 0.5, "topP": 1.0, "maxOutputTokens": 256}


def test_without_seeds_several_answers_come_at_once(server: ScriptedServer) -> None:
    texts = [candidate({"text": t}) for t in ("a", "b", "c")]
    server.answers[0] = said(
        candidates=texts, usageMetadata={"promptTokenCount": 5, "candidatesTokenCount": 9}
    )
    sweeps = make_sweeps(ADAPTER.model_at(server, seeds=False), PLAIN, (0.5,), 3, ("Hi",))
    outcomes, _ = run_all(sweeps)
    assert sorted(o.text for o in outcomes if isinstance(o, Completion)) == ["a", "b", "c"]
    (sent,) = server.requests
    assert sent["generationConfig"]["candidateCount"] == 3
    assert "seed" not in sent["generationConfig"]


def test_min_p_is_refused_in_the_plan() -> None:
    model = parse_model(f"google:{NAME}")
    made = build_plan(
        Experiment(prompts=("Say it.",), models=(model,), temperatures=(0, 1), sampling={"min_p": 0.1})
    )
    with pytest.raises(ModelError, match="cannot honour min_p"):
        check_plan(made, {model.label: GoogleBackend(concurrency=1).capabilities(model)})


@pytest.mark.parametrize("name", ["a/../b", "a?b", "a&b", "a#b"])
def test_a_name_that_would_lead_elsewhere(name: str) -> None:
    with pytest.raises(UsageError, match="no model of Google's has such a name"):
        GoogleBackend(concurrency=1).capabilities(
            ModelSpec(backend="google", name=name, label="x", options={})
        )


def test_the_path(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    ADAPTER.ask(server)
    listed, asked = (path for path, _ in server.seen)
    assert listed.endswith("/models?pageSize=1")
    assert asked.endswith(f"/models/{NAME}:generateContent")


def test_system_messages_are_the_instruction(server: ScriptedServer) -> None:
    ADAPTER.converse(
        server,
        Message("system", "Be brief."),
        Message("system", "Be kind."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Bye"),
    )
    sent = server.requests[0]
    assert sent["systemInstruction"]["parts"] == [{"text": "Be brief.\n\nBe kind."}]
    assert sent["contents"] == [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"text": "Hello"}]},
        {"role": "user", "parts": [{"text": "Bye"}]},
    ]
    assert sent["generationConfig"]["temperature"] == 0.7


def test_a_system_message_alone_is_refused(server: ScriptedServer) -> None:
    outcome = ADAPTER.converse(server, Message("system", "Be brief."))
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.attempts, server.requests) == ("rejected", 1, [])


def test_an_answer_maps_to_a_completion(server: ScriptedServer) -> None:
    parts = (
        {"text": "hm", "thought": True},
        {"text": "one ", "thoughtSignature": "eA=="},
        {"functionCall": {"name": "f", "args": {}}},
        {"text": "two"},
    )
    usage = {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 7, "surprise": [1]}
    server.answers[0] = said(candidates=[candidate(*parts)], usageMetadata=usage, surprise={"a": [1]})
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.text == "one two"
    assert (outcome.input_tokens, outcome.output_tokens) == (5, 9)
    assert (outcome.response_model, outcome.attempts) == ("served-model", 1)
    assert (outcome.tokens, outcome.logprob_kind) == ((), "none")


def scored() -> Answer:
    def of(text: str, logprob: float, identity: int) -> dict[str, Any]:
        return {"token": text, "tokenId": identity, "logProbability": logprob}

    result = {
        "chosenCandidates": [of("hel", -0.5, 7), of("lo", -2.0, 8), of("", 0.0, 1)],
        "topCandidates": [
            {"candidates": [of("hel", -0.5, 7), of("Hel", -1.5, 9)]},
            {"candidates": [of("p", -0.25, 10), of("lo", -2.0, 8)]},
            {"candidates": [of("", 0.0, 1)]},
        ],
    }
    return said(candidates=[candidate({"text": "hello"}, logprobsResult=result)])


def test_logprobs(server: ScriptedServer) -> None:
    server.answers[0] = scored()
    outcome = ADAPTER.ask(server, SamplingParams(logprobs=2))
    assert isinstance(outcome, Completion)
    assert [t.text for t in outcome.tokens] == ["hel", "lo"]
    first, second = outcome.tokens
    assert (first.logprob, first.rank, first.token_id) == (-0.5, 0, 7)
    assert (second.logprob, second.rank, second.token_id) == (-2.0, 1, 8)
    assert second.top == (("p", -0.25), ("lo", -2.0))
    assert outcome.logprob_kind == "unknown"


def test_logprobs_without_alternatives_or_of_another_number(server: ScriptedServer) -> None:
    answer = scored()
    result = answer.body["candidates"][0]["logprobsResult"]
    tops = result.pop("topCandidates")
    server.answers[0] = answer
    outcome = ADAPTER.ask(server, SamplingParams(logprobs=2))
    assert isinstance(outcome, Completion)
    assert [(t.logprob, t.rank, t.top) for t in outcome.tokens] == [(-0.5, None, ()), (-2.0, None, ())]
    result["topCandidates"] = tops[:1]
    outcome = ADAPTER.ask(server, SamplingParams(logprobs=2), attempts=1)
    assert isinstance(outcome, Completion)
    assert [(t.logprob, t.rank, t.top) for t in outcome.tokens] == [(-0.5, None, ()), (-2.0, None, ())]


def test_what_the_user_knows_of_the_logprobs(server: ScriptedServer) -> None:
    server.answers[0] = scored()
    outcome = ADAPTER.ask(server, SamplingParams(logprobs=2), logprob_kind="raw")
    assert isinstance(outcome, Completion)
    assert outcome.logprob_kind == "raw"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("LANGUAGE", "unknown"),
        ("OTHER", "unknown"),
        ("SURPRISE", "unknown"),
        (None, "unknown"),
    ],
)
def test_finish_reasons(server: ScriptedServer, sent: str | None, stored: str) -> None:
    server.answers[0] = said(candidates=[candidate({"text": "a"}, finish=sent, continuationToken="eA==")])
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.finish_reason == stored
    assert len(server.requests) == 1


def test_saying_nothing_is_an_answer(server: ScriptedServer) -> None:
    server.answers[0] = said(
        candidates=[{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}],
        usageMetadata={"promptTokenCount": 5, "thoughtsTokenCount": 256},
    )
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason, outcome.output_tokens) == ("", "length", 256)


SAYS = [
    row.says
    for row in rows()
    if row.provider in ("google", "anthropic", "openai") and "temperature" in row.says
]
"""No Gemini model is known to refuse a temperature; if one does, its words will be like those of others."""


@pytest.mark.parametrize(
    ("answer", "kind", "attempts"),
    [
        *[(error(400, says), "rejected", 1) for says in sorted(set(SAYS))],
        (
            error(400, "The input token count (1100000) exceeds the maximum number of tokens"),
            "context_length",
            1,
        ),
        (error(400, "Penalty is not enabled for this model"), "rejected", 1),
        (
            error(
                400,
                "API key not valid. Please pass a valid API key.",
                "INVALID_ARGUMENT",
                WRONG_KEY,
                {"x": 1},
            ),
            "auth",
            1,
        ),
        (error(401, "no", "UNAUTHENTICATED"), "auth", 1),
        (error(403, "no", "PERMISSION_DENIED"), "auth", 1),
        (error(404, "models/x is not found", "NOT_FOUND"), "rejected", 1),
        (error(429, "Resource has been exhausted", "RESOURCE_EXHAUSTED"), "rate_limit", 3),
        (error(429, EXHAUSTED, "RESOURCE_EXHAUSTED"), "rate_limit", 3),
        (error(500, "oops", "INTERNAL"), "server", 3),
        (error(503, "The model is overloaded.", "UNAVAILABLE"), "server", 3),
        (error(529), "server", 3),
        (Answer([{"error": {"code": 500, "message": "oops"}}], status=500), "server", 3),
        (Answer({"error": "oops", "details": 3}, status=500), "server", 3),
        (said(candidates=[]), "bad_answer", 2),
        (said(candidates=[{}]), "bad_answer", 2),
        (said(candidates="text"), "bad_answer", 2),
        (said(candidates=None, promptFeedback={"blockReason": "SAFETY"}), "rejected", 1),
    ],
)
def test_every_fault_becomes_a_stored_failure(
    server: ScriptedServer, answer: Answer, kind: str, attempts: int
) -> None:
    ADAPTER.fails(server, answer, kind, attempts)


@pytest.mark.parametrize(
    "answer",
    [
        error(400, SAYS[0]),
        error(400, "API key not valid.", "INVALID_ARGUMENT", WRONG_KEY),
        error(
            429,
            EXHAUSTED,
            "RESOURCE_EXHAUSTED",
            quota("GenerateRequestsPerDayPerProjectPerModel"),
            retry("9s"),
        ),
    ],
)
def test_what_no_other_sample_would_survive_ends_the_model(server: ScriptedServer, answer: Answer) -> None:
    ADAPTER.is_given_up(server, answer)


def test_logprobs_that_are_not_to_be_had_are_told_with_the_way_out(server: ScriptedServer) -> None:
    server.answers[0] = error(400, "Logprobs is not enabled for models/x")
    outcome = ADAPTER.ask(server, SamplingParams(logprobs=5))
    assert isinstance(outcome, Failure)
    assert outcome.message.endswith("; use --logprobs 0")


def test_passing_faults_are_tried_again_and_counted(server: ScriptedServer) -> None:
    """A limit per minute comes in the words of an exhausted account; its details tell it from one."""
    minute = error(
        429,
        EXHAUSTED,
        "RESOURCE_EXHAUSTED",
        quota("GenerateRequestsPerMinutePerProjectPerModel"),
        retry("0.3s"),
    )
    server.answers.extendleft([minute, error(429, **{"Retry-After": "0.05"}), error(503)])
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Completion)
    assert outcome.attempts == 4


def test_a_long_delay_is_not_waited_for(server: ScriptedServer) -> None:
    server.answers[0] = error(429, EXHAUSTED, "RESOURCE_EXHAUSTED", retry("3600s"))
    outcome = ADAPTER.ask(server)
    assert isinstance(outcome, Failure)
    assert outcome.attempts == 1


def test_googles_own_key_does_not_go_to_another_server(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    assert isinstance(ADAPTER.ask(server), Completion)
    assert KEY not in str(server.seen)


def test_the_key_may_stand_under_either_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    assert _key_name(parse_model(f"google:{NAME}")) == "GOOGLE_API_KEY"
    monkeypatch.delenv("GOOGLE_API_KEY")
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert _key_name(parse_model(f"google:{NAME}")) == "GEMINI_API_KEY"
