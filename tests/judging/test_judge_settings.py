"""At which temperature a judge is asked: 0 where it takes that, else what it takes, on the wire and in what is stored."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from judging_samples import a_plan, a_run
from servers.judging import JudgeServer, parts
from support import Cli

from tempkit.backends import load_backend
from tempkit.backends.remote import RemoteBackend
from tempkit.errors import ModelError
from tempkit.judging.setting import Setting, setting_of
from tempkit.planning import parse_model
from tempkit.store import Store
from tempkit.types import Capabilities, SamplingParams

ROWS = """
[[model]]
provider = "deepseek"
names = ["one"]
temperature = "rejected"
accepts = [1]
source = "the test"
date = 2026-11-01

[[model]]
provider = "deepseek"
names = ["none"]
temperature = "rejected"
source = "the test"
date = 2026-11-01
"""


@pytest.fixture(autouse=True)
def _known(cli_env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "rows.toml").write_text(ROWS)
    cli_env |= {"OPENAI_API_KEY": "sk-test", "DEEPSEEK_API_KEY": "sk-test"}
    cli_env["TEMPKIT_CAPABILITIES"] = str(tmp_path / "rows.toml")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "tempkit.db"
    with Store.open(path) as store:
        a_run(store, a_plan())
    return path


def the_longer(question: str) -> str:
    shown = parts(question)
    return "A" if len(shown["answer A"]) > len(shown["answer B"]) else "B"


@pytest.mark.parametrize(
    ("can", "temperature", "why"),
    [
        (Capabilities(), 0.0, ""),
        (Capabilities(temperature="unknown"), 0.0, ""),
        (Capabilities(temperature="rejected", temperature_accepts=(0.0, 1.0)), 0.0, ""),
        (
            Capabilities(temperature="rejected", temperature_accepts=(1.0,), source="S, 2026"),
            1.0,
            "takes no temperature but 1 (S, 2026)",
        ),
        (Capabilities(temperature="rejected", source="S"), None, "takes none (S)"),
        (Capabilities(temperature="ignored", source="S"), None, "ignores the temperature (S)"),
        (Capabilities(temperature_min=0.1, source="S"), 0.1, "takes none below 0.1 (S)"),
        (Capabilities(temperature_zero=False, source="S"), 0.01, "takes none of 0 (S)"),
    ],
)
def test_what_is_asked_at(can: Capabilities, temperature: float | None, why: str) -> None:
    assert setting_of("j", can, None) == Setting(temperature, why)


def test_a_temperature_that_was_named_is_taken_as_it_is_or_refused() -> None:
    assert setting_of("j", Capabilities(), 0.7) == Setting(0.7)
    with pytest.raises(ModelError, match=r"j ignores the temperature, 0\.7 too; leave out -t"):
        setting_of("j", Capabilities(temperature="ignored"), 0.7)


@pytest.mark.parametrize(
    ("model", "options", "sent", "said"),
    [
        ("openai:judge", (), 0.0, "It was asked at temperature 0."),
        ("openai:judge", ("-t", "0.7"), 0.7, "It was asked at temperature 0.7."),
        ("deepseek:one", (), 1.0, "at temperature 1: it takes no temperature but 1 (the test, 2026-11-01)"),
        ("deepseek:none", (), None, "without a temperature: it takes none (the test, 2026-11-01)"),
        ("deepseek:deepseek-chat", (), None, "without a temperature: it ignores the temperature (DeepSeek"),
    ],
)
def test_on_the_wire_in_the_store_and_in_what_is_said(
    cli: Cli, db: Path, model: str, options: tuple[str, ...], sent: float | None, said: str
) -> None:
    with JudgeServer(the_longer) as server:
        typed = ("judge", "-m", f"{model},base_url={server.url}/v1", "--pairs", "9", *options)
        done = cli(*typed)
        assert done.code == 0, done.err
        assert said in " ".join(done.out.split())
        assert {body.get("temperature", "left out") for body in server.bodies} == {
            "left out" if sent is None else sent
        }
        asked = len(server.bodies)
        again = json.loads(cli(*typed, "--json").out)
        assert len(server.bodies) == asked  # nothing is asked twice
    assert again["setting"]["temperature"] == sent
    with closing(sqlite3.connect(db)) as connection:
        ratings = [json.loads(comment) for (comment,) in connection.execute("select comment from rating")]
        (version,) = connection.execute(
            "select distinct version from score where measure = 'preference'"
        ).fetchone()
    assert {each["temperature"] for each in ratings} == {sent}
    assert sum("again" in each for each in ratings) == again["asked_again"] > 0
    assert ("T=" in version) == (sent != 0)


@pytest.mark.parametrize(
    "model",
    ["openai:m", "openai:m,api=responses", "anthropic:m", "google:m", "ollama:m", "groq:m", "llama-server:m"],
)
def test_every_remote_backend_has_the_temperature_where_it_can_be_left_out(model: str) -> None:
    spec = parse_model(model)
    backend = load_backend(spec.backend)(concurrency=1)
    assert isinstance(backend, RemoteBackend)
    assert backend.params(spec, SamplingParams(), 0.25, None, 1)["temperature"] == 0.25


def test_what_a_judge_said_at_another_temperature_is_another_measurement(cli: Cli, db: Path) -> None:
    with JudgeServer(the_longer) as server:
        typed = ("judge", "-m", server.model, "--pairs", "9", "--json")
        first = json.loads(cli(*typed).out)
        other = json.loads(cli(*typed, "-t", "1").out)
        assert (other["answered_before"], other["answered_now"]) == (0, first["questions"])
        back = json.loads(cli(*typed).out)
        assert (back["answered_before"], back["answered_now"]) == (first["questions"], 0)


def test_ratings_from_before_temperatures_were_kept_count_as_at_0(cli: Cli, db: Path) -> None:
    with JudgeServer(the_longer) as server:
        typed = ("judge", "-m", server.model, "--pairs", "9", "--json")
        assert cli(*typed).code == 0
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.execute(
                "update rating set comment = json_remove(comment, '$.temperature', '$.tokens', '$.usd')"
            )
        assert json.loads(cli(*typed).out)["answered_now"] == 0
