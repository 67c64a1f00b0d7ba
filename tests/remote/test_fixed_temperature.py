"""Models without a temperature, and models that end: what is said, what can be compared all the same, and what is sent."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer
from support import Cli

from tempkit.prompts import kept_decision

ROW = """
[[model]]
provider = "compatible"
names = ["{name}"]
temperature = "rejected"
accepts = [1.0]
unsent = {unsent}
efforts = ["none", "low", "high"]
instead = "choose its sibling"
source = "an experiment"
date = 2026-11-20
"""
LAST = """
[[model]]
provider = "compatible"
names = ["{name}"]
temperature = "honoured"
ends = {ends}
{successor}
source = "its maker's notice"
date = 2026-11-20
"""
IGNORING = """
[[model]]
provider = "compatible"
names = ["heir"]
temperature = "ignored"
source = "an experiment"
date = 2026-11-20
"""
LOW, HIGH = "1,reasoning_effort=low", "1,reasoning_effort=high"


class Fixed(ScriptedServer):
    """Answers by its effort to reason, and refuses every temperature but 1, as well as what it does not know."""

    refused = frozenset[str]()

    def answer_to(self, asked: dict[str, Any]) -> Answer:
        if asked.get("temperature", 1) != 1 or self.refused & set(asked):
            return Answer({"error": {"message": "refused", "param": "temperature"}}, status=400)
        said = {"low": "blue", "high": "red"}.get(asked.get("reasoning_effort", ""), "green")
        message = {"role": "assistant", "content": f"It is {said}."}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return Answer(
            {"model": "fixed", "choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}
        )


@pytest.fixture
def server() -> Iterator[Fixed]:
    with Fixed() as made:
        yield made


def table(folder: Path, *rows: str) -> dict[str, str]:
    path = folder / "own.toml"
    path.write_text("".join(rows))
    return {"TEMPKIT_CAPABILITIES": str(path)}


def completions(folder: Path) -> list[tuple[str, float, float | None, dict[str, Any], str]]:
    query = (
        "select m.label, c.temperature_requested, c.temperature_sent, c.params, c.text "
        "from completion c join model m on m.id = c.model_id order by 1, c.replicate"
    )
    with closing(sqlite3.connect(folder / "tempkit.db")) as db:
        return [(a, b, c, json.loads(d), e) for a, b, c, d, e in db.execute(query)]


def test_other_settings_are_compared_at_the_one_temperature_that_it_takes(
    cli: Cli, server: Fixed, tmp_path: Path
) -> None:
    server.refused = frozenset({"top_p", "frequency_penalty", "presence_penalty"})
    row = ROW.format(name="fixed", unsent='["top_p", "frequency_penalty", "presence_penalty"]')
    env = table(tmp_path, row)
    model = f"openai:fixed,base_url={server.base_url},extended_sampling=false"
    ask = ("run", "What colour is it?", "-m", model, "-n", "2", "--name", "r")
    wall = cli(*ask, "-t", "0,1", env=env)
    assert (wall.code, wall.err.count("\n"), server.requests) == (1, 1, [])
    assert wall.err == (
        "error: openai:fixed takes no temperature but 1 (an experiment, 2026-11-20), not 0; choose its sibling, "
        f"or compare other settings of it: -t 1 --arm {LOW}\n"
    )
    done = cli(*ask, "-t", "1", "--arm", LOW, "--arm", HIGH, env=env)
    assert done.code == 0, done.err
    said = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    labels = ", ".join(["openai:fixed", f"openai:fixed @ {LOW}", f"openai:fixed @ {HIGH}"])
    without = "frequency_penalty, presence_penalty, top_p (an experiment, 2026-11-20)"
    assert said == [f"warning: {labels}: takes no temperature but 1, so 1 is sent, without {without}"]
    stored = completions(tmp_path)
    assert [(label, text) for label, _, _, _, text in stored] == [
        *[("openai:fixed", "It is green.")] * 2,
        *[(f"openai:fixed @ {HIGH}", "It is red.")] * 2,
        *[(f"openai:fixed @ {LOW}", "It is blue.")] * 2,
    ]
    for label, asked, sent, params, _ in stored:
        assert (asked, sent, params["temperature"]) == (1.0, 1.0, 1.0)
        assert params.get("reasoning_effort") == {LOW: "low", HIGH: "high"}.get(label.partition(" @ ")[2])
        assert not server.refused & set(params)
    assert {request.get("reasoning_effort") for request in server.requests} == {None, "low", "high"}
    # It goes on as it began, arms included.
    assert cli("run", "--resume", "r", env=env).code == 0
    page = cli("report", "r", "-o", "r.html")
    assert page.code == 0, page.err
    assert "reasoning_effort=low" in (tmp_path / "r.html").read_text()


def test_a_temperature_that_may_not_be_named_is_left_out_and_said_to_be(
    cli: Cli, server: Fixed, tmp_path: Path
) -> None:
    server.refused = frozenset({"temperature", "top_p"})
    env = table(tmp_path, ROW.format(name="fixed", unsent='["temperature", "top_p"]'))
    model = f"openai:fixed,base_url={server.base_url}"
    done = cli("run", "What colour is it?", "-m", model, "-t", "1", "-n", "1", "--arm", LOW, env=env)
    assert done.code == 0, done.err
    assert (
        "takes no temperature but 1, so none is sent, without top_p (an experiment, 2026-11-20)" in done.err
    )
    assert not any(server.refused & set(request) for request in server.requests)
    for _, asked, sent, params, _ in completions(tmp_path):
        assert (asked, sent) == (1.0, None)
        assert "temperature" not in params


def test_choose_takes_the_one_temperature_by_itself_where_there_are_arms(
    cli: Cli, server: Fixed, tmp_path: Path
) -> None:
    env = table(tmp_path, ROW.format(name="fixed", unsent="[]"))
    rows = "".join(f'"What colour is no. {i}?",red\n' for i in range(8))
    (tmp_path / "q.csv").write_text(f"question,facts\n{rows}")
    model = f"openai:fixed,base_url={server.base_url}"
    ask = ("choose", "q.csv", "-m", model, "--for", "chatbot", "--no-report")
    refused = cli(*ask, env=env)
    assert refused.code == 1
    assert "takes no temperature but 1" in refused.err
    assert refused.err.splitlines()[-1].endswith(f"compare other settings of it: -t 1 --arm {LOW}")
    outline = cli(*ask, "--dry-run", env=env)
    assert (outline.code, outline.out) == (1, "")
    assert server.requests == []
    done = cli(*ask, "--arm", LOW, "--arm", HIGH, "--name", "c", env=env)
    assert done.code in (0, 4), done.err
    assert "chatbot: at 1 first" in done.err
    assert {request["temperature"] for request in server.requests} == {1.0}
    assert f"openai:fixed @ {HIGH}" in done.out


@pytest.mark.parametrize("command", ["run", "choose"])
def test_a_budget_in_usd_is_not_taken_without_a_price(cli: Cli, server: Fixed, command: str) -> None:
    model = f"openai:nobody-knows-it,base_url={server.base_url}"
    rest = () if command == "run" else ("--for", "general")
    for more in ((), ("--dry-run",)):
        done = cli(command, "Name a colour.", "-m", model, "-t", "0,1", "--budget-usd", "2", *rest, *more)
        assert (done.code, done.out) == (1, "")
        assert done.err.splitlines()[-1] == (
            "error: the price of openai:nobody-knows-it is not known, so a budget in USD cannot be kept; use --budget-tokens"
        )
    assert server.requests == []


@pytest.mark.parametrize(
    ("ends", "successor", "said"),
    [
        ("2999-01-02", "", "ends on 2999-01-02; what is found out is of use until then"),
        ("2026-01-02", "", "ended on 2026-01-02, so its requests are probably refused"),
        (
            "2999-01-02",
            'successor = "heir"',
            "from 2999-01-02 on this name is answered by heir, which ignores the temperature; what is found out until then is of another model",
        ),
    ],
)
def test_an_end_is_said_before_a_run_and_by_models(
    cli: Cli, server: Fixed, tmp_path: Path, ends: str, successor: str, said: str
) -> None:
    env = table(tmp_path, LAST.format(name="old", ends=ends, successor=successor), IGNORING)
    model = f"openai:old,base_url={server.base_url}"
    line = f"warning: openai:old: {said} (its maker's notice, 2026-11-20)"
    for more in ((), ("--dry-run",)):
        done = cli("run", "What colour?", "-m", model, "-t", "1", "-n", "1", "--name", "r", *more, env=env)
        assert done.code == 0, done.err
        assert done.err.splitlines().count(line) == 1
    again = cli("run", "--resume", "r", env=env)
    assert line in again.err.splitlines()
    shown = cli("models", model, "--json", env=env)
    assert line in shown.err.splitlines()
    (facts,) = json.loads(shown.out)["models"]
    assert facts["ends"] == ends
    assert facts.get("successor") == ("heir" if successor else None)


def test_a_name_that_another_model_answers_is_refused_if_that_ignores_the_temperature(
    cli: Cli, server: Fixed, tmp_path: Path
) -> None:
    row = LAST.format(name="old", ends="2026-01-02", successor='successor = "heir"')
    env = table(tmp_path, row, IGNORING)
    model = f"openai:old,base_url={server.base_url}"
    done = cli("run", "What colour?", "-m", model, "-t", "0,1", env=env)
    assert (done.code, done.out, server.requests) == (1, "", [])
    assert "since 2026-01-02 heir answers under its name" in done.err
    assert done.err.endswith("--allow-ignored-temperature\n")
    allowed = cli(
        "run", "What colour?", "-m", model, "-t", "1", "-n", "1", "--allow-ignored-temperature", env=env
    )
    assert allowed.code == 0
    assert "warning: openai:old: since 2026-01-02 this name is answered by heir, which ignores" in allowed.err


def test_models_says_what_is_known_without_a_key(cli: Cli) -> None:
    done = cli("models", "openai:gpt-6-astra")
    assert done.code == 1
    note, error = done.err.splitlines()
    assert note == (
        "warning: openai:gpt-6-astra: takes no temperature but 1 (OpenAI's API documentation, 2026-11-01); choose a model that "
        f"honours it, such as gpt-5.4-mini, or compare other settings of it: -t 1 --arm {LOW}"
    )
    assert error.startswith("error: openai:gpt-6-astra: no API key")


def test_an_effort_that_was_chosen_is_kept_with_the_model(cli: Cli, server: Fixed, tmp_path: Path) -> None:
    env = table(tmp_path, ROW.format(name="fixed", unsent="[]"))
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, n: {i}}}" for i in range(6)))
    path = tmp_path / "p.prompty"
    path.write_text(
        "---\nname: p\ninputs: [{name: n, kind: integer}]\nmetadata: {tempkit: {data: rows.yaml}}\n"
        "---\nuser:\nWhat colour is {{ n }}?\n"
    )
    model = f"openai:fixed,base_url={server.base_url}"
    asked = ("p.prompty", "-m", model, "-t", "1", "-n", "2", "--max-tokens", "6", "--arm", HIGH)
    assert cli("run", *asked, env=env).code == 0
    judged = ("--measure", "novelty", "--direction", "higher", "--margin", "0.1")
    done = cli("decide", "p", "--model", f"openai:fixed @ {HIGH}", *judged, "--write", env=env)
    assert done.code == 0, done.err
    assert "has no parameter for reasoning_effort=high, so it is kept as part of the model's name" in done.err
    kept = kept_decision(path)
    assert kept is not None
    assert (kept.temperature, kept.model) == (1.0, f"{model},reasoning_effort=high")
    # There is no neighbouring temperature to test it against, which is said rather than that it holds.
    before = len(server.requests)
    tested = cli("verify", "p.prompty", env=env)
    assert tested.code == 1
    assert "takes no temperature but 1" in tested.out
    assert len(server.requests) == before
