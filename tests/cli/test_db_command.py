"""`tempkit db` from outside: what it prints, what it changes, and what it refuses."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import Cli, CliResult

from tempkit.store import Store
from tempkit.testing import store_samples as samples

RUN = ("run", "Name a colour.", "-m", "scripted:words", "-t", "0,1", "-n", "2")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def two(cli: Cli) -> None:
    """A database with the runs `before` and `after`."""
    for name in ("before", "after"):
        assert cli(*RUN, "--name", name).code == 0


def told(done: CliResult) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def execute(db: str, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute(statement, values)


def test_without_a_command_the_commands_are_listed(cli: Cli) -> None:
    done = cli("db")
    assert done.code == 2
    assert all(f"\n  {name} " in done.err for name in ("check", "copy", "merge", "prune", "vacuum"))
    done = cli("db", "marge")
    assert (done.code, done.out) == (2, "")
    assert "no command 'marge'" in done.err
    assert "merge" in done.err


@pytest.mark.usefixtures("two")
def test_where_it_is_and_what_there_is(cli: Cli, tmp_path: Path) -> None:
    assert cli("db", "path").out == f"{tmp_path / 'tempkit.db'}\n"
    assert told(cli("db", "path", "--db", "no.db", "--json"))["exists"] is False
    info = cli("db", "info").out.splitlines()
    assert info[0] == "tempkit.db: SQLite, schema 0014"
    assert info[1] == "2 runs"
    facts = told(cli("db", "info", "--json"))
    assert (facts["kind"], facts["run_count"], facts["unfinished"]) == ("sqlite", 2, 0)
    tables = {each["table"]: each["rows"] for each in told(cli("db", "size", "--json"))["tables"]}
    assert (tables["run"], tables["completion"]) == (2, 8)
    shown = cli("db", "size").out
    assert "completion" in shown
    assert shown.split()[:3] == ["table", "rows", "size"]


def test_an_older_database_is_looked_at_as_it_is(cli: Cli, tmp_path: Path) -> None:
    released = Path(__file__).parents[1] / "store" / "released" / "0003.db"
    shutil.copy(released, tmp_path / "old.db")
    assert (
        "schema 0003, brought up to 0014 when it is next written" in cli("db", "info", "--db", "old.db").out
    )
    assert cli("db", "check", "--db", "old.db").out == "Nothing is wrong with old.db.\n"
    done = cli("db", "merge", "old.db")
    assert done.out == "Copied 1 run with 53 answers into tempkit.db.\n"
    assert (tmp_path / "old.db").read_bytes() == released.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if "old" in path.name) == ["old.db"]


@pytest.mark.usefixtures("two")
def test_a_run_has_a_name_and_a_note(cli: Cli) -> None:
    assert cli("db", "rename", "after", "größer").out.endswith(" is größer now\n")
    assert cli("db", "note", "größer").out == "größer has no note\n"
    assert cli("db", "note", "größer", "with", "ünï", "words").out == "größer: with ünï words\n"
    (noted, _) = told(cli("runs", "--json"))["runs"]
    assert (noted["name"], noted["note"]) == ("größer", "with ünï words")
    assert "with ünï words" in cli("runs").out
    assert "Note: with ünï words" in cli("show", "größer").out
    assert told(cli("show", "größer", "--json"))["run"]["note"] == "with ünï words"
    assert cli("report", "größer", "-o", "r.html").code == 0
    assert "with ünï words" in Path("r.html").read_text("utf-8")
    assert told(cli("db", "note", "größer", "--clear", "--json"))["run"]["note"] is None
    for arguments, said in (
        (("rename", "größer", "before"), "there is a run 'before' ("),
        (("rename", "größer", "latest"), "'latest' cannot be a run's name"),
        (("rename", "nobody", "x"), "no run 'nobody' in tempkit.db"),
        (("note", "größer", "x", "--clear"), "leave out the text, or --clear"),
        (("note", "größer", "x" * 2001), "the note has 2,001 characters; write 2,000 at most"),
    ):
        done = cli("db", *arguments)
        assert done.code in (1, 2)
        assert said in done.err
        assert done.err.count("\n") == 1


@pytest.mark.usefixtures("two")
def test_runs_are_deleted_with_yes_alone(cli: Cli) -> None:
    listed = cli("db", "prune", "--keep", "1")
    assert "before" in listed.out
    assert "after" not in listed.out
    assert listed.out.endswith("Nothing was deleted: add --yes to delete these.\n")
    assert len(told(cli("runs", "--json"))["runs"]) == 2
    done = told(cli("db", "prune", "--keep", "1", "--yes", "--json"))
    assert (done["deleted"], [run["name"] for run in done["runs"]]) == (True, ["before"])
    assert [run["name"] for run in told(cli("runs", "--json"))["runs"]] == ["after"]
    vacuumed = told(cli("db", "vacuum", "--json"))
    assert vacuumed["bytes"] <= vacuumed["bytes_before"]
    assert cli("db", "check").code == 0
    assert cli("db", "prune", "--older-than", "1h").out == "No run is to go.\n"
    for arguments in (
        (),
        ("after", "--keep", "1"),
        ("--older-than", "soon"),
        ("--older-than", "-1d"),
        ("nobody",),
    ):
        done_ = cli("db", "prune", *arguments)
        assert done_.code in (1, 2)
        assert done_.err.count("\n") == 1


def test_a_run_that_goes_on_stays(cli: Cli) -> None:
    with Store.open("tempkit.db") as store:
        going = store.create_run(samples.plan("going"), {}, version="0", environment={})
        store.create_run(samples.plan("killed"), {}, version="0", environment={})
    long_ago = (datetime.now(UTC) - timedelta(days=40)).replace(tzinfo=None).isoformat(" ")
    execute("tempkit.db", "update run set created_at = ? where name = 'killed'", long_ago)
    done = cli("db", "prune", "--unfinished", "--yes", "--json")
    assert [run["name"] for run in told(done)["runs"]] == ["killed"]
    assert done.err == "warning: going is being written to and stays\n"
    refused = cli("db", "prune", going.id, "--yes")
    assert refused.code == 1
    assert "run 'going' is being written to: stop it first" in refused.err


@pytest.mark.usefixtures("two")
def test_databases_are_merged_and_copied(cli: Cli) -> None:
    assert (
        cli("db", "copy", "after", "--to", "share.db").out == "Copied 1 run with 4 answers into share.db.\n"
    )
    again = cli("db", "copy", "--to", "share.db")
    assert again.out == "Copied 1 run with 4 answers into share.db; 1 were there already.\n"
    assert cli(*RUN, "--name", "after", "--db", "mine.db").code == 0
    merged = cli("db", "merge", "share.db", "--db", "mine.db", "--json")
    assert [(run["name"], run["named_there"], run["state"]) for run in told(merged)["copied"]] == [
        ("before", "before", "added"),
        ("after-2", "after", "added"),
    ]
    assert merged.err == "note: the name after was taken: the run is after-2 here\n"
    Path("no.db").write_text("this is no database, and long enough to be looked at" * 4)
    for other, said in (
        ("no.db", "no.db is not a SQLite database"),
        ("absent.db", "no database at absent.db"),
        ("mine.db", "mine.db is this database itself"),
    ):
        done = cli("db", "merge", other, "--db", "mine.db")
        assert done.code == 1
        assert said in done.err
        assert done.err.count("\n") == 1


@pytest.mark.usefixtures("two")
def test_what_is_damaged_is_said_with_what_to_do(cli: Cli) -> None:
    execute("tempkit.db", "delete from completion where id = 1")
    done = cli("db", "check")
    assert done.code == 1
    assert (
        "rows of token belong to no row of completion (completion_id): what belongs together can be saved: "
        in done.out
    )
    faults = cli("db", "check", "--json")
    assert faults.code == 1
    assert json.loads(faults.out)["ok"] is False
    assert cli("db", "copy", "--to", "saved.db").code == 0
    assert cli("db", "check", "--db", "saved.db").code == 0
    execute("tempkit.db", "update run set sampling = '{' where name = 'after'")
    assert (
        "the plan of run 'after'" in cli("db", "check").out
        or "the list of runs cannot be read" in cli("db", "check").out
    )
    content = bytearray(Path("saved.db").read_bytes())
    for page in range(4096 * 3, len(content), 4096):
        content[page : page + 200] = b"\xff" * 200
    Path("saved.db").write_bytes(content)
    broken = cli("db", "check", "--db", "saved.db")
    assert broken.code == 1
    assert "restore a backup, or try `sqlite3 FILE .recover`" in broken.out + broken.err


@pytest.mark.usefixtures("two")
def test_a_database_that_somebody_else_writes_in_is_left_alone(cli: Cli) -> None:
    with closing(sqlite3.connect("tempkit.db", isolation_level=None)) as connection:
        connection.execute("begin immediate")
        url = f"sqlite:///{Path('tempkit.db').absolute()}?timeout=0.1"
        for arguments in (
            ("rename", "after", "x"),
            ("note", "after", "x"),
            ("prune", "after", "--yes"),
            ("vacuum",),
        ):
            done = cli("db", *arguments, "--db", url)
            assert done.code == 1, arguments
            assert "is locked by another program: wait until it is done or stop it" in done.err
        assert cli("db", "check").code == 0
        assert cli("db", "info").code == 0
        assert cli("db", "copy", "--to", "copy.db").code == 0
        connection.execute("rollback")
    assert cli("db", "check", "--db", "copy.db").code == 0
