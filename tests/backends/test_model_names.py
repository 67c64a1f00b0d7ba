"""Whether the model that answered is the one that was asked for, by their names alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.backends import answering
from tempkit.backends.model_names import bare_name, family_of, snapshot_of_name
from tempkit.planning import parse_model

SELF = "base_url=http://localhost:8080/v1"

SAME = [
    ("openai:gpt-5.4", "gpt-5.4-2026-03-05"),
    ("openai:gpt-4", "gpt-4-0613"),
    ("openai:gpt-4-turbo", "gpt-4-turbo-2024-04-09"),
    ("openai:gpt-4.1-2025-04-14", "gpt-4.1"),
    ("anthropic:claude-haiku-4-5", "claude-haiku-4-5-20251001"),
    ("anthropic:claude-sonnet-4-0", "claude-sonnet-4-20250514"),
    ("anthropic:claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("google:gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20"),
    ("google:gemini-2.0-flash", "gemini-2.0-flash-001"),
    ("mistral:mistral-large-latest", "mistral-large-2411"),
    ("mistral:mistral-medium-latest", "mistral-medium-3-5"),
    ("openrouter:openai/gpt-4.1-mini", "openai/gpt-4.1-mini-2025-04-14"),
    ("openrouter:anthropic/claude-haiku-4.5", "anthropic/claude-4.5-haiku-20251001"),
    ("openrouter:deepseek/deepseek-v3:free", "deepseek/deepseek-v3"),
    ("fireworks:accounts/fireworks/models/qwen3-8b", "qwen3-8b"),
    ("together:Meta-Llama/Llama-3.1-8B", "meta-llama/llama-3.1-8b"),
    ("ollama:llama3.2", "llama3.2:latest"),
    ("xai:grok-4", "grok-4-0709"),
    ("azure:mine,family=gpt-4.1,base_url=https://x.openai.azure.com/openai/v1", "gpt-4.1-2025-04-14"),
]
SNAPSHOTS = [
    ("openai:gpt-4.1-2025-04-14", "gpt-4.1-2025-09-01"),
    ("anthropic:claude-haiku-4-5-20251001", "claude-haiku-4-5-20260301"),
]
RENAMED = [
    (f"openai:local,{SELF}", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    (f"openai:m,{SELF}", "served-model"),
    ("llama-server:any", "smollm2"),
    ("lmstudio:x", "qwen2.5-7b-instruct"),
    ("azure:mine,base_url=https://x.openai.azure.com/openai/v1", "gpt-4.1-2025-04-14"),
]
OTHER = [
    ("openai:gpt-4.1-mini", "gpt-4.1-nano-2025-04-14", "honoured"),
    ("openai:gpt-4.1-mini", "gpt-5-2025-08-07", "rejected"),
    (f"openai:gpt-4.1,{SELF}", "gpt-5.5", "rejected"),
    ("anthropic:claude-haiku-4-5", "claude-opus-5-1", "rejected"),
    ("google:gemini-2.5-flash", "gemini-3.8-flash", "ignored"),
    ("groq:llama-3.1-8b-instant", "llama-3.3-70b-versatile", "honoured"),
    ("azure:mine,base_url=https://x.openai.azure.com/openai/v1", "gpt-5-2025-08-07", "rejected"),
    ("ollama:llama3.2", "qwen3:8b", "honoured"),
]


@pytest.fixture(autouse=True)
def shipped_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the machine's owner has in a table of their own is nothing to these tests."""
    path = tmp_path / "none.toml"
    path.write_text("")
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(path))


@pytest.mark.parametrize(("asked", "answered"), SAME)
def test_a_state_of_the_model_that_was_asked_is_that_model(asked: str, answered: str) -> None:
    assert answering(parse_model(asked), answered).relation == "same"


@pytest.mark.parametrize(("asked", "answered"), SNAPSHOTS)
def test_another_date_than_the_one_asked_for_is_another_snapshot(asked: str, answered: str) -> None:
    assert answering(parse_model(asked), answered).relation == "snapshot"


@pytest.mark.parametrize(("asked", "answered"), RENAMED)
def test_a_server_of_ones_own_may_call_its_model_what_it_likes(asked: str, answered: str) -> None:
    assert answering(parse_model(asked), answered).relation == "renamed"


@pytest.mark.parametrize(("asked", "answered", "temperature"), OTHER)
def test_another_model_is_one_with_what_it_does_with_temperature(
    asked: str, answered: str, temperature: str
) -> None:
    found = answering(parse_model(asked), answered)
    assert (found.relation, found.temperature) == ("other", temperature)
    assert found.without(0.7) == (temperature != "honoured")
    assert found.source


def test_a_temperature_that_the_other_one_accepts_is_gone_by() -> None:
    found = answering(parse_model("openai:gpt-4.1-mini"), "gpt-5-2025-08-07")
    assert (found.without(0.0), found.without(1.0)) == (True, False)


def test_the_option_that_switches_reasoning_off_counts_for_whoever_answers() -> None:
    asked = "openai:gpt-4.1-mini,reasoning_effort=none"
    assert answering(parse_model(asked), "gpt-5.5").temperature == "honoured"


def test_an_address_in_the_environment_is_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    model = parse_model("openai:local")
    assert answering(model, "other", "http://localhost:8080/v1").relation == "renamed"
    assert answering(model, "other", "https://api.openai.com/v1").relation == "other"
    assert answering(model, "other", "https://api.openai.com.example.org/v1").relation == "renamed"


def test_a_row_of_ones_own_for_the_very_name_does_not_make_its_dated_name_another_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "rows.toml"
    path.write_text(
        "[[model]]\nprovider = 'openai'\nnames = ['gpt-9']\ntemperature = 'honoured'\nsource = 'tried'\ndate = 2026-11-20\n"
    )
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(path))
    assert answering(parse_model("openai:gpt-9"), "gpt-9-2026-11-01").relation == "same"


words = st.sampled_from(["gpt", "claude", "haiku", "flash", "4", "4.1", "3.8", "mini", "8b", "v3"])
names = st.lists(words, min_size=1, max_size=4).map("-".join)


@given(names, st.dates(), st.sampled_from(["", "openai/", "models/", "accounts/x/models/"]))
def test_a_date_and_a_vendor_never_make_another_model(name: str, day: object, before: str) -> None:
    dated = f"{before}{name}-{day}"
    if str(day).startswith("20"):  # providers date their models in this century
        assert family_of(dated) == family_of(name)
        assert snapshot_of_name(dated).endswith(str(day))
    assert bare_name(bare_name(dated)) == bare_name(dated)


@given(st.text(max_size=60))
def test_any_text_has_a_family(name: str) -> None:
    assert isinstance(family_of(name), str)
    assert answering(parse_model("openai:gpt-4.1"), name).relation in ("same", "other")
