"""Every row of the capability table that takes temperature away: a plan is refused, or its samples are marked."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tempkit.backends import capabilities
from tempkit.backends.capabilities import KnownModel, capabilities_of, find_row, read_rows, rows
from tempkit.backends.protocol import backend_names, load_backend
from tempkit.backends.remote.http_errors import status_error
from tempkit.errors import ModelError, UsageError
from tempkit.planning.experiment import Experiment, build_plan, check_plan, parse_model
from tempkit.types import Capabilities, Plan

Write = Callable[[str, str], Path]
SHIPPED = rows()


@pytest.fixture(autouse=True)
def _no_file_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TEMPKIT_CAPABILITIES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def example(row: KnownModel) -> str:
    """Name a model that the row is about, and no row before it."""
    fillers = ("", "x", "-x", "us.")
    for pattern in row.names:
        plain = re.sub(r"\[(.).*?\]", r"\1", pattern)
        for filler in fillers:
            name = plain.replace("*", filler) or "some-model"
            if find_row(row.provider, name, row.options) is row:
                return name
    return row.names[0]


def model_of(row: KnownModel) -> str:
    placed = row.provider in ("azure", "compatible", "bedrock", "vertex")
    options = {**row.options, **({"base_url": "http://127.0.0.1:9/v1"} if placed else {})}
    provider = "openai" if row.provider == "compatible" else row.provider
    return ",".join([f"{provider}:{example(row)}", *(f"{k}={v}" for k, v in options.items())])


def known(model: str) -> Capabilities:
    spec = parse_model(model)
    return load_backend(spec.backend)(concurrency=1).capabilities(spec)


def plan(model: str, *temperatures: float, **sampling: object) -> Plan:
    return build_plan(
        Experiment(
            prompts=("Say it.",), models=(parse_model(model),), temperatures=temperatures, sampling=sampling
        )
    )


def check(model: str, *temperatures: float, **sampling: object) -> None:
    made = plan(model, *temperatures, **sampling)
    check_plan(made, {made.models[0].label: known(model)})


INSTALLED = [row for row in SHIPPED if row.provider in (*backend_names(), "compatible")]


@pytest.mark.parametrize("row", INSTALLED, ids=lambda row: f"{row.provider}:{row.names[0]}")
def test_every_row_is_reached_by_a_model_of_its_own(row: KnownModel) -> None:
    spec = parse_model(model_of(row))
    assert find_row(row.provider, spec.name, spec.options) is row
    if (
        row.provider == "gguf"
    ):  # a local model's file says what it can do; the row says what is recommended for it
        assert row.recommended
        assert row.recommended_by
        return
    can = known(model_of(row))
    assert str(row.date) in can.source
    if row.temperature in ("honoured", "ignored", "unknown", "rejected"):
        assert can.temperature == row.temperature


REFUSING = [row for row in INSTALLED if row.temperature in ("rejected", "needs_effort_none")]


@pytest.mark.parametrize("row", REFUSING, ids=lambda row: f"{row.provider}:{row.names[0]}")
def test_a_model_that_rejects_temperature_is_refused_before_anything_is_sent(row: KnownModel) -> None:
    model = model_of(row)
    if row.effort == "none":
        check(model, 0, 1)
        model += ",reasoning_effort=low"
    with pytest.raises(ModelError) as refused:
        check(model, 0.7)
    text = str(refused.value)
    assert row.source in text
    assert "; " in text
    if row.temperature == "needs_effort_none":
        assert (
            "add ,reasoning_effort=none to the model, or compare other settings of it: -t 1 --arm 1," in text
        )
        check(model_of(row) + ",reasoning_effort=none", 0, 0.7, 2)
    if row.accepts:
        check(model, *row.accepts)


@pytest.mark.parametrize(
    "row", [r for r in INSTALLED if r.says], ids=lambda row: f"{row.provider}:{row.names[0]}"
)
def test_the_providers_own_words_end_the_spending_on_a_temperature(row: KnownModel) -> None:
    """The table may be out of date; then the provider's error in the middle of a run is understood."""
    for body in ({"error": {"message": row.says, "type": "invalid_request_error"}}, {"error": row.says}):
        error = status_error(400, {}, body)
        assert (error.kind, error.scope) == ("rejected", "temperature")
        assert row.says in error.message


