"""Whole runs with --batch: what is stored, what it costs, how requests end, and who cannot.

The server answers as the SDKs' own types say (see `servers/batches.py`); no live service was asked.
"""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from batch_client import ANTHROPIC, OPENAI, SAMPLES, Client
from support import PATIENCE_S

from tempkit.running.producers import Production

BOTH = pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])


@BOTH
def test_a_batch_is_the_run_at_half_the_price(client: Client, model: str, tmp_path: Path) -> None:
    done = client.run("--batch", "--json", models=(model,))
    assert done.code == 0, done.err
    assert json.loads(done.out)["run"]["completions"] == SAMPLES
    client.whole()
    assert client.server.live == 0
    (batch,) = client.server.batches
    assert f"batch {batch.id} " in done.err
    assert f"{SAMPLES}/{SAMPLES}, ends by 2" in done.err
    found = client.rows(
        "select temperature_requested, temperature_sent, text, params, seed, batch, input_tokens, latency_s, attempts "
        "from completion order by id"
    )
    for requested, sent, text, params, seed, of, tokens, latency_s, attempts in found:
        assert requested == sent == json.loads(str(params))["temperature"]
        assert str(text).startswith(f"T={requested:g}")
        assert model == ANTHROPIC or str(text).endswith(
            f"seed={seed}"
        )  # its own, though results came backwards
        assert (of, tokens, latency_s, attempts) == (batch.id, 1000, None, 1)
    live = client.run("--name", "live", "--db", "live.db", "--json", models=(model,))
    assert live.code == 0, live.err
    batch_usd = client.rows("select sum(cost_usd) from completion")[0][0]
    with closing(sqlite3.connect(tmp_path / "live.db")) as connection:
        ((live_usd, batches),) = connection.execute("select sum(cost_usd), count(batch) from completion")
        live_texts = connection.execute(
            "select text, params, seed from completion order by 1, 2, 3"
        ).fetchall()
    assert batch_usd == pytest.approx(live_usd / 2)
    assert batches == 0
    assert client.rows("select text, params, seed from completion order by 1, 2, 3") == live_texts


def test_responses_go_to_their_own_endpoint(client: Client) -> None:
    done = client.run("--batch", models=(f"{OPENAI},api=responses",))
    assert done.code == 0, done.err
    client.whole()
    assert {request["url"] for request in client.server.batches[0].requests} == {"/v1/responses"}


def test_two_providers_at_once_with_logprobs(client: Client) -> None:
    done = client.run("--batch", "--logprobs", "0", models=(OPENAI, ANTHROPIC))
    assert done.code == 0, done.err
    client.whole(samples=2 * SAMPLES)
    done = client("run", "Say it.", "-m", OPENAI, "-t", "1", "-n", "2", "--logprobs", "3", "--batch")
    assert done.code == 0, done.err
    assert client.rows("select distinct logprob from token") == [(-0.5,)]
    kinds = client.rows(
        "select distinct c.logprob_kind from completion c join token t on t.completion_id = c.id"
    )
    assert len(kinds) == 1
    assert kinds != [("none",)]


@BOTH
def test_every_end_of_a_request_is_what_it_is_live(client: Client, model: str) -> None:
    fates = {0: "error", 1: "limit", 2: "unreadable", 3: "expired", 4: "missing"}
    client.server.fate = lambda number, body: fates.get(number, "ok")
    done = client.run("--batch", "--json", models=(model,))
    assert done.code == 3, done.err
    assert json.loads(done.out)["run"]["completions"] == SAMPLES - 5
    found = client.rows("select kind, count(*), count(batch) from failure group by 1 order by 1")
    assert found == [("bad_answer", 2, 2), ("batch_expired", 1, 1), ("rate_limit", 1, 1), ("rejected", 1, 1)]
    assert client("run", "--resume", "r").code == 3  # nothing more to do
    client.server.fate = lambda number, body: "ok"
    done = client("run", "--resume", "r", "--retry-errors")
    assert done.code == 0, done.err
    assert client.server.live == 5
    assert client.rows("select count(*), count(batch) from completion") == [(SAMPLES, SAMPLES - 5)]


@pytest.mark.parametrize("end", ["failed", "expired", "cancelled"])
def test_what_a_batch_left_undone_can_be_done_in_another(client: Client, end: str) -> None:
    client.server.end = end
    client.server.fate = lambda number, body: "ok" if number < 3 else "missing"
    done = client.run("--batch")
    assert done.code == 3, done.err
    kept = 0 if end == "failed" else 3
    assert client.rows("select kind, count(*) from failure") == [(f"batch_{end}", SAMPLES - kept)]
    ((message,),) = client.rows("select distinct message from failure")
    why = ": line 1: the model does not exist" if end == "failed" else ""
    assert message == f"batch batch_1 is {end} without a result of this request{why}"
    client.server.end, client.server.fate = "completed", lambda number, body: "ok"
    done = client("run", "--resume", "r", "--retry-errors", "--batch")
    assert done.code == 0, done.err
    assert len(client.server.batches[1].requests) == SAMPLES - kept
    assert client.server.live == 0
    assert client.rows("select count(*) from completion") == [(SAMPLES,)]


