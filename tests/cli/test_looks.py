"""Looks: each new state of a run's data that a decision is read from counts, whichever command reads it."""

import json
import sqlite3
from pathlib import Path

import pytest
from support import Cli

from tempkit.errors import StoreError
from tempkit.store import Store

RUN = ("run", "p.prompty", "-m", "scripted:words", "-t", "0,1", "-n", "2", "--name", "r", "--seed", "1")


@pytest.fixture
def prompt(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, n: {i}, facts: [the]}}" for i in range(6)))
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmodel: {options: {maxOutputTokens: 24}}\ninputs: [{name: n, kind: integer}]\n"
        "metadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )


def looks(folder: Path) -> list[tuple[str, str, int, int]]:
    query = (
        "select prompt.name, model.label, completions, scores from look join prompt on prompt.id = prompt_id "
        "join model on model.id = model_id order by look.id"
    )
    with sqlite3.connect(folder / "tempkit.db") as connection:
        found: list[tuple[str, str, int, int]] = connection.execute(query).fetchall()
    connection.close()
    return found


def look_of(cli: Cli) -> int:
    (found,) = json.loads(cli("recommend", "--json").out)["decisions"]
    return int(found["looks"])


def test_the_end_of_a_run_is_a_look_and_reading_it_again_is_none(
    cli: Cli, prompt: None, tmp_path: Path
) -> None:
    done = cli(*RUN, "--json")
    (decided,) = json.loads(done.out)["decisions"]
    assert decided["looks"] == 1
    for command in (
        ("recommend",),
        ("show",),
        ("report", "-o", "a.html"),
        ("report", "-o", "a.md"),
        ("topup", "--dry-run"),
    ):
        assert cli(*command).code == 0
    assert looks(tmp_path) == [("p", "scripted:words", 24, 0)]
    assert look_of(cli) == 1


def test_new_answers_are_another_look_once_somebody_reads(cli: Cli, prompt: None, tmp_path: Path) -> None:
    cli(*RUN)
    cli("topup", "-n", "1")
    drawn = [row[2] for row in looks(tmp_path)]
    assert len(drawn) == 2
    assert drawn[1] > drawn[0]
    assert look_of(cli) == 2


def test_a_run_that_was_read_while_it_lasted_was_looked_at(cli: Cli, prompt: None, tmp_path: Path) -> None:
    assert cli(*RUN, "--budget-tokens", "150").code == 1
    stored = json.loads(cli("show", "--json").out)
    assert stored["run"]["status"] == "interrupted"
    assert 0 < looks(tmp_path)[0][2] < 24
    assert cli("run", "--resume", "r", "--budget-tokens", "100000").code == 0
    assert [row[2] for row in looks(tmp_path)][1:] == [24]
    assert look_of(cli) == 2


def test_trends_and_measuring_decide_nothing_and_are_no_look(cli: Cli, prompt: None, tmp_path: Path) -> None:
    (tmp_path / "exam.csv").write_text("item,model,temperature,accuracy\nq,m,0,1\nq,m,1,0\n")
    cli("import", "exam.csv")
    for command in (("trends",), ("measure",), ("runs",)):
        assert cli(*command).code == 0
    assert looks(tmp_path) == []
    cli("recommend", "--measure", "accuracy", "--margin", "0.1")
    assert looks(tmp_path) == [("imported", "m", 0, 2)]


def test_a_report_that_cannot_be_written_was_read_by_nobody(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "exam.csv").write_text("item,model,temperature,accuracy\nq,m,0,1\nq,m,1,0\n")
    (tmp_path / "folder.html").mkdir()
    cli("import", "exam.csv")
    assert cli("report", "--measure", "accuracy", "--margin", "0.1", "-o", "folder.html").code == 1
    assert looks(tmp_path) == []


def test_a_look_that_cannot_be_kept_is_said_and_the_report_is_written(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exam.csv").write_text("item,model,temperature,accuracy\nq,m,0,1\nq,m,1,0\n")
    cli("import", "exam.csv")

    def refused(*_: object) -> None:
        raise StoreError("tempkit.db is read-only: make it writable")

    monkeypatch.setattr(Store, "add_looks", refused)
    for command in (("recommend",), ("report", "-o", "page.html")):
        done = cli(*command, "--measure", "accuracy", "--margin", "0.1")
        assert done.code == 0
        assert done.err == (
            "warning: this look at the data is not counted in later ones: tempkit.db is read-only: make it writable\n"
        )
    assert (tmp_path / "page.html").exists()
