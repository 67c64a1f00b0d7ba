"""A driver that is killed, or interrupted, with a cluster of its own: the cluster ends with it, and the run goes on."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from support import PATIENCE_S, ROOT, lacking, until

if find_spec("ray") is None:
    lacking("Ray is not installed: pip install 'tempkit[ray]'")

ITEMS = 150
SAMPLES = ITEMS * 2 * 3


@contextmanager
def running(folder: Path, env: dict[str, str], *args: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of `tempkit run` in a process group of its own; it is killed at the end if it has not ended."""
    env = {**env, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tempkit", "-q", "run", *args, "--executor", "ray,actors=2,num_cpus=0.5"],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def stored(folder: Path, what: str) -> int:
    if not (folder / "tempkit.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "tempkit.db", timeout=60)) as db:
        if not db.execute("select 1 from sqlite_master where name = 'completion'").fetchone():
            return 0
        return int(db.execute(f"select count({what}) from completion").fetchone()[0])


def gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def cut_short(folder: Path, env: dict[str, str], number: signal.Signals) -> tuple[int, str]:
    """Begin a run and send a signal to its group in the middle; return how it ended and what it said, once its cluster is gone."""
    (folder / "q.csv").write_text("question\n" + "".join(f"Question {n}?\n" for n in range(ITEMS)))
    args = ("q.csv", "-m", "scripted:words,delay_ms=10", "-t", "0,0.7,1.3", "-n", "2", "--max-tokens", "3")
    with running(folder, env, *args) as process:
        until(lambda: stored(folder, "*") > 50)
        named = {
            each: " ".join(each.cmdline()) for each in psutil.Process(process.pid).children(recursive=True)
        }
        for part in ("raylet", "gcs_server", "ray::Drawer"):
            assert part in " ".join(named.values())
        # Ray's agents look once a minute whether the rest is there, and do nothing meanwhile.
        family = [each for each, name in named.items() if "Agent" not in name]
        if number is signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, number)
        _, said = process.communicate(timeout=PATIENCE_S)
    until(lambda: gone(family))
    assert 50 < stored(folder, "*") < SAMPLES
    return process.returncode, said


def goes_on(folder: Path, env: dict[str, str]) -> None:
    """Go on; afterwards every sample is there once."""
    with running(folder, env, "--resume", "latest") as process:
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert (
        stored(folder, "*")
        == stored(folder, "distinct item_id || temperature_requested || replicate")
        == SAMPLES
    )


@pytest.mark.slow
def test_a_driver_that_is_killed_leaves_no_cluster_and_loses_nothing(
    tmp_path: Path, cli_env: dict[str, str]
) -> None:
    cut_short(tmp_path, cli_env, signal.SIGKILL)
    goes_on(tmp_path, cli_env)


@pytest.mark.slow
def test_ctrl_c_ends_the_cluster_and_says_how_to_go_on(tmp_path: Path, cli_env: dict[str, str]) -> None:
    code, said = cut_short(tmp_path, cli_env, signal.SIGINT)
    assert code == 130
    *_, last = said.splitlines()
    assert last.startswith("interrupted with ")
    assert f"of {SAMPLES} samples stored; go on with: tempkit run --resume q" in last
    assert [line for line in said.splitlines() if "raylet" in line or "Traceback" in line] == []