def test_a_second_try_in_a_batch_is_awaited_though_the_first_failed(client: Client) -> None:
    client.server.fate = lambda number, body: "error"
    assert client.run("--batch").code == 3
    client.server.fate, client.server.hold = lambda number, body: "ok", True
    client.killed("run", "--resume", "r", "--retry-errors", "--batch", when="looked")
    client.server.hold = False
    done = client("run", "--resume", "r", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["run"]["completions"] == SAMPLES
    assert len(client.server.batches) == 2


def test_a_refused_batch_is_failures_that_were_not_sent(client: Client) -> None:
    client.server.creating.append(400)
    done = client.run("--batch")
    assert done.code == 3, done.err
    found = client.rows("select distinct kind, attempts, message, batch from failure")
    assert found == [("rejected", 0, "not sent, the batch was refused: HTTP 400: fault 400 for [key]", None)]
    assert client.rows("select state from batch") == [("refused",)]
    done = client("run", "--resume", "r", "--retry-errors", "--batch")
    assert done.code == 0, done.err
    client.whole()


def test_a_batch_that_the_provider_does_not_know_is_an_error_until_it_is_let_go(client: Client) -> None:
    client.server.hold = True
    client.killed(*client.command("--batch", models=(OPENAI,)), when="looked")
    client.server.batches.clear()
    lost = client("run", "--resume", "r")
    assert lost.code == 1
    assert "the provider does not know batch batch_1" in lost.err
    assert "--retry-errors" in lost.err
    assert client.rows("select state from batch") == [("open",)]
    let_go = client("run", "--resume", "r", "--retry-errors")
    assert let_go.code == 3, let_go.err
    assert client.rows("select kind, count(*) from failure") == [("batch_failed", SAMPLES)]
    done = client("run", "--resume", "r", "--retry-errors")
    assert done.code == 0, done.err
    assert client.server.live == SAMPLES


def test_live_work_goes_on_beside_an_open_batch(client: Client) -> None:
    """What was not in the batch is asked by itself; what is in it is not."""
    client.server.hold = True
    client.server.creating.append(400)
    assert client.run("--batch", "-n", "1").code == 3  # 6 samples, all refused
    client.killed("run", "--resume", "r", "--retry-errors", "--batch", when="looked")
    with closing(sqlite3.connect(client.folder / "tempkit.db")) as connection, connection:
        connection.execute("delete from batch_request where number > 3")
    with client.begin("run", "--resume", "r", "--retry-errors", "--json") as process:
        while client.server.live < 2:
            assert process.poll() is None
            time.sleep(0.01)
        client.server.hold = False
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert json.loads(out)["run"]["completions"] == 6
    assert client.server.live == 2
    assert client.rows("select count(batch) from completion") == [(4,)]


def test_a_time_limit_ends_the_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is up once the provider was asked how its batch stands, however long it took to get there."""
    client.server.hold = True
    limit = Production.limit

    def limit_later(self: Production, why: Literal["budget", "time"]) -> None:
        if client.server.looked.is_set():
            limit(self, why)
        else:
            asyncio.get_running_loop().call_later(0.05, limit_later, self, why)

    monkeypatch.setattr(Production, "limit", limit_later)
    done = client.run("--batch", "--time-limit", "1s")
    assert done.code == 1
    assert (
        "the time limit of 1 s is reached, 0 of 24 samples stored; batch batch_1 goes on at the provider"
        in done.err
    )
    client.server.hold = False
    assert client("run", "--resume", "r").code == 0
    client.whole()


def test_what_may_exceed_the_budget_is_not_submitted(client: Client) -> None:
    done = client.run("--batch", "--budget-tokens", "300")
    assert done.code == 2
    # 14 and 12 characters at 2.5 to a token, and 8 tokens of answer, for 12 samples each.
    assert "may come to 324 tokens where the budget is 300, 0 spent included" in done.err
    assert client.server.batches == []
    assert client.server.files == {}
    done = client.run("--batch", "--budget-usd", "0.00001")
    assert done.code == 2
    assert "where the budget is $1e-05, $0 spent included" in done.err
    done = client.run("--batch", "--budget-tokens", "324")
    assert done.code == 0, done.err
    client.whole()


def test_a_dry_run_counts_half(client: Client) -> None:
    live, batch = (
        json.loads(client.run("--dry-run", "--json", *more).out)["plan"]["usd_estimated"][OPENAI]
        for more in ((), ("--batch",))
    )
    assert batch == pytest.approx([usd / 2 for usd in live])
    assert client.server.batches == []


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            ("scripted:words",),
            "scripted:words: no batch API that tempkit can use (it can use OpenAI's and Anthropic's own); leave out --batch",
        ),
        (
            (OPENAI, "scripted:words", "ollama:x"),
            f"leave out --batch, or split the run: {OPENAI} with --batch, the others without",
        ),
        (("openai:m,base_url=http://localhost:9/v1",), "openai:m: no batch API that tempkit can use"),
    ],
)
def test_models_without_a_batch_api_are_named_before_anything_is_sent(
    client: Client, models: tuple[str, ...], message: str
) -> None:
    for more in ((), ("--dry-run",)):
        done = client.run("--batch", *more, models=models)
        assert done.code == 2
        assert message in done.err
    assert client.rows("select count(*) from run") == [(0,)]


def test_an_experiment_file_may_ask_for_it(client: Client) -> None:
    text = f"prompts: [Name a colour.]\nmodels: ['{OPENAI}']\ntemperatures: [0, 1]\nrepeat: 1\nbatch: true\n"
    (client.folder / "e.yaml").write_text(text)
    done = client("run", "e.yaml", "--no-batch")
    assert done.code == 0, done.err
    assert client.server.batches == []
    done = client("run", "e.yaml")
    assert done.code == 0, done.err
    assert len(client.server.batches) == 1
