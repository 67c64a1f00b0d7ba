"""Whole runs against a server with faults: every sample ends as it should, is stored once, and is paid for once."""

import functools
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from support import PATIENCE_S, Cli, FaultyServer, faulty

from tempkit.backends.remote import Policy, model_session

pytestmark = pytest.mark.one_core

GRID = ("-t", "0:0.9:0.1", "-n", "200", "--max-tokens", "8", "--logprobs", "2", "--name", "r")
SAMPLES = 2000
SHARES = {
    # Each halves what is asked at once, and with too little at once those that hang are waited for one after the other.
    "429": 0.01,
    "429-retry-after": 0.01,
    "500": 0.05,
    "drop": 0.05,
    # Asked for once more each: so seldom that none of the samples meets two of them.
    "html": 0.006,
    "empty": 0.006,
    "hang": 0.003,
}
FAULTS = [part for name, share in SHARES.items() for part in ("--fault", f"{name}={share}")]


def run_at(server: FaultyServer, *options: str, grid: tuple[str, ...] = GRID) -> list[str]:
    model = ",".join([f"openai:m,base_url={server.base_url}", *options])
    return ["run", "Say it.", "-m", model, *grid, "-j", "64", "--use-case", "chatbot", "--no-probe"]


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


def samples(db: Path) -> list[tuple[object, ...]]:
    return rows(db, "select temperature_requested, replicate, seed, text from completion order by 1, 2")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after a twentieth of the time, and wait likewise while a server is down: what is decided then is the same."""
    usual = Policy()
    shorter = functools.partial(
        Policy, first_delay_s=usual.first_delay_s / 20, longest_delay_s=usual.longest_delay_s / 20
    )
    monkeypatch.setattr(model_session, "Policy", shorter)


@pytest.mark.slow
@pytest.mark.usefixtures("soon")
def test_with_every_fault_all_samples_are_completed(cli: Cli, tmp_path: Path) -> None:
    """Of so many that each fault comes at least once; which requests meet one depends on their bodies."""
    samples = 600
    with faulty("--latency", "0.01", *FAULTS) as server:
        # For those that hang, and so long that no busy machine takes an answer of the others for one of them.
        done = cli(*run_at(server, "timeout_s=5", grid=(*GRID, "-n", str(samples // 10))), "--json")
        stats = server.stats()
    assert done.code == 0, done.err
    assert json.loads(done.out)["run"]["completions"] == samples
    assert set(stats["faults"]) == set(SHARES)
    assert set(stats["served"].values()) == {1}
    db = tmp_path / "tempkit.db"
    assert rows(db, "select count(*) from failure") == [(0,)]
    # Every request is counted on the sample that it was made for.
    assert rows(db, "select sum(attempts) from completion") == [(stats["requests"],)]


@pytest.mark.usefixtures("soon")
def test_a_server_that_only_fails_is_given_up_before_all_are_tried(cli: Cli, tmp_path: Path) -> None:
    with faulty("--fault", "500=1") as server:
        done = cli(*run_at(server, "max_outage_s=3"), "--json")
        stats = server.stats()
    assert done.code == 3, done.err
    told = json.loads(done.out)
    assert (told["run"]["completions"], told["run"]["failed"]) == (0, SAMPLES)
    assert stats["requests"] < SAMPLES
    db = tmp_path / "tempkit.db"
    assert rows(db, "select sum(attempts) from failure") == [(stats["requests"],)]
    ((message,),) = rows(db, "select message from failure where attempts = 0 limit 1")
    assert str(message).startswith("not sent, the model was given up: the last ")
    assert rows(db, "select distinct temperature_sent from failure where attempts = 0") == [(None,)]


@pytest.mark.slow
def test_killed_at_ten_moments_and_resumed_it_ends_as_if_undisturbed(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    """Each time the server has more requests than it answers, so that the run cannot be over before it is killed."""
    at_once = 64
    dice = random.Random(4)
    with faulty("--latency", "0.02", "--tokens", "20", "--top", "5") as server:
        whole = cli(*run_at(server), "--db", "whole.db")
        assert whole.code == 0, whole.err
        undisturbed = server.stats()["served"]
    db = tmp_path / "tempkit.db"
    kills, allowed = 10, 0
    with faulty("--latency", "0.02", "--tokens", "20", "--top", "5") as server:
        # The address is part of the stored model, so the second server must be asked for by a run of its own.
        command = run_at(server)
        for _ in range(kills):
            more = dice.randrange(40, 160)
            allowed += more
            server.allow(more)
            process = subprocess.Popen(
                [sys.executable, "-m", "tempkit", *command],
                cwd=tmp_path,
                env=cli_env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            before = server.stats()["requests"]
            while (stats := server.stats())["requests"] == before or not stats["waiting"]:
                assert process.poll() is None
                time.sleep(0.02)
            time.sleep(dice.uniform(0, 0.2))  # more or less of what came is stored
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE_S)
            command = ["run", "--resume", "r", "-j", "64"]
        assert allowed < SAMPLES
        server.allow(None)
        done = cli("run", "--resume", "r", "-j", "64", "--json")
        served = server.stats()["served"]
    assert done.code == 0, done.err
    assert samples(db) == samples(tmp_path / "whole.db")
    assert rows(db, "pragma integrity_check") == [("ok",)]
    assert set(served) == set(undisturbed)
    # Lost with a process: the requests under way or just answered, at most twice as many as may be at once, and the
    # outcomes that wait to be stored (32) or are being stored (64).
    again = sum(count - 1 for count in served.values())
    assert again <= kills * (2 * at_once + 32 + 64 + 1)


def test_the_limiter_settles_at_what_the_server_takes(cli: Cli, tmp_path: Path) -> None:
    with faulty("--latency", "0.03", "--cap", "8") as server:
        done = cli(*run_at(server, grid=("-t", "0,1", "-n", "400", "--max-tokens", "8")), "--json")
        stats = server.stats()
    assert done.code == 0, done.err
    assert sum(stats["served"].values()) == 800
    assert stats["faults"].get("429", 0) < 0.1 * stats["requests"]


@pytest.mark.parametrize("fault", ["hang", "trickle", "cut"])
def test_an_answer_that_never_ends_is_a_failure(cli: Cli, tmp_path: Path, fault: str) -> None:
    with faulty("--fault", f"{fault}=1", "--tokens", "50") as server:
        limit = () if fault == "cut" else ("timeout_s=1",)
        done = cli(*run_at(server, *limit, "attempts=2", grid=("-t", "0", "-n", "2")))
    assert done.code == 3, done.err
    kinds = rows(tmp_path / "tempkit.db", "select distinct kind from failure")
    assert kinds == [("connection" if fault == "cut" else "timeout",)]


def test_a_refused_temperature_ends_the_spending_on_it(cli: Cli, tmp_path: Path) -> None:
    with faulty("--fault", "400-temperature=1") as server:
        done = cli(*run_at(server), "--json")
        stats = server.stats()
    assert done.code == 3, done.err
    assert json.loads(done.out)["run"]["failed"] == SAMPLES
    assert (
        stats["requests"] <= 32
    )  # as many as are under way before the first is refused, at ten temperatures
    kinds = rows(tmp_path / "tempkit.db", "select distinct kind from failure")
    assert kinds == [("rejected",)]
    ((message,),) = rows(tmp_path / "tempkit.db", "select distinct message from failure where attempts = 1")
    assert "'temperature' does not support 0 with this model" in str(message)


def test_a_server_that_refuses_every_request_is_not_asked_a_thousand_times(cli: Cli, tmp_path: Path) -> None:
    with faulty("--fault", "400=1") as server:
        done = cli(*run_at(server), "--json")
        stats = server.stats()
    assert done.code == 3, done.err
    assert json.loads(done.out)["run"]["failed"] == SAMPLES
    assert 25 <= stats["requests"] <= 25 + 64
    ((message,),) = rows(tmp_path / "tempkit.db", "select message from failure where attempts = 0 limit 1")
    told = "item 'inline-1' was given up: all its 25 requests were refused; the last, for item 'inline-1' at temperature"
    assert told in str(message)
    assert f"HTTP 400: Unknown parameter: top_q (asked {server.base_url}/chat/completions)" in str(message)


def test_two_models_of_one_provider_do_not_stand_in_each_others_way(cli: Cli, tmp_path: Path) -> None:
    """The quick one is done long before the slow one, which goes on."""
    grid = ("-t", "0,1", "-n", "20", "--max-tokens", "8")
    with faulty() as quick, faulty("--latency", "0.1") as slow:
        models = [
            f"openai:m,base_url={quick.base_url},label=quick",
            f"openai:m,base_url={slow.base_url},label=slow",
        ]
        done = cli("run", "Say it.", "-m", models[0], "-m", models[1], *grid, "-j", "4", "--json")
        served = [set(server.stats()["served"].values()) for server in (quick, slow)]
    assert done.code == 0, done.err
    assert json.loads(done.out)["run"]["completions"] == 80
    assert served == [{1}, {1}]


def test_a_budget_in_tokens_ends_the_run_and_it_can_go_on(cli: Cli, tmp_path: Path) -> None:
    grid = ("-t", "0,1", "-n", "100", "--max-tokens", "8", "--name", "r")
    with faulty("--latency", "0.01") as server:
        done = cli(*run_at(server, grid=grid), "--budget-tokens", "500")
        spent = sum(server.stats()["served"].values()) * 10
        assert done.code == 1
        assert f"error: the budget of 500 tokens is reached: {spent} spent, " in done.err
        ((stored,),) = rows(tmp_path / "tempkit.db", "select count(*) from completion")
        assert spent == 10 * int(str(stored)) <= 500 + 64 * 10
        refused = cli("run", "--resume", "r")
        assert refused.code == 1
        assert "with a higher --budget-usd or --budget-tokens" in refused.err
        done = cli("run", "--resume", "r", "--budget-tokens", "100000", "--json")
        assert done.code == 0, done.err
        assert set(server.stats()["served"].values()) == {1}
    assert json.loads(done.out)["run"]["completions"] == 200


def test_a_time_limit_ends_the_run_and_nothing_is_paid_for_in_vain(cli: Cli, tmp_path: Path) -> None:
    with faulty("--latency", "0.2") as server:
        done = cli(*run_at(server), "--time-limit", "1s")
        served = sum(server.stats()["served"].values())
    assert done.code == 1
    assert "the time limit of 1 s is reached" in done.err
    assert rows(tmp_path / "tempkit.db", "select count(*) from completion") == [(served,)]


def test_no_key_is_left_anywhere(cli: Cli, tmp_path: Path) -> None:
    key = "sk-canary-0123456789abcdef"
    (tmp_path / ".env").write_text(f"MY_KEY={key}\n")
    with faulty("--fault", "500=0.2") as server:
        done = cli(*run_at(server, "api_key_env=MY_KEY", grid=("-t", "0,1", "-n", "5", "--name", "r")))
    assert done.code == 0, done.err
    report = cli("report", "r", "-o", "report.html")
    assert report.code == 0, report.err
    (tmp_path / ".env").unlink()
    for path in tmp_path.iterdir():
        assert key.encode() not in path.read_bytes(), path
    assert key not in done.out + done.err + report.out + report.err
