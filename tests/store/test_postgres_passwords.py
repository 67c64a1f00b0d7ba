"""A database's password comes from its URL, the environment or libpq's password file, and is shown nowhere."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from support import ROOT, Cli, CliResult

from tempkit.store import Store
from tempkit.store.models import METADATA

PASSWORD = "s3cret/pass"
FACTS = str(ROOT / "prompts/technical-documentation.prompty")
RUN = ("run", FACTS, "-m", "scripted:words", "--items", "2", "-t", "0,1", "-n", "3", "--max-tokens", "3",
       "--use-case", "chatbot", "--name", "kept")  # fmt: skip


@pytest.fixture
def url(postgres_schema: Callable[[], str]) -> str:
    return postgres_schema()


def bare(url: str) -> str:
    """Return the URL without its password."""
    return url.replace(f":{quote(PASSWORD, safe='')}@", "@")


def shows_none(done: CliResult, *others: str) -> CliResult:
    for text in (done.out, done.err, *others):
        for written in (PASSWORD, quote(PASSWORD, safe=""), "hunter2"):
            assert written not in text
    return done


@pytest.mark.parametrize("way", ["url", "option", "environment", "file"])
def test_every_way_leads_in_and_none_is_shown(way: str, cli: Cli, url: str, tmp_path: Path) -> None:
    db, env = bare(url), {"HOME": str(tmp_path)}
    if way == "url":
        db = url
    elif way == "option":
        db += f"&password={quote(PASSWORD, safe='')}"
    elif way == "environment":
        env["PGPASSWORD"] = PASSWORD
    else:
        passwords = tmp_path / "passwords"
        passwords.write_text(f"127.0.0.1:{urlsplit(url).port}:*:tempkit:{PASSWORD}\n")
        passwords.chmod(0o600)
        env["PGPASSFILE"] = str(passwords)
    page, log = tmp_path / "page.html", tmp_path / "out"
    for command in (
        RUN,
        ("doctor",),
        ("runs",),
        ("runs", "--json"),
        ("show", "kept"),
        ("recommend", "kept"),
        ("report", "kept", "-o", str(page)),
        ("export", "kept", "-o", str(log.with_suffix(".jsonl"))),
        ("db", "path"),
        ("db", "path", "--json"),
        ("db", "info"),
        ("db", "info", "--json"),
        ("db", "size"),
        ("db", "check"),
        ("run", "--resume", "kept"),
        ("show", "absent"),
    ):
        done = shows_none(cli(*command, env={**env, "TEMPKIT_DB": db}))
        assert done.code == (1 if "absent" in command else 0), (command, done.out, done.err)
    shows_none(done, page.read_text(), log.with_suffix(".jsonl").read_text())
    with Store.open(url) as store, store._read() as connection:
        for table in METADATA.sorted_tables:
            shows_none(done, *(repr(tuple(row)) for row in connection.execute(table.select())))


@pytest.mark.parametrize("way", ["url", "option", "environment", "none"])
def test_a_wrong_one_or_none_is_one_line_without_it(
    way: str, cli: Cli, cli_process: Cli, url: str, tmp_path: Path
) -> None:
    Store.open(url).close()
    db, env = bare(url), {"HOME": str(tmp_path), "PGPASSFILE": str(tmp_path / "none")}
    if way == "url":
        db = url.replace(quote(PASSWORD, safe=""), "hunter2")
    elif way == "option":
        db += "&password=hunter2"
    elif way == "environment":
        env["PGPASSWORD"] = "hunter2"
    for command in (
        ("runs",),
        RUN,
        ("db", "info"),
        ("db", "copy", "--to", "copied.db"),
        ("report", "latest"),
    ):
        done = shows_none(cli(*command, "--db", db, env=env))
        assert done.code == 1
        (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
        assert line.startswith(
            "error: no connection to postgresql://tempkit:***@"
            if way == "url"
            else "error: no connection to postgresql://tempkit@"
        )
        assert ("no password supplied" if way == "none" else "password authentication failed") in line
    debugged = shows_none(cli_process("--debug", "runs", "--db", db, env=env))
    assert "Traceback" in debugged.err


def test_a_password_in_the_url_is_none_of_the_servers_business(url: str) -> None:
    """The server lists who is connected: the application's name and the statements, which hold no password."""
    with Store.open(url) as store, store._read(), psycopg.connect(url) as other:
        rows = other.execute("SELECT application_name, query FROM pg_stat_activity").fetchall()
        assert PASSWORD not in repr(rows)