IGNORING = [row for row in INSTALLED if row.temperature == "ignored"]


@pytest.mark.parametrize("row", IGNORING, ids=lambda row: f"{row.provider}:{row.names[0]}")
def test_a_model_that_ignores_temperature_needs_leave(row: KnownModel) -> None:
    made = plan(model_of(row), 0, 1)
    (spec,) = made.models
    can = {spec.label: known(model_of(row))}
    with pytest.raises(ModelError, match=r"--allow-ignored-temperature$") as refused:
        check_plan(made, can)
    assert row.instead in str(refused.value)
    check_plan(made, can, allow_ignored=[spec.label])


def test_a_name_that_leads_to_another_model_is_what_that_model_is(monkeypatch: pytest.MonkeyPatch) -> None:
    model = "google:gemini-2.5-flash"
    monkeypatch.setattr(capabilities, "today", lambda: date(2026, 11, 30))
    before = known(model)
    assert (before.temperature, before.ends) == ("unknown", date(2026, 12, 1))
    assert (before.successor, before.successor_temperature) == ("gemini-3.5-flash-lite", "ignored")
    check(model, 0, 1)
    monkeypatch.setattr(capabilities, "today", lambda: date(2026, 12, 1))
    after = known(model)
    assert after.temperature == "ignored"
    with pytest.raises(ModelError, match=r"since 2026-12-01 gemini-3\.5-flash-lite answers under its name"):
        check(model, 0, 1)


def test_what_reasoning_refuses_is_left_out_with_it_alone() -> None:
    off, on = known("openai:gpt-5.4"), known("openai:gpt-5.4,reasoning_effort=low")
    assert (off.temperature, off.unsent) == ("honoured", frozenset())
    assert (on.temperature, on.temperature_accepts) == ("rejected", (1.0,))
    assert on.unsent == {"top_p", "frequency_penalty", "presence_penalty"}
    assert off.params - on.params == on.unsent
    assert known("openai:gpt-5.4,reasoning_effort=low,api=responses").unsent == {"temperature", "top_p"}
    check("openai:gpt-5.4,reasoning_effort=low", 1)
    with pytest.raises(ModelError, match=r"cannot honour top_p=0\.5"):
        check("openai:gpt-5.4,reasoning_effort=low", 1, top_p=0.5)


def test_there_are_rows_of_every_kind() -> None:
    assert {row.temperature for row in SHIPPED} == {
        "honoured",
        "rejected",
        "ignored",
        "needs_effort_none",
        "unknown",
    }
    assert {"rejected", "ignored"} <= {row.temperature for row in INSTALLED}


def test_deepseeks_thinking_is_what_takes_the_temperature_away() -> None:
    assert known("deepseek:deepseek-chat").temperature == "ignored"
    can = known("deepseek:deepseek-chat,thinking=disabled")
    assert (can.temperature, can.top_p) == ("honoured", "one")
    with pytest.raises(ModelError, match="takes no top_p other than 1"):
        check("deepseek:deepseek-chat,thinking=disabled", 0, top_p=0.9)


def test_mistral_takes_no_top_p_at_zero() -> None:
    check("mistral:mistral-small", 0.5, top_p=0.9)
    with pytest.raises(ModelError, match="other than 1 at temperature 0"):
        check("mistral:mistral-small", 0, 0.5, top_p=0.9)


def test_tgi_takes_no_zero() -> None:
    with pytest.raises(ModelError, match=r"takes no temperature of 0 .* begin at a small temperature"):
        check("tgi:m", 0, 0.5)


def test_a_temperature_out_of_range() -> None:
    with pytest.raises(ModelError, match=r"takes temperatures from 0 to 2, not 2.5; change -t"):
        check("openai:gpt-5.4-mini", 2.5)


def test_logprobs_are_refused_only_where_their_number_was_asked_for() -> None:
    check("groq:llama", 0)
    check("fireworks:llama", 0)
    with pytest.raises(ModelError, match="returns no logprobs, not 5; use --logprobs 0"):
        check("groq:llama", 0, logprobs=5)
    with pytest.raises(ModelError, match="returns at most 5 logprobs per token, not 20; use --logprobs 5"):
        check("fireworks:llama", 0, logprobs=20)


