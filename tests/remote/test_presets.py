"""What is sent under every preset of OpenAI's protocol: each parameter as asked, zeros included, and no other."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer, chat

from tempkit.backends.openai import OpenAIBackend
from tempkit.backends.openai.presets import _presets
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, ModelSpec, Outcome, SamplingParams

KEY = "sk-0123456789"
FULL = ("top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "seed")
LENGTH = {"openai": "max_completion_tokens", "azure": "max_completion_tokens"}
TAKES: Mapping[str, tuple[str, ...]] = {
    "openai": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
    "azure": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
    "mistral": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
    "groq": ("top_p", "seed"),
    "together": FULL,
    "fireworks": FULL,
    "openrouter": ("top_p", "seed"),
    "xai": ("top_p", "seed"),
    "deepseek": ("top_p", "frequency_penalty", "presence_penalty"),
    "vllm": FULL,
    "sglang": FULL,
    "llama-server": FULL,
    "lmstudio": ("top_p", "top_k", "frequency_penalty", "presence_penalty", "seed"),
    "tgi": ("frequency_penalty", "seed"),
    "compatible": FULL,
    "cohere": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
    "bedrock": ("top_p",),
    "vertex": ("top_p", "seed"),
    "moonshot": ("top_p", "frequency_penalty", "presence_penalty"),
    "zai": ("top_p",),
    "qwen": ("top_p", "presence_penalty", "seed"),
    "minimax": ("top_p",),
    "cerebras": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
    "huggingface": ("top_p", "frequency_penalty", "presence_penalty", "seed"),
}
NEUTRAL: Mapping[str, Mapping[str, Any]] = {
    "together": {"repetition_penalty": 1.0},
    "fireworks": {"repetition_penalty": 1.0, "typical_p": 1.0},
    "vllm": {"repetition_penalty": 1.0},
    "sglang": {"repetition_penalty": 1.0},
    "llama-server": {
        "samplers": ["penalties", "top_k", "top_p", "min_p", "temperature"],
        "repeat_penalty": 1.0,
        "repeat_last_n": 64,
        "dry_multiplier": 0.0,
        "top_n_sigma": -1.0,
        "typical_p": 1.0,
        "xtc_probability": 0.0,
        "dynatemp_range": 0.0,
        "mirostat": 0,
        "adaptive_target": -1.0,
        "min_keep": 0,
        "logit_bias": {},
        "ignore_eos": False,
        "backend_sampling": False,
    },
    "lmstudio": {"repeat_penalty": 1.0},
    "compatible": {"repetition_penalty": 1.0, "repeat_penalty": 1.0},
}
"""What is sent beside a plan's parameters, so that the server's own values do not apply."""
COMPLETE = {"openai", "azure", "mistral", "groq", "xai", "deepseek", "vllm", "sglang", "llama-server", "tgi"}
LENGTH |= dict.fromkeys(("bedrock", "moonshot", "minimax", "cerebras"), "max_completion_tokens")
ALWAYS: Mapping[str, dict[str, Any]] = {
    "openrouter": {"provider": {"require_parameters": True}},
    "zai": {"do_sample": True},
    "minimax": {"reasoning_split": True},
}
NO_ZERO = {"tgi", "minimax"}
NO_LOGPROBS = {"groq", "lmstudio", "deepseek", "cohere", "bedrock", "vertex", "moonshot", "zai", "minimax"}
MOST = {"fireworks": 5, "xai": 8, "qwen": 5, "huggingface": 5}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "AZURE_OPENAI_BASE_URL", "TEMPKIT_CAPABILITIES"):
        monkeypatch.delenv(name, raising=False)


def model_at(
    server: ScriptedServer, preset: str, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> ModelSpec:
    given = {"base_url": server.base_url, "api_key_env": "THE_KEY", **options}
    if preset == "openai":  # only its own address is treated as OpenAI's
        monkeypatch.setattr("tempkit.backends.openai.presets._OFFICIAL", "127.0.0.1")
    backend = "openai" if preset == "compatible" else preset
    return parse_model(f"{backend}:some-model", options=given)


def ask(
    model: ModelSpec, sampling: SamplingParams, temperature: float = 0.0, repeat: int = 1
) -> list[Outcome]:
    return run_all(make_sweeps(model, sampling, (temperature,), repeat, ("What is 1 + 1?",)))[0]


def prepared(model: ModelSpec) -> dict[str, Any]:
    return prepared_and_asked(model, ask_too=False)[1]


def prepared_and_asked(model: ModelSpec, *, ask_too: bool = True) -> tuple[list[Outcome], dict[str, Any]]:
    """Prepare a model, as a run does, and ask it once; return the outcomes and what was found."""

    async def go() -> tuple[list[Outcome], dict[str, Any]]:
        backend = OpenAIBackend(concurrency=1)
        try:
            details = dict((await backend.prepare(model)).details)
            sweeps = make_sweeps(model, SamplingParams(), (0.5,), 1, ("What is 1 + 1?",)) if ask_too else []
            return [outcome async for outcome in backend.run(sweeps, lambda *_: None)], details
        finally:
            await backend.close()

    return asyncio.run(go())


def expected(preset: str, **values: Any) -> dict[str, Any]:
    """Lay out the request by hand, from what the preset's server takes."""
    sent = {name: value for name, value in values.items() if name in TAKES[preset]}
    if preset == "sglang" and sent["top_k"] == 0:
        sent["top_k"] = -1
    if preset == "mistral":
        sent["random_seed"] = sent.pop("seed")
    sent |= {"temperature": values["temperature"], LENGTH.get(preset, "max_tokens"): values["max_tokens"]}
    if preset not in NO_LOGPROBS and preset == "together":
        sent["logprobs"] = 20
    elif preset not in NO_LOGPROBS:
        sent |= {"logprobs": True, "top_logprobs": MOST.get(preset, 20)}
    return sent | ALWAYS.get(preset, {}) | NEUTRAL.get(preset, {})


