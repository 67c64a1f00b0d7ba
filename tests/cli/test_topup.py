"""Topping up, with the scripted backend: only what is still in the race gets more samples."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from endings import shell
from servers.http_script import ScriptedServer, chat
from support import Cli

ITEMS = 8


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Path:
    """A run of eight items whose scripted answers hold a number now and then."""
    rows = "\n".join(f"- {{id: i{i}, n: {i}, facts: ['a|the|of']}}" for i in range(ITEMS))
    (tmp_path / "rows.yaml").write_text(rows)
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmodel: {options: {maxOutputTokens: 24}}\ninputs: [{name: n, kind: integer}]\n"
        "metadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )
    done = cli("run", "p.prompty", "-m", "scripted:words", "-t", "0,1,2", "-n", "3")
    assert done.code == 0, done.err
    return tmp_path


def samples(folder: Path) -> dict[float, int]:
    with sqlite3.connect(folder / "tempkit.db") as connection:
        query = "select temperature_requested, count(*) from completion group by 1"
        found = dict(connection.execute(query).fetchall())
    connection.close()
    return found


def decided(cli: Cli, *command: str) -> dict[str, Any]:
    done = cli(*(command or ("recommend",)), "--json")
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["decisions"]
    return found


def test_a_dry_run_says_what_would_be_drawn_and_draws_nothing(cli: Cli, run: Path) -> None:
    done = cli("topup", "-n", "2", "--dry-run")
    assert done.code == 0, done.err
    assert "samples more, up to 5 per item at" in done.out
    assert samples(run) == {0.0: 24, 1.0: 24, 2.0: 24}


def test_more_samples_are_drawn_stored_measured_and_looked_at_again(cli: Cli, run: Path) -> None:
    before = decided(cli)
    assert (before["grade"] != "shown", before["looks"]) == (True, 1)
    racing = [
        row["temperature"] for row in before["temperatures"] if row["place"] in ("within", "open", "worse")
    ]
    assert racing
    after = decided(cli, "topup", "-n", "2")
    assert after["looks"] == 2
    assert after["level"] > before["level"]
    assert samples(run) == {t: 24 + (16 if t in racing else 0) for t in (0.0, 1.0, 2.0)}
    shown = json.loads(cli("runs", "--json").out)["runs"][0]
    assert (shown["status"], shown["completions"]) == ("finished", 72 + 16 * len(racing))
    rows = {row["temperature"]: row["samples"] + row["missing"] for row in after["temperatures"]}
    assert rows == samples(run)


def test_what_is_in_no_race_gets_nothing_and_the_reason_is_said(cli: Cli, run: Path) -> None:
    done = cli("topup", "--measure", "truncated", "--margin", "0.9")
    assert done.code == 0, done.err
    assert samples(run) == {0.0: 24, 1.0: 24, 2.0: 24}
    assert done.out.startswith("truncated on scripted:words: ")


def test_a_misspelt_measure_draws_nothing(cli: Cli, run: Path) -> None:
    done = cli("topup", "--measure", "truncted", "--margin", "0.1", "-n", "2")
    assert (done.code, done.out) == (2, "")
    assert "no measure 'truncted' (did you mean 'truncated'?)" in done.err
    assert samples(run) == {0.0: 24, 1.0: 24, 2.0: 24}


def test_an_interrupted_top_up_is_resumed_like_any_run(cli: Cli, run: Path) -> None:
    with sqlite3.connect(run / "tempkit.db") as connection:
        topup = {"model": "scripted:words", "prompts": ["p"], "temperatures": [1.0], "repeat": 4}
        connection.execute(
            "update run set topups = ?, planned = 80, status = 'interrupted'", (json.dumps([topup]),)
        )
    connection.close()
    done = cli("run", "--resume", "latest", "--json")
    assert done.code == 0, done.err
    assert samples(run) == {0.0: 24, 1.0: 32, 2.0: 24}


def looks(folder: Path) -> int:
    with sqlite3.connect(folder / "tempkit.db") as connection:
        (found,) = connection.execute("select count(*) from look").fetchone()
    connection.close()
    return int(found)


def test_it_is_drawn_whoever_reads_what_is_said_before(run: Path, cli_env: dict[str, str]) -> None:
    done = shell("tempkit | true", run, cli_env, "topup", "-n", "2")
    assert done.returncode == 0, done.stderr
    assert sum(samples(run).values()) > 72


def test_what_is_open_is_drawn_first_and_nothing_new_is_planned(cli: Cli, run: Path) -> None:
    with sqlite3.connect(run / "tempkit.db") as connection:
        topup = {"model": "scripted:words", "prompts": ["p"], "temperatures": [1.0], "repeat": 4}
        connection.execute(
            "update run set topups = ?, planned = 80, status = 'interrupted'", (json.dumps([topup]),)
        )
    connection.close()
    said = "p: 8 samples that are planned already are still to be drawn; these first, and nothing new is planned\n"
    assert cli("topup", "--dry-run").out == said
    assert samples(run) == {0.0: 24, 1.0: 24, 2.0: 24}
    done = cli("topup", "-n", "5")
    assert done.code == 0, done.err
    assert done.out.startswith(said)
    assert samples(run) == {0.0: 24, 1.0: 32, 2.0: 24}
    assert json.loads(cli("runs", "--json").out)["runs"][0]["planned"] == 80


def test_every_command_counts_in_one_way_after_it(cli: Cli, run: Path) -> None:
    done = cli("topup", "-n", "2")
    total = sum(samples(run).values())
    counted = f"{total} of {total} completions"
    more = f"top-ups added {total - 72} to the 72 that were planned at first"
    assert f"Run p: {counted} in tempkit.db; {more}.\n" in done.out
    assert f": {counted}; {more}\n" in cli("show").out
    assert f" {total}/{total} " in cli("runs").out
    for facts in (
        json.loads(cli("show", "--json").out)["run"],
        json.loads(cli("runs", "--json").out)["runs"][0],
    ):
        assert (facts["planned"], facts["planned_by_topups"]) == (total, total - 72)
        assert (facts["completions"], facts["failed"]) == (total, 0)
    resumed = json.loads(cli("run", "--resume", "latest", "--json").out)["run"]
    assert (resumed["planned"], resumed["planned_by_topups"]) == (total, total - 72)
    report = cli("report", "-o", "-").out.replace("\\", "")
    assert f"{total} of {total} planned answers came back, none failed. " in report
    assert f"Of its {total} planned answers, {total - 72} were added by top-ups." in report


@pytest.fixture
def remote(cli: Cli, tmp_path: Path, http_script: ScriptedServer) -> Path:
    """A run on a server that asks for a key."""
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, facts: [red]}}" for i in range(6)))
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmetadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay it.\n"
    )
    http_script.answers.clear()
    http_script.answers.extend(chat(text) for text in ("red", "blue", "red", "red") * 100)
    server = ("--base-url", http_script.base_url, "--api-key-env", "MY_KEY")
    done = cli("run", "p.prompty", "-m", "openai:m", *server, "-t", "0,1", "-n", "2", env=KEY)
    assert done.code == 0, done.err
    return tmp_path


KEY = {"MY_KEY": "sk-test-0123456789"}


def test_what_cannot_be_begun_leaves_no_trace(cli: Cli, remote: Path, http_script: ScriptedServer) -> None:
    asked, seen = len(http_script.requests), looks(remote)
    host = http_script.base_url.split("/")[2]
    allowed = ("--allow-key-env", "MY_KEY", "--allow-key-to", host)  # a database may be anybody's
    said = []
    for _ in range(3):
        done = cli("topup", "-n", "3", *allowed)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert "no API key; set MY_KEY" in done.err
        said.append(done.out)
    assert len(set(said)) == 1  # the next plan is the same
    assert len(http_script.requests) == asked
    assert looks(remote) == seen
    facts = json.loads(cli("runs", "--json").out)["runs"][0]
    assert (facts["status"], facts["planned"], facts["planned_by_topups"]) == ("finished", 24, 0)
    done = cli("topup", "-n", "3", *allowed, env=KEY)
    assert done.code == 0, done.err
    assert done.out.startswith(said[0])
    facts = json.loads(cli("runs", "--json").out)["runs"][0]
    assert facts["planned"] == facts["completions"] == 24 + facts["planned_by_topups"] > 24
    assert looks(remote) == seen + 1