def test_a_deployments_model_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    model = "azure:prod,base_url=http://127.0.0.1:9/openai/v1"
    assert known(model).temperature == "unknown"
    assert known(f"{model},family=o3").temperature == "rejected"


def test_what_a_user_knows_of_logprobs_goes_first() -> None:
    assert known("vllm:m").logprob_kind == "raw"
    assert known("vllm:m,logprob_kind=tempered").logprob_kind == "tempered"
    with pytest.raises(UsageError, match="logprob_kind must be raw, tempered or unknown"):
        known("vllm:m,logprob_kind=cooked")


OWN = """
[[model]]
provider = "openai"
names = ["gpt-5.4-mini"]
temperature = "ignored"
source = "seen today"
date = 2026-11-23
"""


def test_a_file_of_ones_own_goes_first(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("own.toml", OWN)
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(path.absolute()))
    assert known("openai:gpt-5.4-mini").temperature == "ignored"
    assert known("openai:gpt-5.4").temperature == "honoured"


def test_a_file_of_ones_own_in_the_usual_place(write: Write, tmp_path: Path) -> None:
    write("config/tempkit/capabilities.toml", OWN)
    assert known("openai:gpt-5.4-mini").temperature == "ignored"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[model]", "no TOML"),
        ("model = 3", r"holds \[\[model\]\] tables and nothing else"),
        ("[[models]]\n", r"holds \[\[model\]\] tables and nothing else"),
        ("model = [3]", "model 1: must be a table"),
        (
            OWN.replace("temperature", "temprature"),
            r"model 1: unknown key 'temprature' \(did you mean 'temperature'\?\)",
        ),
        (OWN.replace("ignored", "ignores"), "model 1: temperature must be one of"),
        (OWN.replace('source = "seen today"', ""), "model 1: source is missing"),
        (OWN.replace('["gpt-5.4-mini"]', '"gpt"'), "model 1: names is of the wrong kind"),
        (OWN.replace('["gpt-5.4-mini"]', "[1]"), "model 1: names must be patterns"),
        (OWN + "range = [1, 2, 3]", "model 1: range must be one or two numbers"),
        (OWN + 'range = ["a"]', "model 1: range must be a list of numbers"),
        (OWN + "n = true", "model 1: n is of the wrong kind"),
        (OWN + "efforts = [1]", "model 1: efforts must be values of reasoning_effort"),
        (OWN + "unsent = [true]", "model 1: unsent must be names of parameters"),
        (OWN + 'ends = "soon"', "model 1: ends is of the wrong kind"),
        (OWN + "ends = 2026-12-01T00:00:00", "model 1: ends is of the wrong kind"),
        (OWN + 'successor = "gpt-9"', "model 1: successor needs ends"),
    ],
)
def test_a_wrong_file_is_one_line(write: Write, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        read_rows(write("own.toml", text))
    assert str(error.value).startswith("own.toml: ")
    assert "\n" not in str(error.value)


def test_a_file_is_read_as_it_is_now(write: Write) -> None:
    (before,) = read_rows(write("own.toml", OWN))
    (after,) = read_rows(write("own.toml", OWN.replace("gpt-5.4", "gpt-9")))
    assert before.names != after.names


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_rows(tmp_path / "none.toml")


def test_a_provider_without_rows_is_unknown() -> None:
    assert capabilities_of(parse_model("third:m"), "third", frozenset()).temperature == "unknown"


def test_a_model_without_an_address() -> None:
    with pytest.raises(UsageError, match=r"no address; add ,base_url=https://NAME.openai.azure.com"):
        known("azure:prod")


def test_the_tables_head_names_every_field() -> None:
    text = Path(capabilities.__file__).with_name("capabilities.toml").read_text()
    head = text[: text.index("[[model]]")]
    for field in KnownModel.__dataclass_fields__:
        assert f"# {field}" in head or f"{field}, date" in head or f", {field}" in head, field
