"""Logprobs that are not of their answer's text, or not there: the answer is kept without them, and the run says of how many."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from batch_client import GRID, OPENAI, PROMPTS, SAMPLES, Client
from every_adapter import ADAPTERS, Adapter
from servers.deciding import Given
from support import Cli

GIVING = [adapter for adapter in ADAPTERS if adapter.name != "anthropic"]
"""Those whose servers give logprobs at all."""


def listed(adapter: Adapter, text: str, tokens: list[str]) -> Any:
    """Return an answer's body with these tokens, whatever its text."""
    body = adapter.said(text)
    chosen = [{"token": t, "logprob": -0.5, "top_logprobs": [{"token": t, "logprob": -0.5}]} for t in tokens]
    match adapter.name:
        case "chat":
            body["choices"][0]["logprobs"] = {"content": chosen}
        case "responses":
            body["output"][0]["content"][0]["logprobs"] = chosen
        case "google":
            mine = [{"token": t, "logProbability": -0.5} for t in tokens]
            body["candidates"][0]["logprobsResult"] = {
                "chosenCandidates": mine,
                "topCandidates": [{"candidates": [each]} for each in mine],
            }
        case "ollama":
            body["logprobs"] = chosen
    return body


def ran(adapter: Adapter, cli: Cli, bodies: list[Any], *options: str) -> list[str]:
    """Run six samples, each answered with the next of the bodies; return what was said of them."""
    following = iter(bodies)
    with adapter.serve(lambda _: Given(next(following))) as server:
        model = f"{adapter.typed(server.url)},label=mine"
        command = ("run", "Say it.", "-m", model, "-t", "0,1", "-n", str(len(bodies) // 2), "-j", "1")
        done = cli(*command, "--name", "r", *options)
    assert done.code == 0, done.err
    return [line for line in done.err.splitlines() if "logprobs" in line]


def stored(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "tempkit.db")) as db:
        return db.execute(query).fetchall()


WRONG = [
    pytest.param(["completely", " different"], id="of another text"),
    pytest.param(["One", " fine"], id="with a word left out"),
    pytest.param(["One", " fine", " day"], id="with a word too few"),
    pytest.param(["One", " fine", " day", " out", " there"], id="with a word too many"),
    pytest.param(["\ufffd", "", "\ufffd"], id="of parts of characters that are not there"),
]


@pytest.mark.parametrize("adapter", GIVING, ids=lambda adapter: adapter.name)
@pytest.mark.parametrize("tokens", WRONG)
def test_those_that_do_not_match_the_text_are_left_out_and_counted(
    adapter: Adapter, tokens: list[str], cli: Cli, tmp_path: Path
) -> None:
    right = listed(adapter, "One fine day out.", ["One", " fine", " day", " out", "."])
    wrong = listed(adapter, "One fine day out.", tokens)
    (said,) = ran(adapter, cli, [right, wrong, right, right, wrong, right])
    assert said == (
        "warning: the logprobs of 2 of 6 answers of mine do not match the text and are left out: the answers are kept, and "
        "measures that need logprobs are missing there"
    )
    assert stored(tmp_path, "select distinct text from completion") == [("One fine day out.",)]
    assert stored(tmp_path, "select logprob_kind = 'none', count(*) from completion group by 1") == [
        (0, 4),
        (1, 2),
    ]
    assert stored(tmp_path, "select count(*) from token") == [(4 * 5,)]


@pytest.mark.parametrize("adapter", GIVING, ids=lambda adapter: adapter.name)
def test_where_none_match_it_is_not_said_that_none_came(adapter: Adapter, cli: Cli) -> None:
    (said,) = ran(adapter, cli, [listed(adapter, "hello", ["no"])] * 6)
    assert said.startswith("warning: the logprobs of 6 of 6 answers of mine do not match the text")


@pytest.mark.parametrize("adapter", GIVING, ids=lambda adapter: adapter.name)
def test_answers_without_any_beside_others_are_counted(adapter: Adapter, cli: Cli) -> None:
    right, bare = listed(adapter, "hello", ["hello"]), listed(adapter, "hello", [])
    wrong = listed(adapter, "hello", ["no"])
    said = ran(adapter, cli, [right, bare, right, wrong, bare, bare])
    assert [line.partition(":")[2].strip() for line in said] == [
        (
            "the logprobs of 1 of 6 answers of mine do not match the text and are left out: the answers are kept, and "
            "measures that need logprobs are missing there"
        ),
        (
            "3 of 6 answers of mine came without readable logprobs, which were asked for: measures that need them are "
            "missing there"
        ),
    ]


@pytest.mark.parametrize("adapter", GIVING, ids=lambda adapter: adapter.name)
def test_of_an_empty_answer_and_of_logprobs_that_nobody_asked_for_nothing_is_missed(
    adapter: Adapter, cli: Cli
) -> None:
    right, empty = listed(adapter, "hello", ["hello"]), listed(adapter, "", [])
    assert ran(adapter, cli, [right, empty]) == []
    wrong = listed(adapter, "hello", ["no"])
    assert ran(adapter, cli, [wrong, wrong], "--logprobs", "0", "--name", "other") == []


def test_thoughts_inside_the_text_keep_its_tokens_or_are_said_to_have_lost_them(
    cli: Cli, tmp_path: Path
) -> None:
    chat = ADAPTERS[0]
    whole = listed(chat, "<think>Hm.</think>Blue.", ["<think>", "Hm.", "</think>", "Blue", "."])
    lost = listed(chat, "<think>Hm.</think>Blue.", ["Red", "."])
    (said,) = ran(chat, cli, [whole, lost])
    assert "the logprobs of 1 of 2 answers of mine do not match the text" in said
    assert stored(tmp_path, "select distinct text, thinking from completion") == [("Blue.", "Hm.")]


@pytest.mark.parametrize("spoilt", [24, 5])
def test_those_of_a_batch(client: Client, spoilt: int) -> None:
    left = iter(range(spoilt))

    def spoil(line: bytes) -> bytes:
        return line.replace(b'[{"token": "T=', b'[{"token": "no') if next(left, None) is not None else line

    client.server.spoil = spoil
    grid = ["2" if word == "0" and GRID[i - 1] == "--logprobs" else word for i, word in enumerate(GRID)]
    done = client("run", *PROMPTS, "-m", f"{OPENAI},label=mine", *grid, "--batch")
    assert done.code == 0, done.err
    (said,) = [line for line in done.err.splitlines() if "logprobs" in line]
    assert f"the logprobs of {spoilt} of 24 answers of mine do not match the text and are left out" in said
    client.whole(samples=SAMPLES)
    assert client.rows("select count(*) from completion where logprob_kind = 'none'") == [(spoilt,)]
