"""`tempkit measure --embedder`: another embedder's scores are made, kept by every other command, and given up only when told."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.embeddings import EmbeddingServer
from support import Cli

TEXTS = ["red fox, blue whale. A grey wolf ran.", "red foxes and whales. Nothing else came.", "", "  \n "]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> str:
    rows = [
        {
            "item": item,
            "model": "m",
            "temperature": t,
            "replicate": i,
            "text": f"{text} {item}" if text.strip() else text,
        }
        for item in ("a", "b")
        for t in (0.0, 1.0)
        for i, text in enumerate(TEXTS)
    ]
    (tmp_path / "texts.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert cli("import", "texts.jsonl", "--use-case", "chatbot").code == 0
    return "texts"


def versions(tmp_path: Path) -> dict[str, str]:
    """Return the version of the scores of a measure with an embedder and of one without."""
    with sqlite3.connect(tmp_path / "tempkit.db") as db:
        query = (
            "select distinct measure, version from score where measure in ('mean_cosine', 'distinct_share')"
        )
        found = dict(db.execute(query).fetchall())
    db.close()
    return found


def test_the_chosen_embedder_is_kept_by_every_other_command(
    cli: Cli, run: str, server: EmbeddingServer, tmp_path: Path
) -> None:
    assert cli("measure", run).code == 0
    assert versions(tmp_path)["mean_cosine"] == "1 wordllama-l2-256"
    done = cli("measure", run, "--embedder", "openai:letters", "--base-url", server.base_url)
    assert (done.code, done.err) == (0, "")
    assert "Measured the answers to 2 questions.\n" in done.out
    assert versions(tmp_path) == {"mean_cosine": "1 openai:letters", "distinct_share": "1"}
    assert all(text.strip() for text in server.texts)
    asked = len(server.bodies)

    for command in (
        ["report", run],
        ["trends", run],
        ["recommend", run, "--measure", "truncated", "--margin", "0.1"],
    ):
        assert cli(*command).code == 0
    assert "Up to date: the answers to 2 questions.\n" in cli("measure", run).out
    assert versions(tmp_path)["mean_cosine"] == "1 openai:letters"
    assert len(server.bodies) == asked  # and it need not even be there

    assert "Measured the answers to 2 questions." in cli("measure", run, "--anew").out
    assert versions(tmp_path)["mean_cosine"] == "1 openai:letters"
    assert len(server.bodies) > asked

    assert "Measured the answers to 2 questions." in cli("measure", run, "--embedder", "wordllama").out
    assert versions(tmp_path)["mean_cosine"] == "1 wordllama-l2-256"
    assert "Up to date: the answers to 2 questions.\n" in cli("measure", run).out


def test_an_embedder_that_cannot_be_used_leaves_everything_as_it_is(
    cli: Cli, run: str, server: EmbeddingServer, tmp_path: Path
) -> None:
    cli("measure", run)
    for options, said in (
        (
            ["--embedder", "openai:letters", "--base-url", "http://127.0.0.1:1/v1"],
            "cannot reach http://127.0.0.1:1/v1",
        ),
        (["--embedder", "scripted:words"], "scripted:words gives no embeddings"),
        (["--embedder", "letters"], "must be backend:name"),
        (["--base-url", server.base_url], "name it with --embedder"),
        (["--embedder", "gguf:nowhere.gguf"], "nowhere.gguf"),
    ):
        done = cli("measure", run, *options)
        assert done.code in (1, 2)
        assert said in done.err
        assert done.err.count("\n") == 1
    assert versions(tmp_path)["mean_cosine"] == "1 wordllama-l2-256"
    assert "Up to date: the answers to 2 questions.\n" in cli("measure", run).out


def test_more_to_measure_asks_the_runs_own_embedder_and_says_the_way_back_without_it(
    cli: Cli, run: str, server: EmbeddingServer, tmp_path: Path
) -> None:
    options = ["--embedder", "openai:letters", "--base-url", server.base_url]
    server.longest = 15
    done = cli("measure", run, *options)
    assert done.code == 0
    assert "texts were longer than the embedder reads; only the beginning counts" in done.err
    with sqlite3.connect(tmp_path / "tempkit.db") as db:
        db.execute("update scoring set completions = completions - 1")  # as if samples had come since
    db.close()
    assert cli("report", run).code == 0
    assert versions(tmp_path)["mean_cosine"] == "1 openai:letters"

    with sqlite3.connect(tmp_path / "tempkit.db") as db:
        db.execute("update scoring set completions = completions - 1")
        db.execute(
            "update run set embedder = replace(embedder, ?, 'http://127.0.0.1:1/v1')", [server.base_url]
        )
    db.close()
    lost = cli("report", run)
    assert lost.code == 1
    assert "to go back: tempkit measure texts --embedder wordllama" in lost.err
    assert versions(tmp_path)["mean_cosine"] == "1 openai:letters"
    assert cli("measure", run, "--embedder", "wordllama").code == 0
    assert cli("report", run).code == 0


@pytest.mark.engine
def test_a_gguf_model_as_embedder(cli: Cli, run: str, tmp_path: Path) -> None:
    done = cli("measure", run, "--embedder", "gguf:smollm2")
    assert done.code == 0
    assert "it was not made for embeddings" in done.err
    assert versions(tmp_path)["mean_cosine"].startswith("1 gguf:smollm2@")
    assert "Up to date: the answers to 2 questions.\n" in cli("measure", run).out
