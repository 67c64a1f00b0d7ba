"""Runs that take their time, as processes, and what of them is in a PostgreSQL database meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from support import ROOT

from tempkit.store import Store

__all__ = ["FACTS", "begin", "count", "stands", "started", "status", "stored", "through"]

FACTS = str(ROOT / "prompts/technical-documentation.prompty")


@contextmanager
def started(
    command: tuple[str, ...], folder: Path, env: dict[str, str], **more: Any
) -> Iterator["subprocess.Popen[str]"]:
    """Start a command of tempkit, which does not outlive the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tempkit", *command],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def begin(
    db: str,
    folder: Path,
    env: dict[str, str],
    samples: int,
    *,
    fail_every: int = 0,
    tokens: int = 3,
    **more: Any,
) -> Iterator["subprocess.Popen[str]"]:
    """Begin a run of so many samples that takes its time; it does not outlive the test."""
    model = "scripted:words,delay_ms=20" + (f",fail_every={fail_every}" if fail_every else "")
    size = ("--items", "1", "-t", "0,1", "-n", str(samples // 2), "--max-tokens", str(tokens), "--db", db)
    with started(
        ("run", FACTS, "-m", model, *size), folder, {"TEMPKIT_DB_WAIT": "100", **env}, **more
    ) as run:
        yield run


def count(db: str, table: str) -> int:
    """Return how many rows a table has; none where it is not there yet."""
    with psycopg.connect(db, autocommit=True) as connection:
        exists = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
        if exists == (None,):
            return 0
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def status(db: str) -> str:
    """Return the latest run's."""
    with Store.open(db, must_exist=True) as store:
        return store.find_run("latest").status


def stored(db: str | Path, name: str) -> list[tuple[Any, ...]]:
    """Return a run's answers with all of their tokens, without what differs from one time to the next."""
    with Store.open(db, must_exist=True) as store:
        return sorted(
            (c.key.item, c.key.model, c.key.temperature, c.key.replicate, c.seed, c.text, c.tokens)
            for c in store.completions(store.find_run(name).id, tokens=True)
        )


def stands(db: str | Path, name: str) -> tuple[str, int, int]:
    """Return a run's status, its answers and its failures that stand."""
    with Store.open(db, must_exist=True) as store:
        run = store.find_run(name)
        return run.status, run.completions, run.failures


def through(url: str, port: int) -> str:
    """Return the URL by way of a proxy."""
    return url.replace(f":{urlsplit(url).port}", f":{port}")
