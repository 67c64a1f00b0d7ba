"""Results of a batch among which some cannot be read: these are failures of their own requests, and all others are kept."""

import json
import re

import pytest
from batch_client import ANTHROPIC, OPENAI, Client

KEYED = f"{ANTHROPIC.partition(',')[0]},api_key_env=ANTHROPIC_API_KEY"
BOTH = pytest.mark.parametrize("model", [OPENAI, KEYED])

DAMAGES = [
    lambda line: line[:-1] + b',"x":' + b"[" * 100_000 + b"}",
    lambda line: line.replace(b'"custom_id"', b'"x": \x01, "custom_id"'),
    lambda line: line[: len(line) // 2],
    lambda line: b"[" * 200_000,
    lambda line: b"<html>",
    lambda line: json.dumps(
        {"custom_id": json.loads(line)["custom_id"], "response": 7, "result": 7}
    ).encode(),
]


@BOTH
def test_a_line_that_cannot_be_read_costs_its_own_request(client: Client, model: str) -> None:
    """The first six of twelve are damaged, each in a way of its own."""

    def spoil(line: bytes) -> bytes:
        found = re.search(rb'"tk\w+-(\d+)"', line)
        assert found is not None
        number = int(found[1])
        return DAMAGES[number](line) if number < len(DAMAGES) else line

    client.server.spoil = spoil
    done = client.run("--batch", "-n", "2", models=(model,))
    assert done.code == 3, done.err
    assert "Traceback" not in done.err
    assert client.rows("select count(*) from completion") == [(6,)]
    failures = client.rows("select kind, message from failure")
    assert len(failures) == 6
    assert {kind for kind, _ in failures} <= {"bad_answer", "server"}
    assert not any("\n" in str(message) for _, message in failures)
    assert len(client.server.batches) == 1
    assert client.server.live == 0


@BOTH
def test_a_line_that_came_garbled_once_is_fetched_again(client: Client, model: str) -> None:
    spoiled = [b"<html>"]
    client.server.spoil = lambda line: spoiled.pop() if spoiled and b"-3" in line else line
    done = client.run("--batch", "-n", "1", models=(model,))
    assert done.code == 0, done.err
    assert client.rows("select count(*) from failure") == [(0,)]
