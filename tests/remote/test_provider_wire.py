"""Every hosted provider on the wire: its own address and key, what is asked, and its answer in its own shape.

The addresses are those of `presets.toml` with a loopback server in the place of the host, so that paths, regions and projects are
laid out as for the provider itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.openai import presets
from tempkit.errors import ModelError, UsageError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, parse_model
from tempkit.running.preparing import Limits, capabilities_of, find_backends
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, SamplingParams

KEY = "tk-wire-0123456789"


def usage(**more: Any) -> dict[str, Any]:
    return {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, **more}


def body(message: Mapping[str, Any], finish: str = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    whole = {"id": "1", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice]}
    return {**whole, "usage": usage(), **more}


@dataclass(frozen=True)
class Wire:
    """How one provider is asked, and how it answers."""

    model: str
    path: str
    key: str
    sent: Mapping[str, Any]
    """What a request holds besides model and messages, at a temperature that the provider takes."""
    answer: dict[str, Any]
    temperature: float = 0.5
    text: str = "Blue."
    thinking: str | None = None
    header: str = "authorization"
    env: Mapping[str, str] = field(default_factory=dict)


TEXT = {"content": "Blue."}
NONE = {"frequency_penalty": 0.0, "presence_penalty": 0.0}
TWENTY = {"logprobs": True, "top_logprobs": 20}
WIRES = {
    "openai": Wire(
        "openai:gpt-5.4-mini", "/v1", "OPENAI_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "seed": 0, "max_completion_tokens": 9, **TWENTY},
        body({**TEXT, "refusal": None, "annotations": []}, system_fingerprint="fp", service_tier="default"),
    ),
    "azure": Wire(
        "azure:prod", "/openai/v1", "AZURE_OPENAI_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "seed": 0, "max_completion_tokens": 9, **TWENTY},
        body(TEXT, prompt_filter_results=[{"prompt_index": 0, "content_filter_results": {}}]),
        header="api-key",
    ),
    "mistral": Wire(
        "mistral:mistral-large-2512", "/v1", "MISTRAL_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "random_seed": 0, "max_tokens": 9, **TWENTY},
        body({**TEXT, "tool_calls": None}),
    ),
    "groq": Wire(
        "groq:llama-3.3-70b-versatile", "/openai/v1", "GROQ_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, "seed": 0, "max_tokens": 9},
        body(TEXT, x_groq={"id": "req_1"}, usage=usage(queue_time=0.1, total_time=0.2)),
    ),
    "together": Wire(
        "together:meta-llama/Llama-3.3-70B-Instruct-Turbo", "/v1", "TOGETHER_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, "top_k": 0, "min_p": 0.0, **NONE, "seed": 0, "max_tokens": 9, "logprobs": 20, "repetition_penalty": 1.0},
        body({**TEXT, "tool_calls": []}, "eos"),
    ),
    "fireworks": Wire(
        "fireworks:accounts/fireworks/models/llama-v3p3-70b-instruct", "/inference/v1", "FIREWORKS_API_KEY",
        {
            "temperature": 0.5, "top_p": 1.0, "top_k": 0, "min_p": 0.0, **NONE, "seed": 0, "max_tokens": 9,
            "logprobs": True, "top_logprobs": 5, "repetition_penalty": 1.0, "typical_p": 1.0,
        },
        body(TEXT),
    ),
    "openrouter": Wire(
        "openrouter:mistralai/mistral-large-2512", "/api/v1", "OPENROUTER_API_KEY",
        {
            "temperature": 0.5, "top_p": 1.0, "seed": 0, "max_tokens": 9, **TWENTY,
            "provider": {"require_parameters": True},
        },
        body({**TEXT, "reasoning": None}, provider="Mistral", native_finish_reason="stop"),
    ),
    "xai": Wire(
        "xai:grok-3", "/v1", "XAI_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, "seed": 0, "max_tokens": 9, "logprobs": True, "top_logprobs": 8},
        body({**TEXT, "reasoning_content": "A sky.", "refusal": None}), thinking="A sky.",
    ),
    "deepseek": Wire(
        "deepseek:deepseek-v4-flash,thinking=disabled", "/v1", "DEEPSEEK_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "max_tokens": 9, **TWENTY, "thinking": {"type": "disabled"}},
        body(TEXT, usage=usage(prompt_cache_hit_tokens=0, prompt_cache_miss_tokens=5)),
    ),
    "cohere": Wire(
        "cohere:command-a-03-2025", "/compatibility/v1", "COHERE_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "seed": 0, "max_tokens": 9},
        body({"role": "assistant", **TEXT}),
    ),
    "bedrock": Wire(
        "bedrock:openai.gpt-oss-20b-1:0,region=us-west-2", "/openai/v1", "AWS_BEARER_TOKEN_BEDROCK",
        {"temperature": 0.5, "top_p": 1.0, "max_completion_tokens": 9},
        body({"content": "<reasoning>A sky.</reasoning>Blue."}), thinking="A sky.",
    ),
    "vertex": Wire(
        "vertex:google/gemini-2.5-flash-lite",
        "/v1/projects/my-project/locations/europe-west4/endpoints/openapi", "GOOGLE_OAUTH_ACCESS_TOKEN",
        {"temperature": 0.5, "top_p": 1.0, "seed": 0, "max_tokens": 9},
        body(TEXT, usage=usage(extra_properties={"google": {"traffic_type": "ON_DEMAND"}})),
        env={"GOOGLE_CLOUD_PROJECT": "my-project", "GOOGLE_CLOUD_LOCATION": "europe-west4"},
    ),
    "moonshot": Wire(
        "moonshot:kimi-k3,reasoning_effort=low", "/v1", "MOONSHOT_API_KEY",
        {"temperature": 1.0, "max_completion_tokens": 9, "reasoning_effort": "low"},
        body({**TEXT, "reasoning_content": "A sky."}, usage=usage(cached_tokens=0)),
        temperature=1.0, thinking="A sky.",
    ),
    "zai": Wire(
        "zai:glm-5.3,thinking=disabled", "/api/paas/v4", "ZAI_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, "max_tokens": 9, "do_sample": True, "thinking": {"type": "disabled"}},
        body(TEXT, request_id="r1"),
    ),
    "qwen": Wire(
        "qwen:qwen-plus", "/compatible-mode/v1", "DASHSCOPE_API_KEY",
        {
            "temperature": 0.5, "top_p": 1.0, "presence_penalty": 0.0, "seed": 0, "max_tokens": 9,
            "logprobs": True, "top_logprobs": 5,
        },
        body({**TEXT, "reasoning_content": ""}),
    ),
    "minimax": Wire(
        "minimax:MiniMax-M2.7", "/v1", "MINIMAX_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, "max_completion_tokens": 9, "reasoning_split": True},
        body(
            {**TEXT, "reasoning_details": [{"type": "reasoning.text", "text": "A sky."}]},
            base_resp={"status_code": 0, "status_msg": ""}, input_sensitive=False,
        ),
        thinking="A sky.",
    ),
    "cerebras": Wire(
        "cerebras:gpt-oss-120b", "/v1", "CEREBRAS_API_KEY",
        {"temperature": 0.5, "top_p": 1.0, **NONE, "seed": 0, "max_completion_tokens": 9, **TWENTY},
        body({**TEXT, "reasoning": "A sky."}, time_info={"queue_time": 0.1}), thinking="A sky.",
    ),
    "huggingface": Wire(
        "huggingface:openai/gpt-oss-20b:cerebras", "/v1", "HF_TOKEN",
        {
            "temperature": 0.5, "top_p": 1.0, **NONE, "seed": 0, "max_tokens": 9, "logprobs": True, "top_logprobs": 5,
        },
        body({**TEXT, "reasoning": "A sky."}), thinking="A sky.",
    ),
}  # fmt: skip

HOSTED = {name for name, preset in presets._presets().items() if preset.key}
ADDRESSES = {
    "cohere:m": "https://api.cohere.ai/compatibility/v1",
    "bedrock:m,region=eu-central-1": "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1",
    "vertex:google/m,project=p,location=us-central1": "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/openapi",
    "vertex:google/m,project=p,location=global": "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
    "moonshot:m": "https://api.moonshot.ai/v1",
    "zai:m": "https://api.z.ai/api/paas/v4",
    "qwen:m": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "minimax:m": "https://api.minimax.io/v1",
    "cerebras:m": "https://api.cerebras.ai/v1",
    "huggingface:m": "https://router.huggingface.co/v1",
}
VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in (*VARIABLES, "OPENAI_BASE_URL", "AZURE_OPENAI_BASE_URL", "TEMPKIT_CAPABILITIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_every_hosted_provider_is_here() -> None:
    assert set(WIRES) == HOSTED


def led_to(server: ScriptedServer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the server in the place of a provider's host, and nothing else."""
    known = dict(presets._presets())
    preset = known[name]

    def here(address: str) -> str:
        path = urlsplit((address or preset.needs_url).replace("{", "(").replace("}", ")")).path
        return server.url + path.replace("(", "{").replace(")", "}")

    moved = replace(
        preset,
        base_url=here(preset.base_url),
        at={value: here(address) for value, address in preset.at.items()},
    )
    monkeypatch.setattr(presets, "_presets", lambda: {**known, name: moved})
    monkeypatch.setattr(presets, "_OFFICIAL", "127.0.0.1")


