"""Runs as processes of their own, whose streams, terminals, locks and disks are taken away; for the tests beside it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import PATIENCE_S, ROOT, until

FACTS = str(ROOT / "prompts/technical-documentation.prompty")
TEMPKIT = (sys.executable, "-m", "tempkit")


def slow_run(samples: int = 20, *, delay_ms: int = 20, db: str = "tempkit.db") -> tuple[str, ...]:
    """Return the arguments of a run of so many samples on one model, each of which takes its time."""
    model = f"scripted:words,delay_ms={delay_ms}"
    size = ("--items", "1", "-t", "0,1", "-n", str(samples // 2), "--max-tokens", "3")
    return ("run", FACTS, "-m", model, *size, "--db", db)


@dataclass(frozen=True)
class Stored:
    """What the store says of its one run."""

    status: str
    completions: int
    failures: int


def stored(db: Path) -> Stored:
    """Return what the store says, and make sure that it is whole and holds no sample twice."""
    with closing(sqlite3.connect(db)) as connection:
        (row,) = connection.execute(
            "select status, (select count(*) from completion), (select count(*) from failure where retried_at is null) from run"
        ).fetchall()
        twice = connection.execute(
            "select 1 from completion group by run_id, item_id, model_id, temperature_requested, replicate having count(*) > 1"
        ).fetchall()
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert twice == []
    return Stored(*row)


def began(db: Path) -> None:
    """Wait until the first answer is stored."""

    def happened() -> bool:
        try:
            with closing(sqlite3.connect(db)) as connection:
                return connection.execute("select count(*) from completion").fetchone()[0] > 0
        except sqlite3.OperationalError:  # the schema is still being made
            return False

    until(lambda: db.exists() and happened())


def shell(
    line: str, folder: Path, env: Mapping[str, str], *arguments: str, **more: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash, in which `tempkit` is ours with the arguments given."""
    call = " ".join(f"'{part}'" for part in (*TEMPKIT, *arguments))
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; tempkit() {{ {call}; }}; {line}"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        **more,
    )


def process(
    arguments: Sequence[str], folder: Path, env: Mapping[str, str], **more: Any
) -> "subprocess.Popen[str]":
    """Begin a command."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([*TEMPKIT, *arguments], cwd=folder, env=env, text=True, **streams)


def one_line(err: str) -> None:
    """Make sure that stderr holds no traceback, and one line that says what is wrong."""
    assert "Traceback" not in err
    assert "this should not happen" not in err
    assert len([line for line in err.splitlines() if line.startswith("error: ")]) == 1, err


def obedient() -> tuple[str, ...]:
    """Return what makes a command obey permissions although root starts it; nothing where nobody is root."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
