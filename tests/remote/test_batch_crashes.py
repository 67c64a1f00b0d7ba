"""A batch is paid for once: whatever ends the client, and whatever server and network do to its requests.

The server answers as the SDKs' own types say (see `servers/batches.py`); no live service was asked.
"""

import signal
import time

import pytest
from batch_client import ANTHROPIC, OPENAI, SAMPLES, Client
from support import PATIENCE_S

BOTH = pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])


@BOTH
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_while_waiting_it_is_collected_later(client: Client, model: str, how: signal.Signals) -> None:
    client.server.hold = True
    ended = client.killed(*client.command("--batch", models=(model,)), when="looked", how=how)
    if how == signal.SIGINT:
        id_ = client.server.batches[0].id
        assert ended.code == 130
        assert f"interrupted with 0 of 24 samples stored; batch {id_} goes on at the provider" in ended.err
        assert "go on with: tempkit run --resume r" in ended.err
    assert client.rows("select state, requests from batch") == [("open", SAMPLES)]
    again = client.killed("run", "--resume", "r", when="looked", how=how)  # nothing is asked live meanwhile
    assert again.code == ended.code
    client.server.hold = False
    done = client("run", "--resume", "r", "--json")
    assert done.code == 0, done.err
    assert client.server.live == 0
    client.whole()


@BOTH
@pytest.mark.parametrize("others", [0, 5])
def test_killed_between_the_providers_yes_and_our_note_of_it(client: Client, model: str, others: int) -> None:
    """The batch is found again among others of the account, some of them as large."""
    name = "msgbatch" if model == ANTHROPIC else "batch"
    stranger = {"custom_id": "theirs-1", "url": "", "body": {"model": "m", "temperature": 1}}
    stranger["params"] = stranger["body"]
    for _ in range(others):
        client.server.take(name, [stranger] * SAMPLES, {})
    client.server.paid.clear()
    client.server.creating.append("hang")
    client.killed(*client.command("--batch", models=(model,)), when="taken")
    assert client.rows("select state, remote_id from batch") == [("submitting", None)]
    for _ in range(others):
        client.server.take(name, [stranger] * SAMPLES, {})
    paid = len(client.server.batches)
    done = client("run", "--resume", "r")
    assert done.code == 0, done.err
    assert len(client.server.batches) == paid
    assert client.rows("select state from batch") == [("collected",)]
    assert client.rows("select count(*) from completion") == [(SAMPLES,)]
    assert client.rows("select remote_id from batch") == [(f"{name}_{others + 1}",)]


def test_one_that_may_be_ours_must_end_before_anything_is_sent_again(client: Client) -> None:
    client.server.creating.append("hang")
    client.server.hold = True
    client.killed(*client.command("--batch", models=(ANTHROPIC,)), when="taken")
    with client.begin("run", "--resume", "r") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "waiting for msgbatch_1 to end, which may be the batch" in line:
                break
        client.server.hold = False
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    client.whole()


@BOTH
def test_killed_before_the_provider_had_it_it_is_submitted_once(client: Client, model: str) -> None:
    client.server.creating.extend(["drop"] * 1000)
    command = client.command("--batch", models=(model,))
    with client.begin(*command) as process:
        while not (client.folder / "tempkit.db").exists() or not client.server.lists:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.communicate()
    client.server.creating.clear()
    assert client.server.batches == []
    done = client("run", "--resume", "r")
    assert done.code == 0, done.err
    assert len(client.server.batches) == 1
    client.whole()


@BOTH
@pytest.mark.parametrize("fault", ["lost", "drop", "html", 500, 429])
def test_a_doubtful_submission_is_looked_for_before_it_is_repeated(
    client: Client, model: str, fault: object
) -> None:
    client.server.creating.append(fault)
    done = client.run("--batch", models=(model,))
    assert done.code == 0, done.err
    assert len(client.server.batches) == 1
    client.whole()
    assert (client.server.lists > 0) == (fault != 429)  # too many requests is a plain no


@BOTH
def test_faults_of_the_server_cost_time_and_nothing_else(client: Client, model: str) -> None:
    client.server.looking.extend([429, 500, "html", "drop", 503])
    client.server.fetching.extend([500, "html", "cut", "drop", "cut", 429])
    done = client.run("--batch", models=(model,))
    assert done.code == 0, done.err
    assert client.server.looks == 6
    assert "[key]" in done.err  # the server repeated it
    client.whole()
