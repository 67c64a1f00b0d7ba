"""`tempkit doctor`: what is there, what is missing, what to do; it changes nothing and tells no key."""

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support import Cli, CliResult

from tempkit import api
from tempkit.api import health


def checks(done: CliResult) -> dict[str, Any]:
    return {each["name"]: each for each in json.loads(done.out)["checks"]}


def test_a_new_folder_is_well(cli: Cli, tmp_path: Path) -> None:
    done = cli("doctor", "--json")
    assert (done.code, done.err, json.loads(done.out)["ok"]) == (0, "", True)
    found = checks(done)
    assert list(found)[:6] == ["python", "tempkit", "database", "disk", "temporary files", "engine"]
    assert found["database"]["found"] == "tempkit.db: none yet; the first run makes it"
    assert not list(tmp_path.iterdir())
    lines = cli("doctor").out.splitlines()
    assert len(lines) == len(found)
    assert all(line.split()[0] in ("ok", "warn", "fail") for line in lines)


def test_a_database_is_told_of_and_left_as_it_is(cli: Cli, tmp_path: Path) -> None:
    cli("run", "Say it.", "-m", "scripted:words", "-t", "0", "-n", "1", "-q")
    before = (tmp_path / "tempkit.db").read_bytes()
    assert checks(cli("doctor", "--json"))["database"]["found"].startswith("tempkit.db: 1 run, ")
    assert (tmp_path / "tempkit.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["tempkit.db"]


def test_a_run_of_tomorrow_means_a_wrong_clock(cli: Cli, tmp_path: Path) -> None:
    cli("run", "Say it.", "-m", "scripted:words", "-t", "0", "-n", "1", "-q")
    with sqlite3.connect(tmp_path / "tempkit.db") as connection:
        connection.execute("update run set created_at = '2999-01-01 00:00:00.000000'")
    connection.close()
    found = checks(cli("doctor", "--json"))["database"]
    assert (found["health"], found["todo"]) == ("warn", "set the clock")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"nothing of ours" * 20, "is not a SQLite database"), (b"SQLite format 3\0" + b"\xff" * 4000, "")],
    ids=["text", "broken"],
)
def test_a_database_that_cannot_be_used_fails(cli: Cli, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "tempkit.db").write_bytes(content)
    done = cli("doctor", "--json")
    assert (done.code, json.loads(done.out)["ok"]) == (1, False)
    found = checks(done)["database"]
    assert found["health"] == "fail"
    assert said in found["found"]
    assert (tmp_path / "tempkit.db").read_bytes() == content
    only = cli("doctor", "-q")
    assert only.out.startswith("fail  database")
    assert "ok " not in only.out.split()


def test_a_key_is_named_and_never_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MISTRAL_API_KEY=mk-secret-in-a-file\nOTHER=x\n")
    env = {"OPENAI_API_KEY": "sk-secret-0123456789", "ANTHROPIC_API_KEY": " "}
    for args in ((), ("--json",)):
        done = cli("doctor", *args, env=env)
        assert "secret" not in done.out + done.err
        assert "OPENAI_API_KEY" in done.out
        assert "MISTRAL_API_KEY (in .env)" in done.out
        assert "ANTHROPIC_API_KEY" not in done.out


def test_what_is_missing_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        health, "find_spec", lambda name: None if "llama" in name or "psycopg" in name else find_spec(name)
    )
    monkeypatch.setattr(health, "bundled_file", lambda _name: None)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 10**6}))
    found = {each.name: each for each in api.checkup()}
    assert (found["engine"].health, found["bundled model"].health, found["disk"].health) == (
        "warn",
        "warn",
        "fail",
    )
    assert 'pip install "tempkit[local]"' in found["engine"].todo
    assert "postgres for databases on a PostgreSQL server" in found["further extras"].found


def test_an_engine_that_does_not_load_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise ImportError('libllama.so: illegal instruction')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {each.name: each for each in api.checkup()}["engine"]
    assert (found.health, found.found) == (
        "warn",
        "llama.cpp does not load: ImportError: libllama.so: illegal instruction",
    )


def test_a_file_of_keys_that_cannot_be_read_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"OPENAI_API_KEY=\xff\xfe")
    done = cli("doctor")
    assert done.code == 1
    assert ".env cannot be read: " in done.out
