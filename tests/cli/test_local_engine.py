"""Real runs of the bundled model, broken off in the middle: what is stored stays, no process is left, and it goes on."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from support import PATIENCE_S, ROOT, Cli, until

pytestmark = [pytest.mark.engine, pytest.mark.one_core]

FACTS = str(ROOT / "prompts/technical-documentation.prompty")
# So many alternatives that no outcome fits into the pipe: while nobody reads it, the engine stands still.
GRID = ("-t", "0,0.8", "-n", "3", "--items", "4", "--max-tokens", "24", "--logprobs", "300", "--seed", "5")
SAMPLES = 24
READ = 4
"""Outcomes that a run takes from the engine before it waits for the file `go on`. Then it goes on to the next token, says so
by the file `drawing`, and reads nothing more until there is a file `dead`."""
WAITING = f"""
import asyncio, sys, time
from contextlib import aclosing
from pathlib import Path
from tempkit.backends.gguf import GgufBackend
from tempkit.cli import main

whole = GgufBackend.run

async def waiting(self, sweeps, on_tokens):
    count = 0

    def heard(*token):
        on_tokens(*token)
        if count >= {READ}:
            Path("drawing").touch()
            while not Path("dead").exists():
                time.sleep(0.02)

    async with aclosing(whole(self, sweeps, heard)) as outcomes:
        async for outcome in outcomes:
            yield outcome
            count += 1
            while count == {READ} and not Path("go on").exists():
                await asyncio.sleep(0.02)

GgufBackend.run = waiting
main(sys.argv[1:])
"""
TEXTS = "select i.key, temperature_requested, replicate, text from completion c join item i on i.id = c.item_id order by 1, 2, 3"


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def started(tmp_path: Path, env: dict[str, str], model: str) -> Iterator[subprocess.Popen[str]]:
    """Begin a run and wait until its first outcomes are stored; it does not go on by itself, nor outlive the test."""
    command = [sys.executable, "-c", WAITING, "run", FACTS, "-m", model, *GRID]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            until(lambda: stored(tmp_path) == READ)
            yield process
        finally:
            process.kill()


def stored(tmp_path: Path) -> int:
    db = tmp_path / "tempkit.db"
    try:
        return int(str(rows(db, "select count(*) from completion")[0][0])) if db.exists() else 0
    except sqlite3.OperationalError:  # the schema is still being made
        return 0


def engines(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return [
        p
        for p in psutil.Process(process.pid).children(recursive=True)
        if "tempkit.backends.gguf.engine_process" in p.cmdline()
    ]


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGKILL])
def test_broken_off_it_goes_on_to_the_same_texts(
    sig: signal.Signals, cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    """Resumed, it draws what an uninterrupted run draws: no number depends on what else was in the batch."""
    with started(tmp_path, cli_env, "gguf:smollm2,parallel=3") as process:
        (engine,) = engines(process)
        process.send_signal(sig)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == (130 if sig == signal.SIGINT else -signal.SIGKILL)
    if sig == signal.SIGINT:
        assert (
            err.strip()
            .splitlines()[-1]
            .endswith(
                f"of {SAMPLES} samples stored; go on with: tempkit run --resume technical-documentation"
            )
        )
    engine.wait(timeout=PATIENCE_S)
    db = tmp_path / "tempkit.db"
    assert rows(db, "select count(*) from completion") == [(READ,)]
    assert rows(db, "pragma integrity_check") == [("ok",)]
    done = cli("run", "--resume", "latest", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["stored_now"] == SAMPLES - READ
    texts = rows(db, TEXTS)
    whole = cli("run", FACTS, "-m", "gguf:smollm2", *GRID, "--db", "whole.db")
    assert whole.code == 0, whole.err
    assert rows(tmp_path / "whole.db", TEXTS) == texts


def test_an_engine_killed_from_outside_leaves_failures_that_can_be_tried_again(
    cli: Cli, tmp_path: Path, cli_env: dict[str, str]
) -> None:
    with started(tmp_path, cli_env, "gguf:smollm2,parallel=3") as process:
        (engine,) = engines(process)
        (tmp_path / "go on").touch()
        until((tmp_path / "drawing").exists)
        engine.send_signal(signal.SIGSEGV)
        (tmp_path / "dead").touch()
        out, _ = process.communicate(timeout=PATIENCE_S)
    failed = rows(tmp_path / "tempkit.db", "select kind, message from failure")
    assert process.returncode == 3
    assert 1 <= len(failed) <= 5  # three at once, one of which may be all three replicates at T = 0
    assert all("llama.cpp was ended by SIGSEGV" in str(message) for _, message in failed)
    assert f"{SAMPLES - len(failed)} of {SAMPLES} completions in tempkit.db, {len(failed)} failed." in out
    retried = cli("run", "--resume", "latest", "--retry-errors", "--json")
    assert json.loads(retried.out)["run"]["completions"] == SAMPLES


def test_a_truncated_model_is_one_line_and_stores_nothing(
    cli: Cli, tmp_path: Path, bundled_gguf: Path
) -> None:
    path = tmp_path / "cut.gguf"
    shutil.copyfile(bundled_gguf, path)
    os.truncate(path, 50_000_000)
    done = cli("run", FACTS, "-m", f"gguf:{path}", *GRID)
    assert done.code == 1
    (line,) = done.err.strip().splitlines()
    assert line.startswith(f"error: gguf:{path}: llama.cpp cannot load it: ")
    assert "not within the file bounds" in line
    assert json.loads(cli("runs", "--json").out)["runs"] == []


def test_an_item_beyond_the_context_fails_and_the_others_are_done(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(
        "- {id: short, text: Say hello.}\n- {id: long, text: " + "word " * 9000 + "}\n"
    )
    (tmp_path / "long.prompty").write_text(
        "---\nname: long\nmetadata: {tempkit: {data: rows.yaml}}\n---\nuser:\n{{ text }}\n"
    )
    done = cli("run", "long.prompty", "-m", "gguf:smollm2", "-t", "0", "-n", "2", "--max-tokens", "5")
    assert done.code == 3, done.err
    assert "2 of 4 completions in tempkit.db, 2 failed." in done.out
    (message,) = {m for (m,) in rows(tmp_path / "tempkit.db", "select message from failure")}
    assert "tokens; the model's context holds 8192, the answer included" in str(message)


def test_memory_and_options_are_recorded_with_the_run(cli: Cli, tmp_path: Path) -> None:
    done = cli(
        "run", FACTS, "-m", "gguf:smollm2,parallel=5,cache_type=q8_0", "--memory", "1GB", "-t", "0.7",
        "-n", "2", "--items", "1", "--max-tokens", "3", "--top-k", "9", "--min-p", "0.01",
    )  # fmt: skip
    assert done.code == 0, done.err
    (details,) = rows(tmp_path / "tempkit.db", "select details from model")[0]
    recorded = json.loads(str(details))
    assert (recorded["parallel"], recorded["cache_type"], recorded["memory"]) == (5, "q8_0", 10**9)
    (params,) = rows(tmp_path / "tempkit.db", "select params from completion limit 1")[0]
    assert {k: json.loads(str(params))[k] for k in ("top_k", "top_p", "min_p")} == {
        "top_k": 9,
        "top_p": 1.0,
        "min_p": 0.01,
    }