def body(server: ScriptedServer) -> dict[str, Any]:
    sent = dict(server.requests[-1])
    assert sent.pop("model") == "some-model"
    assert sent.pop("messages") == [{"role": "user", "content": "What is 1 + 1?"}]
    return sent


def test_every_preset_is_tested() -> None:
    assert set(TAKES) == set(_presets())


@pytest.mark.parametrize("preset", TAKES)
def test_neutral_values_are_sent_and_nothing_else(
    http_script: ScriptedServer, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    temperature = 0.5 if preset in NO_ZERO else 0.0
    (outcome,) = ask(model_at(http_script, preset, monkeypatch), SamplingParams(), temperature)
    assert isinstance(outcome, Completion)
    neutral = {"top_p": 1.0, "top_k": 0, "min_p": 0.0, "frequency_penalty": 0.0, "presence_penalty": 0.0}
    assert body(http_script) == expected(preset, temperature=temperature, seed=0, max_tokens=256, **neutral)
    header, value = ("api-key", KEY) if preset == "azure" else ("authorization", f"Bearer {KEY}")
    assert http_script.headers[-1][header] == value
    assert (outcome.temperature_sent, outcome.params["temperature"]) == (temperature, temperature)


@pytest.mark.parametrize("preset", TAKES)
def test_what_is_asked_for_is_sent_as_it_is(
    http_script: ScriptedServer, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"top_p": 0.9, "top_k": 7, "min_p": 0.05, "frequency_penalty": 0.5, "presence_penalty": -0.5}
    taken = {name: value for name, value in asked.items() if name in (*TAKES[preset], "top_p")}
    sampling = SamplingParams(max_tokens=9, stop=("END", "\n"), **taken)  # type: ignore[arg-type]
    ask(model_at(http_script, preset, monkeypatch), sampling, 1.3)
    wanted = expected(preset, temperature=1.3, seed=0, max_tokens=9, **taken) | {"stop": ["END", "\n"]}
    if preset == "tgi":  # left out only where it is neutral
        wanted["top_p"] = 0.9
    assert body(http_script) == wanted


@pytest.mark.parametrize("preset", TAKES)
def test_what_was_sent_to_stay_neutral_is_recorded_and_what_is_not_known_too(
    http_script: ScriptedServer, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = prepared(model_at(http_script, preset, monkeypatch))
    assert details.pop("base_url") == http_script.base_url
    assert details.pop("sent_neutral", {}) == NEUTRAL.get(preset, {})
    assert details == ({} if preset in COMPLETE else {"other_defaults": "unknown"})


@pytest.mark.parametrize("preset", TAKES)
def test_without_extended_sampling_nothing_but_openais_own_is_sent_and_the_record_says_so(
    http_script: ScriptedServer, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_at(http_script, preset, monkeypatch, extended_sampling=False)
    ask(model, SamplingParams(), 0.5)
    beyond = {"top_k", "min_p", *NEUTRAL.get(preset, {})}
    assert not beyond & body(http_script).keys()
    all_sent = preset in COMPLETE and not NEUTRAL.get(preset) and "top_k" not in TAKES[preset]
    details = prepared(model)
    assert ("sent_neutral" in details, "other_defaults" in details) == (False, not all_sent)


@pytest.mark.parametrize(
    ("owner", "preset", "complete"),
    [
        ("vllm", "vllm", True),
        ("sglang", "sglang", True),
        ("llamacpp", "llama-server", True),
        ("somebody", "compatible", False),
    ],
)
def test_a_server_of_ones_own_that_says_what_it_is_is_sent_what_that_knows(
    http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch, owner: str, preset: str, complete: bool
) -> None:
    its = {"id": "some-model", "owned_by": owner, "root": "/home/me/secret", "max_model_len": 4096}
    meta = {"n_vocab": 49152, "size": -1, "n_params": "many"}
    http_script.models = Answer({"object": "list", "data": [{"id": "another"}, {**its, "meta": meta}]})
    model = model_at(http_script, "compatible", monkeypatch)
    outcomes, details = prepared_and_asked(model)
    assert isinstance(outcomes[0], Completion)
    assert {n: v for n, v in body(http_script).items() if n in NEUTRAL[preset]} == NEUTRAL[preset]
    assert body(http_script)["top_k"] == (-1 if preset == "sglang" else 0)
    assert details["sent_neutral"] == NEUTRAL[preset]
    assert ("other_defaults" in details) == (not complete)
    assert details.get("software") == (preset if complete else None)
    assert (details["max_model_len"], details["n_vocab"]) == (4096, 49152)
    assert not {"size", "n_params", "root"} & details.keys()


def test_by_responses_nothing_of_it_is_sent_and_the_record_says_so(
    http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    http_script.models = Answer({"data": [{"id": "some-model", "owned_by": "vllm"}]})
    details = prepared(model_at(http_script, "compatible", monkeypatch, api="responses"))
    assert (details["software"], details["other_defaults"]) == ("vllm", "unknown")
    assert "sent_neutral" not in details


def test_of_what_llama_cpps_server_says_only_numbers_under_plain_names_are_kept(
    http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {
        "temperature": 2.0, "top_p": 0.949999988079071, "mirostat": 2, "samplers": ["top_k", "/etc"], "n_predict": 7,
        "new_trick": 0.5, "xtc_threshold": 0.1, "generation_prompt": "text", "lora": [{"id": 1}], "seed": 4294967295,
        "bad name": 1, KEY.replace("-", "_"): 1, "nan": float("nan"),
    }  # fmt: skip
    many = {f"x{i}": i for i in range(1000)}
    monkeypatch.setenv("THE_KEY", KEY.replace("-", "_"))
    for shape in ({"params": {**settings, **many}}, {**settings, **many}):  # the second is older servers'
        http_script.models = Answer({"default_generation_settings": shape, "model_path": "/home/me/m.gguf"})
        details = prepared(model_at(http_script, "llama-server", monkeypatch))
        assert http_script.seen[-1][0] == "/props?model=some-model"
        kept = details["server_defaults"]
        some = {"temperature": 2.0, "top_p": 0.95, "mirostat": 2, "new_trick": 0.5, "xtc_threshold": 0.1}
        assert {name: kept[name] for name in kept if not name.startswith("x") or name in some} == some
        assert len(kept) == 64
        assert details["not_sent"][0] == "new_trick"
        assert "mirostat" not in details["not_sent"]
        assert "home" not in str(details)


def test_options_of_a_model_are_sent(http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(model_at(http_script, "deepseek", monkeypatch, thinking="disabled"), SamplingParams(), 0.0)
    assert body(http_script)["thinking"] == {"type": "disabled"}
    ask(model_at(http_script, "openai", monkeypatch, reasoning_effort="none"), SamplingParams(), 0.0)
    assert body(http_script)["reasoning_effort"] == "none"


def test_without_seeds_several_answers_come_from_one_request(
    http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """vLLM gives many at once; this server gives two of the five, so three are asked for again."""
    answer = chat()
    answer.body["choices"] *= 2
    http_script.answers[0] = answer
    model = model_at(http_script, "vllm", monkeypatch, seeds=False)
    outcomes = ask(model, SamplingParams(), 0.7, repeat=5)
    assert sorted(o.key.replicate for o in outcomes) == [0, 1, 2, 3, 4]
    assert all(isinstance(o, Completion) and o.seed is None for o in outcomes)
    assert [request.get("n") for request in http_script.requests] == [5, 3, None]
    assert not any("seed" in request for request in http_script.requests)


def test_logprobs_in_the_older_shape(http_script: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = chat("ab")
    answer.body["choices"][0]["logprobs"] = {
        "tokens": ["a", "b"],
        "token_logprobs": [-0.1, None],
        "top_logprobs": [{"c": -2.0, "a": -0.1}, None],
    }
    http_script.answers[0] = answer
    (outcome,) = ask(model_at(http_script, "together", monkeypatch), SamplingParams())
    assert isinstance(outcome, Completion)
    assert [(t.text, t.logprob, t.rank, t.top) for t in outcome.tokens] == [
        ("a", -0.1, 0, (("a", -0.1), ("c", -2.0))),
        ("b", None, None, ()),
    ]
