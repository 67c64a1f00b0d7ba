"""`tempkit choose` killed with -9 in each of its rounds and continued: the same pick, grade, bound and samples as without."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from choosing_runs import query, questions, stored
from support import PATIENCE_S, heard, until


@contextmanager
def choosing(folder: Path, env: dict[str, str], *args: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of `tempkit choose` in a folder; it is killed at the end if it has not ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "tempkit", "choose", *args, "--no-report"],
        cwd=folder, env={**env, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def answers(folder: Path) -> int:
    if not (folder / "tempkit.db").exists() or not query(
        folder, "select 1 from sqlite_master where name = 'completion'"
    ):
        return 0
    ((count,),) = query(folder, "select count(*) from completion")
    return int(count)


def whole(folder: Path, env: dict[str, str], *args: str) -> dict[str, Any]:
    """Choose, or go on, to the end."""
    done = subprocess.run(
        [sys.executable, "-m", "tempkit", "choose", *args, "--no-report", "--json"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 4), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def killed_in_each_round(folder: Path, env: dict[str, str], last: int, *args: str) -> int:
    """Begin, and go on each time that it was killed, as soon as a round has its first answers; return how many of them owed more."""
    midway = 0
    for number in range(1, last + 1):
        begin = args if number == 1 else ("--continue", "latest")
        with choosing(folder, env, *begin) as process:
            if number > 1:
                heard(process, f"round {number - 1},")
            before = answers(folder)
            until(lambda before=before: answers(folder) > before)
            process.kill()
            process.wait()
        midway += query(folder, "select planned from run")[0][0] > answers(folder)
    return midway


def compared(tmp_path: Path, env: dict[str, str], *args: str, rows: int, fact: str, least: int) -> None:
    one, other = tmp_path / "whole", tmp_path / "killed"
    for folder in (one, other):
        folder.mkdir()
        questions(folder, rows=rows, fact=fact)
    expected = whole(one, env, *args)
    (rounds,) = expected["rounds"].values()
    assert rounds > max(least, 1)
    midway = killed_in_each_round(other, env, rounds, *args)
    assert midway >= least, "these rounds were over before the process was killed"
    found = whole(other, env, "--continue", "latest")
    assert found["decisions"] == expected["decisions"]
    assert (found["rounds"], found["stopped"]) == (expected["rounds"], expected["stopped"])
    assert stored(other) == stored(one)
    looks = "select completions, scores, round from look order by id"
    assert query(other, looks) == query(one, looks)


def test_killed_in_every_round_it_comes_to_the_same(tmp_path: Path, cli_env: dict[str, str]) -> None:
    args = ("p.prompty", "-m", "scripted:words,delay_ms=25", "-t", "0,0.8,1.6")
    compared(tmp_path, cli_env, *args, rows=14, fact="the", least=2)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.one_core
def test_a_local_model_too(tmp_path: Path, cli_env: dict[str, str]) -> None:
    args = ("p.prompty", "-m", "gguf:smollm2", "-t", "0,0.5,1.6", "--max-tokens", "5")
    compared(tmp_path, cli_env, *args, rows=12, fact="sorry", least=0)


def test_killed_before_its_first_answer_it_begins_there(tmp_path: Path, cli_env: dict[str, str]) -> None:
    questions(tmp_path, rows=6)
    with choosing(
        tmp_path, cli_env, "p.prompty", "-m", "scripted:words,delay_ms=60000", "-t", "0,1.6"
    ) as process:
        heard(process, "24 samples planned")
        until(lambda: bool(query(tmp_path, "select 1 from run")))
        os.kill(process.pid, 9)
        process.wait()
    assert answers(tmp_path) == 0
    assert query(tmp_path, "select planned from run") == [(24,)]


def test_after_ctrl_c_it_says_how_to_go_on_and_does(tmp_path: Path, cli_env: dict[str, str]) -> None:
    questions(tmp_path, rows=6)
    with choosing(
        tmp_path, cli_env, "p.prompty", "-m", "scripted:words,delay_ms=50", "-t", "0,1.6"
    ) as process:
        until(lambda: answers(tmp_path) > 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (130, "")
    last = err.splitlines()[-1]
    assert last.startswith("interrupted with ")
    command = last.partition("; go on with: tempkit choose ")[2]
    assert command == "--continue p"
    assert whole(tmp_path, cli_env, *command.split())["run"]["completions"] >= 24