@pytest.mark.parametrize("name", WIRES)
def test_a_provider_is_asked_as_it_documents_and_its_answer_is_read(
    http_script: ScriptedServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = WIRES[name]
    led_to(http_script, name, monkeypatch)
    monkeypatch.setenv(wire.key, KEY)
    for variable, value in wire.env.items():
        monkeypatch.setenv(variable, value)
    http_script.answers[0] = Answer(wire.answer)
    model = parse_model(wire.model)
    experiment = Experiment(prompts=("Name a colour.",), models=(model,), temperatures=(wire.temperature,))
    plan = build_plan(experiment)
    check_plan(plan, capabilities_of(plan, find_backends(plan, Limits())))
    sampling = SamplingParams(max_tokens=9)
    (outcome,) = run_all(make_sweeps(model, sampling, (wire.temperature,), 1, ("Name a colour.",)))[0]
    assert [path for path, _ in http_script.seen] == [f"{wire.path}/models", f"{wire.path}/chat/completions"]
    for _, headers in http_script.seen:
        assert headers[wire.header] == (KEY if wire.header == "api-key" else f"Bearer {KEY}")
    sent = dict(http_script.requests[0])
    assert sent.pop("model") == model.name
    assert sent.pop("messages") == [{"role": "user", "content": "Name a colour."}]
    assert sent == wire.sent
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.thinking, outcome.finish_reason) == (wire.text, wire.thinking, "stop")
    assert (outcome.input_tokens, outcome.output_tokens, outcome.response_model) == (5, 2, "served")
    assert (outcome.temperature_sent, outcome.params["temperature"]) == (wire.temperature, wire.temperature)


