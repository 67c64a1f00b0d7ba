"""A model that ignores the temperature: refused, or marked in the database and in the report."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from support import Cli, faulty

OWN = """
[[model]]
provider = "compatible"
names = ["deaf"]
temperature = "ignored"
source = "an experiment"
date = 2026-11-20
"""


def test_it_needs_leave_and_is_marked(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    env = {"TEMPKIT_CAPABILITIES": str(tmp_path / "own.toml")}
    with faulty() as server:
        model = f"openai:deaf,base_url={server.base_url}"
        command = ("run", "Name a colour.", "-m", model, "-t", "0,1", "-n", "4", "--name", "r", "-j", "1")
        refused = cli(*command, env=env)
        assert refused.code == 1
        assert server.stats()["requests"] == 0
        done = cli(*command, "--allow-ignored-temperature", "--budget-tokens", "30", env=env)
        assert done.code == 1
        assert "the budget of 30 tokens is reached" in done.err
        # What was allowed when the run began still is when it goes on.
        assert cli("run", "--resume", "r", "--budget-tokens", "1000", env=env).code == 0
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as db:
        ((details,),) = db.execute("select details from model").fetchall()
        assert json.loads(details)["temperature"] == "ignored"
        assert db.execute("select count(*), min(temperature_sent) from completion").fetchall() == [(8, 0.0)]
    assert cli("report", "r", "-o", "r.html").code == 0
    page = (tmp_path / "r.html").read_text()
    assert "is known to ignore the temperature: its answers differ by chance alone" in page


def test_a_refusal_is_one_line_that_says_what_to_do(cli: Cli) -> None:
    told = {
        "openai:gpt-5": "choose a model that honours it, such as gpt-5.4-mini",
        "openai:gpt-5.5": "add ,reasoning_effort=none to the model, or compare other settings of it: -t 1 --arm 1,reasoning_effort=low",
        "moonshot:kimi-k3": "or compare other settings of it: -t 1 --arm 1,reasoning_effort=low",
        "google:gemini-3.7-flash": "or run it all the same with --allow-ignored-temperature",
        "anthropic:claude-opus-4-7": "choose a model that honours it, such as claude-haiku-4-5",
        "deepseek:deepseek-chat": "switch thinking off by adding ,thinking=disabled to the model",
    }
    for model, what in told.items():
        done = cli("run", "Name a colour.", "-m", model, "-t", "0,1", "--dry-run")
        assert (done.code, done.out) == (1, "")
        assert what in done.err
        assert done.err.count("\n") == 1


def test_a_dry_run_says_what_it_will_cost(cli: Cli) -> None:
    def cost(model: str, *options: str) -> list[float] | None:
        done = cli("run", "Name a colour.", "-m", model, "-t", "0,1", "--dry-run", "--json", *options)
        assert done.code == 0, done.err
        found: list[float] | None = json.loads(done.out)["plan"]["usd_estimated"][model]
        return found

    low, high = cost("openai:gpt-5.4-mini") or (0, 0)
    assert 0 < low < high < 0.1
    assert cost("openai:a-model-nobody-has-heard-of") is None
    assert cost("gguf:smollm2") == [0, 0]
    refused = cli("run", "Hi there.", "-m", "openai:no-such", "-t", "0", "--budget-usd", "1", "--dry-run")
    assert refused.code == 1
    assert "the price of openai:no-such is not known, so a budget in USD cannot be kept" in refused.err