@pytest.mark.parametrize("model", ADDRESSES)
def test_where_a_provider_is(model: str) -> None:
    assert presets.base_url(parse_model(model)) == ADDRESSES[model]


def test_the_environment_says_where_and_the_model_says_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert "runtime.us-east-1." in presets.base_url(parse_model("bedrock:m"))
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert "runtime.us-east-2." in presets.base_url(parse_model("bedrock:m"))
    assert "runtime.eu-west-1." in presets.base_url(parse_model("bedrock:m,region=eu-west-1"))
    given = "https://bedrock-mantle.us-east-1.api.aws/v1"
    assert presets.base_url(parse_model(f"bedrock:m,base_url={given}")) == given


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("bedrock:m", "bedrock:m: no region; add ,region=... to the model, or set AWS_REGION or AWS_DEFAULT_REGION"),
        ("vertex:m", "vertex:m: no project; add ,project=... to the model, or set GOOGLE_CLOUD_PROJECT"),
        ("vertex:m,project=p", "vertex:m: no location; add ,location=... to the model, or set GOOGLE_CLOUD_LOCATION"),
        ("bedrock:m,region=evil.example/x", "option region is 'evil.example/x', and a region has lower-case letters"),
        ("vertex:m,project=../x,location=global", "option project is '../x', and a project has"),
        ("cohere:m,region=eu", "cohere:m: region has no use here: its address has no place for it; leave it out"),
        (
            "bedrock:m,region=eu,base_url=https://x.example/v1",
            "bedrock:m: region has no use here: its base_url says where it is; leave it out",
        ),
    ],
)  # fmt: skip
def test_a_place_that_is_missing_or_no_place_is_one_line(model: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        presets.base_url(parse_model(model))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_place_in_the_environment_leads_to_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key goes there, so nothing that could end the host's name may be in it."""
    for bad in ("x@evil.example", "evil.example#", "a b", "-x", "x" * 70):
        monkeypatch.setenv("AWS_REGION", bad)
        with pytest.raises(UsageError, match="AWS_REGION is "):
            presets.base_url(parse_model("bedrock:m"))


@pytest.mark.parametrize(
    ("model", "temperature", "message"),
    [
        ("cohere:command-a-03-2025", 1.2, "takes temperatures from 0 to 1, not 1.2"),
        ("cerebras:gpt-oss-120b", 1.6, "takes temperatures from 0 to 1.5, not 1.6"),
        ("minimax:MiniMax-M2.7", 0, "takes no temperature of 0"),
        ("qwen:qwen-plus", 2, "takes temperatures from 0 to 1.99, not 2"),
        ("moonshot:kimi-k2.6", 0.6, "takes no temperature but 1"),
        ("bedrock:us.anthropic.claude-opus-4-7-v1:0,region=us-east-1", 1, "takes no temperature"),
    ],
)
def test_what_a_provider_does_not_take_is_refused_before_anything_is_sent(
    model: str, temperature: float, message: str
) -> None:
    experiment = Experiment(prompts=("Hi.",), models=(parse_model(model),), temperatures=(temperature,))
    with pytest.raises(ModelError, match=message):
        find_backends(build_plan(experiment), Limits())
